"""What the command line has for time entered by hand."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tracker.cli import output
from tracker.cli.calling import show, titles
from tracker.cli.door import call
from tracker.cli.output import moment


def manual(
    context: typer.Context,
    contract: Annotated[str, typer.Argument(help="Its id, its title, or an unambiguous part of either.")],
    begin: Annotated[str, typer.Option("--from", help="14:00 of today, or 2026-11-19T14:00.")],
    end: Annotated[str, typer.Option("--to", help="As --from.")],
    memo: Annotated[str, typer.Option(help="What that time was.")],
) -> None:
    """Enter time that was not tracked: its own colour in the diary, billed, never protected.

    Example: hourproof manual Northbeam --from 14:00 --to 14:40 --memo "Call about the launch"
    """
    entered = call(context.obj.home, "manual", contract=contract, begin=begin, end=end, memo=memo)
    show(context, entered, lambda told: _print(told, titles(context.obj.home)))


def _print(entered: dict[str, Any], names: dict[str, str]) -> None:
    begin, end = moment(entered["from"]), moment(entered["to"])
    name = names.get(entered["contract"], entered["contract"])
    output.show(f"Entered by hand: {name}, {begin} to {end}: {entered['memo']}")
