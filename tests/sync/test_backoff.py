"""Waiting after a trouble."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tracker.sync.backoff import BASE, CAP, delay


@given(st.integers(0, 10_000), st.integers())
def test_a_wait_is_never_longer_than_its_ceiling(attempts: int, seed: int) -> None:
    assert 0 <= delay(attempts, Random(seed)) <= min(CAP, BASE * 2 ** min(attempts, 20))


def test_waits_grow_with_the_attempts_and_spread_over_the_whole_range() -> None:
    random = Random(1)
    means = [sum(delay(attempts, random) for _ in range(500)) / 500 for attempts in (0, 3, 6, 9, 50)]

    assert means == sorted(means)
    assert 0.4 * CAP < means[-1] < 0.6 * CAP
    many = [delay(50, random) for _ in range(500)]
    assert min(many) < 0.05 * CAP
    assert max(many) > 0.95 * CAP
