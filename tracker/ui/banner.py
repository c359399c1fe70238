"""A calm word about what went wrong or waits, where it is read and nobody has to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from tracker.ui.buttons import button, icon_button
from tracker.ui.labels import Mark, Wrapped

if TYPE_CHECKING:
    from tracker.ui.status import Notice
    from tracker.ui.theme import Theme

_ICONS = {"bad": "warning", "no": "warning", "held": "cloud", "part": "warning", "ok": "check"}


class Banner(QFrame):
    """Icon, what is so, what it means, what can be done; an error can be put away, a state goes by itself."""

    closed = Signal()
    acted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("kind", "banner")
        self._mark = Mark("warning", theme.no)
        self._title, self._text = Wrapped(role="strong"), Wrapped(role="second")
        self._action = button("", "plain")
        self._action.clicked.connect(self.acted)
        self._close = icon_button("close", theme.ink2, "Close this message")
        self._close.clicked.connect(self.closed)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._text)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 8, 10)
        row.setSpacing(10)
        row.addWidget(self._mark, alignment=Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self._action, alignment=Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._close, alignment=Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_notice(self, notice: Notice | None, *, can_close: bool) -> None:
        """Show a notice, or nothing."""
        self.setVisible(notice is not None)
        if notice is None:
            return
        self._title.say(notice.title)
        self._text.say(notice.text)
        self._action.setText(notice.action)
        self._action.setVisible(bool(notice.action))
        self._close.setVisible(can_close)
        self.setAccessibleName(f"{notice.title}. {notice.text}")
        self._mark.show_icon(notice.icon or _ICONS[notice.tone], self._theme.tone(notice.tone)[0])
        if self.property("tone") != notice.tone:
            self.setProperty("tone", notice.tone)
            self.style().unpolish(self)
            self.style().polish(self)
