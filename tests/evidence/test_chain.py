"""The chain: numbers without a gap, each link naming the one before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tracker.evidence.chain import Head, following, missing


def test_the_first_link_is_number_one_and_names_none() -> None:
    assert following(None) == (1, None)


def test_a_link_follows_the_head() -> None:
    assert following(Head(7, "ab" * 32)) == (8, "ab" * 32)


def test_nothing_is_missing_of_nothing_or_of_a_whole_chain() -> None:
    assert missing(set()) == ()
    assert missing({1, 2, 3}) == ()


@given(st.sets(st.integers(1, 200)), st.integers(1, 200))
def test_what_is_missing_completes_the_chain_up_to_the_greatest(numbers: set[int], more: int) -> None:
    numbers = numbers | {more}

    gaps = missing(numbers)

    assert numbers.isdisjoint(gaps)
    assert numbers | set(gaps) == set(range(1, max(numbers) + 1))
