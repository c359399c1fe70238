"""What the command line has for closed time: another memo, and taking back a shot or all of it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tracker.cli import output
from tracker.cli.calling import show, titles
from tracker.cli.door import call
from tracker.cli.output import moment
from tracker.errors import BadValue

_MEMO = {"memo", "discard"}
_SHOT = {"withhold", "blur", "discard"}


def segment(
    context: typer.Context,
    wanted: Annotated[str, typer.Argument(metavar="ID", help="Of the segment, or how it begins or ends.")],
    change: Annotated[str, typer.Argument(metavar="memo|discard", help="What to do with it.")],
    memo: Annotated[str | None, typer.Argument(metavar="M", help="The memo.", show_default=False)] = None,
) -> None:
    """Give closed time another memo, or discard it with its shots, for good.

    Example: hourproof segment 4f2a memo "Checkout: error copy"
    """
    if change not in _MEMO or (change == "memo") != (memo is not None):
        raise BadValue(
            "Say what to do with the segment.", advice="'hourproof segment ID memo M' or '… ID discard'."
        )
    values = {"memo": memo} if memo is not None else {}
    _show(context, call(context.obj.home, f"segment_{change}", segment=wanted, **values))


def shot(context: typer.Context, wanted: str, change: str) -> None:
    """Withhold or blur a shot: its time stays. Or discard it with its segment's time. For good."""
    if change not in _SHOT:
        raise BadValue("Say what to do with the shot.", advice="withhold it, blur it, or discard it.")
    _show(context, call(context.obj.home, f"shot_{change}", shot=wanted))


def _show(context: typer.Context, changed: dict[str, Any]) -> None:
    show(context, changed, lambda told: _print(told, titles(context.obj.home)))


def _print(changed: dict[str, Any], names: dict[str, str]) -> None:
    begin, end = moment(changed["start"]), moment(changed["end"])
    what = f"{names.get(changed['contract'], changed['contract'])}, {begin} to {end}"
    if changed["discarded"]:
        output.show(f"Discarded: {what}. Its time and its shots are gone.")
        return
    output.show(f"{what}: {changed['memo'] or 'no memo'}")
    for one in changed["shots"]:
        output.show(f"  shot {moment(one['taken_at'])}: {one['state']}")
