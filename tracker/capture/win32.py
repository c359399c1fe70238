"""Counts input on Windows by pynput's hooks; whether there was any is known by the system itself.

Windows drops a hook without a word when the machine was too busy for it, and no hook sees what goes to a
program of an administrator: GetLastInputInfo knows of all that, so nobody is taken for away.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

from tracker.capture.pynput import PynputInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.capture.base import InputSource
    from tracker.capture.tally import Tally

_MASK = 0xFFFF_FFFF  # ticks are 32 bits wide, and begin anew after 50 days


class _LastInput(ctypes.Structure):
    """LASTINPUTINFO of winuser.h."""

    _fields_ = (("size", ctypes.c_uint), ("tick", ctypes.c_uint))


def last_input() -> int:
    """Return the tick of the last input of this session, in ms modulo 2³²."""
    told = _LastInput(ctypes.sizeof(_LastInput), 0)
    ctypes.CDLL("user32").GetLastInputInfo(ctypes.byref(told))  # with 64 bits there is one way to call
    return int(told.tick)


def ticks() -> int:
    """Return the tick now, in ms modulo 2³²."""
    return int(ctypes.CDLL("kernel32").GetTickCount()) & _MASK


class Win32Input:
    """Counts by hooks, and takes any input the system knows of for activity."""

    name = "win32"

    def __init__(self, last: Callable[[], int] = last_input, hooks: InputSource | None = None) -> None:
        self._last = last
        self._hooks = hooks or PynputInput()
        self._tally: Tally | None = None
        self._tick = 0

    def start(self, tally: Tally, lost: Callable[[str], None]) -> None:
        """Begin to count; the hooks are in place within a moment."""
        self._tick = self._last()
        self._hooks.start(tally, lost)
        self._tally = tally

    def poll(self) -> None:
        """Look whether there was input since the last look."""
        self._hooks.poll()
        before, self._tick = self._tick, self._last()
        if self._tally and self._tick != before:
            self._tally.move()

    def stop(self) -> None:
        """Count nothing more."""
        self._tally = None
        self._hooks.stop()


class Win32Idle:
    """Knows how long ago the last input was."""

    def __init__(self, last: Callable[[], int] = last_input, now: Callable[[], int] = ticks) -> None:
        self._last = last
        self._now = now

    def idle_ms(self) -> int:
        """Return the milliseconds since the last input."""
        return (self._now() - self._last()) & _MASK

    def close(self) -> None:
        """Nothing is held."""
