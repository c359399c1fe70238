"""WorkSession: gives the Recorder time and counts, and carries out what it reports."""

from __future__ import annotations

import logging
import queue
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING

from tracker.clock import follow_zone
from tracker.errors import BadValue, NothingTracking, StorageFailed, TrackerError
from tracker.model.counts import SILENCE
from tracker.model.segment import ClosedBy
from tracker.model.slot import HOUR, MINUTE, SECOND, instant
from tracker.orders import (
    Answer,
    Begin,
    Call,
    ChangeMemo,
    Dismiss,
    End,
    InputLost,
    Look,
    Order,
    Presence,
    ShotTaken,
)
from tracker.recording.events import QuestionEnded
from tracker.recording.run import Track
from tracker.recording.timeline import JUMP
from tracker.status import Resume

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.capture.photographer import ShotResult
    from tracker.clock import Clock, Reading
    from tracker.keeper import Keeper
    from tracker.model.contract import Contract
    from tracker.model.segment import Key
    from tracker.outbox.outbox import Outbox
    from tracker.recording.events import Event
    from tracker.recording.recorder import Recorder
    from tracker.watch import Watch

log = logging.getLogger(__name__)

_TRY_AGAIN = 5.0  # seconds, while something cannot be kept
_UNTRACKED = 3600.0  # seconds between steps while nothing is tracked; a command nudges
_LONGEST_CALL = 12 * HOUR


class WorkSession:
    """One unit of recording per step; orders are obeyed at the next one."""

    def __init__(
        self, clock: Clock, recorder: Recorder, keeper: Keeper, outbox: Outbox, watch: Watch
    ) -> None:
        self.recorder = recorder
        self.keeper = keeper
        self.contract: Contract | None = None
        self.resume = outbox.resume  # a run that ended without being told to
        self.nudge: Callable[[], None] = lambda: None
        self.changed: Callable[[], None] = lambda: None
        self.ticked: Callable[[], None] = lambda: None
        self.watched = False  # somebody looks: the seconds are worth telling
        self._clock = clock
        self._outbox = outbox
        self.watch = watch
        self._orders: queue.SimpleQueue[tuple[Order, Future[None]]] = queue.SimpleQueue()
        self._at = self._began = self._minute = 0
        self.failing = False  # right now nothing can be kept, as on a full disk
        keeper.shot_taken = self._shot_taken

    def post(self, order: Order) -> Future[None]:
        """Have an order obeyed at the next step; the future is done when it is in effect."""
        done: Future[None] = Future()
        self._orders.put((order, done))
        self.nudge()
        return done

    def step(self) -> float:
        """Let time pass, obey what was ordered, keep the draft; return seconds until the next step."""
        now = self._clock.now()
        if now.boot // MINUTE != self._minute:  # who travels takes today along
            self._minute = now.boot // MINUTE
            follow_zone()
        self._pass_time(now)
        while not self._orders.empty():
            self._obey(*self._orders.get(), now)
        self._keep([])
        if self.watched:
            self.ticked()
        at = self.watch.at(self._clock.now())
        if at is None:
            return _TRY_AGAIN if self.failing else _UNTRACKED
        return (SECOND - at % SECOND) / SECOND

    def close_around(self, shot: str) -> None:
        """Close what a shot is in whose id begins or ends so, if it shows anything; called by a Look."""
        question, segment = self.recorder.question, self.recorder.segment
        shots = question.shots if question else segment.shots if segment else ()
        if any(one.pictures and (one.id.startswith(shot) or one.id.endswith(shot)) for one in shots):
            self._carry_out(self.recorder.come_back() if question else self.recorder.cut())

    @property
    def at(self) -> int:
        """The instant up to which everything is accounted for; while stopped, where the last run ended."""
        return self._at

    @property
    def began(self) -> int:
        """Where the last run began."""
        return self._began

    def _pass_time(self, now: Reading) -> None:
        passed, track = self.watch.look(now), self.recorder.track
        if passed is None or track is None:
            return
        if passed.moved_ms:
            self.recorder.note_clock(passed.moved_ms)
        if passed.at <= self._at:
            return
        self._keep(self.recorder.count_by(self.watch.source))
        if passed.drowsy is not None or self.watch.nobody:
            self.recorder.rest(passed.at)
        if passed.drowsy is None:
            events = self.recorder.advance(passed.at, self.watch.counts())
        else:
            events = self.recorder.advance(max(passed.drowsy, self._at + 1), self.watch.counts())
            events += self.recorder.leave(ClosedBy.SLEEP)
            events += self.recorder.advance(passed.at, SILENCE)
        self._at = passed.at
        self._keep(events)
        self._see_whether_it_ran_out(track, events)
        if (self.recorder.track is not None and self.watch.count_again(now)) or events:
            self.changed()

    def _see_whether_it_ran_out(self, track: Track, events: list[Event]) -> None:
        """Where nobody came back in time, the run has stopped at its question's end."""
        if self.recorder.track is None:
            self._at = max(e.question.end for e in events if isinstance(e, QuestionEnded))
            self._offer(Resume(track.key.contract, instant(self._at), "away", track.memo))
            self._rest()

    def _offer(self, resume: Resume | None) -> None:
        self.resume = resume
        with suppress(StorageFailed):  # an offer, no time: it holds as long as the app runs
            self._outbox.remember_resume(resume)

    def _keep(self, events: list[Event]) -> None:
        """Carry events out; what cannot be kept now, as on a full disk, is kept as soon as it can."""
        try:
            self._carry_out(events)
            self.keeper.save_if_due(self._at)
        except StorageFailed as error:
            if not self.failing:
                log.warning("nothing can be kept right now: %s", error.title)
            self.failing = True
        else:
            self.failing = False

    def _obey(self, order: Order, done: Future[None], now: Reading) -> None:
        problem: Exception | None = None
        try:
            if isinstance(order, Look):
                order.show()
            else:
                self._do(order, now)
        except Exception as error:  # whoever asked is told; tracking goes on
            problem = error
            if not isinstance(error, TrackerError):
                log.exception("an order failed")
        self.changed()
        if problem is None:
            done.set_result(None)
        else:
            done.set_exception(problem)

    def _do(self, order: Order, now: Reading) -> None:
        match order:
            case Begin():
                self._begin(order, now)
            case ChangeMemo(memo):
                self._need_a_run("there is nothing to tag")
                self._carry_out(self.recorder.change_memo(memo))
                self.keeper.save(self._at, durable=True)
            case End(why):
                self._end(why)
            case Answer():
                self._answer(order)
            case Call(until):
                self._call(until, now)
            case Presence():
                self._attend(order, now)
            case Dismiss():
                self._offer(None)
            case ShotTaken(result):
                self.keeper.keep_shot(result, self._at)
            case InputLost(reason):
                log.warning("input is no longer counted: %s", reason)
                self.watch.lose_input(now)
                self.keeper.save(self._at, durable=True)  # who shows windows there may end with the display

    def _begin(self, order: Begin, now: Reading) -> None:
        running, key = self.recorder.track, self._outbox.key_of(order.contract.id)
        if running is not None and running.key.contract == key.contract:
            if self.recorder.question is not None:
                self._carry_out(self.recorder.come_back(order.memo))
            else:
                memo = running.memo if order.memo is None else order.memo
                self._carry_out(self.recorder.change_memo(memo))
            self.keeper.save(self._at, durable=True)
            return
        if running is not None:
            self._keep(self.recorder.end(ClosedBy.SWITCH))
        else:
            self._wake(now)
        self._open(order.contract, key, order.memo or "", now)

    def _wake(self, now: Reading) -> None:
        """Begin a new run."""
        ended = self._outbox.last_end() or 0
        self._at = self._began = self.watch.begin(
            now,
            after=max(self._at, ended) if self.failing else ended,
            offset=self._outbox.clock_offset,
            lost=self._lose,
        )
        back = self.watch.came_back(now)
        if back is not None:
            self.recorder.rest(back)

    def _open(self, contract: Contract, key: Key, memo: str, now: Reading) -> None:
        shots = self.keeper.recall(contract.id, self._at)
        self.contract = contract
        self._offer(None)
        policy = contract.terms.policy
        track = Track(key, memo, self.watch.source, policy.shots_per_slot, policy.idle_limit_s * SECOND)
        cell_ms = sum(segment.tracked_ms for segment in self.keeper.earlier)
        self.recorder.begin(self._at, track, cell_ms=cell_ms, shots_taken=shots)
        off = now.wall - self._at
        if abs(off) > JUMP and self._at == self._began:
            self.recorder.note_clock(off)

    def _end(self, why: ClosedBy) -> None:
        if self.recorder.track is None:
            if why is ClosedBy.STOP:
                raise NothingTracking("Nothing is being tracked.")
            return
        events = self.recorder.end(why)
        self._rest()
        self._carry_out(events)

    def _rest(self) -> None:
        self.watch.end()
        self.contract = None

    def _answer(self, order: Answer) -> None:
        question = self.recorder.question
        if question is not None and question.id == order.question:  # who answers is back
            self._carry_out(self.recorder.come_back())
        self.keeper.answer(order, self._at)

    def _call(self, until: int | None, now: Reading) -> None:
        self._need_a_run("there is no time that a call could keep")
        if until is not None and not now.wall < until <= now.wall + _LONGEST_CALL:
            raise BadValue("A call ends later than now, and within 12 hours.")
        self._carry_out(self.recorder.come_back())
        self._carry_out(self.recorder.call(None if until is None else self._at + until - now.wall))

    def _attend(self, order: Presence, now: Reading) -> None:
        self.watch.attend(order, now)
        track = self.recorder.track
        if (order.locked or order.asleep) and track is not None:
            events = self.recorder.leave(ClosedBy.LOCK if order.locked else ClosedBy.SLEEP)
            self._keep(events)
            self._see_whether_it_ran_out(track, events)

    def _need_a_run(self, so: str) -> None:
        if self.recorder.track is None:
            raise NothingTracking(f"Nothing is being tracked, so {so}.")

    def _carry_out(self, events: list[Event]) -> None:
        if self.recorder.track and any(isinstance(event, QuestionEnded) for event in events):
            self.watch.let_in(self._clock.now())
        self.keeper.carry_out(events, self._at)

    def _shot_taken(self, result: ShotResult) -> None:
        """Called from the photographer's thread."""
        self.post(ShotTaken(result))

    def _lose(self, reason: str) -> None:
        """Called from the hook's thread."""
        self.post(InputLost(reason))
