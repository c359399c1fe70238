"""Reading a window as the person before it does: what is visible, and by its words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot


def shown(window: QWidget) -> list[str]:
    """Return every text that can be read in the window."""
    return [label.text() for label in window.findChildren(QLabel) if label.isVisible()]


def button(window: QWidget, text: str) -> QAbstractButton:
    found = [
        b
        for b in window.findChildren(QAbstractButton)
        if b.isVisible() and text in (b.text(), b.accessibleName())
    ]
    assert found, f"no button {text!r}"
    return found[0]


def press(qtbot: QtBot, window: QWidget, text: str) -> None:
    qtbot.mouseClick(button(window, text), Qt.MouseButton.LeftButton)


def field(window: QWidget, name: str) -> QLineEdit:
    found = [
        one for one in window.findChildren(QLineEdit) if one.accessibleName() == name and one.isVisible()
    ]
    assert found, f"no field {name!r}"
    return found[0]
