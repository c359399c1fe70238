"""Saying beforehand that one is in a call: until when, and that it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from tracker.ui import away_texts
from tracker.ui.icons import line_icon

if TYPE_CHECKING:
    from tracker.status import Status

_LENGTHS = (("15 min", 15), ("30 min", 30), ("1 h", 60), ("2 h", 120))
_ICON = "#808A99"  # as in the menu around it


class CallMenu(QMenu):
    """How long the call will be, from now; while in one, its end too."""

    chosen = Signal(int)  # minutes from now
    ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("In a call until…", parent)
        self.setIcon(line_icon("clock", _ICON))
        self._end = self.addAction("End call")
        self._end.triggered.connect(self.ended)
        for text, minutes in _LENGTHS:
            action = QAction(text, self)
            action.triggered.connect(lambda _checked=False, minutes=minutes: self.chosen.emit(minutes))
            self.addAction(action)

    def refresh(self, status: Status) -> None:
        """Be there while tracking, and name the call that goes on."""
        call = away_texts.in_call(status)
        self.setTitle(call or "In a call until…")
        self._end.setVisible(bool(call))
        self.menuAction().setVisible(status.state == "tracking")
