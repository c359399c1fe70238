"""Choosing what to work on: before starting, and to switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tracker.ui import status as say
from tracker.ui.actions import plain
from tracker.ui.buttons import button
from tracker.ui.contract_list import ContractList
from tracker.ui.labels import label
from tracker.ui.memo import MemoField

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.model.contract import Contract
    from tracker.ui.desk import Desk
    from tracker.ui.theme import Theme


class Choice(QWidget):
    """The contracts, a memo, and one button that starts or switches."""

    chosen = Signal(str, str)  # contract, memo
    adding = Signal()
    cancelled = Signal()

    def __init__(self, desk: Desk, theme: Theme) -> None:
        super().__init__()
        self._desk = desk
        self._contracts: Sequence[Contract] = ()
        self.running: str | None = None  # what is switched from
        self._list = ContractList(theme)
        self.memo = MemoField()
        self._go, self._back = (
            button("Start", "primary", icon=("play", theme.on_accent)),
            button("Back", "quiet"),
        )
        self._new = button("New contract", "quiet", icon=("plus", theme.accent))
        self._list.selected.connect(self._select)
        self._list.activated.connect(lambda _contract: self._choose())
        self.memo.entered.connect(self._choose)
        self._go.clicked.connect(self._choose)
        self._back.clicked.connect(self.cancelled)
        self._new.clicked.connect(self.adding)
        self._lay_out()

    def begin(self, *, running: str | None) -> None:
        """Choose what to start, or what to switch to from the contract that runs."""
        self.running = running
        self._back.setVisible(running is not None)
        self._list.choose(next((one.id for one in self._contracts if one.id != running), None))
        self._select(self._list.current)

    def show_contracts(self, contracts: Sequence[Contract]) -> None:
        """Offer these contracts."""
        self._contracts = contracts
        self._list.show_contracts(contracts)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(label("Work for", "heading"))
        head.addStretch()
        head.addWidget(self._new)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self._list)
        column.addSpacing(6)
        column.addWidget(label("Memo", "heading"))
        column.addWidget(self.memo)
        column.addStretch()
        column.addSpacing(6)
        column.addWidget(self._go)
        column.addWidget(self._back, alignment=Qt.AlignmentFlag.AlignHCenter)

    def _select(self, contract: str | None) -> None:
        if contract is None:
            return
        verb = "Switch to" if self.running else "Start"
        self._go.setText(f"{verb} {plain(say.names(self._contracts).get(contract, ''))}")
        self.memo.offer(self._desk.recent_memos(contract), say.policy_of(contract, self._contracts))

    def _choose(self) -> None:
        contract = self._list.current
        if contract is not None:
            self.chosen.emit(contract, self.memo.memo)
