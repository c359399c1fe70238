"""One possible answer as a card to choose: what it is, what it means, and whether it is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QRadioButton, QSizePolicy, QVBoxLayout, QWidget

from tracker.ui.actions import plain
from tracker.ui.labels import Wrapped

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from tracker.ui.theme import Theme

_RING = 7.5  # px, half the circle's width
_PADDING = 12


class AnswerCard(QRadioButton):
    """A radio button as wide as the dialog; the whole card is what is clicked."""

    def __init__(self, theme: Theme, title: str, beside: QWidget | None = None) -> None:
        super().__init__(plain(title))
        self._theme = theme
        self._title, self._means = Wrapped(title, "strong"), Wrapped(role="note")
        for text in (self._title, self._means):
            text.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self._title)
        words.addWidget(self._means)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(_PADDING + 28, 10, _PADDING, 11)
        row.setSpacing(8)
        row.addLayout(words, 1)
        if beside is not None:
            row.addWidget(beside, alignment=Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mean(self, text: str) -> None:
        """Say what choosing this means."""
        self._means.say(text)
        self.setAccessibleDescription(text)

    def hitButton(self, pos: QPoint) -> bool:  # noqa: N802  # Qt's name
        """Be clicked anywhere."""
        return self.rect().contains(pos)

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        """Take what the texts take."""
        return self._row.sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        """Never cut the texts."""
        return self._row.minimumSize()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        """Draw ground, edge and circle."""
        theme, chosen = self._theme, self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 2.0 if chosen else 1.0
        ground = theme.accent_soft if chosen else theme.sunken if self.underMouse() else theme.surface
        painter.setBrush(QColor(ground))
        painter.setPen(QPen(QColor(theme.accent if chosen else theme.line), width))
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 8, 8)
        first_line = 10 + self._title.fontMetrics().height() / 2
        middle = QPointF(_PADDING + _RING, first_line)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent))
            painter.drawEllipse(middle, _RING + 0.5, _RING + 0.5)
            painter.setBrush(QColor(theme.on_accent))
            painter.drawEllipse(middle, 3, 3)
        else:
            painter.setPen(QPen(QColor(theme.line2), 1.5))
            painter.setBrush(QColor(theme.surface))
            painter.drawEllipse(middle, _RING - 0.5, _RING - 0.5)
