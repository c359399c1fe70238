"""What NetworkManager tells: that the network is there again, or another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtDBus import QDBusServiceWatcher

from tracker.desktop.bus import PROPERTIES
from tracker.desktop.listener import Listener, slot

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QObject

_MANAGER = "org.freedesktop.NetworkManager"
_ROOT = "/org/freedesktop/NetworkManager"
_NOTHING = "/"  # in the place of a connection's path


class Network(Listener):
    """Calls `returned` in this thread as NetworkManager finds more of the network, or another way to it."""

    def __init__(self, returned: Callable[[], object], parent: QObject | None = None) -> None:
        super().__init__(_MANAGER, parent)
        self._returned = returned
        self._reach: int | None = None  # 0 unknown, 1 none, 2 a page to log in, 3 limited, 4 full
        self._way: str | None = None
        if self._bus.isConnected():
            self._watcher = QDBusServiceWatcher(
                _MANAGER, self._bus, QDBusServiceWatcher.WatchModeFlag.WatchForRegistration, self
            )
            self._watcher.serviceRegistered.connect(self._look)
            self._bus.connect(_MANAGER, _ROOT, PROPERTIES, "PropertiesChanged", self, slot("_look()"))
            self._look()

    @Slot()
    def _look(self) -> None:
        # asked for one by one: Qt's Python gives no value of a dictionary of them
        if not self._closed:
            self._ask(_ROOT, PROPERTIES, "Get", _MANAGER, "Connectivity", then=self._reaches)
            self._ask(_ROOT, PROPERTIES, "Get", _MANAGER, "PrimaryConnection", then=self._goes)

    def _reaches(self, reach: int) -> None:
        before, self._reach = self._reach, reach
        if before is not None and reach > before:
            self._returned()

    def _goes(self, way: object) -> None:
        path = way if isinstance(way, str) else way.path()  # type: ignore[attr-defined]  # a QDBusObjectPath
        before, self._way = self._way, path
        if before not in {None, path} and path != _NOTHING:
            self._returned()
