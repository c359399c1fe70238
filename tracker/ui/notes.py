"""What waits for a word of the freelancer, as cards above all else in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from tracker.ui import away_texts
from tracker.ui.away_texts import Note
from tracker.ui.labels import Mark, Wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.model.contract import Contract
    from tracker.status import Status
    from tracker.ui.theme import Theme

from tracker.ui.buttons import button


class Notes(QWidget):
    """Open questions first, then the offer to resume, then the call that goes on."""

    answering = Signal()
    resuming = Signal()
    dismissing = Signal()
    ending_call = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        answer, resume, no = button("Answer", "plain"), button("Resume", "plain"), button("No", "plain")
        end = button("End call", "plain")
        answer.clicked.connect(self.answering)
        resume.clicked.connect(self.resuming)
        no.clicked.connect(self.dismissing)
        end.clicked.connect(self.ending_call)
        self._question = _NoteCard(theme, "question", "away", (answer,))
        self._stopped = _NoteCard(theme, "stop", "held", (resume, no))
        self._call = _NoteCard(theme, "clock", "held", (end,))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for card in (self._question, self._stopped, self._call):
            column.addWidget(card)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def refresh(self, status: Status, contracts: Sequence[Contract], now: int) -> None:
        """Show what waits in this state; where nothing does, take no room."""
        call = away_texts.in_call(status)
        shown = (
            (self._question, away_texts.waiting(status, contracts, now)),
            (self._stopped, away_texts.stopped(status, contracts, now)),
            (self._call, Note(call, "That time is kept and marked.") if call else None),
        )
        for card, note in shown:
            card.show_note(note)
        self.setVisible(any(note is not None for _, note in shown))


class _NoteCard(QFrame):
    """A mark, what is so, what it means, and what can be done about it."""

    def __init__(self, theme: Theme, icon: str, tone: str, buttons: Sequence[QPushButton]) -> None:
        super().__init__()
        self.setProperty("kind", "note")
        self.setProperty("tone", tone)
        self._title, self._text = Wrapped(role="heading"), Wrapped(role="note")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._text)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(Mark(icon, theme.tone(tone)[0]), alignment=Qt.AlignmentFlag.AlignVCenter)
        row.addSpacing(2)
        row.addLayout(words, 1)
        for one in buttons:
            row.addWidget(one, alignment=Qt.AlignmentFlag.AlignVCenter)

    def show_note(self, note: Note | None) -> None:
        """Show this, or nothing."""
        self.setVisible(note is not None)
        if note is not None:
            self._title.say(note.title)
            self._text.say(note.text)
            self.setAccessibleName(f"{note.title}. {note.text}")
