"""Colours and text on a display's background, to be found again in its picture."""

from __future__ import annotations

from contextlib import closing

from Xlib import X
from Xlib.display import Display

BLACK, WHITE, RED, GREEN, BLUE = 0x000000, 0xFFFFFF, 0xFF0000, 0x00FF00, 0x0000FF
WHOLE = (0, 0, 32_767, 32_767)


def fill(display: str, colour: int, place: tuple[int, int, int, int] = WHOLE) -> None:
    """Fill a rectangle: left, top, width and height."""
    with closing(Display(display)) as link:
        root = link.screen().root
        root.fill_rectangle(root.create_gc(foreground=colour, subwindow_mode=X.IncludeInferiors), *place)
        link.sync()


def write(display: str, text: str, x: int, y: int) -> None:
    """Write a line of black text, its baseline there."""
    with closing(Display(display)) as link:
        root = link.screen().root
        gc = root.create_gc(foreground=BLACK, subwindow_mode=X.IncludeInferiors)
        root.draw_text(gc, x, y, text.encode("ascii"))
        link.sync()
