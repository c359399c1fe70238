"""Keeps what the Recorder reports: the draft saved, the shot taken, closed segments in the outbox."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from uuid_utils import uuid7

from tracker.capture.camera import PAUSED
from tracker.capture.photographer import ShotResult
from tracker.errors import NotDone, StorageFailed
from tracker.model.segment import Picture, Segment, Shot
from tracker.model.slot import MINUTE, SECOND, instant, slot_of
from tracker.outbox.outbox import Hold
from tracker.recording.events import (
    Event,
    MinuteClosed,
    QuestionEnded,
    SegmentClosed,
    ShotDue,
    SilenceEnded,
    WentAway,
)
from tracker.status import Resume

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.capture.photographer import Photographer
    from tracker.clock import Clock
    from tracker.orders import Answer
    from tracker.outbox.draft import DraftStore
    from tracker.outbox.outbox import Outbox
    from tracker.recording.recorder import Recorder

log = logging.getLogger(__name__)

DRAFT_EVERY = 5 * SECOND
_UNEVEN = SECOND // 2  # steps come some milliseconds late: the fifth second is not waited for twice
_SHOT_TAKES = 60 * SECOND  # at most; a segment is held so long for a shot that is on its way
_TOO_LATE = 5 * SECOND  # after its moment a shot would show something else


class Keeper:
    """Carries events out, in the session's thread; `notice_ms` is how long a new shot is held.

    Time is told in instants of the session's timeline; holds end by the wall clock, which `clock` reads.
    """

    def __init__(
        self,
        recorder: Recorder,
        photographer: Photographer,
        outbox: Outbox,
        draft: DraftStore,
        clock: Clock,
        notice_ms: int,
    ) -> None:
        self.earlier: tuple[Segment, ...] = ()  # closed segments of the running cell
        self.notice_until: int | None = None  # by the wall clock
        self.notice_ms = notice_ms
        self.shot_taken: Callable[[ShotResult], None] = lambda _result: None
        self._recorder = recorder
        self._photographer = photographer
        self._outbox = outbox
        self._draft = draft
        self._clock = clock
        self._paused_until = 0  # by the boot clock
        self._saved = self._synced = 0
        self._to_do: deque[Event] = deque()
        self._notices: dict[str, int] = {}  # shot -> when its notice ends
        self._on_their_way: dict[str, tuple[str, int]] = {}  # shot -> its segment or question, and when

    def recall(self, contract: str, at: int) -> int:
        """Begin at an instant: look up what its cell already holds; return how many shots that is."""
        self._saved = self._synced = at
        self._look_back(contract, at)
        asked = [one for one in self._outbox.questions() if one.key.contract == contract]
        in_question = [
            shot for one in asked for shot in one.shots if slot_of(shot.taken_at - 1) == slot_of(at)
        ]
        return self._outbox.shots_taken(slot_of(at)).get(contract, 0) + len(in_question)

    def _look_back(self, contract: str, at: int) -> None:
        """Look up the closed segments of the cell under way."""
        before = self._outbox.segments(slot_of(at), at)
        self.earlier = tuple(one for one, _ in before if one.key.contract == contract)

    def look_again(self, at: int) -> None:
        """Look up what the cell under way holds now."""
        track = self._recorder.track
        if track is not None:
            self._look_back(track.key.contract, at)

    def carry_out(self, events: list[Event], at: int) -> None:
        """Do what each event asks for, in their order; what fails is done first the next time."""
        self._to_do.extend(events)
        while self._to_do:
            event = self._to_do[0]
            self._do(event, at)
            self._to_do.popleft()  # done once: what follows here may fail
            if isinstance(event, SegmentClosed | QuestionEnded):
                self.look_again(at)

    def _do(self, event: Event, at: int) -> None:
        match event:
            case MinuteClosed():
                self.save(at, durable=True)
            case ShotDue(segment, due):
                self._take_shot(segment, due, at)
            case SegmentClosed(segment, silent_until):
                hold = self._hold(segment, at)
                if silent_until is not None:
                    hold = Hold("silence", self._wall(silent_until, at))
                self._outbox.put(segment, hold)
                self._saved = self._synced = segment.end
            case SilenceEnded():
                self._outbox.end_silence(partial(self._hold, at=at))
            case WentAway(question, segment, closed):
                self._redirect_shots(question.id, question.begin)
                self._outbox.set_aside(question, segment, closed, partial(self._hold, at=at))
                self._saved = self._synced = question.end
                self.earlier = ()
            case QuestionEnded(question):
                self._outbox.end_question(question, partial(self._hold, at=at))
                self._saved = self._synced = question.end

    @property
    def unkept(self) -> tuple[Segment, ...]:
        """Closed segments that could not be kept yet, as on a full disk."""
        left = (
            event.segment if isinstance(event, SegmentClosed) else event.closed
            for event in self._to_do
            if isinstance(event, SegmentClosed | WentAway)
        )
        return tuple(segment for segment in left if segment is not None)

    def save_if_due(self, at: int) -> None:
        """Save what is open where the last time is five seconds ago; a minute may be lost to a power cut."""
        if at - self._saved >= DRAFT_EVERY - _UNEVEN:
            self.save(at, durable=at - self._synced >= MINUTE - DRAFT_EVERY)

    def save(self, at: int, *, durable: bool) -> None:
        """Save the open segment, or the open question, so far."""
        segment, question = self._recorder.segment, self._recorder.question
        if segment is not None:
            self._draft.save(segment, durable=durable)
        elif question is not None:
            self._outbox.grow_question(question, durable=durable)
        self._saved = at
        if durable:
            self._synced = at

    @property
    def paused_until(self) -> int | None:
        """Until when no shots are taken, by the wall clock; None where they are."""
        now = self._clock.now()
        return now.wall + self._paused_until - now.boot if self._paused_until > now.boot else None

    def pause_shots(self, ms: int) -> None:
        """Take no shots from now on for so long; 0 ends that."""
        self._paused_until = self._clock.now().boot + ms

    def _take_shot(self, segment: str, due: int, at: int) -> None:
        shot = str(uuid7())
        late = at - due > _TOO_LATE
        self._on_their_way[shot] = (segment, due)  # in its segment, however late the step came
        if late:
            self.shot_taken(ShotResult(shot, reason="The moment passed while the computer was busy."))
        elif self.paused_until is not None:
            self.shot_taken(ShotResult(shot, reason=PAUSED, withheld=True))
        else:
            self._photographer.request(shot, self.shot_taken)

    def _redirect_shots(self, question: str, begin: int) -> None:
        """Let shots on their way follow the time they show."""
        for shot, (_, taken_at) in self._on_their_way.items():
            if taken_at > begin:
                self._on_their_way[shot] = (question, taken_at)

    def keep_shot(self, result: ShotResult, at: int) -> None:
        """Store a shot with its segment, open or closed, or its question; a failed one with its reason."""
        owner, taken_at = self._on_their_way.pop(result.shot)
        shot = Shot(
            id=result.shot,
            taken_at=taken_at,
            state=result.state,
            pictures=tuple(
                Picture(p.sha256, len(p.data), p.monitor, p.width, p.height, p.blurred, p.dhash)
                for p in result.pictures
            ),
            reason=result.reason,
        )
        self.notice_until = self._wall(at + self.notice_ms, at)
        self._notices = {one: ends for one, ends in self._notices.items() if ends > at - 2 * _SHOT_TAKES}
        self._notices[shot.id] = at + self.notice_ms
        attached = self._recorder.attach(owner, shot)
        if attached and self._recorder.question is None:
            self._outbox.store_pictures(shot, result.pictures, segment=owner)
            self.save(at, durable=True)
            return
        try:
            self._add_shot(owner, shot, result, at)
        except StorageFailed:
            raise
        except NotDone:  # after a minute it is not waited for any more
            log.warning("a shot came after its time was sealed, or answered")

    def _add_shot(self, owner: str, shot: Shot, result: ShotResult, at: int) -> None:
        if self._outbox.in_question(owner):
            self._outbox.add_question_shot(owner, shot, result.pictures)
            return
        hold = Hold("notice", self._wall(at + self.notice_ms, at)) if self.notice_ms else None
        self._outbox.add_shot(owner, shot, result.pictures, hold)
        self.earlier = tuple(
            replace(one, shots=(*one.shots, shot)) if one.id == owner else one for one in self.earlier
        )

    def _hold(self, segment: Segment, at: int) -> Hold | None:
        """Return until when a closed segment waits: for its notice, or for a shot on its way."""
        if any(owner == segment.id for owner, _ in self._on_their_way.values()):
            return Hold("notice", self._wall(at + _SHOT_TAKES, at))
        until = max((self._notice_of(shot, at) for shot in segment.shots), default=0)
        return Hold("notice", self._wall(until, at)) if until > at else None

    def _notice_of(self, shot: Shot, at: int) -> int:
        """Return when a shot's notice ends; one from before a restart may have been shown just now."""
        fresh = at - shot.taken_at < self.notice_ms + _SHOT_TAKES
        return self._notices.get(shot.id, at + self.notice_ms if fresh else 0)

    def answer(self, order: Answer, at: int) -> None:
        """Take the freelancer's word for what time in question was."""
        hold_of = partial(self._hold, at=at)
        self._outbox.answer(order.question, order.answer, order.contract, hold_of)
        self.look_again(at)

    def _wall(self, instant: int, at: int) -> int:
        """Return what the wall clock will show at an instant of the timeline, which is now at `at`."""
        return self._clock.now().wall + instant - at


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a process that ended unexpectedly had left: how much time, and what to go on with."""

    ms: int
    resume: Resume | None


def recover(draft: DraftStore, outbox: Outbox, *, notice_ms: int, now: int) -> Recovered:
    """Put what a crash left as drafts into the outbox, and end what was in question or silent then.

    When a shot was announced is not known any more: each has its whole notice again.
    """
    recovered, resume = 0, None

    def hold_of(segment: Segment) -> Hold | None:
        return Hold("notice", now + notice_ms) if segment.shots and notice_ms else None

    for question in outbox.end_questions(hold_of):
        resume = Resume(question.key.contract, instant(question.end), "crash", question.memo)
    while (left := draft.load()) is not None:
        outbox.put(left, hold_of(left))
        recovered += left.tracked_ms
        resume = Resume(left.key.contract, instant(left.end), "crash", left.memo)
    outbox.end_silence(hold_of)
    return Recovered(recovered, resume)
