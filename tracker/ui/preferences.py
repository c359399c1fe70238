"""The settings a person may want to change, each in force at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QHBoxLayout, QVBoxLayout

from tracker.ui.buttons import button
from tracker.ui.focus import FocusRing
from tracker.ui.labels import Wrapped, label
from tracker.ui.theme import stylesheet

if TYPE_CHECKING:
    from tracker.settings import Settings
    from tracker.ui.theme import Theme

_APPEARANCES = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))
_NOTICES = (0, 5, 10, 15, 30, 60)  # seconds; another that was set by hand joins them


class Preferences(QDialog):
    """Shows the settings in force and tells each change."""

    changed = Signal(str, str)  # a setting's name and its value

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setWindowTitle("Preferences")
        self.setStyleSheet(stylesheet(theme))
        self._ring = FocusRing(self, theme.accent)
        self.setFixedWidth(420)
        self._notice, self._appearance = QComboBox(), QComboBox()
        self._notice.setAccessibleName("Seconds a new shot is held on this computer")
        self._appearance.setAccessibleName("Appearance")
        for value, name in _APPEARANCES:
            self._appearance.addItem(name, value)
        close = button("Close", "plain")
        close.clicked.connect(self.accept)
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setVerticalSpacing(4)
        form.addRow(label("Notice of a shot", "heading"), self._notice)
        form.addRow(Wrapped("So long a new shot stays on this computer before it may be delivered.", "meta"))
        appearance = label("Appearance", "heading")
        appearance.setContentsMargins(0, 10, 0, 0)
        form.addRow(appearance, self._appearance)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addLayout(form)
        column.addLayout(buttons)
        for name, box in (("notice", self._notice), ("appearance", self._appearance)):
            box.activated.connect(lambda _, name=name, box=box: self.changed.emit(name, box.currentData()))

    def ask(self, settings: Settings) -> None:
        """Show these settings, in front."""
        self._notice.clear()
        for seconds in sorted({*_NOTICES, settings.notice}):
            self._notice.addItem(f"{seconds} s" if seconds else "None", str(seconds))
        self._notice.setCurrentIndex(self._notice.findData(str(settings.notice)))
        self._appearance.setCurrentIndex(self._appearance.findData(settings.appearance))
        self.show()
        self.raise_()
        self.activateWindow()
