"""The first run: where the diary is kept, what is recorded, the first contract; it can be left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from tracker.ui.buttons import button
from tracker.ui.capture_check import CaptureCheck
from tracker.ui.contract_form import ContractForm
from tracker.ui.labels import Wrapped, label
from tracker.ui.sign_in import SignInForm

if TYPE_CHECKING:
    from tracker.ui.bridge import Bridge
    from tracker.ui.desk import Desk
    from tracker.ui.theme import Theme

_WHERE, _CHECK, _CONTRACT = range(3)
_HERE = "Nothing leaves it, and there is no account. You can sign in to a server any day."
_THERE = "You and your clients see the same diary. Whoever runs the server has given you its address."


class FirstRun(QWidget):
    """Leads from a home without contracts to the first one, step by step."""

    given = Signal(str, str, str, str, str)  # as the form's
    closer = Signal()
    finished = Signal()

    def __init__(self, desk: Desk, bridge: Bridge, theme: Theme) -> None:
        super().__init__()
        self._desk = desk
        self._seen = False  # what is recorded
        self._place = label("", "meta")
        self._where, self._check = _Where(desk, bridge), CaptureCheck(desk, bridge, theme)
        self._form = ContractForm(first=True)
        self._steps = QStackedWidget()
        for step in (self._where, self._check, self._form):
            self._steps.addWidget(step)
        self._back, self._again = button("Back", "quiet"), button("Check again", "plain")
        self._next = button("", "primary", small=True)
        self._connect()
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
        self._turn_to(_WHERE)

    @property
    def under_way(self) -> bool:
        """Whether somebody has begun it, and is not through."""
        return self._steps.currentIndex() != _WHERE

    def clear(self) -> None:
        """Forget what was typed, once there is a contract."""
        self._form.clear()
        self._turn_to(_WHERE)

    def _connect(self) -> None:
        self._back.clicked.connect(lambda: self._turn_to(self._steps.currentIndex() - 1))
        self._again.clicked.connect(self._check.look)
        self._next.clicked.connect(self._go_on)
        self._where.signed_in.connect(lambda: self._turn_to(_CHECK))
        self._check.looked.connect(self._looked)
        self._check.closer.connect(self.closer)
        self._form.given.connect(self.given)

    def _looked(self) -> None:
        self._seen = True
        self._turn_to(self._steps.currentIndex())

    def _go_on(self) -> None:
        step = self._steps.currentIndex()
        if step == _CHECK and not self._seen:
            self._next.setEnabled(False)
            self._next.setText("Looking…")
            self._check.look()
        elif step == _CHECK and self._desk.contracts():  # the server has some
            self.clear()
            self.finished.emit()
        else:
            self._turn_to(step + 1)

    def _turn_to(self, step: int) -> None:
        self._place.setText(f"Step {step + 1} of {self._steps.count()}")
        self._steps.setCurrentIndex(step)
        self._back.setVisible(step > _WHERE)
        self._again.setVisible(step == _CHECK and self._seen)
        self._next.setVisible(step < _CONTRACT)
        self._next.setEnabled(True)
        look = step == _CHECK and not self._seen
        self._next.setText("Show me" if look else "Continue" if step else "Keep it on this computer")
        if step == _CONTRACT:
            self._form.begin()


class _Where(QWidget):
    """The first step: this computer alone, or a server."""

    signed_in = Signal()

    def __init__(self, desk: Desk, bridge: Bridge) -> None:
        super().__init__()
        form = SignInForm(desk, bridge)
        form.done.connect(self.signed_in)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(Wrapped("Where shall your Work Diary be kept?", "title"))
        column.addWidget(_choice("On this computer", _HERE))
        column.addWidget(_choice("At a server", _THERE, form))
        column.addStretch()


def _choice(title: str, text: str, *more: QWidget) -> QFrame:
    card = QFrame()
    card.setProperty("kind", "card")
    column = QVBoxLayout(card)
    column.setContentsMargins(12, 12, 12, 12)
    column.setSpacing(6)
    for part in (Wrapped(title, "strong"), Wrapped(text, "second"), *more):
        column.addWidget(part)
    return card
