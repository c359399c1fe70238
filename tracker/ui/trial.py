"""What a shot taken now would show: seen by the freelancer alone, and then gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tracker.capture.camera import advice_on
from tracker.ui.buttons import button
from tracker.ui.focus import FocusRing
from tracker.ui.labels import Wrapped
from tracker.ui.theme import stylesheet
from tracker.ui.thumbnails import decode

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from tracker.capture.base import EncodedPicture
    from tracker.capture.photographer import ShotResult
    from tracker.ui.bridge import Bridge
    from tracker.ui.theme import Theme

_WIDTH, _BESIDE = 640, 420  # points, of one picture and of several
_COLUMNS = 2
_KIB = 1024


class Trial(QDialog):
    """Shows the pictures that would be kept, as far as rules and settings let them, or why none would."""

    def __init__(self, bridge: Bridge, theme: Theme) -> None:
        super().__init__()
        self._bridge = bridge
        self._pictures: QWidget | None = None
        self.setWindowTitle("What a shot would show")
        self.setStyleSheet(stylesheet(theme))
        self._ring = FocusRing(self, theme.accent)
        self._title, self._text = Wrapped("", "strong"), Wrapped("", "second")
        close = button("Close", "primary", small=True)
        close.clicked.connect(self.accept)
        close.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(close)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 16, 16, 16)
        self._column.setSpacing(8)
        self._column.addWidget(self._title)
        self._column.addWidget(self._text)
        self._column.addLayout(buttons)
        self.finished.connect(self._forget)

    def ask(self, taken: ShotResult) -> None:
        """Show a shot that was taken for nothing else, in front."""
        self._forget()
        self.setMinimumWidth(_WIDTH)
        if taken.reason:
            self._title.say("Nothing would be kept")
            self._text.say(f"{taken.reason} {advice_on(taken.reason)}".rstrip())
        else:
            self._title.say("This is what would be kept")
            self._text.say("It was not stored, and is gone when you close this window.")
            self._pictures = self._laid_out(taken.pictures)
            self._column.insertWidget(2, self._pictures)
        self.adjustSize()
        self.show()
        self.raise_()
        self.activateWindow()

    def _forget(self) -> None:
        if self._pictures is not None:
            self._column.removeWidget(self._pictures)
            self._pictures.deleteLater()
            self._pictures = None

    def _laid_out(self, pictures: tuple[EncodedPicture, ...]) -> QWidget:
        """Return the pictures, each with what is so about it; they appear once they are decoded."""
        made = QWidget()
        grid = QGridLayout(made)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(12)
        width = _WIDTH if len(pictures) == 1 else _BESIDE
        for place, picture in enumerate(pictures):
            shown = _Picture(picture, width)
            decode(self._bridge, picture.data, round(width * self.devicePixelRatioF()), shown.show_image)
            grid.addWidget(shown, place // _COLUMNS, place % _COLUMNS, Qt.AlignmentFlag.AlignTop)
        return made


class _Picture(QWidget):
    """One monitor's picture and its facts."""

    def __init__(self, picture: EncodedPicture, width: int) -> None:
        super().__init__()
        self._image = QLabel()
        self._image.setFixedSize(width, round(width * picture.height / max(1, picture.width)))
        facts = caption(picture)
        self._image.setAccessibleName(facts)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._image)
        column.addWidget(Wrapped(facts, "meta"))

    def show_image(self, image: QImage) -> None:
        """Show it, decoded."""
        pixels = QPixmap.fromImage(image)
        pixels.setDevicePixelRatio(max(1.0, image.width() / max(1, self._image.width())))
        self._image.setPixmap(pixels)


def caption(picture: EncodedPicture) -> str:
    """Return which monitor it is, how large, and how much of it is blurred."""
    weight = f"{picture.width} x {picture.height}, {-(-len(picture.data) // _KIB)} KiB"
    hidden = f", {picture.blurred} % blurred" if picture.blurred else ""
    return f"Monitor {picture.monitor + 1}: {weight}{hidden}"
