"""What is painted: the slot by the minute, the activity level, and the week against its limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from tracker.ui.labels import font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from tracker.ui.theme import Theme

_MINUTES = 10
_LEVELS = 10
_GAP = 3.0
_HEIGHT = 40.0
_FRAME = 1.5
_SECONDS = 60


class SlotMeter(QWidget):
    """Ten minutes side by side, each filled by its active seconds; the one under way is framed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._minutes: tuple[int, ...] = (0,) * _MINUTES
        self._names: tuple[str, ...] = ("",) * _MINUTES
        self._open = -1
        self.setFont(font("meta"))
        self.setFixedHeight(round(_HEIGHT + 4 + self.fontMetrics().height()))
        self.setAccessibleName("This slot by the minute")

    def show_minutes(self, minutes: Sequence[int], names: Sequence[str], under_way: int) -> None:
        """Show the active seconds of each minute."""
        shown = (tuple(minutes), tuple(names), under_way)
        if shown != (self._minutes, self._names, self._open):
            self._minutes, self._names, self._open = shown
            passed = max(0, min(_MINUTES, under_way + 1))
            active = sum(1 for seconds in minutes if seconds)
            self.setAccessibleDescription(f"{passed} minutes of ten have begun, {active} of them active")
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        """Draw the wells, what is filled of them, and the axis."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = (self.width() - 2 * _FRAME - _GAP * (_MINUTES - 1)) / _MINUTES
        for place, seconds in enumerate(self._minutes):
            well = QRectF(_FRAME + place * (width + _GAP), _FRAME, width, _HEIGHT - 2 * _FRAME)
            self._fill(painter, well, seconds)
            if place == self._open:
                painter.setPen(QPen(QColor(self._theme.accent), _FRAME))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(well.adjusted(-0.75, -0.75, 0.75, 0.75), 3.5, 3.5)
            painter.setPen(QColor(self._theme.ink3))
            axis = QRectF(well.left(), _HEIGHT + 3, width, self.fontMetrics().height())
            painter.drawText(axis, Qt.AlignmentFlag.AlignHCenter, self._names[place])

    def _fill(self, painter: QPainter, well: QRectF, seconds: int) -> None:
        shape = QPainterPath()
        shape.addRoundedRect(well, 3, 3)
        painter.fillPath(shape, QColor(self._theme.sunken))
        if seconds:
            filled = QRectF(well)
            filled.setTop(well.bottom() - max(2.0, well.height() * min(seconds, _SECONDS) / _SECONDS))
            painter.save()
            painter.setClipPath(shape)
            painter.fillRect(filled, QColor(self._theme.accent))
            painter.restore()


class LevelBars(QWidget):
    """The activity level as ten bars, with a wider gap at the minimum; an unknown level shows none."""

    _BAR, _STEP, _TALL = 3, 5, 12

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._level: int | None = None
        self._minimum = 0
        self.setFixedSize(self._STEP * _LEVELS + 2, self._TALL)
        self.setAccessibleName("Activity level")

    def show_level(self, level: int | None, minimum: int) -> None:
        """Show a level beside the least one that is protected."""
        if (level, minimum) != (self._level, self._minimum):
            self._level, self._minimum = level, minimum
            self.setAccessibleDescription("unknown" if level is None else f"{level} of {_LEVELS}")
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        """Draw the bars."""
        if self._level is None:
            return
        painter = QPainter(self)
        for place in range(_LEVELS):
            colour = self._theme.accent if place < self._level else self._theme.line
            left = place * self._STEP + (2 if place >= self._minimum else 0)
            painter.fillRect(left, 0, self._BAR, self._TALL, QColor(colour))


class WeekBar(QWidget):
    """The week's time against its limit, in the contract's colour."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._share = 0.0
        self._colour = theme.accent
        self.setFixedHeight(6)
        self.setAccessibleName("This week against its limit")

    def show_share(self, ms: int, limit_ms: int, colour: str) -> None:
        """Show how much of the limit is used."""
        share = min(1.0, ms / limit_ms) if limit_ms else 1.0
        if (share, colour) != (self._share, self._colour):
            self._share, self._colour = share, colour
            self.setAccessibleDescription(f"{int(share * 100)} percent used")
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        """Draw the well and what is used of it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        well = QPainterPath()
        well.addRoundedRect(QRectF(self.rect()), 3, 3)
        painter.fillPath(well, QColor(self._theme.line))
        painter.setClipPath(well)
        painter.fillRect(QRectF(0, 0, self.width() * self._share, self.height()), QColor(self._colour))
