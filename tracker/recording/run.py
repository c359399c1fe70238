"""The open segment as it grows, second by second, and the time in question that may follow it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracker.model.counts import Counts, nothing, plus
from tracker.model.segment import ClockFact, ClosedBy, Key, Minute, Segment, Shot
from tracker.model.slot import HOUR, MINUTE, SECOND, SLOT, minute_of, slot_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.model.question import Question

AWAY_AT_MOST = HOUR  # since the last input; then the run stops
_FACTS_MAX = 100  # that a segment may carry: a clock that goes mad says no more by the next one


@dataclass(frozen=True, slots=True)
class Track:
    """What is being tracked: for whom, what is done, what counts it, and what its terms ask for."""

    key: Key
    memo: str
    source: str | None
    shots_per_slot: int
    idle_limit_ms: int


@dataclass(frozen=True, slots=True)
class Run:
    """The segment that grows: `upto` is where its minutes reach, `earlier_ms` what its cell held before.

    `heard` is the instant of the last input, in this segment or before; `silent_from` where a question about
    the silence since would begin.
    """

    track: Track
    id: str
    start: int
    upto: int
    earlier_ms: int
    heard: int
    silent_from: int
    minutes: tuple[Minute, ...] = ()
    shots: tuple[Shot, ...] = ()
    clock_facts: tuple[ClockFact, ...] = ()
    active_second: int = -1  # the last second that was counted as active

    @classmethod
    def opened(cls, track: Track, new_id: str, at: int, earlier_ms: int, heard: int, silent_from: int) -> Run:
        """Open a segment."""
        return cls(track, new_id, at, at, earlier_ms, heard, silent_from)

    @property
    def slot_end(self) -> int:
        """Where it closes at the latest."""
        return slot_of(self.start) + SLOT

    @property
    def cell_ms(self) -> int:
        """What its cell holds so far."""
        return self.earlier_ms + self.upto - self.start

    @property
    def silence_ms(self) -> int:
        """How long it has been silent at its end."""
        return self.upto - self.silent_from

    def gone(self, call: int) -> int:
        """Return when the silence is long enough to be in question; a call's end is as good as input."""
        limit = min(self.track.idle_limit_ms, AWAY_AT_MOST)
        silent = self.heard + limit
        return silent if silent < call else max(self.heard, call) + limit

    def grown(self, edge: int, counts: Counts) -> Run:
        """Bring the minutes up to an instant inside the slot; the counts belong to its last second."""
        minutes = {minute.at: minute for minute in self.minutes}
        none = nothing(self.track.source)
        for at in range(minute_of(self.upto), edge, MINUTE):
            had = minutes.get(at) or Minute(at, 0, 0, keys=none, clicks=none, scrolls=none)
            passed = min(edge, at + MINUTE) - max(self.upto, at)
            minutes[at] = replace(had, tracked_ms=had.tracked_ms + passed)
        second = (edge - 1) // SECOND
        fresh = counts.active and second != self.active_second
        last = minutes[minute_of(edge - 1)]
        minutes[last.at] = replace(
            last,
            active_s=last.active_s + fresh,
            keys=plus(last.keys, counts.keys),
            clicks=plus(last.clicks, counts.clicks),
            scrolls=plus(last.scrolls, counts.scrolls),
        )
        return replace(
            self,
            upto=edge,
            minutes=tuple(minutes.values()),
            active_second=second if fresh else self.active_second,
        )

    def noted(self, facts: Iterable[ClockFact]) -> Run:
        """Add clock facts, as many as a segment may carry."""
        return replace(self, clock_facts=(*self.clock_facts, *facts)[:_FACTS_MAX])

    def segment(self, why: ClosedBy) -> Segment | None:
        """Return it as a segment; one without length is none."""
        if self.start == self.upto:
            return None
        return Segment(
            id=self.id,
            key=self.track.key,
            start=self.start,
            end=self.upto,
            memo=self.track.memo,
            minutes=self.minutes,
            closed_by=why,
            source=self.track.source,
            shots=self.shots,
            clock_facts=self.clock_facts,
        )


@dataclass(frozen=True, slots=True)
class Away:
    """Time in question, and what goes on after it; `ends` is where the run stops if nobody comes."""

    question: Question
    track: Track
    ends: int
    slot: int  # of the segment it took over from
    cell_ms: int  # what that slot's cell held then
