"""Takes what the monitors show, with mss."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import mss
from mss.exception import ScreenShotError

from tracker.capture.base import MONITORS, Area, Frame
from tracker.capture.region import common
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
                _frame(number, desktop.grab(asdict(area)), zoom, area, name)
                for number, (area, name) in enumerate(areas.items())
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


def _areas(desktop: mss.MSS) -> dict[Area, str]:
    """Return where the monitors lie, as far as there is a desktop, and what each is called.

    One that repeats another is no monitor.
    """
    whole, *monitors = desktop.monitors
    found: dict[Area, str] = {}
    for one in monitors or [whole]:
        area = common(_area(one), _area(whole))
        if area is not None and len(found) < MONITORS:
            found.setdefault(area, one.get("output") or one.get("name") or "")
    return found


def _area(monitor: dict[str, Any]) -> Area:
    return Area(**{side: monitor[side] for side in _SIDES})


def _frame(number: int, shot: ScreenShot, zoom: float, area: Area, name: str) -> Frame:
    return Frame(number, shot.width, shot.height, shot.raw, shot.width * zoom / area.width, area, name)


def _x_zoom(display: str) -> float:
    from tracker.capture.xresources import zoom  # noqa: PLC0415  # only where there is X

    return zoom(display)
