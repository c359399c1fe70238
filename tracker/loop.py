"""A thread that does one unit of work after another, and waits as long as each asks."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tracker.clock import Clock

log = logging.getLogger(__name__)

AFTER_A_FAULT = 5.0  # seconds


class Steps(Protocol):
    """Work that is done in steps."""

    def step(self) -> float:
        """Do one unit, never sleep, and return how many seconds of the clock to wait before the next."""
        ...


class Loop:
    """Runs steps in one thread of its own; a fault in one step is logged and the next follows."""

    def __init__(self, work: Steps, clock: Clock, name: str) -> None:
        self._work = work
        self._clock = clock
        self._nudged = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin with the first step."""
        self._thread.start()

    def nudge(self) -> None:
        """Do the next step now."""
        self._nudged.set()

    def stop(self, timeout: float | None = None) -> bool:
        """Let the step under way finish, do no other, and say whether the thread has ended in time."""
        self._stopping = True
        self._nudged.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping:
            self._nudged.clear()
            try:
                wait = self._work.step()
            except Exception:  # the one place that outlives any fault: tracking must go on
                log.exception("a step of %s failed", self._thread.name)
                wait = AFTER_A_FAULT
            if not self._stopping:
                self._clock.wait(self._nudged, wait)
