"""Ranges of time: whatever they are, they hold the instants that brute force finds."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tracker.model.ranges import Range, Ranges, common, length, united, without

some = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda ends: (min(ends), max(ends))))


def instants(ranges: list[Range] | Ranges) -> set[int]:
    return {at for begin, end in ranges for at in range(begin, end)}


@given(some, some)
def test_ranges_hold_what_brute_force_finds(one: list[Range], other: list[Range]) -> None:
    mine, theirs = instants(one), instants(other)

    found = {united: mine, common: mine & theirs, without: mine - theirs}

    assert instants(united(one)) == found[united]
    assert instants(common(one, other)) == found[common]
    assert instants(without(one, other)) == found[without]
    assert length(one) == len(mine)
    for made in (united(one), common(one, other), without(one, other)):
        assert all(begin < end for begin, end in made)
        assert all(before[1] < after[0] for before, after in pairwise(made))


def test_ranges_that_touch_are_one() -> None:
    assert united([(3, 5), (0, 3), (5, 5), (7, 9)]) == ((0, 5), (7, 9))
    assert united([]) == ()
