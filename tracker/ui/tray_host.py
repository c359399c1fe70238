"""Whether the desktop shows tray icons, and when that changes."""

from __future__ import annotations

import sys

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

WATCHER = "org.kde.StatusNotifierWatcher"
_POLL = 5_000  # ms, only while there is no tray: an XEmbed tray that starts later tells nobody


class TrayHost(QObject):
    """Tells each arrival and departure of a host; an icon made before an arrival would never be shown."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._poll = QTimer(self, interval=_POLL, timerType=Qt.TimerType.VeryCoarseTimer)
        self._poll.timeout.connect(self.look)
        self._known = self.available
        if sys.platform == "linux":
            self._watch_bus()
        self._pace()

    @property
    def available(self) -> bool:
        """Whether an icon made now would be shown."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def look(self) -> None:
        """Look again, and tell what changed."""
        if self.available != self._known:
            self._tell()

    def guard(self) -> None:
        """Notice when the XEmbed tray that holds our icon goes: Qt only hides the icon's window then."""
        for widget in QApplication.topLevelWidgets():
            if widget.inherits("QSystemTrayIconSys"):
                widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        """Look again once the window is gone; the event goes on its way."""
        if event.type() == QEvent.Type.Hide:
            QTimer.singleShot(0, self.look)
        return super().eventFilter(watched, event)

    def _tell(self) -> None:
        self._known = self.available
        self._pace()
        self.changed.emit()

    def _pace(self) -> None:
        if self._known:
            self._poll.stop()
        else:
            self._poll.start()

    def _watch_bus(self) -> None:
        # here, because only Linux has it and it costs memory elsewhere
        from PySide6.QtDBus import QDBusConnection, QDBusServiceWatcher  # noqa: PLC0415  # as said

        mode = QDBusServiceWatcher.WatchModeFlag.WatchForOwnerChange
        self._watcher = QDBusServiceWatcher(WATCHER, QDBusConnection.sessionBus(), mode, self)
        self._watcher.serviceOwnerChanged.connect(self._tell)
