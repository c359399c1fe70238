"""Counts keys, clicks and wheel steps of an X display, whichever window has them.

The server's RECORD extension reports keys and buttons; motion, up to 8,000 events a second, is not asked for.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack, closing, suppress
from typing import TYPE_CHECKING, Any

from Xlib import X
from Xlib.display import Display
from Xlib.error import ConnectionClosedError, DisplayError, XError
from Xlib.ext import record

from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.capture.tally import Tally

_NO = (0, 0)
_NEITHER = (0, 0, 0, 0)
_KEYS_AND_BUTTONS = (X.KeyPress, X.ButtonRelease)  # the codes 2 to 5; motion is 6
_REPORT = (_NO, _NO, _NEITHER, _NEITHER, _NO, _KEYS_AND_BUTTONS, _NO, False, False)
_WHEEL = range(4, 8)  # X takes a wheel's notches, up, down, left and right, for buttons
_EVENT = 32  # bytes
_KIND = 0x7F  # of an event's first byte; the bit above says whether a client sent it
_PATIENCE = 5.0  # seconds a server may take to answer
_FAULTS = (DisplayError, ConnectionClosedError, XError, OSError)


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
        self._down: set[int] = set()  # codes of the keys held now, the only thing ever known of a key
        self._counting = threading.Event()
        self._ending = False
        with ExitStack() as links:
            self._reported = links.enter_context(closing(Display(display)))
            self._asked = links.enter_context(closing(Display(display)))
            if not self._reported.has_extension(record.extname):
                raise CaptureUnavailable(
                    f"The display {display} does not report input.",
                    advice="Its X server has no RECORD extension: switch it on, or track without counts.",
                )
            self._context = record.create_context(
                self._reported,
                0,
                [record.AllClients],
                [_REPORT],  # type: ignore[list-item]  # the stub has forgotten the extensions' minor codes
            )
            self._reported.sync()
            self._place = self._pointer()
            self._links = links.pop_all()
        self._thread = threading.Thread(target=self._run, name="x11-record", daemon=True)
        self._thread.start()
        if not self._counting.wait(_PATIENCE):
            self.end()
            raise CaptureUnavailable(f"The display {display} does not answer.")

    def look(self) -> None:
        """Compare the pointer's place with the last one."""
        with suppress(ConnectionClosedError):  # which the hook's thread tells
            place = self._pointer()
            if place != self._place:
                self._place = place
                self._tally.move()

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

    def _run(self) -> None:
        """Read the server's reports until they are disabled or the display is gone."""
        with suppress(*_FAULTS):
            record.enable_context(self._reported, self._context, self._heard)
        if not self._ending:
            self._lost(f"The display {self._name} is gone.")

    def _heard(self, report: Any) -> None:
        if report.category == record.StartOfData:
            self._counting.set()
        elif report.category == record.FromServer:
            for at in range(0, len(report.data), _EVENT):
                self._count(report.data[at] & _KIND, report.data[at + 1])

    def _count(self, kind: int, code: int) -> None:
        if kind == X.KeyPress and code not in self._down:  # the server repeats a held key without releases
            self._down.add(code)
            self._tally.key()
        elif kind == X.KeyRelease:
            self._down.discard(code)
        elif kind == X.ButtonPress:
            (self._tally.scroll if code in _WHEEL else self._tally.click)()
