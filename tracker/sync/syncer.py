"""Syncer: decides when to deliver, hands over one parcel a step, and says what became of it."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.clock import SystemClock
from tracker.errors import NotDone, Offline, Refused, SignInNeeded
from tracker.model.slot import HOUR, SECOND
from tracker.outbox.outbox import State
from tracker.sync.backend import Conflict, RetryLater
from tracker.sync.delivery import PicturesLost, deliver
from tracker.sync.rest import Rest
from tracker.sync.weeks import learn_weeks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from tracker.clock import Clock, Reading
    from tracker.outbox.outbox import Outbox, Parcel
    from tracker.sync.backend import Backend
    from tracker.sync.connection import Connection

log = logging.getLogger(__name__)

_SLEPT = 10 * SECOND  # asleep for so long, the computer may wake up in another network
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
        self.hourly = hourly  # the account may change
        self._spread_s = spread_s
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._requested = False
        self._woken = False
        self._began = False
        self._asleep = 0  # by now, since boot
        self._round = True  # what waits is being delivered; the start is such a time
        self._round_ended = 0
        self._server = Rest(outbox, random)
        self._unreached: set[str] = set()  # ids of those that wait because the way was broken
        self._backend: Backend | None = None  # of this round
        self._delivered = 0
        self._learnt = (-1, -1)  # how much was delivered and signed in when the weeks were asked for

    def step(self) -> float:
        """Seal what is due and deliver one parcel, if it is time; return seconds until the next step."""
        with self._lock:
            now = self._clock.now()
            self._begin(now)
            if self._requested:
                self._hurry()
            if self._woken:
                self._wake_up()
            if self._outbox.seal_due(now.wall) and not self.hourly:
                self._spread(now)
            if self._may_deliver(now) and self._deliver_oldest(now):
                return 0.0
            return self._rest()

    def request(self) -> None:
        """Deliver as soon as possible, without regard to spread and backoff; from any thread."""
        self._requested = True
        self.nudge()

    def wake(self) -> None:
        """Try at once what waits for the network, as it is another now; from any thread.

        What a server asked to wait, and what it refused, is left as it is.
        """
        self._woken = True
        self.nudge()

    @contextmanager
    def between_servers(self) -> Iterator[None]:
        """Deliver nothing while the account changes: what is of one goes to no other's server."""
        with self._lock:
            yield
            self._hurry()

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
            self._begin(self._clock.now())
            self._hurry()
        while not self._closing.is_set():
            with self._lock:
                now = self._clock.now()
                self._outbox.seal_due(now.wall)
                going_on = not self._server.left(now) and self._deliver_oldest(now)
                wait = 0.0 if going_on else self._rest()
            left = (deadline - self.patience.now().boot) / SECOND
            if left <= 0 or self._connection.state != "online" or not self._outbox.waits():
                break
            if wait:
                self.patience.wait(self._closing, min(wait, left))
        if self._connection.state == "online" and not self._closing.is_set():
            with self._lock:
                self._learn_weeks(self._clock.now())
        now_left = self._outbox.counts()
        return Report(self._delivered - before, now_left.held, now_left.waiting, now_left.refused)

    def _wait_for_notices(self) -> None:
        holds = (entry.hold for entry in self._outbox.entries())
        ends = max((hold.until for hold in holds if hold and hold.why == "notice"), default=0)
        while ends > (now := self._clock.now().wall) and not self._closing.is_set():
            self._clock.wait(self._closing, (ends - now) / SECOND)

    def _begin(self, now: Reading) -> None:
        """Take up what a former process left, and notice that the computer slept."""
        asleep = now.boot - now.awake
        if not self._began:
            self._began = True
            self._server.begin(now)
            self._server.cut_short()
        elif asleep - self._asleep > _SLEPT:
            self._woken = True
        self._asleep = asleep

    def _wake_up(self) -> None:
        self._woken = False
        self._server.cut_short()
        for entry in self._outbox.entries() if self._unreached else ():
            if entry.id in self._unreached and entry.state is State.WAITING:
                self._outbox.retry(entry.id)
        self._unreached.clear()

    def _hurry(self) -> None:
        """Forget what was to be waited for, and begin a round."""
        self._requested = False
        self._round = True
        self._backend = None
        self._server.end()
        for entry in self._outbox.entries():
            if entry.state is State.WAITING and entry.next is not None:
                self._outbox.retry(entry.id)

    def _spread(self, now: Reading) -> None:
        within = self._connection.spread_s if self._spread_s is None else self._spread_s
        self._server.spread(now, within)

    def _may_deliver(self, now: Reading) -> bool:
        if self._server.left(now):
            return False
        if self.hourly and not self._round:
            hour_is_over = now.boot - self._round_ended >= HOUR
            self._round = hour_is_over or not (self._outbox.tracking or self._outbox.counts().held)
        return self._round or not self.hourly

    def _rest(self) -> float:
        now = self._clock.now()
        change = self._outbox.next_change(now.wall)
        ends = () if change is None else ((change - now.wall) / SECOND,)
        return min(_LOOKS, self._server.left(now) or _LOOKS, *ends)

    def _deliver_oldest(self, now: Reading) -> bool:
        """Deliver the oldest parcel that may be tried; say whether there may be another right now."""
        parcel = self._outbox.oldest_due(now.wall)
        if parcel is None:
            self._end_round(now)
            return False
        try:
            backend = self._backend = self._backend or self._connection.open()
        except NotDone as error:  # no parcel's fault: none of them is touched
            self._leave_alone(error, now)
            return False
        if not self._outbox.is_ours(parcel.key):  # that is known since this moment
            return True
        try:
            self._outbox.delivered(parcel.id, deliver(parcel, self._outbox, backend))
        except Refused as error:
            self._set_aside(parcel, error, now)
        except NotDone as error:
            return self._recover(parcel, error, backend)
        else:
            self._delivered += 1
            self._unreached.discard(parcel.id)
            self._server.end()
        self.changed()
        return True

    def _set_aside(self, parcel: Parcel, error: Refused, now: Reading) -> None:
        if isinstance(error, PicturesLost) and self._outbox.give_up(parcel.id, error.hashes, now.wall):
            log.warning("pictures of segment %s are lost: its time goes without them", parcel.id)
            return
        if isinstance(error, Conflict):
            log.error("the server holds other bytes than were signed here for %s %s", parcel.kind, parcel.id)
        else:
            log.warning("the server refuses %s %s", parcel.kind, parcel.id)
        self._outbox.refuse(parcel.id, error.title)

    def _recover(self, parcel: Parcel, error: NotDone, backend: Backend) -> bool:
        """Find out whose trouble it is, the parcel's or the server's; only the server's makes others wait."""
        self._backend = None
        asks_all = isinstance(error, RetryLater) and error.everything
        trouble: NotDone | None = error if asks_all else None
        try:
            if isinstance(error, SignInNeeded):
                self._connection.renew(backend)
            elif trouble is None:
                self._connection.open()
        except NotDone as other:
            trouble = other
        now = self._clock.now()
        wait = self._server.wait_after(error, parcel.attempts)
        if trouble is not None:
            wait = max(wait, self._server.after(trouble, now))
        if isinstance(error, Offline):
            self._unreached.add(parcel.id)
        # a little later than the others may go on: first it is another's turn
        self._outbox.postpone(parcel.id, now.wall + round(wait * SECOND) + 1, error.title)
        log.info("%s %s is tried again in %d s: %s", parcel.kind, parcel.id, wait, error.title)
        self.changed()
        return trouble is None

    def _leave_alone(self, error: NotDone, now: Reading) -> None:
        seconds = self._server.after(error, now)
        log.info("the server is tried again in %d s: %s", seconds, error.type)
        self.changed()

    def _end_round(self, now: Reading) -> None:
        self._learn_weeks(now)
        self._backend = None
        if self._round and not self._outbox.waits():
            self._round = False
            self._round_ended = now.boot

    def _learn_weeks(self, now: Reading) -> None:
        """Hear what the weeks hold after a sign-in or a delivery; the embedded server is not woken for it.

        It is known better by the next delivery: a fault here is none of the delivery's.
        """
        if self._server.left(now) or self._learnt == (self._delivered, self._connection.sign_ins):
            return
        if self._backend is None and not self.hourly:
            try:
                self._backend = self._connection.open()
                self._server.end()
            except NotDone as error:
                self._leave_alone(error, now)
        if self._backend is None:
            return
        self._learnt = (self._delivered, self._connection.sign_ins)
        try:
            learn_weeks(self._backend, self._outbox, now.wall)
        except NotDone as error:
            log.info("the weeks are asked for after the next delivery: %s", error.type)
        self.changed()
