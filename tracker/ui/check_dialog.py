"""The capture check, any day: from the preferences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout

from tracker.ui.buttons import button
from tracker.ui.capture_check import CaptureCheck
from tracker.ui.focus import FocusRing
from tracker.ui.theme import stylesheet

if TYPE_CHECKING:
    from tracker.ui.bridge import Bridge
    from tracker.ui.desk import Desk
    from tracker.ui.theme import Theme

_WIDTH, _HEIGHT = 460, 620  # points


class CheckDialog(QDialog):
    """Shows at once what is recorded and how everything stands; closing it ends the counting."""

    closer = Signal()

    def __init__(self, desk: Desk, bridge: Bridge, theme: Theme) -> None:
        super().__init__()
        self.setWindowTitle("What is recorded here")
        self.setStyleSheet(stylesheet(theme))
        self._ring = FocusRing(self, theme.accent)
        self._check = CaptureCheck(desk, bridge, theme)
        self._check.closer.connect(self.closer)
        again, close = button("Check again", "plain"), button("Close", "primary", small=True)
        again.clicked.connect(self._check.look)
        close.clicked.connect(self.accept)
        close.setDefault(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch()
        buttons.addWidget(again)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self._check, 1)
        column.addLayout(buttons)
        self.resize(_WIDTH, _HEIGHT)

    def ask(self) -> None:
        """Look now, in front."""
        self._check.look()
        self.show()
        self.raise_()
        self.activateWindow()
