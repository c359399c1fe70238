"""Takes what the monitors show, with mss."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import mss
from mss.exception import ScreenShotError

from tracker.capture.base import MONITORS, Area, Frame
from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from mss.screenshot import ScreenShot

_SIDES = ("left", "top", "width", "height")


class MssScreen:
    """The monitors of one X display, or of the desktop where there are no displays to choose from."""

    name = "mss"

    def __init__(self, display: str | None) -> None:
        self._display = display

    def grab(self) -> tuple[Frame, ...]:
        """Return a frame for each monitor, at most 4; raises CaptureUnavailable with the reason."""
        try:
            try:
                return self._grab()
            except (ScreenShotError, _Changed):  # a monitor came or went meanwhile: those that are there now
                return self._grab()
        except ScreenShotError as error:
            raise CaptureUnavailable(
                f"The screen cannot be read: {error}", advice="Start Hourproof inside the desktop session."
            ) from error

    def close(self) -> None:
        """Nothing is kept between shots."""

    def _grab(self) -> tuple[Frame, ...]:
        zoom = _x_zoom(self._display) if self._display else 1.0
        with self._open() as desktop:
            areas = _areas(desktop)
            frames = tuple(
                _frame(number, desktop.grab(asdict(area)), area, zoom) for number, area in enumerate(areas)
            )
        with self._open() as desktop:
            if _areas(desktop) != areas:
                raise _Changed(
                    "The monitors changed while the shot was taken.", advice="The next shot follows."
                )
        return frames

    def _open(self) -> mss.MSS:
        """Look at the desktop anew: one that stays open keeps a screen's worth of memory."""
        where: dict[str, Any] = {"display": self._display} if self._display else {}
        return mss.MSS(**where)


class _Changed(CaptureUnavailable):
    """What was taken is not what the monitors showed."""

    type = CaptureUnavailable.type


def _areas(desktop: mss.MSS) -> list[Area]:
    """Return where the monitors lie, as far as there is a desktop; one that repeats another is no monitor."""
    whole, *monitors = (Area(**{side: one[side] for side in _SIDES}) for one in desktop.monitors)
    return list(dict.fromkeys(common for one in monitors or [whole] if (common := _common(one, whole))))[
        :MONITORS
    ]


def _common(one: Area, other: Area) -> Area | None:
    left, top = max(one.left, other.left), max(one.top, other.top)
    width = min(one.left + one.width, other.left + other.width) - left
    height = min(one.top + one.height, other.top + other.height) - top
    return Area(left, top, width, height) if width > 0 and height > 0 else None


def _frame(number: int, shot: ScreenShot, area: Area, zoom: float) -> Frame:
    return Frame(number, shot.width, shot.height, shot.raw, scale=shot.width * zoom / area.width, area=area)


def _x_zoom(display: str) -> float:
    from tracker.capture.xresources import zoom  # noqa: PLC0415  # only where there is X

    return zoom(display)
