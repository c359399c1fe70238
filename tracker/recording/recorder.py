"""The Recorder: given time and counts, it says which minutes and segments have come to be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracker.model.counts import SILENCE, Counts, plus
from tracker.model.segment import ClockFact, ClosedBy, Key, Minute, Segment, Shot
from tracker.model.slot import MINUTE, SECOND, SLOT, minute_of, slot_of
from tracker.recording.events import Event, MinuteClosed, SegmentClosed, ShotDue

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.recording.shots import ShotPlan

_SHOT_AT_ONCE = {ClosedBy.STOP, ClosedBy.SWITCH, ClosedBy.QUIT}


@dataclass(frozen=True, slots=True)
class Track:
    """What is being tracked: for whom, what is done, what counts it, and how many shots a slot wants."""

    key: Key
    memo: str
    source: str | None
    shots_per_slot: int


@dataclass(frozen=True, slots=True)
class _Run:
    """The segment that grows: `upto` is where its minutes reach, `earlier_ms` what its cell held before."""

    track: Track
    id: str
    start: int
    upto: int
    earlier_ms: int
    minutes: tuple[Minute, ...] = ()
    shots: tuple[Shot, ...] = ()
    clock_facts: tuple[ClockFact, ...] = ()
    active_second: int = -1  # the last second that was counted as active

    @property
    def slot_end(self) -> int:
        return slot_of(self.start) + SLOT

    @property
    def cell_ms(self) -> int:
        return self.earlier_ms + self.upto - self.start

    def grown(self, edge: int, counts: Counts) -> _Run:
        """Bring the minutes up to an instant inside the slot; the counts belong to its last second."""
        minutes = {minute.at: minute for minute in self.minutes}
        none = 0 if self.track.source else None
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


class Recorder:
    """Knows what is tracked and what has become of it; reads no clock, writes nothing."""

    def __init__(self, plan: ShotPlan, new_id: Callable[[], str]) -> None:
        self._plan = plan
        self._new_id = new_id
        self._run: _Run | None = None

    @property
    def track(self) -> Track | None:
        """What is being tracked, None while stopped."""
        return self._run.track if self._run else None

    @property
    def segment(self) -> Segment | None:
        """The open segment so far, as a crash would leave it; None while it has no length."""
        return self._run.segment(ClosedBy.CRASH) if self._run else None

    @property
    def shot_pending(self) -> bool:
        """Whether a shot of this slot is still to come."""
        return self._run is not None and self._plan.pending(self._run.track.key.contract)

    def begin(self, at: int, track: Track, *, cell_ms: int, shots_taken: int) -> None:
        """Open a segment; its cell already holds `cell_ms` of time and `shots_taken`."""
        self._open(at, track, cell_ms, shots_taken)

    def advance(self, at: int, counts: Counts) -> list[Event]:
        """Let time pass up to an instant; the counts belong to its last second."""
        events: list[Event] = []
        while (run := self._run) is not None and run.upto < at:
            edge = min(at, run.slot_end)
            self._run = grown = run.grown(edge, counts if edge == at else SILENCE)
            events += [MinuteClosed(m) for m in grown.minutes if run.upto < m.at + MINUTE <= edge]
            events += [ShotDue(run.id)] * self._plan.due(run.track.key.contract, edge)
            if edge == run.slot_end:
                events += self._close(ClosedBy.SLOT_END)
                self._open(edge, run.track, cell_ms=0, shots_taken=0)
        return events

    def change_memo(self, memo: str) -> list[Event]:
        """Tag the time with a memo: the first names the whole open segment, another one opens the next."""
        run = self._run
        if run is None or memo == run.track.memo:
            return []
        track = replace(run.track, memo=memo)
        if not run.track.memo:
            self._run = replace(run, track=track)
            return []
        events = self._close(ClosedBy.MEMO)
        self._run = _Run(track, self._new_id(), run.upto, run.upto, earlier_ms=run.cell_ms)
        return events

    def end(self, why: ClosedBy) -> list[Event]:
        """Close the segment where time has reached.

        At stop, switch and quit a shot that is due is taken at once if a minute of the cell was tracked.
        """
        run = self._run
        if run is None:
            return []
        events: list[Event] = []
        if why in _SHOT_AT_ONCE and run.cell_ms >= MINUTE and self._plan.hurry(run.track.key.contract):
            events.append(ShotDue(run.id))
        events += self._close(why)
        self._run = None
        return events

    def attach(self, segment: str, shot: Shot) -> bool:
        """Add a shot to the open segment; say whether that is the one meant."""
        if self._run is None or self._run.id != segment:
            return False
        self._run = replace(self._run, shots=(*self._run.shots, shot))
        return True

    def note_clock(self, moved_ms: int) -> None:
        """Record that the wall clock was moved; the time tracked is not affected."""
        if self._run is not None:
            fact = ClockFact(self._run.upto, moved_ms)
            self._run = replace(self._run, clock_facts=(*self._run.clock_facts, fact))

    def _open(self, at: int, track: Track, cell_ms: int, shots_taken: int) -> None:
        self._run = _Run(track, self._new_id(), at, at, earlier_ms=cell_ms)
        self._plan.open(track.key.contract, at, wanted=track.shots_per_slot, taken=shots_taken)

    def _close(self, why: ClosedBy) -> list[Event]:
        segment = self._run.segment(why) if self._run else None
        return [SegmentClosed(segment)] if segment else []
