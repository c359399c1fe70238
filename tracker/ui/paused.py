"""What is seen while away: what is paused, what happens next, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tracker.ui import away_texts
from tracker.ui import status as say
from tracker.ui.actions import plain
from tracker.ui.buttons import button
from tracker.ui.labels import Wrapped, label
from tracker.ui.work_card import WorkCard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.model.contract import Contract
    from tracker.status import Status
    from tracker.ui.theme import Theme


class Paused(QWidget):
    """The work that is paused, with the memo it goes on with."""

    resuming = Signal()
    stopping = Signal()
    switching = Signal()
    memo = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._work = WorkCard(theme)
        self._title, self._next = Wrapped(role="strong"), Wrapped(role="second")
        self._resume = button("Resume", "primary", icon=("play", theme.on_accent))
        stop = button("Stop", "plain", icon=("stop", theme.ink))
        self._resume.clicked.connect(self.resuming)
        stop.clicked.connect(self.stopping)
        self._work.switching.connect(self.switching)
        self._work.memo.connect(self.memo)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self._next)
        column.addSpacing(8)
        column.addWidget(label("Goes on with", "heading"))
        column.addWidget(self._work)
        column.addStretch()
        column.addSpacing(4)
        column.addWidget(stop)
        column.addWidget(self._resume)

    def refresh(self, status: Status, contracts: Sequence[Contract]) -> None:
        """Show what is paused."""
        contract = next((one for one in contracts if one.id == status.contract), None)
        name = say.running_name(status, contracts)
        said = away_texts.paused(status, contracts)
        self._title.say(said.title)
        self._next.say(said.text)
        self._work.refresh(status, name, contract, say.colours(contracts).get(status.contract or "", 0))
        self._resume.setText(f"Resume {plain(name)}")
