"""What the command line has for shots: take one back, have none for a while, try one, and rules for all."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  # typer reads it
from typing import Annotated, Any

import typer

from tracker.cli import output, revising
from tracker.cli.calling import show, show_status
from tracker.cli.door import call
from tracker.errors import BadValue

app = typer.Typer(help="What shots must not show: windows and monitors.", no_args_is_help=True)

_KINDS = ("app", "title", "monitor")
_KIB = 1024


def shot(
    context: typer.Context,
    wanted: Annotated[
        str, typer.Argument(metavar="ID|pause|test", help="A shot, by its id or how that begins or ends.")
    ],
    change: Annotated[
        str | None,
        typer.Argument(metavar="withhold|blur|discard|MINUTES", help="What to do.", show_default=False),
    ] = None,
    to: Annotated[Path | None, typer.Option(help="Of test: save a copy there.", show_default=False)] = None,
) -> None:
    """Take a shot back, pause shots, or see what one would show.

    ID withhold: its time stays, not protected. ID blur: so, too, and grey stripes show that there was one.
    ID discard: it goes with its segment's time. All three are for good.
    pause 10m: no shots for 1 to 60 minutes, those due are withheld; pause 0 ends it.
    test: takes one now by all rules, tells what would be kept of it, and stores nothing.
    """
    if to is not None and wanted != "test":
        raise BadValue("--to goes with test.", advice="'hourproof shot test --to FILE'.")
    if wanted == "test":
        if change is not None:
            raise BadValue(f"'{change}' is nothing that test takes.", advice="'hourproof shot test'.")
        where = None if to is None else str(to.expanduser().absolute())
        show(context, call(context.obj.home, "shot_test", to=where), _print_try)
    elif wanted == "pause":
        if change is None:
            raise BadValue("Say for how long.", advice="'hourproof shot pause 10m', or '… 0' to end it.")
        show_status(context, call(context.obj.home, "shot_pause", length=change))
    elif change is None:
        raise BadValue("Say what to do with the shot.", advice="withhold it, blur it, or discard it.")
    else:
        revising.shot(context, wanted, change)


def _print_try(tried: dict[str, Any]) -> None:
    if tried["reason"]:
        output.show(f"Nothing would be kept. {tried['reason']}", tried["advice"])
        return
    for one in tried["pictures"]:
        hidden = f", {one['blurred']} % blurred" if one["blurred"] else ""
        size = f"{one['width']} x {one['height']}, {-(-one['bytes'] // _KIB)} KiB"
        output.show(f"Monitor {one['monitor']}: {size}{hidden}" + (f", {one['file']}" if one["file"] else ""))
    output.show("This is what would be kept. Nothing was stored.")


@app.command("list")
def rules_list(context: typer.Context) -> None:
    """Show your rules by their numbers."""
    _show(context, call(context.obj.home, "rules_list"))


@app.command("add")
def rules_add(
    context: typer.Context,
    treat: Annotated[str, typer.Argument(metavar="exclude|blur", help="The whole shot, or that place only.")],
    app: Annotated[str | None, typer.Option(help="Of windows: the program. * is any text.")] = None,
    title: Annotated[str | None, typer.Option(help="Of windows: what the bar says. * is any text.")] = None,
    monitor: Annotated[str | None, typer.Option(help="Its number from 1, or its name.")] = None,
) -> None:
    """Add a rule: shots with the thing on the screen are withheld, or it is blurred in them.

    Example: hourproof rules add blur --app "signal*"
    """
    said = {"treat": treat, "app": app, "title": title, "monitor": monitor}
    _show(context, call(context.obj.home, "rules_add", **said))


@app.command("remove")
def rules_remove(
    context: typer.Context, number: Annotated[int, typer.Argument(help="As 'rules list' tells it.")]
) -> None:
    """Remove a rule."""
    _show(context, call(context.obj.home, "rules_remove", number=number))


def _show(context: typer.Context, rules: list[dict[str, Any]]) -> None:
    show(context, rules, lambda listed: _print(listed, call(context.obj.home, "settings_get")))


def _print(rules: list[dict[str, Any]], settings: dict[str, Any]) -> None:
    rows = output.table(" No", "What", "App", "Title", "Monitor")
    for one in rules:
        named = ["–" if one[kind] in {"", None} else str(one[kind]) for kind in _KINDS]
        rows.add_row(str(one["number"]), one["treat"], *named)
    output.show(rows if rules else "No rules of your own.")
    for name, what in (("password_managers", "Password managers"), ("private_windows", "Private windows")):
        output.show(
            f"{what}: {settings[name]}. To change it: hourproof settings set {name} exclude|blur|show"
        )
