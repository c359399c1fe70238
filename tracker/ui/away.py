"""The away question: how long, when, and the answers; nothing is chosen for the freelancer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFontMetrics
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
)

from tracker.ui import away_texts
from tracker.ui import status as say
from tracker.ui.actions import plain
from tracker.ui.answer_card import AnswerCard
from tracker.ui.away_strip import AwayStrip
from tracker.ui.banner import Banner
from tracker.ui.buttons import button
from tracker.ui.focus import FocusRing
from tracker.ui.icons import swatch
from tracker.ui.labels import Wrapped, font, label
from tracker.ui.theme import stylesheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent

    from tracker.errors import TrackerError
    from tracker.model.contract import Contract
    from tracker.status import Question
    from tracker.ui.away_texts import Answer
    from tracker.ui.stretch import Stretch
    from tracker.ui.theme import Theme

_WIDTH = 460  # with text of the usual size; larger text makes it wider
_EMS = 32.8
_MARGIN = 20
_SPACING, _PADDING = 8, 16  # between buttons, and within one
_FROM_EDGE = 24  # where it comes by itself: bottom right, as notices do
_NAME_WIDTH = 130  # of the contract to move to, on its card
_TITLES: dict[Answer, str] = {
    "keep": "Work away from the computer: keep it",
    "discard": "A break: discard it",
    "move": "Other work: move it",
}


class AwayDialog(QDialog):
    """Asks about one question at a time; closing it any way but by an answer keeps the question open."""

    answered = Signal(str, str, str)  # a question's id, the answer, the contract to move to

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._question: Question | None = None
        self._offered: tuple[Contract, ...] = ()
        self._names: dict[str, str] = {}
        self.setObjectName("away")
        self.setWindowTitle("Away")
        self.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint)
        self.setStyleSheet(stylesheet(theme))
        self._count = label(role="meta")
        self._title, self._lead = Wrapped(role="title"), Wrapped(role="second")
        self._strip, self._error = AwayStrip(theme), Banner(theme)
        self._contract = QComboBox()
        self._contract.setProperty("kind", "quiet")
        self._contract.setAccessibleName("Contract to move it to")
        self._contract.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._contract.activated.connect(self._aim)
        self._cards: dict[Answer, AnswerCard] = {
            answer: AnswerCard(theme, title, self._contract if answer == "move" else None)
            for answer, title in _TITLES.items()
        }
        self._group = QButtonGroup(self)
        for card in self._cards.values():
            self._group.addButton(card)
            card.toggled.connect(self._name_button)
        self._once = label("You answer once.", "meta")
        self._later, self._go = button("Later", "plain"), button("", "primary", small=True)
        self._later.clicked.connect(self.reject)
        self._go.clicked.connect(self._answer)
        self._error.closed.connect(self._forget_error)
        self._lay_out()
        self._ring = FocusRing(self, theme.accent)

    @property
    def question(self) -> Question | None:
        """What is asked."""
        return self._question

    def ask(
        self, question: Question, stretch: Stretch, contracts: Sequence[Contract], now: int, place: str
    ) -> None:
        """Ask this question; the same one again keeps what was chosen. `place` is `1 of 3`, or empty."""
        another = self._question is None or self._question.id != question.id
        self._question = question
        said = away_texts.asked(question, contracts, now)
        self._title.say(said.title)
        self._lead.say(said.text)
        self._count.setText(place)
        self._count.setVisible(bool(place))
        grows = question.end is None
        self._strip.show_stretch(stretch, say.colours(contracts).get(question.contract, 0), grows=grows)
        self._offer(question, contracts)
        name = away_texts.name_of(question, contracts)
        for answer, card in self._cards.items():
            card.mean(away_texts.consequence(answer, question, name))
        if another:
            self._clear()
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, f"{said.title}. {said.text}"))
        self._name_button()
        self._fit()

    def refuse(self, error: TrackerError) -> None:
        """Say why an answer could not be carried out; it can be given again."""
        self._error.show_notice(say.Notice(error.title, error.advice, "no"), can_close=True)
        self._name_button()
        self._fit()

    def come(self) -> None:
        """Be seen, in front: the freelancer asked for it."""
        self.show()
        self.raise_()
        self.activateWindow()

    def appear(self) -> None:
        """Be seen, in the corner, without taking the keyboard from what is being done."""
        room = self.screen().availableGeometry()
        self.move(
            room.right() - self.width() - _FROM_EDGE, max(room.top(), room.bottom() - self.height() - 40)
        )
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.show()
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, on=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        """Press what has the keyboard with Enter; from a card, answer with it, but never destroy."""
        if event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            super().keyPressEvent(event)
            return
        focused = QApplication.focusWidget()
        if isinstance(focused, QPushButton):
            focused.click()
        elif self._chosen in {"keep", "move"}:
            self._go.click()

    @property
    def _chosen(self) -> Answer | None:
        return next((answer for answer, card in self._cards.items() if card.isChecked()), None)

    def _clear(self) -> None:
        """Choose nothing: an exclusive group would keep one chosen for ever."""
        self._group.setExclusive(False)
        for card in self._cards.values():
            card.setChecked(False)
        self._group.setExclusive(True)
        self._forget_error()
        self._cards["keep"].setFocus()

    def _offer(self, question: Question, contracts: Sequence[Contract]) -> None:
        """List the contracts to move to, unless they are listed already."""
        others = tuple(away_texts.others(question, contracts))
        self._cards["move"].setVisible(bool(others))
        if others == self._offered:
            return
        self._offered = others
        self._names, colours = say.names(contracts), say.colours(contracts)
        self._contract.clear()
        self._contract.setFont(font("note"))
        for one in others:
            colour = swatch(self._theme.contract(colours[one.id]), self._theme.surface)
            short = _cut(self._contract.fontMetrics(), self._names[one.id], _NAME_WIDTH * self._scale)
            self._contract.addItem(colour, short, one.id)
            self._contract.setItemData(
                self._contract.count() - 1, self._names[one.id], Qt.ItemDataRole.AccessibleTextRole
            )

    def _aim(self) -> None:
        self._cards["move"].setChecked(True)
        self._name_button()

    def _name_button(self) -> None:
        """Name what the button does, and let it be pressed once an answer is chosen."""
        question, chosen = self._question, self._chosen
        if question is None:
            return
        self._go.setEnabled(chosen is not None)
        kind = "danger" if chosen == "discard" else "primary"
        if self._go.property("kind") != kind:
            self._go.setProperty("kind", kind)
            self._go.style().unpolish(self._go)
            self._go.style().polish(self._go)
        self._go.setText(plain(self._named(question, chosen)))

    def _named(self, question: Question, chosen: Answer | None) -> str:
        """Return the button's text, a name in it as long as there is room for it."""
        if chosen is None:
            self._once.show()
            return "Choose an answer"
        metrics = self._go.fontMetrics()
        room = self._width - 2 * (_MARGIN + _PADDING + _SPACING) - self._later.sizeHint().width()
        name = self._names.get(self._contract.currentData() or "", "")
        whole = away_texts.answering(chosen, question, name)
        once = self._once.sizeHint().width() + _SPACING
        self._once.setVisible(metrics.horizontalAdvance(whole) + once <= room)  # a name goes before it
        spare = room - metrics.horizontalAdvance(away_texts.answering(chosen, question))
        return away_texts.answering(chosen, question, _cut(metrics, name, spare))

    def _forget_error(self) -> None:
        self._error.show_notice(None, can_close=True)
        self._fit()

    def _answer(self) -> None:
        if self._question is not None and self._chosen is not None:
            self._go.setEnabled(False)  # until the tracker has told what came of it
            target = self._contract.currentData() if self._chosen == "move" else ""
            self.answered.emit(self._question.id, self._chosen, target)

    @property
    def _scale(self) -> float:
        """How much larger than usual this screen's text is."""
        return max(1.0, font("body").pixelSize() * _EMS / _WIDTH)

    @property
    def _width(self) -> int:
        """As wide as the text asks and the screen allows."""
        return min(round(_WIDTH * self._scale), self.screen().availableGeometry().width() - 2 * _FROM_EDGE)

    def _fit(self) -> None:
        """Be as high as the texts take at this width, which they know only once they are laid out in it."""
        for text in self.findChildren(Wrapped):
            text.setMinimumHeight(0)
        layout = self.layout()
        if layout is not None:
            layout.invalidate()
            self.setFixedSize(self._width, layout.totalHeightForWidth(self._width))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        column.setSpacing(8)
        column.addWidget(self._count)
        column.addWidget(self._title)
        column.addSpacing(-4)
        column.addWidget(self._lead)
        column.addSpacing(6)
        column.addWidget(self._strip)
        column.addSpacing(6)
        for card in self._cards.values():
            column.addWidget(card)
        column.addWidget(self._error)
        column.addSpacing(8)
        foot = QHBoxLayout()
        foot.setSpacing(_SPACING)
        foot.addWidget(self._once)
        foot.addStretch()
        foot.addWidget(self._later)
        foot.addWidget(self._go)
        column.addLayout(foot)


def _cut(metrics: QFontMetrics, name: str, room: float) -> str:
    return metrics.elidedText(name, Qt.TextElideMode.ElideRight, round(room))
