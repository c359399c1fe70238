"""The strip of an away question: what was tracked, the dotted stretch in question, and the times below."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from tracker.model.slot import SECOND
from tracker.ui.icons import line_pixmap
from tracker.ui.labels import font

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from tracker.ui.stretch import Stretch
    from tracker.ui.theme import Theme

_HEIGHT = 24
_GAP = 2.0  # between what touches
_LEAST = 22.0  # so wide is the shortest question: its mark fits
_AIR = 8.0  # between two times
_DOTS = 8  # px from one dot of the ground to the next
_INKED = 0.85  # of the contract's colour, over the surface


class AwayStrip(QWidget):
    """Draws a stretch; a screen reader hears what it shows."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._stretch: Stretch | None = None
        self._colour = theme.accent
        self._grows = False
        self.setFont(font("meta"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("The time in question")

    def show_stretch(self, stretch: Stretch, place: int, *, grows: bool) -> None:
        """Show a stretch, in the colour of its contract."""
        self._stretch, self._colour, self._grows = stretch, self._theme.contract(place), grows
        times = [text for _, text in self._times(stretch)]
        axis = f", on an axis from {times[0]} to {times[3]}" if stretch.scaled else ""
        self.setAccessibleDescription(f"{times[1]} to {times[2]}{axis}")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        """Be as high as the strip and a line of times."""
        return QSize(200, _HEIGHT + 4 + self.fontMetrics().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        """Draw well, tracked time, question and times."""
        stretch = self._stretch
        if stretch is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        well = QPainterPath()
        well.addRoundedRect(QRectF(0, 0, self.width(), _HEIGHT), 4, 4)
        painter.fillPath(well, QColor(self._theme.sunken))
        begin, end = self._ends(stretch)
        painter.setClipPath(well)
        colour = _over(self._colour, self._theme.surface)
        for left, right in (
            (self._x(stretch, stretch.tracked_from), begin - _GAP),
            (end + _GAP, self._x(stretch, stretch.tracked_to)),
        ):
            if right > left:
                painter.fillRect(QRectF(left, 0, right - left, _HEIGHT), colour)
        painter.setClipping(False)
        self._question(painter, QRectF(begin, 0, end - begin, _HEIGHT))
        self._axis(painter, stretch, begin, end)

    def _question(self, painter: QPainter, area: QRectF) -> None:
        ground = area.adjusted(-_GAP, 0, _GAP, 0)
        painter.fillRect(ground.intersected(QRectF(self.rect())), QColor(self._theme.surface))
        shape = QPainterPath()
        shape.addRoundedRect(area.adjusted(0.75, 0.75, -0.75, -0.75), 2, 2)
        painter.fillPath(shape, QColor(self._theme.away_soft))
        painter.setPen(Qt.PenStyle.NoPen)
        dot = QColor(self._theme.away)
        dot.setAlphaF(0.5)
        painter.setBrush(dot)
        middle = area.center()
        columns = int((area.width() / 2 - 4) // _DOTS)
        for column in range(-columns, columns + 1):
            for row in (-1, 0, 1):
                if abs(column) * _DOTS > _LEAST / 2:  # the mark stands free
                    painter.drawEllipse(middle + QPointF(column * _DOTS, row * (_DOTS - 1)), 1, 1)
        pen = QPen(QColor(self._theme.away), 1.5)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setDashPattern([0.01, 2])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(shape)
        mark = line_pixmap("question", self._theme.away, self.devicePixelRatioF(), 14)
        painter.drawPixmap(middle - QPointF(7, 7), mark)

    def _axis(self, painter: QPainter, stretch: Stretch, begin: float, end: float) -> None:
        """Write the times: those of the question always, those of the axis where they have room."""
        metrics = self.fontMetrics()
        texts = [text for _, text in self._times(stretch)]
        widths = [float(metrics.horizontalAdvance(text)) for text in texts]
        inner = spread((begin, end), (widths[1], widths[2]), float(self.width()))
        placed = [(inner[0], texts[1]), (inner[1], texts[2])]
        if stretch.scaled and inner[0] >= widths[0] + _AIR:
            placed.append((0.0, texts[0]))
        if stretch.scaled and inner[1] + widths[2] + _AIR <= self.width() - widths[3]:
            placed.append((self.width() - widths[3], texts[3]))
        painter.setPen(QColor(self._theme.ink3))
        for left, text in placed:
            painter.drawText(QPointF(left, _HEIGHT + 4 + metrics.ascent()), text)

    def _times(self, stretch: Stretch) -> tuple[tuple[int, str], ...]:
        end = "now" if self._grows else _clock(stretch.end, "%H:%M:%S")
        return (
            (stretch.left, _clock(stretch.left, "%H:%M")),
            (stretch.begin, _clock(stretch.begin, "%H:%M:%S")),
            (stretch.end, end),
            (stretch.right, _clock(stretch.right, "%H:%M")),
        )

    def _ends(self, stretch: Stretch) -> tuple[float, float]:
        """Return where the question is drawn, wide enough for its mark."""
        begin, end = self._x(stretch, stretch.begin), self._x(stretch, stretch.end)
        if end - begin < _LEAST:
            begin = max(0.0, min((begin + end - _LEAST) / 2, self.width() - _LEAST))
            end = begin + _LEAST
        return begin, end

    def _x(self, stretch: Stretch, at: int) -> float:
        return float(round(stretch.share(at) * self.width()))


def spread(ends: tuple[float, float], widths: tuple[float, float], room: float) -> tuple[float, float]:
    """Return where the two times of a question begin: each below its end, yet apart and inside."""
    first = max(0.0, ends[0] - widths[0] / 2)
    second = min(ends[1] - widths[1] / 2, room - widths[1])
    lacks = first + widths[0] + _AIR - second
    if lacks > 0:
        first = max(0.0, min(first - lacks / 2, room - widths[0] - _AIR - widths[1]))
        second = first + widths[0] + _AIR
    return first, second


def _over(colour: str, ground: str) -> QColor:
    upper, lower = QColor(colour), QColor(ground)
    mixed = (
        round(_INKED * a + (1 - _INKED) * b)
        for a, b in zip(upper.getRgb()[:3], lower.getRgb()[:3], strict=True)  # type: ignore[index]
    )
    return QColor(*mixed)


def _clock(at: int, form: str) -> str:
    return datetime.fromtimestamp(at / SECOND, UTC).astimezone().strftime(form)
