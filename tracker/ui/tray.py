"""The tray icon, wherever and whenever a desktop shows one."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from tracker.ui.icons import tray_icon
from tracker.ui.tray_host import TrayHost


class Tray(QObject):
    """Shows state and menu in whatever tray there is; a host that comes later or returns gets a new icon."""

    opened = Signal()  # a click on the icon
    moved = Signal()  # the host came or went

    def __init__(self, menu: QMenu, *, dark: bool) -> None:
        super().__init__()
        self._menu = menu
        self._dark = dark
        self._state = "stopped"
        self._tip = "Hourproof"
        self._icon: QSystemTrayIcon | None = None
        self._host = TrayHost(self)
        self._host.changed.connect(self._renew)
        self._renew()

    @property
    def here(self) -> bool:
        """Whether the freelancer can see the icon."""
        return self._icon is not None

    def dress(self, *, dark: bool) -> None:
        """Follow the system's mode where the panel does."""
        self._dark = dark
        if self._icon is not None:
            self._icon.setIcon(tray_icon(self._state, dark=dark))

    def show_state(self, state: str, tip: str) -> None:
        """Show a state, and say it when pointed at."""
        if self._icon is not None and state != self._state:
            self._icon.setIcon(tray_icon(state, dark=self._dark))
        if self._icon is not None and tip != self._tip:
            self._icon.setToolTip(tip)
        self._state, self._tip = state, tip

    def tell(self, title: str, text: str) -> None:
        """Show a short message beside the icon."""
        if self._icon is not None:
            self._icon.showMessage(title, text, self._icon.icon())

    def close(self) -> None:
        """Take the icon away."""
        self._drop()

    def _renew(self) -> None:
        self._drop()
        if self._host.available:
            self._icon = QSystemTrayIcon(tray_icon(self._state, dark=self._dark), self)
            self._icon.setToolTip(self._tip)
            self._icon.setContextMenu(self._menu)
            self._icon.activated.connect(self._activate)
            self._icon.messageClicked.connect(self.opened)
            self._icon.show()
            self._host.guard()
        self.moved.emit()

    def _drop(self) -> None:
        if self._icon is not None:
            self._icon.hide()
            self._icon.deleteLater()
            self._icon = None

    def _activate(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason == QSystemTrayIcon.ActivationReason.Trigger:
            self.opened.emit()
