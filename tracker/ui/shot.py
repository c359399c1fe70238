"""This slot's shot: its picture, decoded off the GUI's thread, and what is so about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from tracker.ui import shot_texts as say
from tracker.ui.buttons import icon_button
from tracker.ui.icons import line_pixmap
from tracker.ui.labels import Elided
from tracker.ui.thumbnails import decode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QAction, QImage, QPaintEvent

    from tracker.status import Status
    from tracker.ui.bridge import Bridge
    from tracker.ui.desk import Desk
    from tracker.ui.theme import Theme

_WIDTH, _HEIGHT = 84, 52
_DIMMED = 0.86  # in the dark a picture of a bright screen would glare


class ShotCard(QFrame):
    """The newest shot of the slot, small, with its time."""

    def __init__(self, desk: Desk, bridge: Bridge, theme: Theme) -> None:
        super().__init__()
        self._desk = desk
        self._bridge = bridge
        self._last: tuple[str | None, str | None] = (None, None)
        self.setProperty("kind", "card")
        self._thumbnail = _Thumbnail(theme)
        self._title, self._text = Elided("strong"), Elided("meta")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch()
        words.addWidget(self._title)
        words.addWidget(self._text)
        words.addStretch()
        self._theme = theme
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(12, 11, 12, 11)
        row.setSpacing(12)
        row.addWidget(self._thumbnail)
        row.addLayout(words, 1)

    def offer(self, *groups: Sequence[QAction]) -> None:
        """Have a button with what can be done about shots."""
        menu = QMenu(self)
        for number, actions in enumerate(groups):
            if number:
                menu.addSeparator()
            menu.addActions(actions)
        more = icon_button("gear", self._theme.ink3, "Shots…")
        more.setMenu(menu)
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._row.addWidget(more)

    def refresh(self, status: Status) -> None:
        """Show this state; a new picture appears once it is decoded."""
        title, text = say.shot_lines(status)
        self._title.say(title)
        self._text.say(text)
        last = (status.shot.id, status.shot.state)
        if last != self._last:
            self._last = last
            picture = self._desk.last_picture() if say.shown_shot(status) else None
            if picture is None:
                self._thumbnail.show_image(None)
            else:
                width = round(_WIDTH * self.devicePixelRatioF())
                decode(self._bridge, picture, width, self._thumbnail.show_image)


class _Thumbnail(QWidget):
    """A picture in a rounded frame, an icon in its place until there is one."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._image: QImage | None = None
        self.setFixedSize(QSize(_WIDTH, _HEIGHT))
        self.setAccessibleName("No shot yet")

    def show_image(self, image: QImage | None) -> None:
        """Show this picture, none being the icon."""
        self._image = image
        self.setAccessibleName("No shot yet" if image is None else "The last shot")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        """Draw the picture cut to the frame."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        shape = QPainterPath()
        shape.addRoundedRect(frame, 6, 6)
        painter.fillPath(shape, QColor(self._theme.sunken))
        if self._image is None:
            icon = line_pixmap("screen", self._theme.ink3, self.devicePixelRatioF())
            painter.drawPixmap((_WIDTH - 16) // 2, (_HEIGHT - 16) // 2, icon)
        else:
            painter.setClipPath(shape)
            painter.setOpacity(_DIMMED if self._theme.dark else 1.0)
            painter.drawImage(_covering(self._image.size(), frame), self._image)
            painter.setOpacity(1.0)
            painter.setClipping(False)
        painter.setPen(QPen(QColor(self._theme.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(shape)


def _covering(size: QSize, frame: QRectF) -> QRectF:
    """Return where a picture of this size covers the whole frame, its middle in the middle."""
    scale = max(frame.width() / max(1, size.width()), frame.height() / max(1, size.height()))
    covering = QRectF(0, 0, size.width() * scale, size.height() * scale)
    covering.moveCenter(frame.center())
    return covering
