"""Station 1: what hands do, as counts, and what the screen shows, as pictures."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tracker.capture.activity import Witness
    from tracker.capture.base import IdleTime, InputSource, Screen, WindowList

_WITNESSES = ("mutter-idle", "ext-idle", "kde-idle", "screensaver-idle")  # in the order they are asked
_SOURCES = ("x11", "pynput", "evdev", *_WITNESSES)
_SCREENS = ("mss", "grim", "portal")
_LINUX = sys.platform == "linux"

BLIND_ADVICE = (
    "To have shots, log out and choose an X11 (Xorg) session. Or let them show everything there is, "
    "passwords and private windows too: hourproof settings set shots_without_rules true"
)


def choose_input(environ: Mapping[str, str] = os.environ, *, wish: str = "desktop") -> InputSource:
    """Return what counts input as the setting `input` wishes; raises CaptureUnavailable where nothing can."""
    forced = environ.get("HOURPROOF_INPUT") or ("" if wish == "desktop" else wish)
    if forced and forced not in _SOURCES:
        raise CaptureUnavailable(
            f"HOURPROOF_INPUT is {forced!r}, which no input source is called.",
            advice=f"Set it to one of {', '.join(_SOURCES)}, or not at all.",
        )
    if forced == "evdev" and sys.platform == "linux":
        from tracker.capture.evdev import EvdevInput  # noqa: PLC0415  # only for who has opted in

        return EvdevInput()
    if forced == "pynput":
        from tracker.capture.pynput import PynputInput  # noqa: PLC0415  # asks for a display when imported

        if sys.platform == "darwin":
            from tracker.capture import permissions  # noqa: PLC0415  # only macOS has such

            permissions.require(*permissions.FOR_PYNPUT)
        return PynputInput()
    if forced in _WITNESSES or (not forced and _LINUX and _is_wayland(environ)):
        from tracker.capture.activity import ActivityInput  # noqa: PLC0415  # only for Wayland

        return ActivityInput(_calls(environ, (forced,) if forced else _WITNESSES))
    if not forced and sys.platform == "darwin":
        from tracker.capture.quartz import QuartzInput  # noqa: PLC0415  # only where there is Quartz

        return QuartzInput()
    if not forced and sys.platform == "win32":
        from tracker.capture.win32 import Win32Input  # noqa: PLC0415  # as above

        return Win32Input()
    from tracker.capture.x11 import X11Input  # noqa: PLC0415  # Xlib is loaded when tracking begins

    return X11Input(_x_display(environ))


def _calls(
    environ: Mapping[str, str], names: tuple[str, ...] = _WITNESSES
) -> dict[str, Callable[[], Witness]]:
    return {name: partial(_witness, name, environ) for name in names}


def _witness(name: str, environ: Mapping[str, str]) -> Witness:
    """Return who knows of the last input; logind, whose hint is minutes late or never given, is not asked."""
    if name in {"ext-idle", "kde-idle"}:
        from tracker.capture import idle_notify  # noqa: PLC0415  # only where there is Wayland

        return (idle_notify.ext_idle if name == "ext-idle" else idle_notify.kde_idle)(environ)
    from tracker.capture import bus_idle  # noqa: PLC0415  # as above

    return (bus_idle.mutter if name == "mutter-idle" else bus_idle.screen_saver)(environ)


def choose_screen(environ: Mapping[str, str] = os.environ) -> Screen:
    """Return what takes this desktop's screen; raises CaptureUnavailable where nothing can."""
    forced = environ.get("HOURPROOF_SCREEN", "")
    if forced and forced not in _SCREENS:
        raise CaptureUnavailable(
            f"HOURPROOF_SCREEN is {forced!r}, which nothing that takes the screen is called.",
            advice=f"Set it to one of {', '.join(_SCREENS)}, or not at all.",
        )
    if sys.platform == "linux" and (forced in {"grim", "portal"} or (not forced and _is_wayland(environ))):
        return _wayland_screen(environ, forced)
    from tracker.capture.screen import MssScreen  # noqa: PLC0415  # mss is loaded for the first shot

    if sys.platform == "darwin":
        from tracker.capture import permissions  # noqa: PLC0415  # only macOS has such

        permissions.require(permissions.SCREEN)
    display = sys.platform == "linux"
    return MssScreen(_x_display(environ) if display else None)


def _wayland_screen(environ: Mapping[str, str], forced: str) -> Screen:
    """Return grim where the compositor lets programs copy its screen, and the desktop's portal elsewhere."""
    from tracker.capture.grim import PROTOCOL, GrimScreen  # noqa: PLC0415  # only where there is Wayland
    from tracker.capture.outputs import layout  # noqa: PLC0415  # as above

    copies = forced == "grim"
    if not forced:
        with suppress(CaptureUnavailable):  # the portal needs no compositor that answers
            copies = PROTOCOL in layout(environ).offers
    if not copies:
        from tracker.capture.portal import PortalScreen  # noqa: PLC0415  # as above

        return PortalScreen(environ)
    program = shutil.which("grim", path=environ.get("PATH"))
    if program is None:
        raise CaptureUnavailable(
            "The program grim, which takes this desktop's screen, is not installed.",
            advice="Install the package grim.",
        )
    return GrimScreen(program, environ)


def _is_wayland(environ: Mapping[str, str]) -> bool:
    """Say what kind of session this is: Wayland may have an X display, too, but that is black and silent."""
    return environ.get("XDG_SESSION_TYPE") == "wayland" or bool(environ.get("WAYLAND_DISPLAY"))


def choose_windows(environ: Mapping[str, str] = os.environ) -> WindowList:
    """Return what knows which windows there are; raises CaptureUnavailable where no program is told."""
    if sys.platform == "win32":
        from tracker.capture.win32_windows import Win32Windows  # noqa: PLC0415  # for the first shot

        return Win32Windows()
    elif sys.platform == "darwin":  # noqa: RET505  # mypy checks one platform at a time
        from tracker.capture.quartz_windows import QuartzWindows  # noqa: PLC0415  # as above

        return QuartzWindows()
    else:
        if _is_wayland(environ):
            if not environ.get("SWAYSOCK"):
                raise CaptureUnavailable(
                    "This desktop tells no program what windows there are.", advice=BLIND_ADVICE
                )
            from tracker.capture.sway_windows import SwayWindows  # noqa: PLC0415  # as above

            return SwayWindows(environ)
        from tracker.capture.x11_windows import X11Windows  # noqa: PLC0415  # as above

        return X11Windows(_x_display(environ))


def choose_idle(environ: Mapping[str, str] = os.environ) -> IdleTime | None:
    """Return what knows when the last input was without counting any, None where nothing does."""
    if sys.platform == "darwin":
        from tracker.capture.quartz import QuartzIdle  # noqa: PLC0415  # as for input

        return QuartzIdle()
    elif sys.platform == "win32":  # noqa: RET505  # mypy checks one platform at a time
        from tracker.capture.win32 import Win32Idle  # noqa: PLC0415  # as above

        return Win32Idle()
    else:
        if _is_wayland(environ):
            from tracker.capture.activity import ActivityIdle  # noqa: PLC0415  # as for input

            return ActivityIdle(_calls(environ))
        try:
            display = _x_display(environ)
        except CaptureUnavailable:
            return None
        from tracker.capture.idle import X11Idle  # noqa: PLC0415  # as for input

        return X11Idle(display)


def _x_display(environ: Mapping[str, str]) -> str:
    """Return the X display to read."""
    if not environ.get("DISPLAY"):
        raise CaptureUnavailable(
            "There is no display to read input and screen from.",
            advice="Start Hourproof inside the desktop session, where DISPLAY is set.",
        )
    return environ["DISPLAY"]
