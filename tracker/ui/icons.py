"""The drawn icons: loaded from their files, coloured, and sharp at every size."""

from __future__ import annotations

import os
import sys
from functools import lru_cache

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImageReader, QPainter, QPen, QPixmap

from tracker.paths import resources

BUTTON_ICON = QSize(20, 16)

_MENU = (16, 32, 48)  # at one, two and three device pixels to a point
_TRAY = (16, 22, 24, 32, 44, 48, 64)


def line_icon(name: str, colour: str) -> QIcon:
    """Return a 16 px line icon in a colour."""
    return _icon(f"line-{name}", colour, _MENU)


def button_icon(name: str, colour: str) -> QIcon:
    """Return a line icon with room at its right: a button leaves its text too little."""
    icon = QIcon()
    for size in _MENU:
        pixmap = QPixmap(size * BUTTON_ICON.width() // 16, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.drawPixmap(0, 0, _render(f"line-{name}", colour, size))
        painter.end()
        icon.addPixmap(pixmap)
    return icon


def line_pixmap(name: str, colour: str, ratio: float, size: int = 16) -> QPixmap:
    """Return a line icon as a picture for a screen with this many device pixels to a point."""
    pixmap = _render(f"line-{name}", colour, round(size * ratio))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def application_icon() -> QIcon:
    """Return the application's icon: the small drawing for the small sizes."""
    icon = QIcon()
    for size in (16, 22):
        icon.addPixmap(_render("hourproof-small", "", size))
    for size in (32, 48, 64, 128, 256):
        icon.addPixmap(_render("hourproof", "", size))
    return icon


def tray_icon(state: str, *, dark: bool) -> QIcon:
    """Return the tray's icon for a state: `stopped`, `tracking-attention` and so on."""
    variant = _panel(dark=dark)
    icon = _icon(f"tray-{state}-{variant}", "#000000", _TRAY)
    icon.setIsMask(variant == "symbolic")
    return icon


def swatch(colour: str, tick: str) -> QIcon:
    """Return a contract's colour as a menu shows it; that of the running one, checked, has a tick in it."""
    icon = QIcon()
    for size in _MENU:
        for state, inset in ((QIcon.State.Off, 3), (QIcon.State.On, 1)):
            pixmap = QPixmap(size, size)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.scale(size / 16, size / 16)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(QRectF(inset, inset, 16 - 2 * inset, 16 - 2 * inset), 3, 3)
            if state == QIcon.State.On:
                painter.setPen(QPen(QColor(tick), 1.75, c=Qt.PenCapStyle.RoundCap))
                painter.drawPolyline([QPointF(4.5, 8.25), QPointF(7, 10.75), QPointF(11.5, 5.25)])
            painter.end()
            icon.addPixmap(pixmap, QIcon.Mode.Normal, state)
    return icon


def _panel(*, dark: bool) -> str:
    """Return which drawing suits the panel: one with a light rim wherever its brightness is not known."""
    if sys.platform == "darwin":
        return "symbolic"  # the menu bar colours it
    else:  # noqa: RET505  # a checker for darwin would find what follows unreachable
        desktop = os.environ.get("XDG_CURRENT_DESKTOP", "").upper().split(":")
        if "KDE" in desktop:
            return "dark" if dark else "light"  # the panel follows the system's colours
        return "dark" if {"GNOME", "UNITY"} & set(desktop) else "rim"


@lru_cache(maxsize=64)
def _icon(name: str, colour: str, sizes: tuple[int, ...]) -> QIcon:
    icon = QIcon()
    for size in sizes:
        icon.addPixmap(_render(name, colour, size))
    return icon


def _render(name: str, colour: str, size: int) -> QPixmap:
    """Draw an icon at a size in device pixels; Qt's SVG knows no currentColor, so it is written in."""
    drawing = (resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    buffer = QBuffer()
    buffer.setData(QByteArray(drawing.replace("currentColor", colour).encode()))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(b"svg"))
    reader.setScaledSize(QSize(size, size))
    return QPixmap.fromImage(reader.read())
