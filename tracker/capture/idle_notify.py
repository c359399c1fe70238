"""When the last input was, as a Wayland compositor tells: a second without any is told, and so is its end."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

from tracker.capture.activity import KEPT_AWAKE, WITHOUT, LastInput, instant
from tracker.capture.wayland import GLOBAL_REMOVED, Link, read_uint
from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.capture.wayland import Event

_SILENCE = 1_000  # ms without input after which a compositor tells of it
_LATE = 100  # ms by which its word, or our look, may come late
_IDLE, _RESUMED = 0, 1  # events of a notification
_EXT, _KDE = "ext_idle_notifier_v1", "org_kde_kwin_idle"
_EXT_ANY, _EXT_INPUT, _KDE_ANY = 1, 2, 0  # requests, each by its place in its interface
_INPUT_SINCE = 2  # the version that can look at the input alone


def ext_idle(environ: Mapping[str, str]) -> Notified:
    """Ask for ext-idle-notify-v1, which sway, KWin, Hyprland and others know."""
    return Notified(environ, _EXT)


def kde_idle(environ: Mapping[str, str]) -> Notified:
    """Ask for its forerunner, which KWin before 5.27 and sway before 1.8 know."""
    return Notified(environ, _KDE)


class Notified:
    """Listens to the compositor in a thread of its own, which sleeps while nothing changes."""

    def __init__(self, environ: Mapping[str, str], interface: str) -> None:
        try:
            self._link = Link(environ)
        except (OSError, ValueError) as error:
            raise CaptureUnavailable("The Wayland compositor does not answer.", advice=WITHOUT) from error
        try:
            self._order(interface)
        except (OSError, ValueError) as error:
            self._link.close()
            title = "The Wayland compositor does not tell when the last input was."
            raise CaptureUnavailable(title, advice=WITHOUT) from error
        self._link.listen()
        self._gone = False
        self._told = Told(instant())
        self._thread = threading.Thread(target=self._run, name="idle-notify", daemon=True)
        self._thread.start()

    def look(self) -> LastInput | None:
        """Return when the last input was; raises CaptureUnavailable once the compositor is gone."""
        if self._gone:
            raise CaptureUnavailable("The Wayland compositor is gone.", advice=WITHOUT)
        told, now = self._told, instant()
        return told.last(now)

    def close(self) -> None:
        """Hang up."""
        self._link.hang_up()
        self._thread.join()
        self._link.close()

    def _order(self, interface: str) -> None:
        link = self._link
        idle, seat = link.find(interface), link.find("wl_seat")
        if idle is None or seat is None:
            raise ValueError("not offered")
        self._seat = seat.number
        version = min(idle.version, _INPUT_SINCE)
        manager, place = link.bind(idle, version), link.bind(seat, 1)
        self.limits = KEPT_AWAKE if version < _INPUT_SINCE else ""
        if interface == _KDE:
            self._notification = link.make(manager, _KDE_ANY, after=(place, _SILENCE))
        else:
            which = _EXT_ANY if version < _INPUT_SINCE else _EXT_INPUT
            self._notification = link.make(manager, which, after=(_SILENCE, place))
        link.settle()  # a compositor that refuses does so now

    def _run(self) -> None:
        """Note what is told until the compositor has no more to tell."""
        try:
            while not self._ends(self._link.receive()):
                pass
        except (OSError, ValueError):
            pass  # it crashed, or this end has hung up
        self._gone = True

    def _ends(self, event: Event) -> bool:
        """Take over an event; say whether there can be no other."""
        if event[:2] == (self._link.registry, GLOBAL_REMOVED):
            return read_uint(event.body)[0] == self._seat
        if event.whose == self._notification:
            self._told = self._told.then(event.which, instant())
        return False


class Told(NamedTuple):
    """What was told since an instant: since when there is silence, or from when on there is none again."""

    since: int
    idle: int | None = None
    resumed: int | None = None

    def then(self, which: int, at: int) -> Told:
        """Take over what is told at an instant."""
        if which == _IDLE:
            return self._replace(idle=at)
        return Told(self.since, None, at) if which == _RESUMED else self

    def last(self, now: int) -> LastInput | None:
        """Return when the last input was; None while that was, maybe, before anything was told."""
        known_since = self.since + _SILENCE + _LATE
        if self.idle is not None:
            if self.resumed is None and self.idle < known_since:
                return None
            return LastInput(self.idle - _SILENCE, self.idle - _SILENCE, now)
        if self.resumed is None and now < known_since:
            return None
        return LastInput(max(self.resumed or 0, now - _SILENCE + _LATE), now, now)
