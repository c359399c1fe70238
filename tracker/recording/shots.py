"""The moments in a slot at which the screen is taken: uniformly random, and never told in advance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.model.slot import SECOND, SLOT

if TYPE_CHECKING:
    from random import Random


_REST = 30 * SECOND  # after somebody came back: passwords and private things may still be on the screen


class ShotPlan:
    """Plans the shots of each slot and contract once, over switches and restarts."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._slot = 0
        self._rest_until = 0
        self._moments: dict[str, list[int]] = {}  # still to come, by contract

    def rest(self, at: int) -> None:
        """Take none for a while: nobody is there at this instant, or is just back.

        What would have come in the meantime comes later in the slot, or not at all.
        """
        self._rest_until = max(self._rest_until, at + _REST)
        for contract, moments in self._moments.items():
            self._moments[contract] = self._ahead(moments, self._rest_until)

    def begin(self, at: int) -> None:
        """Begin anew at an instant: a rest further ahead is of a clock that was wrong."""
        self._rest_until = min(self._rest_until, at + _REST)

    def open(self, contract: str, at: int, *, wanted: int, taken: int) -> None:
        """Plan what is still wanted over what remains of the slot.

        A moment that passed while another contract was tracked, or nobody was there, is drawn anew.
        """
        slot = at - at % SLOT
        if slot != self._slot:
            self._slot, self._moments = slot, {}
        begin = max(at, self._rest_until)
        known = self._moments.get(contract, [begin] * max(0, wanted - taken))
        self._moments[contract] = self._ahead(known, begin)

    def _ahead(self, moments: list[int], begin: int) -> list[int]:
        """Return moments with those before an instant drawn anew over what the slot then has left."""
        end = self._slot + SLOT
        if begin >= end:
            return []
        return sorted(m if m > begin else self._random.randrange(begin, end) for m in moments)

    def due(self, contract: str, at: int) -> int:
        """Return how many moments have come since the last call; they are then over."""
        known = self._moments.get(contract, [])
        ahead = [moment for moment in known if moment > at]
        self._moments[contract] = ahead
        return len(known) - len(ahead)

    def pending(self, contract: str) -> bool:
        """Say whether a shot is still to come in this slot."""
        return bool(self._moments.get(contract))

    def hurry(self, contract: str, at: int) -> bool:
        """Give up the next moment, for a shot at once instead; say whether there was one."""
        if at < self._rest_until or not self.pending(contract):
            return False
        self._moments[contract].pop(0)
        return True
