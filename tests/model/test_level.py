"""The activity level: the published formula, and what it leaves out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from doubles import NINE
from hypothesis import given
from hypothesis import strategies as st
from worked import active, worked

from tracker.model.protection import level
from tracker.model.segment import Origin
from tracker.model.slot import SECOND


@pytest.mark.parametrize(
    ("a", "m", "expected"),
    [
        (0, 10, 0),
        (1, 10, 1),
        (5, 10, 5),
        (10, 10, 10),
        (1, 9, 1),  # 10/9 is nearest to 1
        (5, 9, 6),  # 5.6
        (1, 4, 3),  # 2.5 is rounded up
        (3, 4, 8),  # 7.5 as well
        (1, 3, 3),
        (2, 3, 7),
        (1, 2, 5),
        (1, 1, 10),
        (0, 1, 0),
    ],
)
def test_the_level_is_the_share_of_active_minutes_rounded_to_the_nearest_tenth(
    a: int, m: int, expected: int
) -> None:
    assert level([active(*range(a), of=m)]) == expected == (20 * a + m) // (2 * m)


@given(st.sets(st.integers(0, 9)), st.integers(1, 10))
def test_the_level_is_between_0_and_10_and_both_ends_mean_none_and_all(minutes: set[int], of: int) -> None:
    inside = {n for n in minutes if n < of}
    reached = level([active(*inside, of=of)])

    assert 0 <= reached <= 10
    assert abs(reached - 10 * len(inside) / of) <= 0.5
    assert not (reached == 10 and not inside)


@pytest.mark.parametrize(
    ("last_ms", "last_active", "expected"),
    [
        (20 * SECOND, False, 5),  # silent, but long enough to count
        (20 * SECOND - 1, False, 10),  # says nothing
        (1, True, 10),  # active counts however short
    ],
)
def test_a_silent_minute_of_which_less_than_20_s_were_tracked_says_nothing(
    last_ms: int, last_active: bool, expected: int
) -> None:
    minutes = (0, 1) if last_active else (0,)

    assert level([active(*minutes, of=2, last_ms=last_ms)]) == expected


def test_a_minute_that_two_segments_share_is_one_minute() -> None:
    first = worked(NINE, 10 * SECOND, active_s=0)
    second = worked(NINE + 10 * SECOND, 10 * SECOND, active_s=0)
    typing = worked(NINE + 20 * SECOND, 10 * SECOND, active_s=5)

    assert level([first]) is None
    assert level([first, second]) == 0  # together 20 s of silence
    assert level([first, second, typing]) == 10


def test_without_a_source_or_a_minute_that_says_something_the_level_is_unknown() -> None:
    assert level([]) is None
    assert level([worked(source=None, active_s=0)]) is None
    assert level([worked(ms=19 * SECOND, active_s=0)]) is None
    assert level([worked(origin=Origin.MANUAL)]) is None


def test_only_activity_is_enough_for_a_level() -> None:
    segment = worked(source="ext-idle-notify")
    minutes = tuple(replace(m, keys=None, clicks=None, scrolls=None) for m in segment.minutes)

    assert level([replace(segment, minutes=minutes)]) == 10
