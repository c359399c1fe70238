"""How long to wait after a trouble that will pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

BASE = 2.0  # seconds
CAP = 900.0  # seconds
_DOUBLINGS = 10  # more would only make a greater number to cap


def delay(attempts: int, random: Random) -> float:
    """Return seconds to wait after so many attempts in vain; the jitter keeps devices out of step."""
    return random.uniform(0.0, min(CAP, BASE * 2.0 ** min(attempts, _DOUBLINGS)))
