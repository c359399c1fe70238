"""Time in question: nobody was seen at the desk, and only the freelancer knows what it was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracker.model.segment import ClosedBy, Key, Segment, Shot, segment_minutes
from tracker.model.slot import SLOT, slot_of

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Question:
    """A stretch of a run since its last input; `open` while it still grows, its end then as far as it got.

    `answered` is time of a call that was announced: it is kept when it ends, and nobody is asked.
    """

    id: str
    key: Key
    memo: str
    source: str | None
    why: ClosedBy  # away, lock or sleep
    begin: int
    end: int
    open: bool = True
    answered: bool = False
    shots: tuple[Shot, ...] = ()

    def kept(self, new_id: Callable[[], str]) -> tuple[Segment, ...]:
        """Return the time as segments, one in each slot: without input, marked as idle, with its shots."""
        starts = range(slot_of(self.begin), self.end, SLOT) if self.begin < self.end else ()
        edges = [(max(slot, self.begin), min(slot + SLOT, self.end)) for slot in starts]
        return tuple(
            Segment(
                id=new_id(),
                key=self.key,
                start=start,
                end=end,
                memo=self.memo,
                minutes=segment_minutes(start, end, self.source),
                closed_by=ClosedBy.SLOT_END if end < self.end else self.why,
                source=self.source,
                shots=tuple(shot for shot in self.shots if start <= self._place(shot) < end),
                idle_kept=True,
            )
            for start, end in edges
        )

    def moved(self, key: Key, new_id: Callable[[], str]) -> tuple[Segment, ...]:
        """Return the time as segments of another contract: neither memo nor shots were meant for it."""
        return replace(self, key=key, memo="", shots=()).kept(new_id)

    def _place(self, shot: Shot) -> int:
        """Return in which millisecond a shot was taken, or where the time it came in begins or ends."""
        return min(max(shot.taken_at - 1, self.begin), self.end - 1)
