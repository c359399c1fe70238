"""Eyes for a tray on a real display: where the app's icon is, whether its menu is open, what is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from Xlib import X
from Xlib.display import Display
from Xlib.error import XError

if TYPE_CHECKING:
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


@dataclass(frozen=True)
class _Seen:
    """A window of the app: where, its title, whether it pops up, whether a tray embeds it."""

    place: Place
    title: str
    popup: bool
    in_tray: bool


class Eyes:
    """Looks at one display from outside, as the person at it does."""

    def __init__(self, display: str) -> None:
        self._display = Display(display)
        self._root = self._display.screen().root
        self._last: Place | None = None

    def close(self) -> None:
        self._display.close()

    def icon(self) -> Place | None:
        """Return where the app's icon sits inside a tray, none where it is in no tray or still moves."""
        before, self._last = self._last, next((seen.place for seen in self._app_s() if seen.in_tray), None)
        return self._last if self._last == before else None

    def menu(self) -> Place | None:
        """Return where the app's menu is open, the innermost of them."""
        opened = [seen.place for seen in self._app_s() if seen.popup and not seen.in_tray]
        return opened[-1] if opened else None

    def titles(self) -> list[str]:
        """Return the titles of the app's windows that are to be seen."""
        return [seen.title for seen in self._app_s() if seen.title and not (seen.popup or seen.in_tray)]

    def window(self, title: str) -> Place | None:
        """Return where the app's window of this title is, none where it is not to be seen."""
        return next((seen.place for seen in self._app_s() if seen.title == title), None)

    def find(self, colour: str, place: Place) -> tuple[int, int] | None:
        """Return where this colour (#RRGGBB) is on the screen within a place, from its top."""
        image = self._root.get_image(place.x, place.y, place.width, place.height, X.ZPixmap, 0xFFFFFFFF)
        sought = bytes.fromhex(colour[1:])[::-1]  # blue, green, red, unused
        at = image.data.find(sought)
        while at % 4 and at >= 0:
            at = image.data.find(sought, at + 1)
        return None if at < 0 else (place.x + at // 4 % place.width, place.y + at // 4 // place.width)

    def _app_s(self) -> list[_Seen]:
        """Return the app's windows that can be seen, wherever they are embedded."""
        seen: list[_Seen] = []
        waiting: list[tuple[Window, tuple[str, ...]]] = [(self._root, ())]
        while waiting:
            window, around = waiting.pop(0)
            try:
                attributes = window.get_attributes()
                if attributes.map_state != X.IsViewable:
                    continue
                own = window.get_wm_class() or ()
                if APP in own:
                    popup = bool(attributes.override_redirect)
                    seen.append(_Seen(self._place(window), self._title(window), popup, "trayer" in around))
                waiting += [(child, (*around, *own)) for child in window.query_tree().children]
            except XError:  # it went while it was looked at
                continue
        return seen

    def _place(self, window: Window) -> Place:
        size = window.get_geometry()
        corner = window.translate_coords(self._root, 0, 0)
        return Place(-corner.x, -corner.y, size.width, size.height)

    def _title(self, window: Window) -> str:
        text = window.get_full_property(self._display.intern_atom("_NET_WM_NAME"), X.AnyPropertyType)
        return text.value.decode() if text is not None else ""
