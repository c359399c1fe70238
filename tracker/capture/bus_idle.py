"""When the last input was, as a service on the session's bus answers: Mutter's, or a screen saver's."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

from jeepney import DBusAddress, MessageFlag, MessageType, new_method_call
from jeepney.io.blocking import open_dbus_connection

from tracker.capture.activity import WITHOUT, LastInput, instant
from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MUTTER = DBusAddress(
    "/org/gnome/Mutter/IdleMonitor/Core", "org.gnome.Mutter.IdleMonitor", "org.gnome.Mutter.IdleMonitor"
)
_SAVER = DBusAddress(
    "/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver", "org.freedesktop.ScreenSaver"
)
_PATIENCE = 1.0  # seconds for an answer; it takes half a millisecond
_SILENT = 10  # answers in a row that may stay away, as those of a busy desktop do
_PAUSE = 0.06  # seconds in which an honest answer grows by as much
_TRIES = 8  # for somebody may be typing
_SLACK = 20  # ms


def mutter(environ: Mapping[str, str]) -> Asked:
    """Ask GNOME's compositor."""
    return _proven(Asked(environ, _MUTTER, "GetIdletime"), lambda asked: asked.look() is not None)


def screen_saver(environ: Mapping[str, str]) -> Asked:
    """Ask the screen saver, where its answer grows by a millisecond in each millisecond of silence.

    What it counts is not settled, and some answer in seconds, or 0 for ever: by those everybody is active.
    """
    return _proven(Asked(environ, _SAVER, "GetSessionIdleTime"), _grows)


def _proven(asked: Asked, tells: Callable[[Asked], bool]) -> Asked:
    with ExitStack() as unproven:
        unproven.callback(asked.close)
        if not tells(asked):
            raise CaptureUnavailable("The desktop does not tell when the last input was.", advice=WITHOUT)
        unproven.pop_all()
    return asked


def _grows(asked: Asked) -> bool:
    pause, before = threading.Event(), asked.look()
    for _ in range(_TRIES):
        pause.wait(_PAUSE)
        after = asked.look()
        if before and after and _same(before, after):
            return True
        before = after
    return False


class Asked:
    """A service that answers how many milliseconds ago the last input was."""

    limits = ""

    def __init__(self, environ: Mapping[str, str], address: DBusAddress, member: str) -> None:
        self._question = new_method_call(address, member)
        self._question.header.flags |= MessageFlag.no_auto_start
        self._silent = 0
        try:
            self._link = open_dbus_connection(_bus(environ))
        except (OSError, RuntimeError, ValueError) as error:  # none, or none that lets us in
            title = "There is no desktop bus to ask when the last input was."
            raise CaptureUnavailable(title, advice=WITHOUT) from error

    def look(self) -> LastInput | None:
        """Return when the last input was; raises CaptureUnavailable where nobody answers that any more."""
        before = instant()
        try:
            answer = self._link.send_and_get_reply(self._question, timeout=_PATIENCE)
        except TimeoutError as error:
            self._silent += 1
            if self._silent < _SILENT:
                return None
            title = "The desktop does not tell any more when the last input was."
            raise CaptureUnavailable(title, advice=WITHOUT) from error
        except (OSError, RuntimeError, ValueError) as error:
            raise CaptureUnavailable("The desktop bus is gone.", advice=WITHOUT) from error
        after = instant()
        self._silent = 0
        told = answer.body[0] if answer.body else None
        if answer.header.message_type is not MessageType.method_return or not isinstance(told, int):
            raise CaptureUnavailable("The desktop does not tell when the last input was.", advice=WITHOUT)
        return LastInput(
            before - told - 1, after - told, after
        )  # an answer leaves out parts of a millisecond

    def close(self) -> None:
        """Hang up."""
        self._link.close()


def _same(one: LastInput, other: LastInput) -> bool:
    """Say whether both tell of the same input: then time has passed in between as it was told."""
    return one.earliest - _SLACK <= other.earliest and other.latest <= one.latest + _SLACK


def _bus(environ: Mapping[str, str]) -> str:
    runtime = environ.get("XDG_RUNTIME_DIR", "/nowhere")
    return environ.get("DBUS_SESSION_BUS_ADDRESS") or f"unix:path={runtime}/bus"
