"""How long ago the last input was, as the desktop itself knows it: nothing is counted, nothing is heard."""

from __future__ import annotations

from contextlib import suppress

from Xlib.display import Display
from Xlib.error import ConnectionClosedError, DisplayError, XError
from Xlib.ext import screensaver

_FAULTS = (DisplayError, ConnectionClosedError, XError, OSError)


class X11Idle:
    """Asks an X server, which keeps this time for its screen saver."""

    def __init__(self, display: str) -> None:
        self._name = display
        self._display: Display | None = None

    def idle_ms(self) -> int | None:
        """Return the milliseconds since the last input, None where the server does not tell."""
        try:
            display = self._display = self._display or Display(self._name)
            if not display.has_extension(screensaver.extname):
                return None
            return int(screensaver.query_info(display.screen().root).idle)
        except _FAULTS:
            self.close()
            return None

    def close(self) -> None:
        """Hang up; the next question connects anew."""
        if self._display is not None:
            with suppress(*_FAULTS):
                self._display.close()
            self._display = None
