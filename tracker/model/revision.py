"""A later change to a segment, and the segment as it is with all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from tracker.model.segment import Picture, ShotState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.model.segment import Segment, Shot


class Change(StrEnum):
    """What a revision does to its segment."""

    MEMO = "memo"
    WITHHOLD = "withhold"
    BLUR = "blur"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True)
class Revision:
    """One change: a memo needs its text, withhold and blur their shot, blur the pictures that stay."""

    id: str
    segment: str
    at: int
    change: Change
    memo: str = ""
    shot: str = ""
    pictures: tuple[Picture, ...] = ()
    gone: tuple[str, ...] = ()  # hashes of the pictures that the segment does not show any more

    @property
    def destroys(self) -> bool:
        """Whether something the segment shows is not to be seen any more, by nobody."""
        return self.change is not Change.MEMO


def revised(segment: Segment, revisions: Iterable[Revision]) -> Segment | None:
    """Return a segment as its revisions leave it, in the order in which they were made; None if discarded.

    A shot that was withheld stays so, and nothing but a blur or a withholding follows a blur.
    """
    own = _in_order(one for one in revisions if one.segment == segment.id)
    if any(one.change is Change.DISCARD for one in own):
        return None
    memo = next((one.memo for one in reversed(own) if one.change is Change.MEMO), segment.memo)
    return replace(segment, memo=memo, shots=revised_shots(segment.shots, own))


def revised_shots(shots: Iterable[Shot], revisions: Iterable[Revision]) -> tuple[Shot, ...]:
    """Return shots as revisions leave them."""
    made = tuple(shots)
    for one in _in_order(revisions):
        made = tuple(_changed(shot, one) for shot in made)
    return made


def _in_order(revisions: Iterable[Revision]) -> list[Revision]:
    return sorted(revisions, key=lambda one: (one.at, one.id))


def _changed(shot: Shot, revision: Revision) -> Shot:
    if shot.id != revision.shot or shot.state in {ShotState.WITHHELD, ShotState.FAILED}:
        return shot
    if revision.change is Change.WITHHOLD:
        return replace(shot, state=ShotState.WITHHELD, pictures=())
    return replace(shot, state=ShotState.BLURRED, pictures=revision.pictures)
