"""A contract's week: all devices and hands together, under the limit that was in force."""

from __future__ import annotations

from typing import Any

import pytest
from backend import Site
from device import Device
from doubles import NINE
from sqlalchemy import insert, select
from uuid_utils import uuid7

from tracker.evidence.keys import SigningKey
from tracker.model.segment import Key
from tracker.model.segment import by_hand as entered
from tracker.model.slot import HOUR, MINUTE, SLOT
from tracker.model.week import WEEK, week_of
from tracker.server.tables import terms

LAPTOP = SigningKey("44" * 32)


def week(site: Site, contract: str, name: str = "2026-W47") -> dict[str, Any]:
    answer = site.call("GET", f"/contracts/{contract}/weeks/{name}")
    assert answer.status_code == 200
    return dict(answer.json())


def agree(site: Site, contract: str, limit_ms: int | None) -> None:
    """Store new terms with another limit, in force from now on."""
    of = select(terms).where(terms.c.contract == contract).order_by(terms.c.number.desc())
    with site.parts.database.read() as connection:
        newest = dict(connection.execute(of).mappings().first() or {})
    changes = {"number": newest["number"] + 1, "weekly_limit_ms": limit_ms, "since": site.clock.wall}
    site.parts.database.write(lambda connection: connection.execute(insert(terms), newest | changes))


def by_hand(device: Device, start: int) -> Any:
    key = Key(device.server, device.account, device.contract)
    (made,) = entered(key, start, start + SLOT, "Call", lambda: str(uuid7()))
    return device.seal(made, {})


def test_a_week_holds_the_time_of_all_devices_and_hands(site: Site) -> None:
    contract = site.contract(weekly_limit_ms=22 * MINUTE, manual=True)
    site.clock.wall = NINE + HOUR
    desk, laptop = site.device(contract), site.device(contract, key=LAPTOP)
    for sealed in (desk.work(NINE), laptop.work(NINE + MINUTE, ms=9 * MINUTE), desk.work(NINE + SLOT)):
        site.deliver(sealed)
    site.deliver(by_hand(desk, NINE + 3 * SLOT))
    site.deliver(desk.work(NINE - WEEK))

    assert week(site, contract) == {
        "week": "2026-W47",
        "start": "2026-11-16T00:00:00.000Z",
        "end": "2026-11-23T00:00:00.000Z",
        "tracked_ms": 29 * MINUTE,
        "manual_ms": SLOT,
        "limit_ms": 22 * MINUTE,
        "over_ms": 8 * MINUTE,  # what overlaps uses nothing up
        "overlap_ms": 9 * MINUTE,
    }
    assert week(site, contract, "2026-W46")["tracked_ms"] == SLOT
    assert week(site, contract, "2026-W48")["tracked_ms"] == 0


@pytest.mark.parametrize("limit", [None, 0, 5 * HOUR])
def test_a_week_has_the_limit_of_its_terms(site: Site, limit: int | None) -> None:
    assert week(site, site.contract(weekly_limit_ms=limit))["limit_ms"] == limit


@pytest.mark.parametrize(
    ("limits", "this", "next_"),
    [
        ([HOUR, 2 * HOUR], 2 * HOUR, 2 * HOUR),
        ([2 * HOUR, HOUR], 2 * HOUR, HOUR),
        ([2 * HOUR, HOUR, 3 * HOUR, 0], 3 * HOUR, 0),
        ([HOUR, None, 0], None, 0),
    ],
)
def test_a_raised_limit_holds_at_once_and_a_lowered_one_from_next_monday_on(
    site: Site, limits: list[int | None], this: int | None, next_: int | None
) -> None:
    contract = site.contract(weekly_limit_ms=limits[0])
    for limit in limits[1:]:
        site.clock.advance(HOUR)
        agree(site, contract, limit)

    assert week(site, contract, "2026-W47")["limit_ms"] == this
    assert week(site, contract, "2026-W48")["limit_ms"] == next_


def test_the_diary_counts_by_the_same_limit_as_the_week(site: Site) -> None:
    contract = site.contract(weekly_limit_ms=15 * MINUTE)
    site.clock.wall = NINE + HOUR
    device = site.device(contract)
    for n in range(2):
        site.deliver(device.work(NINE + n * SLOT))
    agree(site, contract, 5 * MINUTE)
    agree(site, contract, 5 * MINUTE)  # on the next day, too

    totals = site.call("GET", "/diary?date=2026-11-19").json()["totals"]
    assert totals["over_ms"] == week(site, contract)["over_ms"] == 5 * MINUTE
    page = site.ask("GET", "/diary?date=2026-11-19&tz=UTC").text
    assert "of 15 m" in page
    site.clock.wall = week_of(NINE) + WEEK + HOUR
    site.deliver(device.work(week_of(NINE) + WEEK))
    assert site.call("GET", "/diary?date=2026-11-23").json()["totals"]["over_ms"] == 5 * MINUTE
    pages = site.call("GET", f"/contracts/{contract}/segments").json()["segments"]
    assert [len(one["over"]) for one in pages] == [0, 1, 1]  # over several weeks


@pytest.mark.parametrize("name", ["2026-W54", "2026-47", "yesterday", "9999-W52", "0001-W01", "x" * 60])
def test_what_names_no_week_is_refused(site: Site, name: str) -> None:
    answer = site.call("GET", f"/contracts/{site.contract()}/weeks/{name}")
    assert (answer.status_code, answer.json()["type"]) == (422, "malformed")
