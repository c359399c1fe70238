"""What the command line has for the outbox: what is in it, what was refused, and carrying it by hand."""

from __future__ import annotations

from typing import Annotated

import typer

from tracker.cli import report
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
