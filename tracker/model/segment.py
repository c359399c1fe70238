"""One unbroken run of tracked time of one contract and memo inside one slot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from tracker.model.counts import nothing
from tracker.model.slot import MINUTE, SLOT, minute_of, slot_of

if TYPE_CHECKING:
    from collections.abc import Callable

MEMO_MAX = 500  # characters


class Origin(StrEnum):
    """How the time came to be: tracked as it passed, or entered by hand."""

    TRACKED = "tracked"
    MANUAL = "manual"


class ClosedBy(StrEnum):
    """What ended a segment."""

    SLOT_END = "slot-end"
    STOP = "stop"
    SWITCH = "switch"
    MEMO = "memo"
    AWAY = "away"
    LOCK = "lock"
    SLEEP = "sleep"
    QUIT = "quit"
    CRASH = "crash"
    INPUT = "input"  # what counts it was lost, or is there again
    SHOT = "shot"  # one of its shots was taken back while it was open


class ShotState(StrEnum):
    """What became of a shot."""

    KEPT = "kept"
    WITHHELD = "withheld"
    BLURRED = "blurred"
    FAILED = "capture-failed"


@dataclass(frozen=True, slots=True)
class Key:
    """Where a segment belongs from its first second: server origin, account there, contract."""

    server: str
    account: str
    contract: str


@dataclass(frozen=True, slots=True)
class Minute:
    """What was tracked of one UTC minute; the counts are None where only activity can be known."""

    at: int
    tracked_ms: int
    active_s: int
    keys: int | None
    clicks: int | None
    scrolls: int | None

    def __post_init__(self) -> None:
        if self.at != minute_of(self.at) or not 0 <= self.tracked_ms <= MINUTE:
            raise ValueError("a minute lies on the grid and holds at most 60 seconds")


@dataclass(frozen=True, slots=True)
class Picture:
    """One monitor's picture of a shot: its hash and size name the bytes, which travel apart."""

    sha256: str
    size: int  # bytes
    monitor: int
    width: int
    height: int
    blurred: int = 0  # percent of its area
    dhash: str | None = None  # what it roughly shows, see model/sameness; None: nobody looked


@dataclass(frozen=True, slots=True)
class Shot:
    """One moment's screenshot: a picture per monitor, or the reason why there is none."""

    id: str
    taken_at: int
    state: ShotState
    pictures: tuple[Picture, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ClockFact:
    """The wall clock moved by this much against the boot clock; time is not affected."""

    at: int
    moved_ms: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment: exact from its first millisecond to its last, its minutes adding up to its length."""

    id: str
    key: Key
    start: int
    end: int
    memo: str
    minutes: tuple[Minute, ...]
    closed_by: ClosedBy
    source: str | None  # what counted the input; None: nothing could
    shots: tuple[Shot, ...] = ()
    origin: Origin = Origin.TRACKED
    task: str = ""
    idle_kept: bool = False
    clock_facts: tuple[ClockFact, ...] = ()

    def __post_init__(self) -> None:
        if not self.start < self.end <= self.slot + SLOT:
            raise ValueError("a segment has a length and lies inside one slot")
        if [(minute.at, minute.tracked_ms) for minute in self.minutes] != _touched(self.start, self.end):
            raise ValueError("the minutes of a segment are those it touches, in order and as long as it does")

    @property
    def slot(self) -> int:
        """The start of its slot."""
        return slot_of(self.start)

    @property
    def tracked_ms(self) -> int:
        """Its length in milliseconds."""
        return self.end - self.start


def segment_minutes(start: int, end: int, source: str | None = None) -> tuple[Minute, ...]:
    """Cut a range at the minutes of the grid, without input, as its source would count it."""
    none = nothing(source)
    return tuple(
        Minute(at, ms, active_s=0, keys=none, clicks=none, scrolls=none) for at, ms in _touched(start, end)
    )


def by_hand(key: Key, begin: int, end: int, memo: str, new_id: Callable[[], str]) -> list[Segment]:
    """Return a range of time entered by hand as segments, one for each slot it touches."""
    edges = [begin, *range(slot_of(begin) + SLOT, end, SLOT), end]
    return [
        Segment(
            id=new_id(),
            key=key,
            start=first,
            end=last,
            memo=memo,
            minutes=segment_minutes(first, last),
            closed_by=ClosedBy.STOP if last == end else ClosedBy.SLOT_END,
            source=None,
            origin=Origin.MANUAL,
        )
        for first, last in pairwise(edges)
    ]


def until(segment: Segment, at: int, why: ClosedBy) -> Segment | None:
    """Return the part of a segment before an instant, without the shots taken since; None without length.

    Its counts stay where they are: after that instant there was no input.
    """
    if segment.start >= at:
        return None
    end = min(segment.end, at)
    counted = {minute.at: minute for minute in segment.minutes}
    return replace(
        segment,
        end=end,
        minutes=tuple(replace(counted[m], tracked_ms=ms) for m, ms in _touched(segment.start, end)),
        closed_by=why,
        shots=tuple(shot for shot in segment.shots if shot.taken_at <= at),
        clock_facts=tuple(fact for fact in segment.clock_facts if fact.at <= at),
    )


def _touched(start: int, end: int) -> list[tuple[int, int]]:
    """Return each minute of the grid that a range touches, and for how long."""
    return [(at, min(at + MINUTE, end) - max(at, start)) for at in range(minute_of(start), end, MINUTE)]
