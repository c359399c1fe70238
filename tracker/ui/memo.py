"""Saying what is being done: the memo field, and the dialog that changes the running memo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCompleter,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from tracker.model.contract import DEFAULT_POLICY, Policy
from tracker.model.segment import MEMO_MAX
from tracker.ui import status as say
from tracker.ui.buttons import button
from tracker.ui.focus import FocusRing
from tracker.ui.labels import Wrapped, label
from tracker.ui.theme import stylesheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.ui.theme import Theme

_RECENT_IN_VIEW = 5


class MemoField(QWidget):
    """A line for the memo, what it still lacks below, and earlier memos as it is typed."""

    entered = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._policy = DEFAULT_POLICY
        self._line = QLineEdit()
        self._line.setMaxLength(MEMO_MAX)
        self._line.setPlaceholderText("What will you do?")
        self._line.setAccessibleName("Memo")
        self._hint = Wrapped(role="meta")
        self._earlier = QStringListModel(self)
        completer = QCompleter(self._earlier, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self._line.setCompleter(completer)
        self._line.textChanged.connect(self._advise)
        self._line.returnPressed.connect(self.entered)
        self.setFocusProxy(self._line)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._line)
        column.addWidget(self._hint)
        self._advise()

    @property
    def memo(self) -> str:
        """What was typed, without the space around it."""
        return self._line.text().strip()

    def offer(self, memos: Sequence[str], policy: Policy) -> None:
        """Complete from these memos, and advise by these rules."""
        self._policy = policy
        self._earlier.setStringList(list(memos))
        self._advise()

    def fill(self, memo: str) -> None:
        """Put a memo in, selected so that typing replaces it."""
        self._line.setText(memo)
        self._line.selectAll()

    def _advise(self) -> None:
        said = say.memo_advice(self._line.text(), self._policy)
        self._hint.say(said or "This memo is enough.")


class MemoDialog(QDialog):
    """Asks for the memo of what runs; recent memos are one click away."""

    given = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setWindowTitle("Change memo")
        self.setStyleSheet(stylesheet(theme))
        self._ring = FocusRing(self, theme.accent)
        self.setFixedWidth(420)
        self._for = label(role="strong")
        self._field = MemoField()
        self._recent = QListView()
        self._recent.setProperty("kind", "list")
        self._recent.setObjectName("memos")
        self._recent.setAccessibleName("Recent memos")
        self._recent.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._memos = QStringListModel(self)
        self._recent.setModel(self._memos)
        self._recent.clicked.connect(lambda index: self._field.fill(index.data()))
        self._recent.activated.connect(lambda index: self._give(index.data()))
        self._recent_title = label("Recent memos", "heading")
        save, cancel = button("Save memo", "primary", small=True), button("Cancel", "plain")
        save.clicked.connect(lambda: self._give(self._field.memo))
        cancel.clicked.connect(self.reject)
        self._field.entered.connect(lambda: self._give(self._field.memo))
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(cancel)
        buttons.addWidget(save)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        for part in (self._for, self._field, self._recent_title, self._recent):
            column.addWidget(part)
        column.addSpacing(8)
        column.addLayout(buttons)

    def ask(self, name: str, memo: str, recent: Sequence[str], policy: Policy) -> None:
        """Ask for the memo of this contract's running segment."""
        others = [one for one in recent if one != memo]
        self._for.setText(f"What are you doing for {name}?")
        self._field.offer(others, policy)
        self._field.fill(memo)
        self._memos.setStringList(others)
        for part in (self._recent, self._recent_title):
            part.setVisible(bool(others))
        row = self._recent.sizeHintForRow(0) if others else 0
        self._recent.setFixedHeight(row * min(len(others), _RECENT_IN_VIEW) + 2)
        self._field.setFocus()
        self.show()
        self.raise_()
        self.activateWindow()

    def _give(self, memo: str) -> None:
        self.given.emit(memo)
        self.accept()
