"""The rules of reminders, each at a moment given."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from doubles import NINE
from hypothesis import given
from hypothesis import strategies as st
from ui.fake_desk import STOPPED

from tracker.model.slot import DAY, HOUR, MINUTE, SECOND, SLOT, instant, parse_instant
from tracker.model.week import WEEK, week_of
from tracker.reminders import (
    Kind,
    LooseEnds,
    active_minutes,
    closing_changes_in,
    closing_reminder,
    closing_week,
    is_working,
    limit_reminder,
    loose_ends,
    memo_reminder,
    work_begins_in,
)
from tracker.status import EntryView, Question, Status, WeekStatus

MONDAY = week_of(NINE)
BERLIN, NEPAL = ZoneInfo("Europe/Berlin"), timezone(timedelta(hours=5, minutes=45))


def running(ms: int, limit_ms: int | None, **facts: Any) -> Status:
    """Tracking, with so much of a limit used."""
    usual = {"state": "tracking", "contract": "c01", "week": WeekStatus(instant(MONDAY), ms, limit_ms)}
    return msgspec.structs.replace(STOPPED, **(usual | facts))


def entry(start: int, state: str = "waiting") -> EntryView:
    return EntryView(str(start), "c01", instant(start), instant(start + SLOT), state, None, 0, None, None)


def question(begin: int, end: int | None) -> Question:
    return Question(str(begin), instant(begin), None if end is None else instant(end), "c01")


@pytest.mark.parametrize(
    ("ms", "limit_ms", "kind"),
    [
        (9 * HOUR - 1, 10 * HOUR, None),
        (9 * HOUR, 10 * HOUR, Kind.LIMIT_NEAR),
        (10 * HOUR - 1, 10 * HOUR, Kind.LIMIT_NEAR),
        (10 * HOUR, 10 * HOUR, Kind.LIMIT_REACHED),
        (70 * HOUR, 10 * HOUR, Kind.LIMIT_REACHED),
        (0, 0, Kind.LIMIT_REACHED),
        (1, 0, Kind.LIMIT_REACHED),
        (100 * HOUR, None, None),
    ],
)
def test_a_limit_is_near_at_90_percent_and_reached_at_100(ms: int, limit_ms: int | None, kind: Kind) -> None:
    found = limit_reminder(running(ms, limit_ms))

    assert (found.kind if found else None) == kind
    if found:
        assert (found.contract, found.ms, found.limit_ms) == ("c01", ms, limit_ms)


def test_a_limit_is_of_the_running_contract_also_while_it_is_paused() -> None:
    assert (
        limit_reminder(msgspec.structs.replace(running(HOUR, HOUR), state="stopped", contract=None)) is None
    )
    assert limit_reminder(running(HOUR, HOUR, state="away"))


def test_a_limit_is_told_once_for_each_contract_week_and_limit() -> None:
    keys = [
        limit_reminder(status).key
        for status in (
            running(9 * HOUR, 10 * HOUR),
            running(9 * HOUR + 1, 10 * HOUR),
            running(10 * HOUR, 10 * HOUR),
            running(19 * HOUR, 20 * HOUR),
            running(9 * HOUR, 10 * HOUR, contract="c02"),
            running(0, 0, week=WeekStatus(instant(MONDAY + WEEK), 9 * HOUR, 10 * HOUR)),
        )
    ]
    assert keys[0] == keys[1] == "2026-W47 limit-near c01 36000000"
    assert len(set(keys)) == 5


@pytest.mark.parametrize(
    ("ms", "minutes", "told"),
    [(HOUR - 1, 60, False), (HOUR, 60, True), (9 * HOUR, 0, False), (9 * HOUR, 240, True)],
)
def test_a_memo_is_old_after_so_many_tracked_minutes(ms: int, minutes: int, told: bool) -> None:
    assert (memo_reminder(running(0, None, memo="Plans"), ms, minutes, "k") is not None) is told
    for state in ("away", "stopped"):
        assert memo_reminder(running(0, None, state=state), ms, minutes, "k") is None


@pytest.mark.parametrize(
    ("at", "week"),
    [
        (6 * DAY + 18 * HOUR - 1, None),
        (6 * DAY + 18 * HOUR, 0),
        (WEEK - 1, 0),
        (WEEK, 0),
        (WEEK + 12 * HOUR - 1, 0),
        (WEEK + 12 * HOUR, None),
    ],
)
def test_a_week_closes_from_sunday_evening_to_monday_noon(at: int, week: int | None) -> None:
    assert closing_week(MONDAY + at) == (None if week is None else MONDAY)


@given(st.integers(0, 3 * WEEK))
def test_when_that_changes_is_known_before(offset: int) -> None:
    at = MONDAY + offset
    change = at + closing_changes_in(at)

    assert at < change <= at + WEEK
    assert closing_week(change - 1) == closing_week(at)
    assert closing_week(change) != closing_week(at)


def test_what_is_unsent_held_or_unanswered_of_the_closing_week_is_listed() -> None:
    sunday = MONDAY + 6 * DAY + 20 * HOUR
    mine = [entry(sunday), entry(sunday - SLOT, "held"), entry(MONDAY, "refused"), entry(MONDAY + WEEK - 1)]
    others = [entry(MONDAY - SLOT), entry(MONDAY + WEEK)]
    asked = [question(sunday, sunday + HOUR), question(MONDAY + WEEK - MINUTE, None)]
    not_asked = [question(MONDAY - HOUR, MONDAY), question(MONDAY + WEEK, None)]

    for at in (sunday, MONDAY + WEEK + HOUR):
        found = loose_ends([*mine, *others], [*asked, *not_asked], at)
        assert found == LooseEnds(
            week=MONDAY,
            locks_at=MONDAY + WEEK + 12 * HOUR,
            held=(mine[1],),
            waiting=(mine[0], mine[3]),
            refused=(mine[2],),
            questions=tuple(asked),
        )
        assert found.count == 6
        assert closing_reminder(found).key == "2026-W47 week-closes"
    assert loose_ends(mine, asked, sunday - 3 * HOUR) is None
    assert loose_ends(others, not_asked, sunday) is None
    assert closing_reminder(None) is None


def test_time_that_begins_in_the_week_before_and_reaches_into_it_is_asked_about_in_both() -> None:
    over = question(MONDAY - HOUR, MONDAY + HOUR)
    assert loose_ends([], [over], MONDAY).questions == (over,)
    assert loose_ends([], [over], MONDAY + 6 * DAY + 20 * HOUR).questions == (over,)


DAYTIME, NIGHT = (540, 1020), (1320, 360)  # 09:00-17:00, 22:00-06:00


@pytest.mark.parametrize(
    ("local", "hours", "expected"),
    [
        ("2026-11-19T08:59:59", DAYTIME, False),
        ("2026-11-19T09:00:00", DAYTIME, True),
        ("2026-11-19T16:59:59", DAYTIME, True),
        ("2026-11-19T17:00:00", DAYTIME, False),
        ("2026-11-21T12:00:00", DAYTIME, False),  # a Saturday
        ("2026-11-22T12:00:00", DAYTIME, False),
        ("2026-11-23T12:00:00", DAYTIME, True),
        ("2026-11-20T22:00:00", NIGHT, True),  # Friday
        ("2026-11-21T05:59:00", NIGHT, True),  # still Friday's
        ("2026-11-21T06:00:00", NIGHT, False),
        ("2026-11-21T23:00:00", NIGHT, False),
        ("2026-11-22T23:00:00", NIGHT, False),
        ("2026-11-23T05:00:00", NIGHT, False),  # Sunday's, so nobody's
        ("2026-11-23T22:00:00", NIGHT, True),
        ("2026-11-24T12:00:00", NIGHT, False),
    ],
)
@pytest.mark.parametrize("zone", [UTC, BERLIN, NEPAL])
def test_working_hours_are_local_and_of_weekdays(
    local: str, hours: tuple[int, int], expected: bool, zone: Any
) -> None:
    assert is_working(hours, parse_instant(local, zone), zone) is expected


@given(
    begin=st.integers(0, 1439),
    length=st.integers(1, 1439),
    now=st.integers(NINE, NINE + 400 * DAY),
    zone=st.sampled_from([UTC, NEPAL, timezone(timedelta(hours=-9, minutes=-30))]),
)
def test_working_hours_begin_where_they_were_off_before(begin: int, length: int, now: int, zone: Any) -> None:
    hours = begin, (begin + length) % 1440
    starts = now + work_begins_in(hours, now, zone)

    assert now < starts <= now + 4 * DAY
    assert is_working(hours, starts, zone)
    assert not is_working(hours, starts - SECOND, zone)
    if not is_working(hours, now, zone):
        assert not any(is_working(hours, moment, zone) for moment in range(now, starts, 17 * MINUTE))


def test_the_first_hour_of_summer_time_does_not_confuse_working_hours() -> None:
    """In Berlin there is no 02:30 on that Sunday; the next weekday is Monday."""
    now = parse_instant("2026-03-28T12:00:00", BERLIN)
    assert now + work_begins_in((150, 400), now, BERLIN) == parse_instant("2026-03-30T02:30:00", BERLIN)


@pytest.mark.parametrize(
    ("before", "gap_s", "idle_s", "after"),
    [
        (0, 60, 10, 1),
        (4, 60, 59, 5),
        (4, 61, 61, 5),
        (4, 60, 61, 0),
        (4, 60, None, 0),
        (4, 91, 10, 1),  # what was between nobody knows
        (4, 3600, 61, 0),
    ],
)
def test_minutes_with_input_are_counted_without_a_gap(
    before: int, gap_s: int, idle_s: int | None, after: int
) -> None:
    idle = None if idle_s is None else idle_s * SECOND
    assert active_minutes(before, gap_s * SECOND, idle) == after
