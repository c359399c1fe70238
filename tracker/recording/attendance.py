"""Whether somebody can be at the desk: input at a lock screen is not work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.model.counts import SILENCE

if TYPE_CHECKING:
    from tracker.model.counts import Counts

_GIVES_WAY = 30  # seconds with input: nobody types a password for so long


@dataclass
class Attendance:
    """What the desktop tells of lock and sleep.

    Some screen lockers are told to lock, and never tell that they were unlocked: a lock that is not `sure`
    gives way to half a minute of input.
    """

    locked: bool = False
    sure: bool = True
    asleep: bool = False
    _heard_s: int = 0

    def lock(self, *, locked: bool, sure: bool) -> None:
        """Take over what the desktop says of the screen."""
        self.locked, self.sure, self._heard_s = locked, sure, 0

    def let_through(self, counts: Counts | None) -> Counts | None:
        """Return a second's counts if somebody can be there, else silence; None is somebody unheard."""
        if self.locked and not self.sure and counts is not None and counts.active:
            self._heard_s += 1
            self.locked = self._heard_s < _GIVES_WAY
        return SILENCE if self.locked or self.asleep else counts
