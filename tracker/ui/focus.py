"""The focus ring: two pixels of accent, two pixels away, wherever the keyboard is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

_AWAY = 4  # two of air, two of ring


class FocusRing(QWidget):
    """Lies over a window and surrounds what has the keyboard; clicks pass through it.

    A stylesheet can only draw inside a widget, so the ring is one of its own.
    """

    def __init__(self, window: QWidget, colour: str) -> None:
        super().__init__(window)
        self._colour = QColor(colour)
        self._around: QWidget | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.hide()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._follow)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        """Move with what has the keyboard."""
        if event.type() in {QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide}:
            self._place()
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        """Draw the ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._colour, 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 11, 11)

    def _follow(self, _left: QWidget | None, entered: QWidget | None) -> None:
        if self._around is not None:
            self._around.removeEventFilter(self)
        inside = entered is not None and self.window().isAncestorOf(entered)
        self._around = entered if inside and entered is not None and self._by_keyboard(entered) else None
        if self._around is not None:
            self._around.installEventFilter(self)
        self._place()

    def _by_keyboard(self, entered: QWidget) -> bool:
        # Qt notes on the window whether Tab or a click moved the focus; a text field shows it always
        tabbed = self.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
        return tabbed or isinstance(entered, QLineEdit)

    def _place(self) -> None:
        around = self._around
        if around is None or not around.isVisible():
            self.hide()
            return
        corner = around.mapTo(self.window(), QPoint(0, 0))
        self.setGeometry(
            corner.x() - _AWAY, corner.y() - _AWAY, around.width() + 2 * _AWAY, around.height() + 2 * _AWAY
        )
        self.raise_()
        self.show()
