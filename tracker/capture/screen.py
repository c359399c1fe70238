"""Takes what the monitors show, with mss."""

from __future__ import annotations

import re
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import mss
from mss.exception import ScreenShotError

from tracker.capture.base import Area, Frame
from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from mss.screenshot import ScreenShot

MONITORS = 4  # at most
_AREA = ("left", "top", "width", "height")
_DPI = re.compile(rb"^Xft\.dpi:\s*(\d+(\.\d+)?)\s*$", re.MULTILINE)  # a line of the X resources
_USUAL_DPI = 96  # of a monitor whose pixels are points


class MssScreen:
    """The monitors of one X display, or of the desktop where there are no displays to choose from."""

    name = "mss"

    def __init__(self, display: str | None) -> None:
        self._display = display

    def grab(self) -> tuple[Frame, ...]:
        """Return a frame for each monitor, at most 4; raises CaptureUnavailable with the reason."""
        where: dict[str, Any] = {"display": self._display} if self._display else {}
        zoom = _x_zoom(self._display) if self._display else 1.0
        try:
            with mss.MSS(**where) as desktop:  # for each shot anew: it keeps a screen's worth of memory
                monitors = desktop.monitors[1 : MONITORS + 1]  # the first is all of them together
                return tuple(
                    _frame(number, desktop.grab(monitor), Area(**{k: monitor[k] for k in _AREA}), zoom)
                    for number, monitor in enumerate(monitors)
                )
        except ScreenShotError as error:
            raise CaptureUnavailable(
                f"The screen cannot be read: {error}", advice="Start Hourproof inside the desktop session."
            ) from error

    def close(self) -> None:
        """Nothing is kept between shots."""


def _frame(number: int, shot: ScreenShot, area: Area, zoom: float) -> Frame:
    return Frame(number, shot.width, shot.height, shot.raw, scale=shot.width * zoom / area.width, area=area)


def _x_zoom(display: str) -> float:
    """Return by how much the desktop enlarges what it draws, as it tells X programs; 1 if it doesn't."""
    from Xlib import X  # noqa: PLC0415  # only where there is X
    from Xlib.display import Display  # noqa: PLC0415
    from Xlib.error import ConnectionClosedError, DisplayError  # noqa: PLC0415

    with suppress(DisplayError, ConnectionClosedError, OSError), closing(Display(display)) as link:
        told = link.screen().root.get_full_property(link.get_atom("RESOURCE_MANAGER"), X.AnyPropertyType)
        dpi = _DPI.search(bytes(told.value)) if told else None
        return max(1.0, float(dpi[1]) / _USUAL_DPI) if dpi else 1.0
    return 1.0
