"""Counts keys, clicks and wheel steps of an X display, whichever window has them.

The server's RECORD extension reports keys and buttons, whoever grabs them; motion, up to 8,000 events a
second, is not asked for. It reports XInput's events, which name the device: two keyboards may hold one key.
"""

from __future__ import annotations

import struct
import threading
from contextlib import ExitStack, closing, suppress
from typing import TYPE_CHECKING

from Xlib.display import Display
from Xlib.error import ConnectionClosedError, DisplayError, XError
from Xlib.ext import record, xinput

from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket as Socket  # noqa: N812  # a type

    from tracker.capture.tally import Tally

_NO = (0, 0)
_NEITHER = (0, 0, 0, 0)
_KEY_PRESS, _KEY_RELEASE, _BUTTON_PRESS, _BUTTON_RELEASE = range(1, 5)  # counted from XInput's first event
_WHEEL = range(4, 8)  # X takes a wheel's notches, up, down, left and right, for buttons
_EVENT = 32  # bytes; the last one names the device
_LOW = 0x7F  # what counts of the first and of the last byte; the bits above are flags
_SOME = 0  # no device has this number
_REPLY = 1  # the kind of what the server answers, and reports
_ENABLE, _ENABLES = struct.Struct("=BBHL"), 5  # RECORD's request for reports
_LENGTH = struct.Struct("=L")  # of what follows an answer's first 32 bytes, in words
_ROOM = 1 << 16  # bytes; a report has some hundreds
_PATIENCE = 5.0  # seconds a server may take to answer
_FAULTS = (DisplayError, ConnectionClosedError, XError, OSError)

_Key = tuple[int, int]  # its device, or _SOME where it was down before, and its code


class X11Input:
    """Counts what is typed and clicked on one display; a held key counts once."""

    name = "x11-record"

    def __init__(self, display: str) -> None:
        self._display = display
        self._hook: _Hook | None = None

    def start(self, tally: Tally, lost: Callable[[str], None]) -> None:
        """Begin to count; from when this returns, every event is counted."""
        try:
            self._hook = _Hook(self._display, tally, lost)
        except _FAULTS as error:
            raise CaptureUnavailable(
                f"The display {self._display} cannot be read: {error}",
                advice="Start Hourproof inside the desktop session, and see that DISPLAY names its display.",
            ) from error

    def poll(self) -> None:
        """Look whether the pointer has moved."""
        if self._hook:
            self._hook.look()

    def stop(self) -> None:
        """Count what has been reported, then nothing more."""
        if self._hook:
            self._hook.end()
            self._hook = None


class _Hook:
    """Two connections, as RECORD wants it: on one the server reports, for ever; on the other it is asked."""

    def __init__(self, display: str, tally: Tally, lost: Callable[[str], None]) -> None:
        self._tally = tally
        self._lost = lost
        self._name = display
        self._down: set[_Key] = set()  # the keys held now, the only thing ever known of a key
        self._doubted: set[_Key] = set()  # those of which the server did not know when it was last asked
        self._counting = threading.Event()
        self._ending = False
        with ExitStack() as links:
            self._reported = links.enter_context(closing(Display(display)))
            self._asked = links.enter_context(closing(Display(display)))
            known = self._asked.query_extension(xinput.extname)
            if known is None or not self._reported.has_extension(record.extname):
                raise CaptureUnavailable(
                    f"The display {display} does not report input.",
                    advice="Its X server has no RECORD extension: switch it on, or track without counts.",
                )
            self._first, self._sums = known.first_event, _sums(self._asked)
            self._context = record.create_context(
                self._reported,
                0,
                [record.AllClients],
                [self._wanted()],  # type: ignore[list-item]  # the stub has forgotten the minor codes
            )
            self._reported.sync()
            self._place = self._pointer()
            self._down.update((_SOME, code) for code in self._held())
            self._links = links.pop_all()
        self._thread = threading.Thread(target=self._run, name="x11-record", daemon=True)
        self._thread.start()
        if not self._counting.wait(_PATIENCE):
            self.end()
            raise CaptureUnavailable(f"The display {display} does not answer.")

    def look(self) -> None:
        """Compare the pointer's place with the last one, and the keys with those the server holds down."""
        with suppress(ConnectionClosedError):  # which the hook's thread tells
            place = self._pointer()
            if place != self._place:
                self._place = place
                self._tally.move()
            if self._down:
                self._doubt()

    def end(self) -> None:
        """Let the server report what it has, and hang up."""
        self._ending = True
        with suppress(ConnectionClosedError):
            record.disable_context(self._asked, self._context)
            self._asked.flush()
        self._thread.join(_PATIENCE)
        with suppress(ConnectionClosedError):
            self._links.close()

    def _pointer(self) -> tuple[int, int]:
        pointer = self._asked.screen().root.query_pointer()
        return pointer.root_x, pointer.root_y

    def _wanted(self) -> tuple[object, ...]:
        """Return what the server shall report."""
        kinds = (self._first + _KEY_PRESS, self._first + _BUTTON_RELEASE)
        return (_NO, _NO, _NEITHER, _NEITHER, _NO, kinds, _NO, False, False)

    def _held(self) -> set[int]:
        """Return the codes of the keys that are down, as the server sees it."""
        return {
            8 * at + bit
            for at, byte in enumerate(self._asked.query_keymap())
            for bit in range(8)
            if byte >> bit & 1
        }

    def _doubt(self) -> None:
        """Forget keys that twice were up, and not heard of in between: their release was not reported."""
        held = self._held()
        gone = {key for key in set(self._down) if key[1] not in held}
        self._down -= gone & self._doubted
        self._doubted = gone

    def _run(self) -> None:
        """Read the server's reports until they are disabled or the display is gone."""
        with suppress(*_FAULTS):
            self._listen(self._reported.display.socket)
        if not self._ending:
            self._lost(f"The display {self._name} is gone.")

    def _listen(self, socket: Socket) -> None:
        """Switch the reports on and hear them; Xlib, which could do so, keeps the last ones in memory."""
        opcode = self._reported.display.get_extension_major(record.extname)
        socket.setblocking(True)  # noqa: FBT003  # there is one thing to say
        socket.sendall(_ENABLE.pack(opcode, _ENABLES, _ENABLE.size // 4, self._context))
        heard, filled, over = bytearray(_ROOM), 0, False
        with memoryview(heard) as view:
            while not over and (got := socket.recv_into(view[filled:])):
                at, filled = 0, filled + got
                while not over and filled - at >= _EVENT:
                    end = (
                        at + _EVENT + (4 * _LENGTH.unpack_from(view, at + 4)[0] if view[at] == _REPLY else 0)
                    )
                    if end > filled:
                        break
                    over = self._hear(view[at:end])
                    at = end
                view[: filled - at] = view[at:filled]
                view[filled - at : filled] = bytes(at)  # nothing of a key stays
                filled -= at

    def _hear(self, report: memoryview) -> bool:
        """Count what is in a report; say whether it was the last one."""
        if report[0] != _REPLY:  # an event of the connection's own
            return False
        if report[1] == record.StartOfData:
            self._counting.set()
        elif report[1] == record.FromServer:
            for at in range(_EVENT, len(report), _EVENT):
                device = report[at + _EVENT - 1] & _LOW
                if device not in self._sums:
                    self._count((report[at] & _LOW) - self._first, (device, report[at + 1]))
        return bool(report[1] == record.EndOfData)

    def _count(self, kind: int, key: _Key) -> None:
        if kind == _BUTTON_PRESS:
            (self._tally.scroll if key[1] in _WHEEL else self._tally.click)()
        elif kind == _KEY_PRESS:  # or its repetition: the server repeats a held key without releases
            self._doubted.discard(key)
            if self._down.isdisjoint({key, (_SOME, key[1])}):
                self._down.add(key)
                self._tally.key()
        elif kind == _KEY_RELEASE:
            self._down -= {key, (_SOME, key[1])}
            self._doubted -= {key}


def _sums(display: Display) -> set[int]:
    """Return the devices that are none: each repeats what all pointers or all keyboards of a user do."""
    try:
        display.xinput_query_version()
        found = display.xinput_query_device(xinput.AllMasterDevices).devices
    except _FAULTS:
        raise
    except Exception:  # noqa: BLE001  # there may be devices whose description Xlib cannot read
        return {2, 3}  # which every server begins with
    return {device.deviceid for device in found}
