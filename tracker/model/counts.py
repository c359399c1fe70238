"""How often keyboard and mouse were used: never which key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Counts:
    """Input since it was last asked for; `active` says whether there was any, movement included.

    Where only activity can be known, the three counts are None: absent, which is not zero.
    """

    keys: int | None = 0
    clicks: int | None = 0
    scrolls: int | None = 0
    active: bool = False


SILENCE = Counts()

# what counted was lost, and is tried again; or it misses input of which the desktop tells
Trouble = Literal["lost", "disagree"]

_ACTIVITY_ONLY = (
    "-idle"  # so end the names of sources that know how long ago the last input was, not how much
)


def nothing(source: str | None) -> int | None:
    """Return what a source's counts begin at: 0, or absent (None) where it cannot count or nothing does."""
    return None if source is None or source.endswith(_ACTIVITY_ONLY) else 0


def plus(one: int | None, other: int | None) -> int | None:
    """Add two counts; a sum with an absent count is absent."""
    return None if one is None or other is None else one + other
