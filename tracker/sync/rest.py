"""How long the server is left alone: after a trouble that is its own, or for the spread of uploads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.model.slot import SECOND
from tracker.outbox.outbox import LONGEST_WAIT
from tracker.sync.backend import RetryLater
from tracker.sync.backoff import delay

if TYPE_CHECKING:
    from random import Random

    from tracker.clock import Reading
    from tracker.errors import NotDone
    from tracker.outbox.outbox import Outbox

_MORE = 1.1  # up to so much longer than a server asks for: many were asked at the same moment
_LONGEST = LONGEST_WAIT / SECOND - 1.0  # what is further off looks like a clock that was set back


class Rest:
    """Counts the troubles in a row; what the server itself asked for outlives a restart."""

    def __init__(self, outbox: Outbox, random: Random) -> None:
        self._outbox = outbox
        self._random = random
        self._until = 0  # by the boot clock
        self._asked = False
        self._troubles = 0
        self._noted = True  # in the outbox, perhaps, by the process before

    def begin(self, now: Reading) -> None:
        """Go on with what a server asked for before this process began."""
        pause = self._outbox.pause
        if pause and pause.asked and 0 < pause.until - now.wall <= LONGEST_WAIT:
            self._until = now.boot + pause.until - now.wall
            self._asked = True

    def left(self, now: Reading) -> float:
        """Return seconds until something may be sent."""
        return max(0.0, (self._until - now.boot) / SECOND)

    def wait_after(self, error: NotDone, attempts: int) -> float:
        """Return seconds to wait after so many attempts; what a server asks for is the least."""
        asked = error.after_s if isinstance(error, RetryLater) else 0.0
        floor = asked * self._random.uniform(1.0, _MORE)
        return min(max(floor, delay(attempts, self._random)), _LONGEST)

    def after(self, error: NotDone, now: Reading) -> float:
        """Leave the server alone after a trouble of its own, ever longer; return for how long."""
        seconds = self.wait_after(error, self._troubles)
        self._troubles += 1
        self._until = now.boot + round(seconds * SECOND)
        self._asked = isinstance(error, RetryLater) and error.after_s > 0
        self._noted = True
        self._outbox.remember_pause(now.wall + round(seconds * SECOND), error.title, asked=self._asked)
        return seconds

    def spread(self, now: Reading, within_s: float) -> None:
        """Wait for a random moment of so many seconds."""
        moment = now.boot + round(self._random.uniform(0.0, within_s) * SECOND)
        self._until = max(self._until, moment)

    def cut_short(self) -> None:
        """Begin anew, but for what the server asked for: the way to it may be another now."""
        if not self._asked:
            self.end()

    def end(self) -> None:
        """Begin anew: the server answered, or the freelancer wants it."""
        self._troubles = self._until = 0
        self._asked = False
        if self._noted:
            self._outbox.end_pause()
            self._noted = False
