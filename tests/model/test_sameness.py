"""Whether two shots show the same screen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tracker.model.sameness import shot_before, shows_the_same
from tracker.model.segment import Picture, Shot, ShotState

ONE_BIT, TWO_BITS = f"{1 << 63:016x}", f"{3:016x}"


def shot(at: int, *hashes: str | None) -> Shot:
    pictures = tuple(Picture("a" * 64, 9, n, 1600, 1000, dhash=seen) for n, seen in enumerate(hashes))
    return Shot(str(at), at, ShotState.KEPT, pictures)


@pytest.mark.parametrize(
    ("now", "same"),
    [
        (("0" * 16, "f" * 16), True),
        ((ONE_BIT, "f" * 16), True),
        ((TWO_BITS, "f" * 16), False),
        (("0" * 16, "0" * 16), False),
        (("f" * 16, "0" * 16), False),
        (("0" * 16, None), False),
        ((None, None), False),
    ],
)
def test_all_monitors_must_show_what_they_showed(now: tuple[str | None, ...], same: bool) -> None:
    assert shows_the_same(shot(2, *now), shot(1, "0" * 16, "f" * 16)) is same


@pytest.mark.parametrize(
    ("size", "same"), [(25_600, True), (25_500, True), (25_499, False), (25_700, True), (25_701, False)]
)
def test_a_picture_whose_size_differs_shows_something_else(size: int, same: bool) -> None:
    """On a dark screen a whole page of new text may leave the hash as it was."""
    then = Picture("a" * 64, 25_600, 0, 1600, 1000, dhash="0" * 16)
    before, now = (Shot("s", 1, ShotState.KEPT, (one,)) for one in (then, replace(then, size=size)))
    assert shows_the_same(now, before) is same


def test_monitors_are_compared_by_their_number_not_their_place() -> None:
    before = shot(1, "0" * 16, "f" * 16)
    swapped = Shot("2", 2, ShotState.KEPT, before.pictures[::-1])
    assert shows_the_same(swapped, before)


def test_a_picture_that_was_not_looked_at_is_never_the_same() -> None:
    assert not shows_the_same(shot(2, None), shot(1, None))
    assert not shows_the_same(shot(2), shot(1))


def test_the_shot_before_is_the_last_one_of_as_many_monitors() -> None:
    shots = [shot(1, "0" * 16), shot(4, "0" * 16), shot(2, "0" * 16), shot(3, "0" * 16, "0" * 16)]
    assert shot_before(shots, shots[1]) == shots[2]
    assert shot_before(shots, shots[0]) is None
    assert shot_before(shots, shots[3]) is None
