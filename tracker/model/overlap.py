"""Two segments of one freelancer at the same time: which of them counts, so that a second is billed once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracker.model.ranges import Range, Ranges, common, united, without

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Stretch:
    """A segment as far as others at the same time matter; of its `overlap` another one counts.

    Every moment that stretches of one freelancer cover counts in exactly one of them, and in none whose
    clock is in doubt, or that was entered by hand (`doubted`), as long as an honest one covers it.
    """

    contract: str
    id: str
    begin: int
    end: int
    doubted: bool = False
    overlap: Ranges = ()

    @property
    def range(self) -> Range:
        """From when to when it is."""
        return self.begin, self.end


def received(new: Stretch, beside: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Return the new stretch with what of it overlaps, then those beside it that give way to it, changed.

    The later received gives way; but one in doubt gives way to an honest one, whichever came first.
    """
    first = [one for one in beside if new.doubted or not one.doubted]
    settled = replace(new, overlap=common([new.range], [one.range for one in first]))
    givers = [one for one in beside if one not in first]
    return settled, *_give_way(givers, [new.range])


def movable(one: Stretch, beside: Sequence[Stretch]) -> Ranges:
    """Return what of its overlap can count in a stretch: nothing of an honest one's if it is in doubt."""
    honest = [other.range for other in beside if not other.doubted]
    return without(one.overlap, honest) if one.doubted else one.overlap


def counted_here(one: Stretch, beside: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Let the doubled time count in this stretch; return it and those whose overlap it is now, changed."""
    moved = movable(one, beside)
    return replace(one, overlap=without(one.overlap, moved)), *_give_way(beside, moved)


def discarded(gone: Stretch, beside: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Return those that get back what counted in a stretch that is no more, changed: first come, first.

    One in doubt gets only what no honest one covers.
    """
    free = without([gone.range], gone.overlap)
    settled = []
    for one in sorted(beside, key=lambda one: one.doubted):  # else in the order they are in
        back = common(one.overlap, free)
        if back:
            settled.append(replace(one, overlap=without(one.overlap, back)))
            free = without(free, back)
    return tuple(settled)


def _give_way(some: Sequence[Stretch], to: Sequence[Range]) -> tuple[Stretch, ...]:
    after = [replace(one, overlap=united((*one.overlap, *common([one.range], to)))) for one in some]
    return tuple(now for now, before in zip(after, some, strict=True) if now != before)
