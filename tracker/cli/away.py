"""What the command line has for time away: what is in question, the answers, and calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracker.cli import output, report
from tracker.cli.calling import show, show_status, titles
from tracker.cli.door import call as ask
from tracker.daybook import day_named, zone
from tracker.errors import BadValue
from tracker.model.slot import day_bounds, parse_instant

if TYPE_CHECKING:
    from tracker.paths import Home

_DONE = {
    "keep": "Kept: it counts, marked as idle, and is not protected.",
    "discard": "Discarded, with its shots.",
    "move": "Moved: it counts there, marked as idle, without memo and shots.",
}


def away(
    context: typer.Context,
    question: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="Of the question, or how it begins or ends.", show_default=False),
    ] = None,
    answer: Annotated[
        str | None,
        typer.Argument(metavar="keep|discard|move", help="What the time was.", show_default=False),
    ] = None,
    contract: Annotated[
        str | None,
        typer.Argument(metavar="CONTRACT", help="Where to move it.", show_default=False),
    ] = None,
) -> None:
    """List the time in question, or say what it was: kept as work, discarded, or moved to a contract.

    Example: hourproof away 4f2a move "Brand site"
    """
    home = context.obj.home
    if question is None:
        show(context, ask(home, "away"), lambda asked: report.questions(asked, titles(home)))
        return
    if answer is None:
        raise BadValue("It is not said what the time was.", advice="Answer keep, discard, or move CONTRACT.")
    status = ask(home, "away_answer", question=question, answer=answer, contract=contract)
    if not context.obj.json:
        output.show(_DONE[answer])
    show_status(context, status)


def call(
    context: typer.Context,
    until: Annotated[
        str | None,
        typer.Option(metavar="T", help="15:30, or 2026-11-19T15:30, local.", show_default=False),
    ] = None,
    end: Annotated[bool, typer.Option("--end", help="The call is over.")] = False,
) -> None:
    """Say that you are in a call: silence until then is kept and marked, and nobody asks about it.

    Example: hourproof call --until 15:30
    """
    if (until is None) != end:
        raise BadValue(
            "Say either until when the call takes, or that it is over.",
            advice="'hourproof call --until 15:30' or 'hourproof call --end'.",
        )
    show_status(context, ask(context.obj.home, "call", until=until))


def asked_of(home: Home, day: dict[str, Any], contract: str | None) -> list[dict[str, Any]]:
    """Return what is in question on a day of the diary, of all contracts or of the one named."""
    begin, end = day_bounds(day_named(day["date"]), zone(day["tz"])[1])
    asked = [one for one in ask(home, "away") if begin <= parse_instant(one["from"]) < end]
    if contract is None or not asked:
        return asked
    name = contract.strip().casefold()
    meant = {
        one["id"]
        for one in ask(home, "contracts")
        if one["id"] == contract or name in f"{one['title']} {one['client']}".casefold()
    }
    return [one for one in asked if one["contract"] in meant]
