"""What is worked on: the contract, and the memo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from tracker.ui.amounts import rate
from tracker.ui.buttons import button, icon_button
from tracker.ui.labels import Elided

if TYPE_CHECKING:
    from tracker.model.contract import Contract
    from tracker.status import Status
    from tracker.ui.theme import Theme


class WorkCard(QFrame):
    """The contract with Switch, and the memo with its pencil."""

    switching = Signal()
    memo = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("kind", "card")
        self._edge = QFrame()
        self._edge.setFixedWidth(3)
        self._edge.setAutoFillBackground(True)
        self._name, self._second, self._memo = Elided("strong"), Elided("meta"), Elided()
        switch = button("Switch", "plain", icon=("switch", theme.ink))
        switch.clicked.connect(self.switching)
        pencil = icon_button("pencil", theme.ink3, "Change memo")
        pencil.clicked.connect(self.memo)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._name)
        words.addWidget(self._second)
        top, bottom = QHBoxLayout(), QHBoxLayout()
        top.setContentsMargins(12, 11, 12, 11)
        top.setSpacing(10)
        top.addWidget(self._edge)
        top.addLayout(words, 1)
        top.addWidget(switch)
        bottom.setContentsMargins(12, 6, 8, 6)
        bottom.addWidget(self._memo, 1)
        bottom.addWidget(pencil)
        rule = QFrame()
        rule.setProperty("kind", "rule")
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 1, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(rule)
        column.addLayout(bottom)

    def refresh(self, status: Status, name: str, contract: Contract | None, place: int) -> None:
        """Show what is worked on."""
        self._name.say(name)
        if contract is not None:
            title = contract.title if name == contract.client else ""
            self._second.say(", ".join(filter(None, (title, rate(contract)))))
        colour = self._theme.contract(place)
        self._edge.setStyleSheet(f"background: {QColor(colour).name()}; border-radius: 1px;")
        self._memo.say(status.memo or "No memo yet")
        self._memo.setAccessibleName(f"Memo: {status.memo or 'none yet'}")
