"""What logind tells of this session: the computer falls asleep or wakes, the screen is locked or unlocked."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtDBus import QDBusServiceWatcher

from tracker.desktop.bus import LOGIND, LOGIND_ROOT, MANAGER, OWN_SESSION, PROPERTIES, SESSION
from tracker.desktop.listener import Listener, slot

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from PySide6.QtCore import QObject

_INHIBIT = ("sleep", "Hourproof", "Close the segment before the computer sleeps.", "delay")
_LIMIT = 4_000  # ms; logind itself waits five seconds


class Power(Listener):
    """Tells each change of sleep and lock once, in this thread; where there is no logind, nothing.

    `slept(asleep)` returns a future, and the computer waits with its sleep until that is done.
    `locked(locked, sure)` is not sure of a lock that was only asked for: not every screen locker tells when
    it lets go.
    """

    def __init__(
        self,
        slept: Callable[[bool], Future[Any]],
        locked: Callable[[bool, bool], object],
        *,
        limit: int = _LIMIT,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(LOGIND, parent)
        self._slept = slept
        self._locked = locked
        self._asleep = False
        self._locking = False  # by the locker or whoever asked it to
        self._hint = False  # what the locker itself said last
        self._active = True  # this session is in front, no other user's
        self._told = (False, True)
        self._hold = _Hold()
        self._path = ""
        self._limit = QTimer(self, interval=limit, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._limit.timeout.connect(self._hold_no_longer)
        if self._bus.isConnected():
            self._begin()

    def close(self) -> None:
        """Tell nothing more, and let the computer sleep when it wants to."""
        super().close()
        self._limit.stop()
        self._hold.release()

    def _begin(self) -> None:
        self._watcher = QDBusServiceWatcher(
            LOGIND, self._bus, QDBusServiceWatcher.WatchModeFlag.WatchForRegistration, self
        )
        self._watcher.serviceRegistered.connect(self._meet)
        self._bus.connect(LOGIND, LOGIND_ROOT, MANAGER, "PrepareForSleep", self, slot("_sleeps(bool)"))
        self._meet()

    def _meet(self) -> None:
        """Ask everything of a logind that has just come: it knows nothing of what another one promised."""
        if self._closed:
            return
        if self._asleep:  # nobody is left to tell the end of it
            self._sleeps(False)  # noqa: FBT003  # as logind says it
        else:
            self._inhibit()
        named = os.environ.get("XDG_SESSION_ID")
        if named:
            self._find(named, otherwise=self._find_ours)
        else:
            self._find_ours()

    # Sleep

    @Slot(bool)
    def _sleeps(self, asleep: bool) -> None:  # noqa: FBT001  # as logind says it
        if asleep == self._asleep or self._closed:
            return
        self._asleep = asleep
        if asleep:
            self._limit.start()
            self._slept(True).add_done_callback(self._hold.release)  # noqa: FBT003  # there is one thing to say
        else:
            self._limit.stop()
            self._slept(False)  # noqa: FBT003  # as above
            self._inhibit()

    def _inhibit(self) -> None:
        self._ask(LOGIND_ROOT, MANAGER, "Inhibit", *_INHIBIT, then=self._held)

    def _held(self, descriptor: Any) -> None:
        self._hold.release()
        if not self._asleep:  # too late for this sleep: it goes by the next
            self._hold = _Hold(os.dup(descriptor.fileDescriptor()))

    def _hold_no_longer(self) -> None:
        self._hold.release()

    # The session, and its lock

    def _find(self, session: str, otherwise: Callable[[], None]) -> None:
        self._ask(LOGIND_ROOT, MANAGER, "GetSession", session, then=self._follow, otherwise=otherwise)

    def _find_ours(self, names: tuple[str, ...] = OWN_SESSION) -> None:
        """Ask by which name signals will come: they never come by these.

        No session is found for a service outside every one. Then no lock is heard at all, for a screen that
        is locked anywhere on the machine may be another user's.
        """
        if names:
            other = partial(self._find_ours, names[1:])
            found = partial(self._find, otherwise=other)
            self._ask(names[0], PROPERTIES, "Get", SESSION, "Id", then=found, otherwise=other)

    def _follow(self, path: Any) -> None:
        self._hear(off=True)
        self._path = path if isinstance(path, str) else path.path()
        self._hear()
        self._look()

    def _hear(self, *, off: bool = False) -> None:
        if not self._path:
            return
        change = self._bus.disconnect if off else self._bus.connect
        change(LOGIND, self._path, SESSION, "Lock", self, slot("_lock()"))
        change(LOGIND, self._path, SESSION, "Unlock", self, slot("_unlock()"))
        change(LOGIND, self._path, PROPERTIES, "PropertiesChanged", self, slot("_look()"))

    @Slot()
    def _look(self) -> None:
        # asked for one by one: Qt's Python gives no value of a dictionary of them
        self._ask(self._path, PROPERTIES, "Get", SESSION, "LockedHint", then=self._hinted)
        self._ask(self._path, PROPERTIES, "Get", SESSION, "Active", then=self._fronted)

    @Slot()
    def _lock(self) -> None:
        self._locking = True
        self._tell()

    @Slot()
    def _unlock(self) -> None:
        self._locking = False
        self._tell()

    def _hinted(self, locked: bool) -> None:  # noqa: FBT001  # a property's value
        if locked != self._hint:
            self._hint = self._locking = locked
            self._tell()

    def _fronted(self, active: bool) -> None:  # noqa: FBT001  # as above
        self._active = active
        self._tell()

    def _tell(self) -> None:
        locked = self._locking or not self._active
        now = (locked, self._hint or not self._active if locked else True)
        if now != self._told and not self._closed:
            self._told = now
            self._locked(*now)


class _Hold:
    """What keeps logind from letting the computer sleep; any thread may release it, as often as it likes."""

    def __init__(self, *descriptor: int) -> None:
        self._descriptor = list(descriptor)

    def release(self, _done: object = None) -> None:
        with suppress(IndexError):  # taking it out is atomic, so it is closed once
            os.close(self._descriptor.pop())
