"""The only place that reads the system's time."""

from __future__ import annotations

import ctypes
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import threading

MS_PER_S = 1_000
_NS_PER_MS = 1_000_000
_TRIES = 10


@dataclass(frozen=True, slots=True)
class Reading:
    """The clocks at one moment, in ms: since the Unix epoch (UTC), since boot, and of that awake."""

    wall: int
    boot: int  # sleep is counted
    awake: int  # sleep is not


class Clock(Protocol):
    """Tells the time and waits by it."""

    def now(self) -> Reading:
        """Return all clocks, read together."""
        ...

    def wait(self, nudge: threading.Event, seconds: float) -> bool:
        """Wait until the event is set or so many seconds of this clock passed; say whether it was set."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> Reading:
        """Return the system's clocks, read at one moment: a pause in between would look like sleep."""
        for _ in range(_TRIES):
            before = _awake_ms()
            reading = Reading(wall=time.time_ns() // _NS_PER_MS, boot=_boot_ms(), awake=_awake_ms())
            if reading.awake - before <= 1:
                break
        return reading

    def wait(self, nudge: threading.Event, seconds: float) -> bool:
        """Wait in real seconds."""
        return nudge.wait(max(0.0, seconds))


class ScaledClock:
    """The test mode's clock: begins where it is told and runs `speed` times as fast as its base."""

    def __init__(self, base: Clock, *, speed: int, begin: int | None = None) -> None:
        self._base = base
        self._speed = speed
        self._start = base.now()
        self._begin = self._start.wall if begin is None else begin

    def now(self) -> Reading:
        """Return the scaled clocks; sleep and wall jumps of the base are scaled alike."""
        now = self._base.now()
        return Reading(
            wall=self._begin + (now.wall - self._start.wall) * self._speed,
            boot=self._start.boot + (now.boot - self._start.boot) * self._speed,
            awake=self._start.awake + (now.awake - self._start.awake) * self._speed,
        )

    def wait(self, nudge: threading.Event, seconds: float) -> bool:
        """Wait in scaled seconds."""
        return self._base.wait(nudge, seconds / self._speed)


def follow_zone() -> None:
    """Let local time follow the system's zone where that was changed since the process began."""
    if sys.platform != "win32":
        time.tzset()


def _boot_ms() -> int:
    """Return milliseconds since boot, sleep included: each system's clock for that."""
    if sys.platform == "win32":
        return _interrupt_ms("QueryInterruptTimePrecise")
    elif sys.platform == "darwin":  # noqa: RET505  # Apple's CLOCK_MONOTONIC_RAW goes on during sleep
        return time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW) // _NS_PER_MS
    else:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // _NS_PER_MS


def _awake_ms() -> int:
    """Return milliseconds since boot without sleep: the same clock's twin, so that they drift alike."""
    if sys.platform == "win32":
        return _interrupt_ms("QueryUnbiasedInterruptTimePrecise")
    elif sys.platform == "darwin":  # noqa: RET505  # mypy checks one platform at a time
        return time.clock_gettime_ns(time.CLOCK_UPTIME_RAW) // _NS_PER_MS
    else:
        return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // _NS_PER_MS


if sys.platform == "win32":

    def _interrupt_ms(query: str) -> int:
        ticks = ctypes.c_ulonglong()  # of 100 ns
        getattr(ctypes.WinDLL("api-ms-win-core-realtime-l1-1-1"), query)(ctypes.byref(ticks))
        return ticks.value // 10_000
