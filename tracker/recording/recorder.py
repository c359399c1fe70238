"""The Recorder: given time and counts, it says which minutes and segments have come to be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tracker.model.counts import SILENCE, Counts
from tracker.model.question import Question
from tracker.model.segment import ClockFact, ClosedBy, Segment, Shot, until
from tracker.model.slot import MINUTE, SECOND, slot_of
from tracker.recording.events import (
    Event,
    MinuteClosed,
    QuestionEnded,
    SegmentClosed,
    ShotDue,
    SilenceEnded,
    WentAway,
)
from tracker.recording.run import AWAY_AT_MOST, Away, Run, Track

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.recording.shots import ShotPlan

_SHOT_AT_ONCE = {ClosedBy.STOP, ClosedBy.SWITCH, ClosedBy.QUIT}


class Recorder:
    """Knows what is tracked and what has become of it; reads no clock, writes nothing.

    `midnight` returns the first local midnight after an instant.
    """

    def __init__(self, plan: ShotPlan, new_id: Callable[[], str], midnight: Callable[[int], int]) -> None:
        self._plan = plan
        self._new_id = new_id
        self._midnight = midnight
        self._run: Run | None = None
        self._away: Away | None = None
        self._silent = False  # segments have closed in this silence
        self._facts: tuple[ClockFact, ...] = ()  # noted in silence: they outlive what is taken back of it
        self.call_until: int | None = None  # silence until then is kept and marked

    @property
    def track(self) -> Track | None:
        """What is being tracked, or goes on when somebody is back; None while stopped."""
        if self._away:
            return self._away.track
        return self._run.track if self._run else None

    @property
    def segment(self) -> Segment | None:
        """The open segment so far, as a crash would leave it; None while it has no length."""
        return self._run.segment(ClosedBy.CRASH) if self._run else None

    @property
    def question(self) -> Question | None:
        """The time in question as far as it has grown; None while somebody is there."""
        return self._away.question if self._away else None

    @property
    def upto(self) -> int | None:
        """The instant up to which everything is accounted for; None while stopped."""
        if self._away:
            return self._away.question.end
        return self._run.upto if self._run else None

    @property
    def shot_pending(self) -> bool:
        """Whether a shot of this slot is still to come."""
        return self._run is not None and self._plan.pending(self._run.track.key.contract)

    def begin(self, at: int, track: Track, *, cell_ms: int, shots_taken: int) -> None:
        """Open a segment; its cell already holds `cell_ms` of time and `shots_taken`."""
        self._open(at, track, cell_ms, heard=at, silent_from=at)
        self._plan.begin(at)
        self._plan.open(track.key.contract, at, wanted=track.shots_per_slot, taken=shots_taken)

    def advance(self, at: int, counts: Counts | None) -> list[Event]:
        """Let time pass up to an instant; the counts belong to its last second.

        None is somebody who cannot be heard: who is there stays, and who left in silence is not back.
        """
        gone = self._away is not None and self._away.question.why is ClosedBy.AWAY
        if gone if counts is None else not counts.active:
            return self._pass(at)
        events = self._pass(max(at - SECOND, self.upto or at)) if counts else []
        events += self.come_back() + self._hear(at)
        while (run := self._run) is not None and run.upto < at:
            edge = min(at, run.slot_end)
            events += self._grow(run, edge, counts if counts and edge == at else SILENCE)
        return events

    def leave(self, why: ClosedBy) -> list[Event]:
        """Nobody is there from here on: the screen was locked, or the computer sleeps."""
        return self._go_away(why) if self._run else []

    def come_back(self, memo: str | None = None) -> list[Event]:
        """Go on after time in question, with another memo if one is given."""
        away = self._away
        if away is None:
            return []
        at, track = away.question.end, away.track if memo is None else replace(away.track, memo=memo)
        self._away = None
        self._open(at, track, away.cell_ms * (away.slot == slot_of(at)), heard=at, silent_from=at)
        self._plan.rest(at)
        self._plan.open(track.key.contract, at, wanted=track.shots_per_slot, taken=0)
        return [QuestionEnded(replace(away.question, open=False))]

    def hear(self) -> list[Event]:
        """Take a command for input: it ends silence."""
        return self._hear(self.upto) if self.upto is not None else []

    def call(self, until_at: int | None) -> list[Event]:
        """Keep silence until an instant without a question; None ends that."""
        self.call_until = until_at
        return self.hear()

    def change_memo(self, memo: str) -> list[Event]:
        """Tag the time with a memo: the first names the whole open segment, another one opens the next."""
        if self._away:
            return self.come_back(memo)
        events, run = self.hear(), self._run
        if run is None or memo == run.track.memo:
            return events
        track = replace(run.track, memo=memo)
        if not run.track.memo:
            self._run = replace(run, track=track)
            return events
        return events + self._go_on(run, track, ClosedBy.MEMO)

    def end(self, why: ClosedBy) -> list[Event]:
        """Close the segment, or the question, where time has reached.

        At stop, switch and quit a shot that is due is taken at once if a minute of the cell was tracked.
        """
        events, run = self.hear(), self._run
        if self._away:
            self._plan.rest(self._away.question.end)
            events.append(QuestionEnded(replace(self._away.question, open=False)))
        if run is not None:
            at_once = why in _SHOT_AT_ONCE and run.cell_ms >= MINUTE and run.start < run.upto
            if at_once and self._plan.hurry(run.track.key.contract, run.upto):
                events.append(ShotDue(run.id, run.upto))
            events += self._close(why)
        self._run = self._away = None
        if why is not ClosedBy.SWITCH:
            self.call_until, self._facts = None, ()
        return events

    def rest(self, at: int) -> None:
        """Take no shot for a while: nobody is at the screen at that instant, or is just back."""
        self._plan.rest(at)

    def count_by(self, source: str | None) -> list[Event]:
        """Name what counts from here on, if anything: a segment has one source from its begin to its end."""
        if self._away:
            self._away = replace(self._away, track=replace(self._away.track, source=source))
        if (run := self._run) is None or run.track.source == source:
            return []
        return self.hear() + self._go_on(run, replace(run.track, source=source), ClosedBy.INPUT)

    def cut(self) -> list[Event]:
        """Close the segment here and go on in the next one: something of it is taken back."""
        return self.hear() + self._go_on(run, run.track, ClosedBy.SHOT) if (run := self._run) else []

    def attach(self, segment: str, shot: Shot) -> bool:
        """Add a shot to the open segment or question; say whether that is the one meant."""
        if self._run and self._run.id == segment:
            self._run = replace(self._run, shots=(*self._run.shots, shot))
        elif self._away and self._away.question.id == segment:
            question = replace(self._away.question, shots=(*self._away.question.shots, shot))
            self._away = replace(self._away, question=question)
        else:
            return False
        return True

    def note_clock(self, moved_ms: int) -> None:
        """Record how far the wall clock was moved, or stands off; the time tracked is not affected."""
        fact = ClockFact(self.upto or 0, moved_ms)
        self._facts = (*self._facts, fact)
        if self._run is not None:
            self._run = self._run.noted((fact,))

    def _hear(self, at: int) -> list[Event]:
        if self._run is not None:
            self._run, self._facts = replace(self._run, heard=at, silent_from=at), ()
        was, self._silent = self._silent, False
        return [SilenceEnded()] if was else []

    def _pass(self, to: int) -> list[Event]:
        """Let time pass in silence."""
        events: list[Event] = []
        while (self.upto or to) < to:
            if self._away:
                events += self._stay_away(self._away, to)
            elif self._run:
                gone = self._run.gone(self.call_until or 0)
                edge = min(to, self._run.slot_end, max(gone, self._run.upto))
                if to >= gone:
                    self._plan.rest(gone)
                if edge > self._run.upto:
                    events += self._grow(self._run, edge, SILENCE)
                if edge >= gone:
                    events += self._go_away(ClosedBy.AWAY)
        return events

    def _grow(self, run: Run, edge: int, counts: Counts) -> list[Event]:
        """Grow to an instant inside the slot, and into the next slot at its end."""
        self._run = grown = run.grown(edge, counts)
        events: list[Event] = [
            MinuteClosed(m) for m in grown.minutes if run.upto < m.at + MINUTE <= min(edge, run.slot_end - 1)
        ]
        events += [ShotDue(run.id, edge)] * self._plan.due(run.track.key.contract, edge)
        if edge == run.slot_end:
            events += self._turn(grown)
        return events

    def _turn(self, run: Run) -> list[Event]:
        """Close at the slot's end; a short silence stays with the slot in which it began."""
        silent = run.silence_ms >= MINUTE
        self._silent |= silent
        events = self._close(ClosedBy.SLOT_END, run.gone(self.call_until or 0) if silent else None)
        silent_from = run.silent_from if silent else max(run.upto, run.silent_from)
        self._run = Run.opened(run.track, self._new_id(), run.upto, 0, run.heard, silent_from)
        self._plan.open(run.track.key.contract, run.upto, wanted=run.track.shots_per_slot, taken=0)
        return events

    def _go_away(self, why: ClosedBy) -> list[Event]:
        """Take back the silence: it is in question from the second of the last input on."""
        if (run := self._run) is None:
            return []
        call = self.call_until or 0
        answered = run.upto < call
        begin = run.silent_from if answered else max(run.silent_from, call)
        whole = run.segment(why)
        closed = until(whole, begin, why) if whole else None
        question = Question(
            id=self._new_id(),
            key=run.track.key,
            memo=run.track.memo,
            source=run.track.source,
            why=why,
            begin=begin,
            end=run.upto,
            answered=answered,
            shots=tuple(shot for shot in run.shots if shot.taken_at > begin),
        )
        cell_ms = run.earlier_ms + max(0, begin - run.start)
        told = closed is not None or self._silent  # in what is left, up to the question's begin
        self._facts = tuple(fact for fact in self._facts if fact.at >= begin + told)
        self._run, self._silent = None, False
        ended = self._ask(question, run.track, max(run.heard, call), slot_of(run.start), cell_ms)
        return [WentAway(question, run.id, closed), *ended]

    def _ask(self, question: Question, track: Track, heard: int, slot: int, cell_ms: int) -> list[Event]:
        """Let time be in question from here on; it may have its end behind it already."""
        if question.answered and self.call_until:
            ends = self.call_until + min(track.idle_limit_ms, AWAY_AT_MOST)
        else:
            ends = min(heard + AWAY_AT_MOST, self._midnight(question.begin))
        self._away = Away(question, track, ends, slot, cell_ms)
        return self._stay_away(self._away, question.end)

    def _stay_away(self, away: Away, to: int) -> list[Event]:
        """Let the time in question grow, at most to where the run stops."""
        end = min(to, away.ends)
        self._away = replace(away, question=replace(away.question, end=end))
        if end < away.ends:
            return []
        call = self.call_until
        self._away = self.call_until = None
        if not away.question.answered or call is None:
            self._facts = ()
            return [QuestionEnded(replace(away.question, end=end, open=False))]
        # the call is over, and nobody has come back in a while: what followed it is in question
        kept = replace(away.question, end=call, open=False)
        question = replace(kept, id=self._new_id(), begin=call, end=end, open=True, answered=False)
        shots = tuple(shot for shot in kept.shots if shot.taken_at > call)
        kept = replace(kept, shots=tuple(shot for shot in kept.shots if shot.taken_at <= call))
        ended = self._ask(replace(question, shots=shots), away.track, call, away.slot, away.cell_ms)
        return [WentAway(replace(question, shots=shots), "", None), QuestionEnded(kept), *ended]

    def _open(self, at: int, track: Track, cell_ms: int, *, heard: int, silent_from: int) -> None:
        run = Run.opened(track, self._new_id(), at, cell_ms, heard, silent_from)
        self._run, self._facts = run.noted(self._facts), ()

    def _go_on(self, run: Run, track: Track, why: ClosedBy) -> list[Event]:
        """Close the segment, and open the next one of its cell."""
        closed, at = self._close(why), run.upto
        self._open(at, track, run.cell_ms, heard=at, silent_from=at)
        return closed

    def _close(self, why: ClosedBy, silent_until: int | None = None) -> list[Event]:
        segment = self._run.segment(why) if self._run else None
        return [SegmentClosed(segment, silent_until)] if segment else []
