"""What the command line has for the outbox: what is in it, what was refused, and carrying it by hand."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  # typer reads the annotations
from typing import Annotated, Any

import typer

from tracker.cli import output, report
from tracker.cli.calling import show
from tracker.cli.door import call

app = typer.Typer(help="List what is held, waiting or refused.", invoke_without_command=True)


@app.callback()
def outbox(context: typer.Context) -> None:
    """List what is held, waiting or refused."""
    if context.invoked_subcommand is None:
        show(context, call(context.obj.home, "outbox_entries"), report.outbox)


@app.command("retry")
def outbox_retry(
    context: typer.Context, entry: Annotated[str, typer.Argument(metavar="ID", help="Of the refused parcel.")]
) -> None:
    """Try a refused parcel again."""
    show(context, call(context.obj.home, "outbox_retry", entry=entry), report.outbox)


@app.command("export")
def outbox_export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder, or an empty one.")],
) -> None:
    """Write what no server holds into a folder, to be imported on another device; it waits here as before.

    Example: hourproof outbox export /media/stick/hours
    """
    path = folder.expanduser().absolute()
    told = call(context.obj.home, "outbox_export", folder=str(path))
    show(context, told, _exported)
    if told["left_out"]:
        raise typer.Exit(1)


@app.command("import")
def outbox_import(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What 'outbox export' has written.")],
) -> None:
    """Take over what another device has exported, and deliver it from here; all of it, or nothing.

    Example: hourproof outbox import /media/stick/hours
    """
    path = folder.expanduser().absolute()
    show(context, call(context.obj.home, "outbox_import", folder=str(path)), _imported)


@app.command("check")
def outbox_check(context: typer.Context) -> None:
    """Check all that is kept here: segments, signatures, receipts, pictures, chains. 0 if it is sound."""
    faults = call(context.obj.home, "outbox_check")
    show(context, faults, _faults)
    if faults:
        raise typer.Exit(1)


def _exported(told: dict[str, Any]) -> None:
    parts = [_number(told[one], one.removesuffix("s")) for one in ("segments", "revisions", "pictures")]
    output.show(f"{', '.join(parts)}: in {told['folder']}, not encrypted. All of it waits here, too.")
    if told["held"]:
        output.show(f"Not yet: {_number(told['held'], 'segment')} that can still change.")
    if told["others"]:
        output.show(f"Not these: {told['others']} of another account. Sign in there to export them.")
    output.show(*(f"Not exported: {one['what']}: {one['why']}." for one in told["left_out"]))


def _imported(told: dict[str, Any]) -> None:
    output.show(f"{told['imported']} taken over, to be delivered from here; {told['known']} known already.")


def _faults(told: list[dict[str, str]]) -> None:
    if not told:
        output.show("All of it is as it was written.")
    output.show(*(f"{one['what']}: {one['why']}." for one in told))


def _number(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
