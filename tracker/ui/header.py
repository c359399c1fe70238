"""The head of the window: the state, the clock and today."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from tracker.ui import away_texts
from tracker.ui.amounts import running_clock, spell
from tracker.ui.buttons import icon_button
from tracker.ui.call_menu import CallMenu
from tracker.ui.labels import Tag, font, label

if TYPE_CHECKING:
    from tracker.status import Status
    from tracker.ui.theme import Theme

_TAGS = {
    "tracking": ("Tracking", "tracking", "accent"),
    "stopped": ("Stopped", "stop", "held"),
    "away": ("Away", "question", "away"),
}


class Header(QWidget):
    """State and settings above, the running clock and today below; stopped, today alone."""

    preferences = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._tag = Tag(theme)
        self._aside = label("", "note")
        self._test = Tag(theme)
        self._test.show_word("TEST", "warning", "part")
        self._clock = label("0:00:00", "clock")
        self._clock.setTextFormat(Qt.TextFormat.RichText)
        self._clock.setAccessibleName("Time of this session")
        self._caption, self._today = label("Today", "meta"), label("", "figure")
        self.call, self._calls = CallMenu(self), icon_button("clock", theme.ink3, "In a call until…")
        self._calls.setMenu(self.call)
        self._calls.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        gear = icon_button("gear", theme.ink3, "Preferences")
        gear.clicked.connect(self.preferences)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._tag)
        top.addWidget(self._aside)
        top.addWidget(self._test)
        top.addStretch()
        top.addWidget(self._calls)
        top.addWidget(gear)
        today = QVBoxLayout()
        today.setSpacing(0)
        today.addWidget(self._caption, alignment=Qt.AlignmentFlag.AlignRight)
        today.addWidget(self._today, alignment=Qt.AlignmentFlag.AlignRight)
        big = QHBoxLayout()
        big.setSpacing(12)
        bottom = Qt.AlignmentFlag.AlignBottom
        big.addWidget(self._clock)
        big.addStretch()
        big.addLayout(today)
        big.setAlignment(today, bottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(big)

    def refresh(self, status: Status) -> None:
        """Show this state."""
        running = status.state != "stopped"
        self._tag.show_word(*_TAGS[status.state])
        self._aside.setText(away_texts.aside(status))
        self._test.setVisible(status.test)
        self._calls.setVisible(status.state == "tracking")
        self.call.refresh(status)
        self._clock.setText(running_clock(status.session_ms) if running else self._spelt(status.today_ms))
        self._caption.setVisible(running)
        self._today.setVisible(running)
        self._today.setText(spell(status.today_ms))

    def _spelt(self, ms: int) -> str:
        """Return today as the clock shows it while nothing runs, its units small."""
        small = f'<span style="font-size:{font("unit").pixelSize()}px; color:{self._theme.ink3}">'
        least = f'<span style="font-size:{font("body").pixelSize()}px; color:{self._theme.ink2}">'
        figures = re.sub("([hm])", rf"{small} \1 </span>", spell(ms).replace(" ", ""))
        return f"{figures}{least}&nbsp; today</span>"
