"""How the command line was called, and the answer in the form that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracker.cli import output, report
from tracker.cli.door import call

if TYPE_CHECKING:
    from collections.abc import Callable

    import typer

    from tracker.paths import Home


@dataclass(frozen=True, slots=True)
class Call:
    """How the command line was called."""

    home: Home
    json: bool


def show(context: typer.Context, value: Any, people: Callable[[Any], None]) -> None:
    """Print a command's answer: as JSON where that is asked for, else as people read it."""
    if context.obj.json:
        output.show_json(value)
    else:
        people(value)


def show_status(context: typer.Context, now: Any) -> None:
    """Print what is true after a command."""
    show(context, now, lambda shown: report.status(shown, titles(context.obj.home)))


def titles(home: Home) -> dict[str, str]:
    """Return what each contract is called, by its id."""
    return {one["id"]: one["title"] for one in call(home, "contracts")}
