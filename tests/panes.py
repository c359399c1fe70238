"""Windows of known colours on a real display, and whether a colour is in a picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, ImageChops
from waiting import until
from Xlib import X, Xutil
from Xlib.display import Display

from tracker.capture.base import EncodedPicture

MAGENTA, CYAN, ORANGE = 0xFF00FF, 0x00FFFF, 0xFF8000  # colours that nothing else on these desktops has
TOLERANCE = 48  # of each channel, by which WebP changes a colour at most
Place = tuple[int, int, int, int]


@dataclass
class Panes:
    """A program with windows on a display; it lives until its connection ends."""

    link: Display

    def open(
        self,
        place: Place,
        colour: int,
        *,
        app: str = "",
        title: str = "",
        menu: bool = False,
        deep: bool = False,
        of: Any = None,
        within: Any = None,
    ) -> Any:
        """Open a window and wait until it can be seen: a menu without a manager, a deep one with alpha."""
        screen = self.link.screen()
        more: dict[str, Any] = {"background_pixel": colour, "override_redirect": menu}
        depth, visual = screen.root_depth, X.CopyFromParent
        if deep:
            depth = 32
            visual = next(v for d in screen.allowed_depths if d.depth == 32 for v in d.visuals).visual_id
            more |= {"colormap": screen.root.create_colormap(visual, X.AllocNone), "border_pixel": 0}
            more["background_pixel"] = 0xFF000000 | colour
        window = (within or screen.root).create_window(
            *place, 0, depth, X.InputOutput, visual, event_mask=X.StructureNotifyMask, **more
        )
        if app:
            window.set_wm_class(app.lower(), app)
        if title:
            self.name(window, title)
        if of is not None:
            window.set_wm_transient_for(of)
        window.set_wm_normal_hints(flags=Xutil.USPosition | Xutil.USSize)
        until(lambda: self._shown(window), "the window")
        return window

    def _shown(self, window: Any) -> bool:
        """Have it shown, again if need be: a window manager that has just begun may overhear it."""
        window.map()
        self.link.sync()
        return bool(window.get_attributes().map_state == X.IsViewable)

    def name(self, window: Any, title: str) -> None:
        """Give it another title."""
        kind = self.link.intern_atom("UTF8_STRING")
        window.change_property(self.link.intern_atom("_NET_WM_NAME"), kind, 8, title.encode())
        self.link.sync()

    def tell(self, window: Any, kind: str, *data: int) -> None:
        """Ask the window manager for something."""
        from Xlib.protocol.event import ClientMessage  # noqa: PLC0415  # rarely needed

        told = ClientMessage(
            window=window, client_type=self.link.intern_atom(kind), data=(32, [*data, *[0] * (5 - len(data))])
        )
        mask = X.SubstructureRedirectMask | X.SubstructureNotifyMask
        self.link.screen().root.send_event(told, event_mask=mask)
        self.link.sync()


@contextmanager
def panes(display: str) -> Iterator[Panes]:
    """Run such a program."""
    link = Display(display)
    try:
        yield Panes(link)
    finally:
        link.close()


def image(picture: EncodedPicture) -> Image.Image:
    """Return a kept picture as it is decoded."""
    return Image.open(BytesIO(picture.data)).convert("RGB")


def share(picture: EncodedPicture | Image.Image, colour: int) -> float:
    """Return how much of a picture has about that colour, in percent."""
    seen = image(picture) if isinstance(picture, EncodedPicture) else picture
    plain = Image.new("RGB", seen.size, (colour >> 16, colour >> 8 & 255, colour & 255))
    worst = None
    for band in ImageChops.difference(seen, plain).split():
        worst = band if worst is None else ImageChops.lighter(worst, band)
    assert worst is not None
    return 100 * sum(worst.histogram()[: TOLERANCE + 1]) / (seen.width * seen.height)
