"""Keeps what the Recorder reports: the draft saved, the shot taken, closed segments in the outbox."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from uuid_utils import uuid7

from tracker.errors import NotDone, StorageFailed
from tracker.model.segment import Picture, Segment, Shot, ShotState
from tracker.model.slot import SECOND, slot_of
from tracker.outbox.outbox import Hold
from tracker.recording.events import Event, MinuteClosed, SegmentClosed, ShotDue

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.capture.photographer import Photographer, ShotResult
    from tracker.outbox.draft import DraftStore
    from tracker.outbox.outbox import Outbox
    from tracker.recording.recorder import Recorder

log = logging.getLogger(__name__)

DRAFT_EVERY = 5 * SECOND
_SHOT_TAKES = 60 * SECOND  # at most; a segment is held so long for a shot that is on its way


class Keeper:
    """Carries events out, in the session's thread; `notice_ms` is how long a new shot is held."""

    def __init__(
        self,
        recorder: Recorder,
        photographer: Photographer,
        outbox: Outbox,
        draft: DraftStore,
        notice_ms: int,
    ) -> None:
        self.earlier: tuple[Segment, ...] = ()  # closed segments of the running cell
        self.notice_until: int | None = None
        self.notice_ms = notice_ms
        self.shot_taken: Callable[[str, ShotResult], None] = lambda _segment, _result: None
        self._recorder = recorder
        self._photographer = photographer
        self._outbox = outbox
        self._draft = draft
        self._saved = 0
        self._to_do: deque[Event] = deque()
        self._on_their_way: dict[str, str] = {}  # shot id -> segment id

    def recall(self, contract: str, at: int) -> int:
        """Look up what the cell of this instant already holds; return how many shots that is."""
        slot = slot_of(at)
        self._saved = at
        self.earlier = tuple(
            one for one, _ in self._outbox.segments(slot, at) if one.key.contract == contract
        )
        return self._outbox.shots_taken(slot).get(contract, 0)

    def carry_out(self, events: list[Event], at: int) -> None:
        """Do what each event asks for, in their order; what fails is done first the next time."""
        self._to_do.extend(events)
        while self._to_do:
            self._do(self._to_do[0], at)
            self._to_do.popleft()

    def _do(self, event: Event, at: int) -> None:
        match event:
            case MinuteClosed():
                self.save(at, durable=True)
            case ShotDue(segment):
                shot = str(uuid7())
                self._on_their_way[shot] = segment
                self._photographer.request(shot, partial(self.shot_taken, segment))
            case SegmentClosed(segment):
                self._outbox.put(segment, self._hold(segment, at))
                self._saved = at
                self.earlier = (*self.earlier, segment) if segment.slot == slot_of(at) else ()

    def save_if_due(self, at: int) -> None:
        """Save the draft where the last time is five seconds ago."""
        if at - self._saved >= DRAFT_EVERY:
            self.save(at, durable=False)

    def save(self, at: int, *, durable: bool) -> None:
        """Save the open segment so far."""
        segment = self._recorder.segment
        if segment is not None:
            self._draft.save(segment, durable=durable)
            self._saved = at

    def keep_shot(self, segment: str, result: ShotResult, at: int) -> None:
        """Store a shot with its segment, open or closed; a failed one with its reason."""
        self._on_their_way.pop(result.shot, None)
        shot = Shot(
            id=result.shot,
            taken_at=at,
            state=ShotState.FAILED if result.reason else ShotState.KEPT,
            pictures=tuple(
                Picture(p.sha256, len(p.data), p.monitor, p.width, p.height) for p in result.pictures
            ),
            reason=result.reason,
        )
        self.notice_until = at + self.notice_ms
        if self._recorder.attach(segment, shot):
            self._outbox.store_pictures(shot, result.pictures, segment=segment)
            self.save(at, durable=True)
        else:
            hold = Hold("notice", self.notice_until) if self.notice_ms else None
            try:
                self._outbox.add_shot(segment, shot, result.pictures, hold)
            except StorageFailed:
                raise
            except NotDone:  # after a minute it is not waited for any more
                log.warning("a shot came after its segment was sealed")
                return
            self.earlier = tuple(
                replace(one, shots=(*one.shots, shot)) if one.id == segment else one for one in self.earlier
            )

    def _hold(self, segment: Segment, now: int) -> Hold | None:
        """Return until when a closed segment waits: for its notice, or for a shot on its way."""
        if segment.id in self._on_their_way.values():
            return Hold("notice", now + _SHOT_TAKES)
        return notice_hold(segment, self.notice_ms, now)


def recover(draft: DraftStore, outbox: Outbox, *, notice_ms: int, now: int) -> int:
    """Put what a crash left as drafts into the outbox; return how many milliseconds that was."""
    recovered = 0
    while (left := draft.load()) is not None:
        outbox.put(left, notice_hold(left, notice_ms, now))
        recovered += left.tracked_ms
    return recovered


def notice_hold(segment: Segment, notice_ms: int, now: int) -> Hold | None:
    """Return the hold of a segment whose shots are still announced, None where that time is over."""
    until = max((shot.taken_at + notice_ms for shot in segment.shots), default=0)
    return Hold("notice", until) if until > now else None
