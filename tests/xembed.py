"""Eyes for a tray on a real display: where the app's icon is, whether its menu is open, what is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from Xlib import X
from Xlib.display import Display
from Xlib.error import XError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from Xlib.xobject.drawable import Window

APP = "hourproof"  # the class of its windows


@dataclass(frozen=True)
class Place:
    """A window on the screen."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2


class Eyes:
    """Looks at one display from outside, as the person at it does."""

    def __init__(self, display: str) -> None:
        self._display = Display(display)
        self._root = self._display.screen().root

    def close(self) -> None:
        self._display.close()

    def icon(self) -> Place | None:
        """Return where the app's icon sits inside a tray, none where it is in no tray."""
        for window, embedders in self._windows():
            if "trayer" in embedders and _of_app(window):
                return self._place(window)
        return None

    def menu(self) -> Place | None:
        """Return where the app's menu is open, the innermost of them."""
        at_top = (window for window, embedders in self._windows() if "trayer" not in embedders)
        opened = [window for window in at_top if _of_app(window) and _is_popup(window)]
        return self._place(opened[-1]) if opened else None

    def titles(self) -> list[str]:
        """Return the titles of the app's windows that are to be seen."""
        visible = (
            window
            for window, embedders in self._windows()
            if _of_app(window) and "trayer" not in embedders and not _is_popup(window)
        )
        name = self._display.intern_atom("_NET_WM_NAME")
        texts = (window.get_full_property(name, X.AnyPropertyType) for window in visible)
        return [text.value.decode() for text in texts if text is not None]

    def find(self, colour: str, place: Place) -> tuple[int, int] | None:
        """Return where this colour (#RRGGBB) is on the screen within a place, from its top."""
        image = self._root.get_image(place.x, place.y, place.width, place.height, X.ZPixmap, 0xFFFFFFFF)
        sought = bytes.fromhex(colour[1:])[::-1]  # blue, green, red, unused
        data = image.data
        at = data.find(sought)
        while at % 4 and at >= 0:
            at = data.find(sought, at + 1)
        return None if at < 0 else (place.x + at // 4 % place.width, place.y + at // 4 // place.width)

    def _windows(self) -> Iterator[tuple[Window, tuple[str, ...]]]:
        """Return every window that can be seen, with the classes of those around it."""
        waiting: list[tuple[Window, tuple[str, ...]]] = [(self._root, ())]
        while waiting:
            window, around = waiting.pop(0)
            try:
                if window.get_attributes().map_state != X.IsViewable:
                    continue
                yield window, around
                inside = (*around, *(window.get_wm_class() or ()))
                waiting += [(child, inside) for child in window.query_tree().children]
            except XError:  # it went while it was looked at
                continue

    def _place(self, window: Window) -> Place:
        size = window.get_geometry()
        corner = window.translate_coords(self._root, 0, 0)
        return Place(-corner.x, -corner.y, size.width, size.height)


def _of_app(window: Window) -> bool:
    return APP in (window.get_wm_class() or ())


def _is_popup(window: Window) -> bool:
    return bool(window.get_attributes().override_redirect)
