"""The first run: what is recorded, then the first contract; it can be left and begun again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from tracker.ui.buttons import button
from tracker.ui.capture_check import CaptureCheck
from tracker.ui.contract_form import ContractForm
from tracker.ui.labels import label

if TYPE_CHECKING:
    from tracker.ui.bridge import Bridge
    from tracker.ui.desk import Desk
    from tracker.ui.theme import Theme


class FirstRun(QWidget):
    """Leads from a home without contracts to the first one, step by step."""

    given = Signal(str, str, str, str, str)  # as the form's
    closer = Signal()

    def __init__(self, desk: Desk, bridge: Bridge, theme: Theme) -> None:
        super().__init__()
        self._place = label("", "meta")
        self.check, self._form = CaptureCheck(desk, bridge, theme), ContractForm(first=True)
        self._steps = QStackedWidget()
        for step in (self.check, self._form):
            self._steps.addWidget(step)
        self._back, self._again = button("Back", "quiet"), button("Check again", "plain")
        self._next = button("Show me", "primary", small=True)
        self._back.clicked.connect(lambda: self._turn_to(0))
        self._again.clicked.connect(self.check.look)
        self._next.clicked.connect(self._go_on)
        self.check.looked.connect(self._looked)
        self.check.closer.connect(self.closer)
        self._form.given.connect(self.given)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._back)
        buttons.addStretch()
        buttons.addWidget(self._again)
        buttons.addWidget(self._next)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._place)
        column.addWidget(self._steps, 1)
        column.addLayout(buttons)
        self._seen = False
        self._turn_to(0)

    def clear(self) -> None:
        """Forget what was typed, once it is a contract, and begin anew if there ever is none again."""
        self._form.clear()
        self._turn_to(0)

    def _looked(self) -> None:
        self._seen = True
        self._turn_to(self._steps.currentIndex())

    def _go_on(self) -> None:
        if self._seen:
            self._turn_to(1)
        else:
            self._next.setEnabled(False)
            self._next.setText("Looking…")
            self.check.look()

    def _turn_to(self, step: int) -> None:
        self._place.setText(f"Step {step + 1} of {self._steps.count()}")
        self._steps.setCurrentIndex(step)
        self._back.setVisible(step > 0)
        self._again.setVisible(step == 0 and self._seen)
        self._next.setVisible(step == 0)
        self._next.setEnabled(True)
        self._next.setText("Continue" if self._seen else "Show me")
        if step:
            self._form.begin()
