"""The settings a person may want to change, each in force at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QHBoxLayout, QSpinBox, QVBoxLayout

from tracker.ui.buttons import button
from tracker.ui.labels import label
from tracker.ui.theme import stylesheet

if TYPE_CHECKING:
    from tracker.settings import Settings
    from tracker.ui.theme import Theme

_APPEARANCES = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))
_MAX_NOTICE = 60


class Preferences(QDialog):
    """Shows the settings in force and tells each change."""

    changed = Signal(str, str)  # a setting's name and its value

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setWindowTitle("Preferences")
        self.setStyleSheet(stylesheet(theme))
        self.setFixedWidth(420)
        self._notice = QSpinBox()
        self._notice.setRange(0, _MAX_NOTICE)
        self._notice.setSuffix(" s")
        self._notice.setAccessibleName("Seconds in which a shot can be taken back")
        self._appearance = QComboBox()
        self._appearance.setAccessibleName("Appearance")
        for value, name in _APPEARANCES:
            self._appearance.addItem(name, value)
        close = button("Close", "plain")
        close.clicked.connect(self.accept)
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setVerticalSpacing(4)
        form.addRow(label("Notice of a shot", "heading"), self._notice)
        form.addRow(
            label("In this time a shot can be taken back before it counts as kept.", "meta", wrap=True)
        )
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
        self._notice.editingFinished.connect(self._give_notice)
        self._appearance.activated.connect(
            lambda: self.changed.emit("appearance", self._appearance.currentData())
        )
        self._settings: Settings | None = None

    def ask(self, settings: Settings) -> None:
        """Show these settings, in front."""
        self._settings = settings
        self._notice.setValue(settings.notice)
        self._appearance.setCurrentIndex(self._appearance.findData(settings.appearance))
        self.show()
        self.raise_()
        self.activateWindow()

    def _give_notice(self) -> None:
        if self._settings is not None and self._notice.value() != self._settings.notice:
            self.changed.emit("notice", str(self._notice.value()))
