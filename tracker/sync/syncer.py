"""Syncer: decides when to deliver, hands over one parcel a step, and says what became of it."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.clock import SystemClock
from tracker.errors import NotDone, Refused, SignInNeeded
from tracker.model.slot import HOUR, SECOND
from tracker.outbox.outbox import State
from tracker.sync.backend import RetryLater
from tracker.sync.backoff import delay
from tracker.sync.delivery import deliver
from tracker.sync.weeks import learn_weeks

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tracker.clock import Clock, Reading
    from tracker.outbox.outbox import Outbox, Parcel
    from tracker.sync.backend import Backend
    from tracker.sync.connection import Connection

log = logging.getLogger(__name__)

_LOOKS = 60.0  # seconds: within a minute it finds by itself what others put into the outbox


@dataclass(frozen=True, slots=True)
class Report:
    """What a drain delivered, and how many segments are left, and in what state."""

    delivered: int
    held: int
    waiting: int
    refused: int


class Syncer:
    """Seals what is no longer held and delivers the oldest first; no parcel stands in another's way.

    `hourly` is the embedded server's rhythm: at the start, on request, when all is stopped and nothing held,
    else once an hour. Any other server gets a segment when it is sealed, at a random moment of the `spread_s`
    seconds that follow (None: as many as the server says).
    """

    def __init__(
        self,
        outbox: Outbox,
        connection: Connection,
        clock: Clock,
        random: Random,
        *,
        hourly: bool,
        spread_s: int | None = None,
    ) -> None:
        self.nudge: Callable[[], None] = lambda: None  # do the next step now
        self.changed: Callable[[], None] = lambda: None  # something was delivered, or could not be
        self.patience: Clock = SystemClock()  # a drain's: HTTP takes real time in test mode, too
        self._outbox = outbox
        self._connection = connection
        self._clock = clock
        self._random = random
        self._hourly = hourly
        self._spread_s = spread_s
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._requested = True  # the start is a request
        self._round = False  # what waits is being delivered
        self._round_ended = 0
        self._not_before = 0  # by the boot clock
        self._away = 0  # how often in a row nothing at all could be delivered
        self._backend: Backend | None = None  # of this round
        self._delivered = 0
        self._learnt = (-1, -1)  # how much was delivered and signed in when the weeks were asked for

    def step(self) -> float:
        """Seal what is due and deliver one parcel, if it is time; return seconds until the next step."""
        with self._lock:
            now = self._clock.now()
            if self._requested:
                self._hurry()
            if self._outbox.seal_due(now.wall) and not self._hourly:
                self._spread(now)
            if self._may_deliver(now) and self._deliver_oldest(now):
                return 0.0
            return self._rest()

    def request(self) -> None:
        """Deliver as soon as possible, without regard to spread and backoff; from any thread."""
        self._requested = True
        self.nudge()

    def close(self) -> None:
        """Let a drain under way end after its parcel."""
        self._closing.set()

    def drain(self, timeout_s: float = 60.0, *, notices: bool = True) -> Report:
        """Deliver everything that waits, from any thread, and report what is left.

        First it waits until the notices that are running end, unless told not to; the timeout begins then.
        A server that is away, or wants a sign-in, is not waited for.
        """
        if notices:
            self._wait_for_notices()
        deadline = self.patience.now().boot + timeout_s * SECOND
        with self._lock:
            before = self._delivered
            self._hurry()
        while not self._closing.is_set():
            with self._lock:
                now = self._clock.now()
                self._outbox.seal_due(now.wall)
                going_on = now.boot >= self._not_before and self._deliver_oldest(now)
                wait = 0.0 if going_on else self._rest()
            left = (deadline - self.patience.now().boot) / SECOND
            if left <= 0 or self._connection.state != "online" or not self._outbox.counts().waiting:
                break
            if wait:
                self.patience.wait(self._closing, min(wait, left))
        if self._connection.state == "online" and not self._closing.is_set():
            with self._lock:
                self._learn_weeks(self._clock.now())
        left_over = self._outbox.counts()
        return Report(
            self._delivered - before,
            held=left_over.held,
            waiting=left_over.waiting,
            refused=left_over.refused,
        )

    def _wait_for_notices(self) -> None:
        holds = (entry.hold for entry in self._outbox.entries())
        ends = max((hold.until for hold in holds if hold and hold.why == "notice"), default=0)
        while ends > (now := self._clock.now().wall) and not self._closing.is_set():
            self._clock.wait(self._closing, (ends - now) / SECOND)

    def _hurry(self) -> None:
        """Forget what was to be waited for, and begin a round."""
        self._requested = False
        self._round = True
        self._backend = None
        self._not_before = self._away = 0
        for entry in self._outbox.entries():
            if entry.state is State.WAITING and entry.next is not None:
                self._outbox.retry(entry.id)

    def _spread(self, now: Reading) -> None:
        within = self._connection.spread_s if self._spread_s is None else self._spread_s
        moment = now.boot + round(self._random.uniform(0.0, within) * SECOND)
        self._not_before = max(self._not_before, moment)

    def _may_deliver(self, now: Reading) -> bool:
        if now.boot < self._not_before:
            return False
        if self._hourly and not self._round:
            hour_is_over = now.boot - self._round_ended >= HOUR
            self._round = hour_is_over or not (self._outbox.tracking or self._outbox.counts().held)
        return self._round or not self._hourly

    def _rest(self) -> float:
        now = self._clock.now()
        change = self._outbox.next_change(now.wall)
        waits = [_LOOKS] if change is None else [_LOOKS, (change - now.wall) / SECOND]
        if now.boot < self._not_before:
            waits.append((self._not_before - now.boot) / SECOND)
        return min(waits)

    def _deliver_oldest(self, now: Reading) -> bool:
        """Deliver the oldest parcel that may be tried; say whether there may be another right now."""
        parcel = self._outbox.oldest_due(now.wall)
        if parcel is None:
            self._end_round(now)
            return False
        try:
            backend = self._backend = self._backend or self._connection.open()
        except NotDone as error:
            self._postpone(parcel, error, everything=True)
            return False
        try:
            self._outbox.delivered(parcel.id, deliver(parcel, self._outbox, backend))
            self._delivered += 1
            self._away = 0
        except Refused as error:
            log.warning("the server refuses segment %s", parcel.id)
            self._outbox.refuse(parcel.id, error.title)
        except NotDone as error:
            return self._recover(parcel, error)
        self.changed()
        return True

    def _recover(self, parcel: Parcel, error: NotDone) -> bool:
        """Find out whose trouble it is, the parcel's or the server's; only the server's makes others wait."""
        self._backend = None
        if isinstance(error, SignInNeeded):
            self._connection.close()
        everything = isinstance(error, RetryLater) and error.everything
        try:
            self._connection.open()
        except NotDone:
            everything = True
        self._postpone(parcel, error, everything=everything)
        return not everything

    def _postpone(self, parcel: Parcel, error: NotDone, *, everything: bool) -> None:
        floor = error.after_s if isinstance(error, RetryLater) else 0.0
        attempts = max(parcel.attempts, self._away) if everything else parcel.attempts
        wait = round(max(floor, delay(attempts, self._random)) * SECOND)
        now = self._clock.now()
        # a little later than the others may go on: first it is another's turn
        self._outbox.postpone(parcel.id, now.wall + wait + 1, error.title)
        if everything:
            self._stay_away(now, wait)
        log.info("segment %s is tried again in %d s: %s", parcel.id, wait // SECOND, error.title)
        self.changed()

    def _end_round(self, now: Reading) -> None:
        self._learn_weeks(now)
        self._backend = None
        if self._round and not self._outbox.counts().waiting:
            self._round = False
            self._round_ended = now.boot

    def _stay_away(self, now: Reading, wait: int) -> None:
        self._away += 1
        self._not_before = now.boot + wait

    def _learn_weeks(self, now: Reading) -> None:
        """Hear what the weeks hold after a sign-in or a delivery; the embedded server is not woken for it.

        It is known better by the next delivery: a fault here is none of the delivery's.
        """
        if self._learnt == (self._delivered, self._connection.sign_ins):
            return
        if self._backend is None and not self._hourly:
            try:
                self._backend = self._connection.open()
                self._away = 0
            except NotDone as error:
                log.info("the weeks are asked for later: %s", error.title)
                self._stay_away(now, round(delay(self._away, self._random) * SECOND))
        if self._backend is None:
            return
        self._learnt = (self._delivered, self._connection.sign_ins)
        try:
            learn_weeks(self._backend, self._outbox, now.wall)
        except NotDone as error:
            log.info("the weeks are asked for after the next delivery: %s", error.title)
        self.changed()
