"""The grid of time, over clock changes, odd zones and the ends of years."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from doubles import NINE
from hypothesis import given
from hypothesis import strategies as st

from tracker.model.segment import segment_minutes
from tracker.model.slot import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    SLOT,
    day_bounds,
    day_of,
    instant,
    minute_of,
    parse_instant,
    slot_of,
)

ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kathmandu",  # 5:45 ahead: midnight lies inside a slot
        "Australia/Lord_Howe",  # summer time is half an hour
        "America/Havana",  # changes at midnight
        "Asia/Beirut",
        "America/Sao_Paulo",
        "Pacific/Apia",
        "Pacific/Kiritimati",  # 14 h ahead
        "Etc/GMT+12",
    )
]
instants = st.integers(parse_instant("1980-01-01T00:00Z"), parse_instant("2100-01-01T00:00Z"))
zones = st.sampled_from(ZONES)


@given(instants)
def test_slots_and_minutes_tile_time(at: int) -> None:
    assert slot_of(at) <= minute_of(at) <= at < minute_of(at) + MINUTE <= slot_of(at) + SLOT
    assert datetime.fromtimestamp(slot_of(at) / SECOND, UTC).minute % 10 == 0


@given(instants)
def test_an_instant_survives_its_text(at: int) -> None:
    text = instant(at)

    assert parse_instant(text) == at
    assert (len(text), text[-1]) == (24, "Z")


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-11-19T09:00:00Z", None, NINE),
        ("2026-11-19T09:00:00.001Z", None, NINE + 1),
        ("2026-11-19T10:00:00+01:00", None, NINE),
        ("2026-11-19T10:00", ZoneInfo("Europe/Berlin"), NINE),
        ("2026-11-19", UTC, NINE - 9 * HOUR),
        ("2026-11-19T09:00:00.000999Z", None, NINE),
        ("1969-12-31T23:59:59.999Z", None, -1),
    ],
)
def test_a_person_s_text_names_an_instant(text: str, zone: ZoneInfo | None, expected: int) -> None:
    assert parse_instant(text, zone) == expected


@given(st.text(max_size=30))
def test_a_text_names_an_instant_or_is_a_value_error(text: str) -> None:
    try:
        at = parse_instant(text)
    except ValueError:
        return

    assert isinstance(at, int)


@pytest.mark.parametrize("text", ["", "now", "2026-02-29", "2026-11-19T24:01", "0001-01-01", "19.11.2026"])
def test_what_is_no_instant_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_instant(text)


@given(instants, zones)
def test_a_slot_belongs_to_the_day_in_whose_bounds_it_starts(at: int, zone: ZoneInfo) -> None:
    begin, end = day_bounds(day_of(at, zone), zone)

    assert begin <= slot_of(at) < end


@given(st.dates(date(1980, 1, 1), date(2100, 1, 1)), zones)
def test_days_follow_each_other_without_gap_or_overlap(day: date, zone: ZoneInfo) -> None:
    (begin, end), following = day_bounds(day, zone), day_bounds(day + timedelta(days=1), zone)

    assert end == following[0]
    assert 0 <= end - begin <= 25 * HOUR


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Europe/Berlin", date(2026, 12, 31), 24),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("America/Havana", date(2026, 3, 8), 23),  # has no midnight
        ("America/Havana", date(2026, 11, 1), 25),  # has two
        ("Pacific/Apia", date(2011, 12, 30), 0),  # never was
    ],
)
def test_a_day_is_as_long_as_its_zone_makes_it(zone: str, day: date, hours: float) -> None:
    begin, end = day_bounds(day, ZoneInfo(zone))

    assert end - begin == hours * HOUR


def test_midnight_inside_a_slot_leaves_the_slot_to_the_day_before() -> None:
    zone = ZoneInfo("Asia/Kathmandu")
    begin, _ = day_bounds(date(2026, 11, 20), zone)

    assert begin % SLOT == 5 * MINUTE
    assert day_of(begin + MINUTE, zone) == date(2026, 11, 19)
    assert day_of(begin + 5 * MINUTE, zone) == date(2026, 11, 20)


def test_a_year_ends_where_each_zone_ends_it() -> None:
    new_year = parse_instant("2027-01-01T00:00:00Z")

    assert day_of(new_year - 1, UTC) == date(2026, 12, 31)
    assert day_of(new_year, UTC) == date(2027, 1, 1)
    assert day_of(new_year - 14 * HOUR, ZoneInfo("Pacific/Kiritimati")) == date(2027, 1, 1)
    assert day_of(new_year + 11 * HOUR, timezone(timedelta(hours=-12))) == date(2026, 12, 31)


def test_the_last_day_there_is_has_no_end() -> None:
    with pytest.raises(ValueError, match="9999-12-31"):
        day_bounds(date.max, UTC)


@given(instants, st.integers(1, DAY))
def test_a_range_is_cut_at_every_minute_and_loses_nothing(start: int, ms: int) -> None:
    minutes = segment_minutes(start, start + ms)

    assert sum(minute.tracked_ms for minute in minutes) == ms
    assert [minute.at for minute in minutes] == list(range(minute_of(start), start + ms, MINUTE))
    assert all(0 < minute.tracked_ms <= MINUTE for minute in minutes)
