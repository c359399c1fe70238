"""Whether there is a screen to show the app on."""

from __future__ import annotations

import os
import sys

from tracker.errors import NoDisplay

_NEED_NONE = {"offscreen", "minimal", "vnc"}  # what Qt can paint on without a display


def require() -> None:
    """Raise NoDisplay where the desktop cannot be reached: Qt would end the process without a word."""
    painted_elsewhere = os.environ.get("QT_QPA_PLATFORM") in _NEED_NONE
    if sys.platform == "linux" and not os.environ.get("WAYLAND_DISPLAY") and not painted_elsewhere:
        _reach(os.environ.get("DISPLAY", ""))


def _reach(name: str) -> None:
    if not name:
        raise NoDisplay("There is no display, so the app cannot be shown and nothing can be tracked.")
    from Xlib import display, error  # noqa: PLC0415  # only where there is X11

    try:
        display.Display(name).close()
    except (error.DisplayError, OSError) as problem:
        raise NoDisplay(f"The display {name} does not answer.") from problem
