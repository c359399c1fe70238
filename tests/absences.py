"""Somebody who comes and goes, and what became of the time, in minutes since nine o'clock."""

from __future__ import annotations

from doubles import NINE
from workbench import Bench

from tracker.model.segment import ClosedBy
from tracker.model.slot import MINUTE
from tracker.orders import End, Presence

WORK = "Checkout: error copy"
STOP, QUIT = End(ClosedBy.STOP), End(ClosedBy.QUIT)
LOCK, UNLOCK = Presence(locked=True), Presence(locked=False)
DOZE, WAKE = Presence(asleep=True), Presence(asleep=False)
Piece = tuple[float, float, str, str]


def since_nine(at: int) -> float:
    return round((at - NINE) / MINUTE, 4)


def pieces(bench: Bench) -> list[Piece]:
    """What was tracked, in minutes since nine, and what closed it."""
    why = [(one.key.contract, str(one.closed_by)) for one in bench.segments]
    spans = [(since_nine(one.start), since_nine(one.end)) for one in bench.segments]
    return [(*span, *reason) for span, reason in zip(spans, why, strict=True)]


def asked(bench: Bench) -> list[tuple[float, float, str]]:
    """What is in question, in minutes since nine, and why."""
    return [(since_nine(one.begin), since_nine(one.end), str(one.why)) for one in bench.outbox.questions()]


def holds(bench: Bench) -> list[str | None]:
    return [entry.hold and entry.hold.why for entry in bench.outbox.entries()]
