"""A segment refuses to be what cannot have been."""

from __future__ import annotations

from dataclasses import replace

import pytest
from doubles import NINE
from hypothesis import given
from worked import ranges, worked

from tracker.model.segment import Minute
from tracker.model.slot import MINUTE, SLOT


@given(ranges())
def test_its_minutes_are_those_it_touches(place: tuple[int, int]) -> None:
    segment = worked(*place)

    assert segment.tracked_ms == place[1] == sum(minute.tracked_ms for minute in segment.minutes)
    assert segment.slot <= segment.start < segment.end <= segment.slot + SLOT


def test_a_segment_has_a_length_and_one_slot() -> None:
    segment = worked(NINE + MINUTE, MINUTE)
    for end in (segment.start, segment.start - 1, NINE + SLOT + 1):
        with pytest.raises(ValueError, match="slot"):
            replace(segment, end=end)


def test_minutes_that_do_not_belong_to_it_are_refused() -> None:
    segment = worked(NINE, 2 * MINUTE)
    first, second = segment.minutes
    for minutes in (
        (),
        (first,),
        (first, first),
        (second, first),
        (first, replace(second, at=NINE + 2 * MINUTE)),
        (replace(first, tracked_ms=MINUTE - 1), second),
    ):
        with pytest.raises(ValueError, match="minutes"):
            replace(segment, minutes=minutes)


def test_a_minute_lies_on_the_grid_and_has_sixty_seconds() -> None:
    for at, ms in ((NINE + 1, 1), (NINE, MINUTE + 1), (NINE, -1)):
        with pytest.raises(ValueError, match="grid"):
            Minute(at, ms, 0, 0, 0, 0)
