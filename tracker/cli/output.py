"""What the command line prints: JSON for scripts, a few plain lines for people."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from tracker.errors import TrackerError

_WIDE = 400  # characters: a terminal wraps a long line, but never cuts an id
_SHORT = 19  # of an instant: without milliseconds and zone


def show_json(value: Any) -> None:
    """Print a value as one JSON text."""
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
    sys.stdout.buffer.flush()


def show_error(error: TrackerError, *, json: bool) -> None:
    """Say what went wrong and what to do: as JSON on standard output, else on standard error."""
    if json:
        show_json({"error": {"type": error.type, "title": error.title, "advice": error.advice}})
    else:
        sys.stderr.write(f"{error.title}\n{error.advice}\n")


def note(text: str) -> None:
    """Say something on the way to the answer, on standard error: the answer may be for a script."""
    sys.stderr.write(f"{text}\n")


def table(*columns: str) -> Table:
    """Return a table with these columns, to be printed."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column.strip(), justify="right" if column.startswith(" ") else "left")
    return made


def show(*what: Any) -> None:
    """Print lines or tables, unwrapped and uncoloured where nobody looks."""
    console = Console(highlight=False, soft_wrap=True, markup=False, width=_WIDE)
    for one in what:
        console.print(one)


def duration(ms: int) -> str:
    """Return a length of time, rounded down once to the second below an hour, to the minute above."""
    seconds = ms // 1000
    minutes, hours = seconds // 60, seconds // 3600
    return f"{hours} h {minutes % 60:02d} m" if hours else f"{minutes} min {seconds % 60:02d} s"


def moment(instant: str) -> str:
    """Return an instant for people: UTC, without milliseconds."""
    return instant[:_SHORT].replace("T", " ") + " UTC"


def here(instant: str) -> datetime:
    """Return an instant by this machine's clock on the wall."""
    return datetime.fromisoformat(instant).astimezone()


def count(value: int | None) -> str:
    """Return a count for people; an absent one is a dash, not a zero."""
    return "–" if value is None else str(value)
