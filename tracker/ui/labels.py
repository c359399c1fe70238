"""Texts and marks of the window, each in its role."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontInfo, QGuiApplication, QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from tracker.ui.icons import line_pixmap

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from tracker.ui.theme import Theme

Role = Literal["body", "strong", "second", "note", "meta", "heading", "figure", "title", "unit", "clock"]

_SIZES = {"meta": 0.86, "note": 0.93, "heading": 0.93, "title": 1.43, "unit": 1.57, "clock": 3.7}
_STRONG = {"strong", "heading", "figure", "title"}
_SMALLEST = 11  # px


def font(role: Role) -> QFont:
    """Return the application's own font in a role's size and weight, with figures of one width."""
    made = QFont(QGuiApplication.font())
    pixels = QFontInfo(made).pixelSize() * _SIZES.get(role, 1.0)
    made.setPixelSize(max(_SMALLEST, round(pixels)))
    made.setWeight(QFont.Weight.DemiBold if role in _STRONG else QFont.Weight.Normal)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def label(text: str = "", role: Role = "body") -> QLabel:
    """Return a text in a role, shown as it is typed: what people name is never markup."""
    return _in_role(QLabel(text), role)


class Wrapped(QLabel):
    """A text of as many lines as it needs; the layouts around it leave room for them all."""

    def __init__(self, text: str = "", role: Role = "body") -> None:
        super().__init__(text)
        _in_role(self, role).setWordWrap(True)

    def say(self, text: str) -> None:
        """Show a text."""
        if text != self.text():
            self.setText(text)
            self._claim()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's name
        """Claim the height that this width takes, which layouts alone do not pass up to the window."""
        super().resizeEvent(event)
        self._claim()

    def _claim(self) -> None:
        self.setMinimumHeight(0)  # else heightForWidth answers no less than what was claimed before
        self.setMinimumHeight(max(0, self.heightForWidth(self.width())))


class Elided(QLabel):
    """One line that ends in … where there is no room; pointing at it shows the whole."""

    def __init__(self, role: Role = "body") -> None:
        super().__init__()
        _in_role(self, role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def say(self, text: str) -> None:
        """Show a text."""
        self.setText(text)
        self.setToolTip(text)

    def minimumSizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        """Give way in width, never in height."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        """Draw as much as there is room for."""
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter = QPainter(self)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def _in_role(made: QLabel, role: Role) -> QLabel:
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setFont(font(role))
    return made


class Mark(QWidget):
    """A 16 px line icon in a colour, sharp on its screen."""

    def __init__(self, name: str, colour: str) -> None:
        super().__init__()
        self._drawn = (name, colour)
        self.setFixedSize(16, 16)

    def show_icon(self, name: str, colour: str) -> None:
        """Draw this icon from now on."""
        if self._drawn != (name, colour):
            self._drawn = (name, colour)
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        """Draw the icon for the screen it is on."""
        painter = QPainter(self)
        painter.drawPixmap(0, 0, line_pixmap(*self._drawn, self.devicePixelRatioF()))


class Tag(QFrame):
    """A word with its mark on a soft ground: a state or a verdict."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("kind", "tag")
        self._mark = Mark("stop", theme.ink2)
        self._word = label("", "heading")
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 3, 8, 3)
        row.setSpacing(6)
        row.addWidget(self._mark)
        row.addWidget(self._word)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)

    def show_word(self, word: str, icon: str, tone: str) -> None:
        """Show a word, its icon, and both in a tone."""
        self._word.setText(word)
        self.setAccessibleName(word)
        colours = {"held": self._theme.ink2, "accent": self._theme.accent}
        self._mark.show_icon(icon, colours.get(tone) or self._theme.tone(tone)[0])
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            for widget in (self, self._word):  # Qt matches properties when a widget is polished
                widget.style().unpolish(widget)
                widget.style().polish(widget)


def readable_font(application_font: QFont) -> QFont:
    """Return the font to begin with: a bare window manager names none, and Qt's 9 points are small then."""
    if sys.platform == "linux" and application_font.family() == "Sans Serif" and _is_bare(application_font):
        application_font.setPointSizeF(10.5)
    return application_font


def _is_bare(application_font: QFont) -> bool:
    return application_font.pointSizeF() <= 9  # noqa: PLR2004  # Qt's own default
