"""Counts input on macOS by the counters the system keeps: nothing is hooked, and no key can be seen.

Source of the names and numbers: Apple's CGEventSource.h and CGEventTypes.h.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.capture.tally import Tally

_SESSION = 0  # kCGEventSourceStateCombinedSessionState: hardware, and remote desktops that stand in for it
_ANY = 0xFFFF_FFFF  # kCGAnyInputEventType
_MASK = 0xFFFF_FFFF  # the counters are 32 bits wide, and begin anew
_KEY_UP = 11  # a held key is pressed again and again, but let go once
_MODIFIERS = 12  # shift and its like change twice for each press
_CLICKS = (1, 3, 25)  # left, right and other buttons down
_SCROLL = 22
_MOTION = (5, 6, 7, 27)  # moved; dragged with the left, right or another button
_KINDS = (_KEY_UP, _MODIFIERS, *_CLICKS, _SCROLL, *_MOTION)


class EventSource(Protocol):
    """What macOS tells of the input of this session."""

    def count(self, kind: int) -> int:
        """Return how many events of a kind there were, modulo 2³²."""
        ...

    def silence_s(self) -> float:
        """Return the seconds since the last input."""
        ...


class QuartzSource:
    """The system's own counters; asking takes no permission."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(ctypes.util.find_library("CoreGraphics"))
        self._library.CGEventSourceCounterForEventType.argtypes = (ctypes.c_int32, ctypes.c_uint32)
        self._library.CGEventSourceCounterForEventType.restype = ctypes.c_uint32
        self._library.CGEventSourceSecondsSinceLastEventType.argtypes = (ctypes.c_int32, ctypes.c_uint32)
        self._library.CGEventSourceSecondsSinceLastEventType.restype = ctypes.c_double

    def count(self, kind: int) -> int:
        """Return how many events of a kind there were, modulo 2³²."""
        return int(self._library.CGEventSourceCounterForEventType(_SESSION, kind))

    def silence_s(self) -> float:
        """Return the seconds since the last input."""
        return float(self._library.CGEventSourceSecondsSinceLastEventType(_SESSION, _ANY))


class QuartzInput:
    """Counts what the counters have grown by; a held key counts once, when it is let go."""

    name = "quartz"

    def __init__(self, source: EventSource | None = None) -> None:
        self._source = source or QuartzSource()
        self._tally: Tally | None = None
        self._seen: dict[int, int] = {}
        self._half = 0  # a modifier that is down

    def start(self, tally: Tally, _lost: Callable[[str], None]) -> None:
        """Begin to count from what the counters show now."""
        self._seen, self._half = self._look(), 0
        self._tally = tally

    def poll(self) -> None:
        """Count what came since the last look."""
        if self._tally is None:
            return
        before, self._seen = self._seen, self._look()
        new = {kind: (self._seen[kind] - before[kind]) & _MASK for kind in _KINDS}
        presses, self._half = divmod(self._half + new[_MODIFIERS], 2)
        for _ in range(new[_KEY_UP] + presses):
            self._tally.key()
        for _ in range(sum(new[kind] for kind in _CLICKS)):
            self._tally.click()
        for _ in range(new[_SCROLL]):
            self._tally.scroll()
        if any(new.values()):  # a key that is held is activity, too, before it counts
            self._tally.move()

    def stop(self) -> None:
        """Count what came last, then nothing more."""
        self.poll()
        self._tally = None

    def _look(self) -> dict[int, int]:
        return {kind: self._source.count(kind) for kind in _KINDS}


class QuartzIdle:
    """Knows how long ago the last input was."""

    def __init__(self, source: EventSource | None = None) -> None:
        self._source = source or QuartzSource()

    def idle_ms(self) -> int:
        """Return the milliseconds since the last input."""
        return round(self._source.silence_s() * 1000)

    def close(self) -> None:
        """Nothing is held."""
