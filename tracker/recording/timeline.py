"""The time of one run of tracking: anchored once at the wall clock, then carried by the boot clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.clock import Reading

JUMP = 2_000  # milliseconds; slower drift of the wall clock is ordinary


@dataclass(frozen=True, slots=True)
class Timeline:
    """Turns readings into instants that never step back or jump, whatever the wall clock does."""

    anchor: int
    boot: int

    @classmethod
    def begin(cls, now: Reading, *, after: int | None, offset: int = 0) -> Timeline:
        """Anchor at the wall clock corrected by the server's last known offset, but never before `after`.

        `after` is the end of the freelancer's last segment: no two segments overlap.
        """
        return cls(anchor=max(now.wall + offset, after or 0), boot=now.boot)

    def at(self, now: Reading) -> int:
        """Return the instant of a reading on this timeline."""
        return self.anchor + now.boot - self.boot


def jump(before: Reading, now: Reading) -> int:
    """Return by how many milliseconds the wall clock was moved between two readings; 0 for slow drift."""
    moved = (now.wall - before.wall) - (now.boot - before.boot)
    return moved if abs(moved) > JUMP else 0
