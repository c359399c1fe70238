"""Counts by the minute, each measure scaled to its own highest minute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.model.protection import minutes_of
from tracker.model.segment import Origin
from tracker.model.slot import MINUTE

if TYPE_CHECKING:
    from tracker.model.cell import Cell
    from tracker.model.segment import Minute

BAR = 20  # pixels of the highest minute
_MEASURES = (("keys", "Keys", "keyboard"), ("clicks", "Clicks", "mouse"), ("scrolls", "Scrolls", "scroll"))


@dataclass(frozen=True, slots=True)
class Column:
    """One minute of a measure; `moved` says that the pointer did and nothing was pressed."""

    value: int
    height: int
    tracked: bool
    moved: bool


@dataclass(frozen=True, slots=True)
class Measure:
    """One count by the minute, scaled to its own highest minute."""

    title: str
    icon: str
    columns: tuple[Column, ...]
    total: int


def measures(cell: Cell) -> tuple[Measure, ...]:
    """Return keys, clicks and scrolls by the minute; where only activity is known, its seconds."""
    tracked = [segment for segment in cell.segments if segment.origin is Origin.TRACKED]
    if not tracked:
        return ()
    minutes: list[list[Minute]] = [[] for _ in range(10)]
    for minute in minutes_of(tracked):
        minutes[(minute.at - cell.slot) // MINUTE].append(minute)
    if any(minute.keys is None for segment in tracked for minute in segment.minutes):
        return (_measure("Seconds", "clock", "active_s", minutes, moves=False),)
    return tuple(_measure(title, icon, name, minutes, moves=True) for name, title, icon in _MEASURES)


def _measure(title: str, icon: str, name: str, minutes: list[list[Minute]], *, moves: bool) -> Measure:
    values = [sum(getattr(minute, name) for minute in parts) for parts in minutes]
    top = max(values) or 1
    columns = tuple(
        Column(
            value=value,
            height=-(-BAR * value // top),
            tracked=bool(parts),
            moved=moves and any(m.active_s for m in parts) and not any(_pressed(m) for m in parts),
        )
        for value, parts in zip(values, minutes, strict=True)
    )
    return Measure(title, icon, columns, sum(values))


def _pressed(minute: Minute) -> bool:
    return bool(minute.keys or minute.clicks or minute.scrolls)
