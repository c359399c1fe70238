"""The week: Monday to Monday, UTC, over the ends of years."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from doubles import NINE
from hypothesis import given
from hypothesis import strategies as st

from tracker.model.slot import DAY, SECOND, parse_instant
from tracker.model.week import WEEK, Phase, close_of, lock_of, parse_week, phase_of, week_name, week_of

instants = st.integers(parse_instant("1970-01-01T00:00Z"), parse_instant("2200-01-01T00:00Z"))


@given(instants)
def test_a_week_begins_on_the_monday_before_and_ends_on_the_next(at: int) -> None:
    begin = week_of(at)

    assert begin <= at < begin + WEEK
    monday = datetime.fromtimestamp(begin / SECOND, UTC)
    assert (monday.weekday(), monday.hour, monday.minute, monday.second) == (0, 0, 0, 0)


@given(instants)
def test_a_week_survives_its_name(at: int) -> None:
    assert parse_week(week_name(at)) == week_of(at)


@pytest.mark.parametrize(
    ("at", "name"),
    [
        ("2026-11-19T09:00Z", "2026-W47"),
        ("2026-11-22T23:59:59.999Z", "2026-W47"),
        ("2026-11-23T00:00Z", "2026-W48"),
        ("2025-12-28T23:59:59.999Z", "2025-W52"),
        ("2025-12-29T00:00Z", "2026-W01"),  # the year's first Thursday decides
        ("2026-12-31T12:00Z", "2026-W53"),
        ("2027-01-03T23:59:59.999Z", "2026-W53"),
        ("2027-01-04T00:00Z", "2027-W01"),
        ("2021-01-01T00:00Z", "2020-W53"),
    ],
)
def test_weeks_have_the_names_of_the_calendar(at: str, name: str) -> None:
    assert week_name(parse_instant(at)) == name
    assert week_of(parse_instant(at)) == parse_week(name)


def test_a_week_locks_on_the_monday_after_at_noon() -> None:
    noon = parse_instant("2026-11-23T12:00Z")

    assert {lock_of(at) for at in (NINE, week_of(NINE), week_of(NINE) + WEEK - 1)} == {noon}
    assert lock_of(week_of(NINE) + WEEK) == noon + WEEK


def test_seven_days_of_a_week_and_no_eighth() -> None:
    begin = week_of(NINE)

    assert {week_of(begin + day * DAY) for day in range(7)} == {begin}
    assert week_of(begin + 7 * DAY) == begin + WEEK
    assert week_of(begin - 1) == begin - WEEK


@pytest.mark.parametrize(
    "name", ["", "2026", "2026-47", "2026-W7", "2026-W00", "2025-W53", "2026-W54", "26-W47", "\u0662026-W47"]
)
def test_what_names_no_week_is_a_value_error(name: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_week(name)


@pytest.mark.parametrize(
    ("now", "phase"),
    [
        ("2026-11-16T00:00Z", Phase.OPEN),
        ("2026-11-22T23:59:59.999Z", Phase.OPEN),
        ("2026-11-23T00:00Z", Phase.FREELANCER_REVIEW),
        ("2026-11-23T11:59:59.999Z", Phase.FREELANCER_REVIEW),
        ("2026-11-23T12:00Z", Phase.CLIENT_REVIEW),
        ("2026-11-27T23:59:59.999Z", Phase.CLIENT_REVIEW),
        ("2026-11-28T00:00Z", Phase.CLOSED),
        ("2030-01-01T00:00Z", Phase.CLOSED),
    ],
)
def test_a_week_goes_from_open_over_two_reviews_to_closed(now: str, phase: Phase) -> None:
    assert phase_of(week_of(NINE), parse_instant(now)) is phase


@given(instants, st.integers(-WEEK, 3 * WEEK), st.integers(0, WEEK))
def test_a_week_never_goes_back_and_is_locked_from_its_lock_on(at: int, since: int, later: int) -> None:
    week, order = week_of(at), list(Phase)
    now = week + since

    assert order.index(phase_of(week, now)) <= order.index(phase_of(week, now + later))
    assert phase_of(week, now).locked == (now >= lock_of(week))
    assert (phase_of(week, now) is Phase.CLOSED) == (now >= close_of(week))
