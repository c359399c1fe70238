"""Rectangles of the desktop: what two have in common, and what is left of one without another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.capture.base import Area

if TYPE_CHECKING:
    from collections.abc import Iterable


def common(one: Area, other: Area) -> Area | None:
    """Return what lies in both, None where nothing does."""
    left, top = max(one.left, other.left), max(one.top, other.top)
    width = min(one.left + one.width, other.left + other.width) - left
    height = min(one.top + one.height, other.top + other.height) - top
    return Area(left, top, width, height) if width > 0 and height > 0 else None


def without(areas: Iterable[Area], hole: Area) -> list[Area]:
    """Return what of the areas lies outside another: areas that have nothing in common if these hadn't."""
    left: list[Area] = []
    for area in areas:
        inside = common(area, hole)
        left += [area] if inside is None else _around(area, inside)
    return left


def disjoint(areas: Iterable[Area]) -> list[Area]:
    """Return the same places as areas of which no two have anything in common."""
    apart: list[Area] = []
    for area in areas:
        rest = [area]
        for one in apart:
            rest = without(rest, one)
        apart += rest
    return apart


def grown(area: Area, by: int) -> Area:
    """Return an area with so much more on each side, or less; without any extent if nothing is left."""
    return Area(area.left - by, area.top - by, max(0, area.width + 2 * by), max(0, area.height + 2 * by))


def _around(area: Area, inside: Area) -> list[Area]:
    """Return the parts of an area above, below, left and right of one inside it."""
    above, below = inside.top - area.top, area.top + area.height - inside.top - inside.height
    before, after = inside.left - area.left, area.left + area.width - inside.left - inside.width
    parts = (
        Area(area.left, area.top, area.width, above),
        Area(area.left, inside.top + inside.height, area.width, below),
        Area(area.left, inside.top, before, inside.height),
        Area(inside.left + inside.width, inside.top, after, inside.height),
    )
    return [part for part in parts if part.width > 0 and part.height > 0]
