"""Blurs places of a picture for good: nothing of what they showed is left in it.

Mosaics and soft blurs of text have been undone, for each of their dots still depends on what was there. So
every pixel becomes a stripe of one of two greys: that somebody has hidden something can be seen, and no more.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor
from secrets import randbelow
from typing import TYPE_CHECKING

from tracker.capture.base import Area, Frame
from tracker.capture.region import common, disjoint

if TYPE_CHECKING:
    from collections.abc import Sequence

_GREYS = (0x8C, 0x94)
_STRIPE = 16  # points high
_BYTES = 4  # a pixel


def blurred(frame: Frame, places: Sequence[Area] | None) -> tuple[Frame, int]:
    """Return the frame with these places of the desktop blurred, None meaning all, and how much that is.

    It is told in percent of the picture, rounded up: 0 is none.
    """
    if places is not None and not places:
        return frame, 0
    whole = Area(0, 0, frame.width, frame.height)
    parts = [whole]
    if places is not None and frame.area is not None:
        parts = disjoint(_pixels(frame, frame.area, place) for place in places)
        parts = [inside for part in parts if (inside := common(part, whole))]
    pixels = frame.bgra if isinstance(frame.bgra, bytearray) else bytearray(frame.bgra)
    if len(pixels) == _BYTES * frame.width * frame.height:
        for part in parts:
            _fill(pixels, frame, part)
    hidden = sum(part.width * part.height for part in parts)
    return replace(frame, bgra=pixels), ceil(100 * hidden / max(1, frame.width * frame.height))


def covered(width: int, height: int, monitor: int) -> Frame:
    """Return a frame that shows nothing of a picture of this size, told from all others by its stripes.

    Their greys are random: a picture that was destroyed once must not be the same bytes as another.
    """
    greys = [_GREYS[0] - 8 + randbelow(32) for _ in range(-(-height // _STRIPE))]
    pixels = b"".join(bytes((greys[y // _STRIPE],) * 3 + (0,)) * width for y in range(height))
    return Frame(monitor, width, height, pixels)


def _pixels(frame: Frame, area: Area, place: Area) -> Area:
    """Return which pixels of a frame of that area show a place, with all that show some of it."""
    across, down = frame.width / area.width, frame.height / area.height
    left, top = floor((place.left - area.left) * across), floor((place.top - area.top) * down)
    right = ceil((place.left + place.width - area.left) * across)
    bottom = ceil((place.top + place.height - area.top) * down)
    return Area(left, top, right - left, bottom - top)


def _fill(pixels: bytearray, frame: Frame, part: Area) -> None:
    stripe = max(1, round(_STRIPE * frame.scale))
    rows = [bytes((grey, grey, grey, 0)) * part.width for grey in _GREYS]
    for y in range(part.top, part.top + part.height):
        begin = _BYTES * (y * frame.width + part.left)
        pixels[begin : begin + _BYTES * part.width] = rows[y // stripe % 2]
