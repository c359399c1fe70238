"""How long an embedded server stays: a minute after the last request, half an hour after the last page."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tracker.model.slot import MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.clock import Clock

AFTER_A_REQUEST = MINUTE
AFTER_A_PAGE = 30 * MINUTE


class Lifetime:
    """Knows until when the server is wanted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._under_way = 0
        self._until = clock.now().boot + AFTER_A_REQUEST

    def begin(self) -> None:
        """Note that a request is under way: the server stays at least until it is answered."""
        with self._lock:
            self._under_way += 1

    def finish(self, *, welcome: bool, page: bool) -> None:
        """Note that a request was answered; only a welcome one keeps the server."""
        stay = AFTER_A_PAGE if page else AFTER_A_REQUEST
        with self._lock:
            self._under_way -= 1
            if welcome:
                self._until = max(self._until, self._clock.now().boot + stay)

    def left_ms(self) -> int:
        """Return for how long the server is still wanted, 0 if it is not."""
        with self._lock:
            left = self._until - self._clock.now().boot
            return max(left, AFTER_A_REQUEST if self._under_way else 0)

    def watch(self, end: Callable[[], None], stopped: threading.Event) -> None:
        """Wait until nobody wants the server, then end it."""
        while not stopped.is_set():
            left = self.left_ms()
            if left <= 0:
                end()
                return
            self._clock.wait(stopped, left / SECOND)
