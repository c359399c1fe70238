"""Dates and zones as people type them, and what is read for a day."""

from __future__ import annotations

import re
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from diary_pieces import CONTRACT, contract, kept, stored
from hypothesis import given
from hypothesis import strategies as st

from tracker.model.limit import Agreed
from tracker.model.slot import MINUTE, SLOT, parse_instant
from tracker.server.days import date_named, read_day, read_week, week_named, zone_named
from tracker.server.diary import Worked, window

UTC = ZoneInfo("UTC")
NOW = parse_instant("2026-11-19T23:30:00Z")


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])
def test_a_zone_goes_by_its_name(name: str) -> None:
    assert zone_named(name).key == name


@pytest.mark.parametrize(
    "name", ["", "Europe", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "x" * 5000]
)
def test_what_is_no_zone_is_said(name: str) -> None:
    with pytest.raises(ValueError, match="is no time zone"):
        zone_named(name)


def test_without_a_date_it_is_today_in_the_zone() -> None:
    assert date_named("", UTC, NOW) == date(2026, 11, 19)
    assert date_named(None, ZoneInfo("Europe/Berlin"), NOW) == date(2026, 11, 20)


@pytest.mark.parametrize(
    "text", ["2026-02-30", "20261119", "2026-W47-4", "1999-12-31", "tomorrow", "2026-11-19T09:00"]
)
def test_what_is_no_date_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="it reads like 2026-11-19"):
        date_named(text, UTC, NOW)


@given(text=st.text(max_size=12))
def test_any_text_is_a_date_or_a_sentence_about_dates(text: str) -> None:
    if re.fullmatch(r"20\d\d-(0[1-9]|1[012])-(0[1-9]|1\d|2[0-8])", text, re.ASCII) or not text:
        assert date_named(text, UTC, NOW).year in range(2000, 2100)
    elif not re.match(r"20\d\d-", text):
        with pytest.raises(ValueError, match="is no date"):
            date_named(text, UTC, NOW)


class Shelf:
    """Remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []

    def contracts(self, account: str) -> list[object]:
        self.asked.append(("contracts", account))
        return [contract()]

    def segments(self, account: str, begin: int, end: int, contract: str | None = None) -> list[object]:
        self.asked.append(("segments", account, begin, end, contract))
        return [stored(kept("2026-11-19T09:00:00Z", "2026-11-19T09:10:00Z"))]

    def tracked(self, account: str, begin: int, end: int) -> dict[str, Worked]:
        self.asked.append(("tracked", account, begin, end))
        return {CONTRACT: Worked(end - begin)}

    def agreed(self, account: str) -> dict[str, list[Agreed]]:
        self.asked.append(("agreed", account))
        return {CONTRACT: [Agreed(NOW, 5 * MINUTE)]}

    def own(self, account: str) -> frozenset[str]:
        self.asked.append(("own", account))
        return frozenset({CONTRACT})

    def missing(self, account: str) -> dict[str, int]:
        self.asked.append(("missing", account))
        return {CONTRACT: 2}


def test_a_day_is_read_with_a_slot_around_it_and_the_week_it_lies_in() -> None:
    shelf = Shelf()
    made = read_day(shelf, "me", window(date(2026, 11, 19), UTC))  # type: ignore[arg-type]  # a list is a sequence
    begin, end = parse_instant("2026-11-19T00:00:00Z") - SLOT, parse_instant("2026-11-20T00:00:00Z") + SLOT
    monday = parse_instant("2026-11-16T00:00:00Z")
    assert ("segments", "me", begin, end, None) in shelf.asked
    assert [ask for ask in shelf.asked if ask[0] == "tracked"] == [
        ("tracked", "me", monday, begin),
        ("tracked", "me", monday, parse_instant("2026-11-23T00:00:00Z")),
    ]
    assert made.beyond.missing == {CONTRACT: 2}
    assert made.beyond.own == {CONTRACT}
    assert made.limit(CONTRACT) == 5 * MINUTE
    assert len(made.cells) == 1


def test_a_week_is_read_from_its_monday_to_the_next() -> None:
    shelf = Shelf()
    monday = week_named("2026-W47")
    view = read_week(shelf, "me", CONTRACT, monday)  # type: ignore[arg-type]  # a list is a sequence
    assert ("segments", "me", monday, parse_instant("2026-11-23T00:00:00Z"), CONTRACT) in shelf.asked
    assert (view.tracked_ms, view.limit_ms, view.over_ms) == (SLOT, 5 * MINUTE, 5 * MINUTE)


@pytest.mark.parametrize("text", ["", "2026-W54", "2025-W53", "2026-47", "1999-W47", "9999-W52", "today"])
def test_what_is_no_week_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="it reads like 2026-W47"):
        week_named(text)
