"""The strip of a question shows what is known around it, its times never one over the other."""

from __future__ import annotations

import msgspec
import pytest
from doubles import NINE
from hypothesis import given
from hypothesis import strategies as st
from ui.fake_desk import AWAY, STOPPED

from tracker.model.slot import HOUR, MINUTE, SECOND, instant, parse_instant
from tracker.status import Question
from tracker.ui.away_strip import spread
from tracker.ui.stretch import Surroundings, around

BEGIN, END = parse_instant(AWAY.begin), NINE


def test_the_axis_is_that_of_the_look() -> None:
    noon = NINE + 3 * HOUR
    question = Question("q", instant(noon + 1_446_000), instant(noon + 2_474_000), "c00")
    seen = around(question, noon + HOUR, before=2 * HOUR, after=HOUR)
    assert (seen.left, seen.right) == (noon, noon + 50 * MINUTE)
    assert (seen.tracked_from, seen.tracked_to) == (seen.left, seen.right)


def test_what_was_tracked_is_drawn_as_far_as_it_is_known() -> None:
    seen = around(AWAY, NINE + MINUTE, before=5 * MINUTE, after=MINUTE)
    assert seen.tracked_from == BEGIN - 5 * MINUTE
    assert seen.tracked_to == END + MINUTE
    unknown = around(AWAY, NINE + HOUR, before=None, after=0)
    assert not unknown.scaled
    assert unknown.right == unknown.tracked_to == END


def test_while_away_it_learns_what_was_tracked_before() -> None:
    known, grows = Surroundings(), msgspec.structs.replace(AWAY, end=None)
    away = msgspec.structs.replace(STOPPED, state="away", questions=(grows,), session_ms=4 * MINUTE)
    known.learn(away)
    assert known.of(grows, away, NINE).end == NINE
    stopped = msgspec.structs.replace(STOPPED, questions=(AWAY,))
    assert known.of(AWAY, stopped, NINE + HOUR).tracked_from == BEGIN - 4 * MINUTE
    assert not Surroundings().of(AWAY, stopped, NINE + HOUR).scaled


def test_after_the_return_the_session_tells_both_sides() -> None:
    back = msgspec.structs.replace(STOPPED, state="tracking", questions=(AWAY,), session_ms=5 * MINUTE)
    seen = Surroundings().of(AWAY, back, NINE + 2 * MINUTE)
    assert seen.tracked_from == BEGIN - 3 * MINUTE
    assert seen.tracked_to == END + 2 * MINUTE


@pytest.mark.parametrize("length", [1, 999, 7 * SECOND, 5 * MINUTE, 25 * HOUR])
def test_every_length_has_its_place_on_the_axis(length: int) -> None:
    question = msgspec.structs.replace(AWAY, begin=instant(NINE - length), end=instant(NINE))
    for before in (None, 0, HOUR):
        seen = around(question, NINE, before=before, after=0)
        assert seen.left < seen.begin < seen.end <= seen.right
        assert 0 <= seen.share(seen.begin) < seen.share(seen.end) <= 1


@given(
    st.floats(0, 420),
    st.floats(0, 420),
    st.tuples(st.floats(20, 120), st.floats(20, 120)),
)
def test_the_two_times_stand_apart_and_inside(one: float, other: float, widths: tuple[float, float]) -> None:
    first, second = spread((min(one, other), max(one, other)), widths, 420)
    assert first >= 0
    assert second - (first + widths[0]) >= 7.999
    assert second + widths[1] <= 420.001
