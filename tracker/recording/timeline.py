"""The time of one run of tracking: anchored once at the wall clock, then carried by the boot clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.clock import Reading

JUMP = 2_000  # milliseconds; slower drift of the wall clock is ordinary
SLEPT = 1_000  # milliseconds; less is the time between reading one clock and the other


@dataclass(frozen=True, slots=True)
class Timeline:
    """Turns readings into instants that never step back or jump, whatever the wall clock does."""

    anchor: int
    boot: int

    @classmethod
    def begin(cls, now: Reading, *, after: int | None, offset: int | None = None) -> Timeline:
        """Anchor at the wall clock corrected by the server's last known offset, but never before `after`.

        `after` is the end of the freelancer's last segment: no two segments overlap. An offset that drift and
        the way to the server explain is none.
        """
        corrected = now.wall + (offset if offset is not None and abs(offset) > JUMP else 0)
        return cls(anchor=max(corrected, after or 0), boot=now.boot)

    def at(self, now: Reading) -> int:
        """Return the instant of a reading on this timeline."""
        return self.anchor + now.boot - self.boot


def jump(before: Reading, now: Reading) -> int:
    """Return by how many milliseconds the wall clock was moved between two readings; 0 for slow drift."""
    moved = (now.wall - before.wall) - (now.boot - before.boot)
    return moved if abs(moved) > JUMP else 0


def slept(before: Reading, now: Reading) -> int:
    """Return for how many milliseconds the computer was asleep between two readings."""
    asleep = (now.boot - before.boot) - (now.awake - before.awake)
    return asleep if asleep >= SLEPT else 0
