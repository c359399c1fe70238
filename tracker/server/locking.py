"""Freezes each week's statements as it locks, and at the start those of all weeks that locked meanwhile."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from tracker.model.slot import HOUR, SECOND
from tracker.model.week import WEEK, lock_of

if TYPE_CHECKING:
    from tracker.clock import Clock
    from tracker.server.weeks import Weeks

log = logging.getLogger(__name__)

_LOOK = HOUR  # at least so often: a machine may sleep over a lock


class Locking:
    """A thread that a running server starts; of several processes one freezes, the others find it done."""

    def __init__(self, weeks: Weeks, clock: Clock) -> None:
        self._weeks = weeks
        self._clock = clock
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin with what is due now."""
        self._thread = threading.Thread(target=self._run, name="locking", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End, once what is under way is done."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def step(self) -> int:
        """Freeze what is due; return in how many milliseconds to look again."""
        now = self._clock.now().wall
        try:
            self._weeks.catch_up(now)
        except Exception as error:  # noqa: BLE001  # a full disk or a lost database: the next look makes up for it
            log.error("statements could not be frozen: %s", type(error).__name__)  # noqa: TRY400  # its text may quote a row
        last = lock_of(now - WEEK)
        return min(_LOOK, (last if last > now else last + WEEK) - now)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._clock.wait(self._stopped, self.step() / SECOND)
