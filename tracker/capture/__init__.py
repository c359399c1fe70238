"""Station 1: what hands do, as counts, and what the screen shows, as pictures."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.capture.base import IdleTime, InputSource, Screen

_SOURCES = ("x11", "pynput")


def choose_input(environ: Mapping[str, str] = os.environ) -> InputSource:
    """Return what counts input on this desktop; raises CaptureUnavailable where nothing can."""
    forced = environ.get("HOURPROOF_INPUT", "")
    if forced and forced not in _SOURCES:
        raise CaptureUnavailable(
            f"HOURPROOF_INPUT is {forced!r}, which no input source is called.",
            advice=f"Set it to one of {', '.join(_SOURCES)}, or not at all.",
        )
    if forced == "pynput":
        from tracker.capture.pynput import PynputInput  # noqa: PLC0415  # asks for a display when imported

        if sys.platform == "darwin":
            from tracker.capture import permissions  # noqa: PLC0415  # only macOS has such

            permissions.require(*permissions.FOR_PYNPUT)
        return PynputInput()
    if not forced and sys.platform == "darwin":
        from tracker.capture.quartz import QuartzInput  # noqa: PLC0415  # only where there is Quartz

        return QuartzInput()
    if not forced and sys.platform == "win32":
        from tracker.capture.win32 import Win32Input  # noqa: PLC0415  # as above

        return Win32Input()
    from tracker.capture.x11 import X11Input  # noqa: PLC0415  # Xlib is loaded when tracking begins

    return X11Input(_x_display(environ, whatever_session=bool(forced)))


def choose_screen(environ: Mapping[str, str] = os.environ) -> Screen:
    """Return what takes this desktop's screen; raises CaptureUnavailable where nothing can."""
    from tracker.capture.screen import MssScreen  # noqa: PLC0415  # mss is loaded for the first shot

    if sys.platform == "darwin":
        from tracker.capture import permissions  # noqa: PLC0415  # only macOS has such

        permissions.require(permissions.SCREEN)
    return MssScreen(None if sys.platform in {"win32", "darwin"} else _x_display(environ))


def choose_idle(environ: Mapping[str, str] = os.environ) -> IdleTime | None:
    """Return what knows when the last input was without counting any, None where nothing does."""
    if sys.platform == "darwin":
        from tracker.capture.quartz import QuartzIdle  # noqa: PLC0415  # as for input

        return QuartzIdle()
    elif sys.platform == "win32":  # noqa: RET505  # mypy checks one platform at a time
        from tracker.capture.win32 import Win32Idle  # noqa: PLC0415  # as above

        return Win32Idle()
    else:
        try:
            display = _x_display(environ)
        except CaptureUnavailable:
            return None
        from tracker.capture.idle import X11Idle  # noqa: PLC0415  # as for input

        return X11Idle(display)


def _x_display(environ: Mapping[str, str], *, whatever_session: bool = False) -> str:
    """Return the X display to read.

    The kind of session decides first: Wayland has such a display, too, but it shows black and tells nothing.
    """
    wayland = environ.get("XDG_SESSION_TYPE") == "wayland" or environ.get("WAYLAND_DISPLAY")
    if wayland and not whatever_session:
        raise CaptureUnavailable(
            "A Wayland session does not let input and screen be read yet.",
            advice="Log out and choose an X11 (Xorg) session. Time is tracked here, too, but without counts.",
        )
    if not environ.get("DISPLAY"):
        raise CaptureUnavailable(
            "There is no display to read input and screen from.",
            advice="Start Hourproof inside the desktop session, where DISPLAY is set.",
        )
    return environ["DISPLAY"]
