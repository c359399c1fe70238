"""Counts what the kernel tells of keyboards and mice, on any desktop: only for who has opted in.

Who may read these devices reads every key that is pressed. Here a key's code is compared and dropped, and a
key that is held needs no memory: the kernel tells repetitions as such.
"""

from __future__ import annotations

import fcntl
import os
import selectors
import struct
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.capture.tally import Tally

assert sys.platform == "linux"  # noqa: S101  # mypy looks for these devices nowhere else

_FOLDER = Path("/dev/input")
_EVENT = struct.Struct("@llHHi")  # when (s, us), kind, code, value
_KEY, _REL, _ABS = 1, 2, 3
_PRESS = 1  # 0 is a release, 2 a repetition
_MOUSE = range(0x110, 0x118)
_NOT_KEYS = (range(0x100, 0x160), range(0x220, 0x224), range(0x2C0, 0x2E8))  # of mice, pads, games and pens
_NOTCHES = (6, 8)  # sideways, and up and down; finer steps are told beside them, and are the same turn
_MOVES = (0, 1)  # along x and y
_FINGERS = range(0x2F, 0x3E)
_POINTS = (0x110, 0x14A)  # has a button to click with, or can be touched
_CODES = 96  # bytes, a bit for each key and button there may be
_CAN = 2 << 30 | _CODES << 16 | ord("E") << 8 | 0x20 + _KEY  # asks a device for them
_AT_ONCE = 64 * _EVENT.size  # as many as the kernel keeps for a reader


class EvdevInput:
    """Counts on all devices that there are, and that come."""

    name = "evdev"

    def __init__(self, folder: Path = _FOLDER) -> None:
        self._folder = folder
        self._hook: _Hook | None = None

    def start(self, tally: Tally, lost: Callable[[str], None]) -> None:
        """Begin to count; from when this returns, every event is counted."""
        del lost  # without any device it waits for one
        self._hook = _Hook(self._folder, tally)

    def poll(self) -> None:
        """Look for devices that have come."""
        if self._hook:
            self._hook.open_new()

    def stop(self) -> None:
        """Count nothing more."""
        if self._hook:
            self._hook.end()
            self._hook = None


class _Hook:
    """All devices, read by one thread."""

    def __init__(self, folder: Path, tally: Tally) -> None:
        self._folder = folder
        self._tally = tally
        self._refused = 0
        self._devices: dict[str, _Device] = {}
        self._gone, self._end = os.pipe()
        self._waiting = selectors.DefaultSelector()
        self._waiting.register(self._gone, selectors.EVENT_READ)
        self.open_new()
        self._thread = threading.Thread(target=self._run, name="evdev", daemon=True)
        if not self._devices:
            self._close()
            raise _unavailable(folder, refused=self._refused > 0)
        self._thread.start()

    def open_new(self) -> None:
        """Listen to devices that are not known yet."""
        with suppress(OSError):
            for path in self._folder.glob("event*"):
                known = self._devices.get(path.name)
                if known is None or known.closed:
                    self._open(path)

    def end(self) -> None:
        """Count what was told, and hang up."""
        os.close(self._end)
        self._thread.join()
        self._close()

    def _open(self, path: Path) -> None:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            self._refused += isinstance(error, PermissionError)
            return
        device = self._devices[path.name] = _Device(descriptor, self._tally)
        self._waiting.register(descriptor, selectors.EVENT_READ, device)

    def _run(self) -> None:
        going_on = True
        while going_on:
            for key, _ in self._waiting.select():
                if key.data is None:
                    going_on = False
                elif not key.data.read():
                    self._waiting.unregister(key.fd)
                    key.data.close()

    def _close(self) -> None:
        for device in self._devices.values():
            device.close()
        self._waiting.close()
        with suppress(OSError):
            os.close(self._end)
        os.close(self._gone)


class _Device:
    """One device; it is told of the Tally what happens on it, and nothing is kept of that."""

    def __init__(self, descriptor: int, tally: Tally) -> None:
        self.closed = False
        self._descriptor = descriptor
        self._tally = tally
        self._points = _points(descriptor)

    def read(self) -> bool:
        """Count what has happened; say whether the device is still there."""
        try:
            told = os.read(self._descriptor, _AT_ONCE)
        except BlockingIOError:
            return True
        except OSError:  # it was pulled out
            return False
        moved = False
        for _, _, kind, code, value in _EVENT.iter_unpack(told[: len(told) // _EVENT.size * _EVENT.size]):
            if kind == _KEY:
                moved |= self._button(code, value)
            elif kind == _REL:
                moved |= code in _MOVES
                for _ in range(abs(value) if code in _NOTCHES else 0):
                    self._tally.scroll()
            elif kind == _ABS:
                moved |= code in _FINGERS or (self._points and code in _MOVES)
        if moved:
            self._tally.move()
        return bool(told)

    def close(self) -> None:
        """Hang up; again is no fault."""
        if not self.closed:
            self.closed = True
            os.close(self._descriptor)

    def _button(self, code: int, value: int) -> bool:
        """Count a press; say whether it is a touch, which is activity without a count."""
        if value != _PRESS:
            return False
        if code in _MOUSE:
            self._tally.click()
        elif not any(code in other for other in _NOT_KEYS):
            self._tally.key()
        else:
            return self._points
        return False


def _points(descriptor: int) -> bool:
    """Say whether its places are the pointer's: those of a sensor or of a game's stick are nobody's work."""
    can = bytearray(_CODES)
    try:
        fcntl.ioctl(descriptor, _CAN, can)
    except OSError:  # it does not tell
        return True
    return any(can[code // 8] >> code % 8 & 1 for code in _POINTS)


def _unavailable(folder: Path, *, refused: bool) -> CaptureUnavailable:
    if refused:
        return CaptureUnavailable(
            f"The devices in {folder} may not be read.",
            advice="sudo usermod -aG input $USER, then log out and in. Every program of yours can then read "
            "every key; without that: hourproof settings set input desktop",
        )
    return CaptureUnavailable(
        f"There is no input device in {folder}.", advice="hourproof settings set input desktop"
    )
