"""Buttons of one make: their kind says how much they matter."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QPushButton, QToolButton

from tracker.ui.icons import BUTTON_ICON, button_icon, line_icon
from tracker.ui.labels import font

Kind = Literal["primary", "plain", "quiet"]


def button(text: str, kind: Kind, *, icon: tuple[str, str] | None = None, small: bool = False) -> QPushButton:
    """Return a button, its icon a name and a colour; a view has one primary one at most."""
    made = QPushButton(text)
    made.setProperty("kind", kind)
    made.setProperty("small", small)
    made.setFont(font("heading" if small or kind != "primary" else "strong"))
    if icon is not None:
        made.setIcon(button_icon(*icon))
        made.setIconSize(BUTTON_ICON)
    made.setAutoDefault(False)
    return made


def icon_button(name: str, colour: str, says: str) -> QToolButton:
    """Return a button that is only an icon; what it does is its name and its tip."""
    made = QToolButton()
    made.setProperty("kind", "quiet")
    made.setIcon(line_icon(name, colour))
    made.setIconSize(QSize(16, 16))
    made.setAccessibleName(says)
    made.setToolTip(says)
    return made
