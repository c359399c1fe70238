"""A question with two answers, asked without stopping anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout

from tracker.ui.buttons import button
from tracker.ui.focus import FocusRing
from tracker.ui.labels import Wrapped
from tracker.ui.theme import stylesheet

if TYPE_CHECKING:
    from tracker.ui.theme import Theme


class Question(QDialog):
    """Says what would happen; each button says what it does, and the harmless one is the default."""

    def __init__(self, theme: Theme, title: str, text: str, *, yes: str, no: str) -> None:
        super().__init__()
        self.setWindowTitle("Hourproof")
        self.setStyleSheet(stylesheet(theme))
        self._ring = FocusRing(self, theme.accent)
        self.setFixedWidth(420)
        accept, reject = button(yes, "plain"), button(no, "primary", small=True)
        accept.clicked.connect(self.accept)
        reject.clicked.connect(self.reject)
        reject.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(accept)
        buttons.addWidget(reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(Wrapped(title, "strong"))
        column.addWidget(Wrapped(text, "second"))
        column.addSpacing(8)
        column.addLayout(buttons)

    def come(self) -> None:
        """Ask, in front."""
        self.show()
        self.raise_()
        self.activateWindow()
