"""Timesheets: exact sums of any range, the same as page, data, CSV, PDF and calendar; harmless in each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import backend
import pytest
from backend import Site
from device import Device, webp
from doubles import NINE
from icalendar import Calendar

from tracker.model.slot import DAY, HOUR, MINUTE, SLOT
from tracker.model.week import WEEK

RANGE = "from=2026-11-16&to=2026-11-22&tz=UTC"
EVIL = '=HYPERLINK("http://evil","x")'


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Device, Device]]:
    """A freelancer's week: two contracts, one of them over its limit, a memo that looks like a formula."""
    with backend.site(tmp_path_factory.mktemp("timesheet")) as site:
        site.clock.wall = NINE + DAY
        one = site.device(site.contract(weekly_limit_ms=15 * MINUTE))
        other = site.device(site.contract(title="Brand", client="#panic()"))
        for sealed in (
            one.work(NINE, webp()),
            one.work(NINE + SLOT, memo="Review of the flow"),
            other.work(NINE + HOUR, memo=EVIL),
            other.work(NINE + HOUR + SLOT, memo=EVIL),
            one.work(NINE - WEEK),
        ):
            assert site.deliver(sealed).status_code == 201
        yield site, one, other


def rows(site: Site, by: str = "memo", asked: str = RANGE) -> list[dict[str, Any]]:
    return list(site.call("GET", f"/timesheet?{asked}&by={by}").json()["rows"])


@pytest.mark.parametrize(("by", "number"), [("memo", 3), ("day", 2), ("contract", 2)])
def test_however_it_is_parted_the_sums_are_those_of_the_diary(
    desk: tuple[Site, Device, Device], by: str, number: int
) -> None:
    site, _, _ = desk
    found, day = rows(site, by), site.call("GET", "/diary?date=2026-11-19&tz=UTC").json()["totals"]
    assert len(found) == number
    for name in ("tracked_ms", "manual_ms", "protected_ms", "over_ms"):
        assert sum(row[name] for row in found) == day[name]
    assert sum(row["billed_ms"] for row in found) == 4 * SLOT - 5 * MINUTE
    assert all((row["date"] is None) == (by == "contract") for row in found)


def test_one_contract_alone(desk: tuple[Site, Device, Device]) -> None:
    site, one, _ = desk
    found = rows(site, "contract", f"{RANGE}&contract={one.contract}")
    assert [(row["contract"], row["tracked_ms"]) for row in found] == [(one.contract, 2 * SLOT)]
    assert site.call("GET", f"/timesheet?{RANGE}&contract=none").status_code == 404


@pytest.mark.parametrize(
    "asked",
    ["from=2026-11-20&to=2026-11-19", "from=2026-01-01&to=2026-11-19", "from=soon", "tz=Mars/Base", "by=x"],
)
def test_a_range_that_cannot_be_meant_is_refused(desk: tuple[Site, Device, Device], asked: str) -> None:
    site, _, _ = desk
    for path in ("/api/v1/timesheet", "/timesheet", "/timesheet.csv"):
        assert site.ask("GET", f"{path}?{asked}").status_code == 422


def test_no_spreadsheet_takes_a_memo_for_a_formula(desk: tuple[Site, Device, Device]) -> None:
    site, _, _ = desk
    answer = site.ask("GET", f"/timesheet.csv?{RANGE}")
    assert answer.headers["Content-Disposition"].endswith('"timesheet-2026-11-16-2026-11-22.csv"')
    read = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["Memo"] for row in read][-1] == "'" + EVIL
    assert {row["Client"] for row in read} == {"Northbeam", "#panic()"}
    assert [row["Tracked"] for row in read] == ["0:10:00", "0:10:00", "0:20:00"]
    assert [row["Over limit"] for row in read] == ["0:00:00", "0:05:00", "0:00:00"]


def test_on_paper_a_memo_is_text_whatever_it_looks_like(desk: tuple[Site, Device, Device]) -> None:
    site, _, _ = desk
    answer = site.ask("GET", f"/timesheet.pdf?{RANGE}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")


def test_a_calendar_reads_runs_by_its_address_until_it_is_taken_back(
    desk: tuple[Site, Device, Device],
) -> None:
    site, _, _ = desk
    word = subscribed(site)
    feed = site.ask("GET", f"/calendar/{word}.ics", token="")
    events = [
        (str(one["summary"]), one["dtstart"].dt, one["dtend"].dt)
        for one in Calendar.from_ical(feed.content).walk("VEVENT")
    ]
    at = [datetime.fromtimestamp((NINE + offset) / 1000, UTC) for offset in (HOUR, HOUR + 2 * SLOT)]
    assert ((f"#panic(): {EVIL}"), *at) in events, "neighbours are one run"
    assert len(events) == 4

    again = subscribed(site)
    assert site.ask("GET", f"/calendar/{word}.ics", token="").status_code == 404
    assert site.ask("GET", f"/calendar/{again}.ics", token="").status_code == 200
    assert site.ask("POST", "/timesheet/calendar/end").status_code == 303
    assert site.ask("GET", f"/calendar/{again}.ics", token="").status_code == 404


def test_a_calendars_word_opens_nothing_else(desk: tuple[Site, Device, Device]) -> None:
    site, _, _ = desk
    word = subscribed(site)
    assert site.ask("GET", "/api/v1/me", token=word).status_code == 401
    assert site.ask("GET", f"/calendar/{site.token}.ics", token="").status_code == 404


def subscribed(site: Site) -> str:
    """Make a calendar's address, as its page shows it, and return its word."""
    shown = site.ask("POST", "/timesheet/calendar").text
    return str(shown.partition("/calendar/")[2].partition(".ics")[0].rpartition("/")[2])


def test_a_page_tells_the_week_without_a_word(tmp_path: Path) -> None:
    with backend.site(tmp_path) as site:
        page = site.ask("GET", "/timesheet", headers={"Accept": "text/html"}).text
        assert "Nothing tracked in this time" in page
        assert "Monday, 16 November 2026 to Thursday, 19 November 2026" in page
