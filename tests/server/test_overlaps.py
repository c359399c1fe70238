"""Two devices at the same time: what overlaps is told, and the freelancer says where it counts."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import backend
import pytest
from backend import Site
from device import Device, Sealed
from doubles import NINE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tracker.evidence.keys import SigningKey
from tracker.model.slot import MINUTE, SLOT, instant
from tracker.model.week import lock_of
from tracker.server.tables import choice

LAPTOP = SigningKey("44" * 32)
_slots = count(1)


def two_at_once(site: Site) -> tuple[Sealed, Sealed]:
    """Deliver four minutes of one contract, and eight of another that share three with them."""
    site.clock.wall = NINE + SLOT
    desk, laptop = site.device(), site.device(key=LAPTOP)
    both = desk.work(NINE, ms=4 * MINUTE), laptop.work(NINE + MINUTE, ms=8 * MINUTE)
    for one in both:
        assert site.deliver(one).status_code == 201
    return both


def count_here(site: Site, sealed: Sealed, **given: Any) -> Any:
    return site.call("POST", f"/contracts/{sealed.contract}/segments/{sealed.id}/overlap", **given)


def overlaps(site: Site, *some: Sealed) -> list[tuple[tuple[int, int], ...]]:
    found = {one.segment.id: one.overlap for one in site.parts.store.segments(site.account, 0, 2 * NINE)}
    return [found[one.id] for one in some]


def test_the_freelancer_lets_doubled_time_count_in_the_later_segment_and_back(site: Site) -> None:
    first, second = two_at_once(site)
    doubled = {"from": instant(NINE + MINUTE), "to": instant(NINE + 4 * MINUTE)}
    shown = site.call("GET", f"/contracts/{second.contract}/segments").json()["segments"][0]
    assert (shown["overlap_ms"], shown["overlap"]) == (3 * MINUTE, [doubled])
    assert "overlap" in shown["verdict"]["reasons"]

    answer = count_here(site, second)

    assert (answer.status_code, answer.json()["id"]) == (200, second.id)
    assert (answer.json()["overlap_ms"], answer.json()["overlap"]) == (0, [])
    three = ((NINE + MINUTE, NINE + 4 * MINUTE),)
    assert overlaps(site, first, second) == [three, ()]
    assert count_here(site, first).json()["overlap"] == []
    assert overlaps(site, first, second) == [(), three]


def test_who_chose_what_and_when_is_noted_once(site: Site) -> None:
    _, second = two_at_once(site)
    site.clock.advance(MINUTE)
    assert [count_here(site, second).status_code for _ in range(2)] == [200, 200]
    with site.parts.database.read() as connection:
        (row,) = connection.execute(select(choice)).all()
    assert (row.contract, row.segment, row.account) == (second.contract, second.id, site.account)
    assert (row.at, row.ranges) == (site.clock.wall, f"{NINE + MINUTE}-{NINE + 4 * MINUTE}")


@pytest.mark.parametrize(("before", "status"), [(1, 200), (0, 409)])
def test_where_time_counts_is_settled_when_the_week_locks(site: Site, before: int, status: int) -> None:
    first, second = two_at_once(site)
    site.clock.wall = lock_of(NINE) - before
    answer = count_here(site, second)
    assert answer.status_code == status
    if status == 409:
        assert answer.json()["type"] == "week-locked"
        assert overlaps(site, first) == [()]


def test_a_segment_in_doubt_takes_nothing_from_an_honest_one(site: Site) -> None:
    begin = NINE + 2 * SLOT
    ahead, honest = site.device(), site.device(key=LAPTOP)
    doubted = ahead.work(begin, ms=4 * MINUTE)
    site.deliver(doubted)  # its clock is ahead
    site.clock.wall = begin + SLOT
    site.deliver(honest.work(begin + MINUTE, ms=8 * MINUTE))
    answer = count_here(site, doubted)
    assert (answer.status_code, answer.json()["type"]) == (409, "clock-in-doubt")
    assert overlaps(site, doubted) == [((begin + MINUTE, begin + 4 * MINUTE),)]


def test_an_unknown_segment_is_not_here(site: Site) -> None:
    sealed = site.device().work()
    assert count_here(site, sealed).status_code == 404


def test_the_other_side_sees_how_much_overlaps_and_moves_nothing(tmp_path: Path) -> None:
    with backend.site(tmp_path, embedded=False) as site:
        _, client = site.person("Client")
        site.clock.wall = NINE + SLOT
        contracts = [accepted(site, client), accepted(site, site.person("Other")[1], "Fennel")]
        desk, laptop = site.device(contracts[1]), site.device(contracts[0], key=LAPTOP)
        site.deliver(desk.work(NINE, ms=4 * MINUTE))
        second = laptop.work(NINE + MINUTE, ms=8 * MINUTE)
        site.deliver(second)
        path = f"/contracts/{contracts[0]}/segments"
        (shown,) = site.call("GET", path, token=client).json()["segments"]
        assert (shown["overlap_ms"], shown["overlap"]) == (3 * MINUTE, [])
        cell = f"{NINE // 1000}.{contracts[0]}"
        page = site.ask("GET", f"/diary?date=2026-11-19&tz=UTC&cell={cell}", token=client).text
        assert "Overlap 3 min 00 s" in page
        assert "Counted for" not in page
        assert "Count it here" not in page
        assert contracts[1] not in page
        assert "Fennel" not in page
        assert count_here(site, second, token=client).status_code == 403
        mine = site.ask("GET", f"/diary?date=2026-11-19&tz=UTC&cell={cell}").text
        assert "Counted for Fennel, 09:01:00 – 09:04:00." in mine
        assert "Count it here" in mine


def test_the_page_moves_time_and_returns_to_its_cell(site: Site) -> None:
    first, second = two_at_once(site)
    there = f"date=2026-11-19&tz=UTC&cell={NINE // 1000}.{second.contract}"
    address = f"/diary/overlap/{second.contract}/{second.id}?{there}"
    page = site.ask("GET", f"/diary?{there}").text
    assert address.replace("&", "&amp;") in page
    answer = site.ask("POST", address)
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/diary?{there}#c{NINE // 1000}.{second.contract}",
    )
    assert overlaps(site, second) == [()]
    assert "Count it here" not in site.ask("GET", answer.headers["Location"]).text
    assert overlaps(site, first) != [()]


def test_another_site_s_form_moves_nothing(site: Site) -> None:
    _, second = two_at_once(site)
    path = f"/diary/overlap/{second.contract}/{second.id}"
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://elsewhere"}):
        assert site.ask("POST", path, headers=headers).status_code == 403
    assert overlaps(site, second) != [()]


minutes = st.tuples(st.integers(0, 9), st.integers(1, 10)).filter(lambda ends: ends[0] < ends[1])
pieces = st.lists(st.tuples(minutes, st.integers(0, 2), st.booleans()), min_size=2, max_size=3)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces, st.lists(st.integers(0, 2), max_size=3))
def test_no_second_is_billed_twice_or_never_whatever_is_claimed(
    site: Site, drawn: list[tuple[tuple[int, int], int, bool]], claims: list[int]
) -> None:
    begin = NINE + 2 * next(_slots) * SLOT
    contract = site.contract()
    devices = [site.device(contract, key=SigningKey(f"{number + 1:02x}" * 32)) for number in range(3)]
    sent = []
    for (first, last), number, ahead in drawn:
        site.clock.wall = begin - SLOT if ahead else begin + SLOT
        sent.append(deliver(site, devices[number], begin + first * MINUTE, last - first))
        check(site, begin)
    for number in claims:
        if number < len(sent):
            assert count_here(site, sent[number]).status_code in {200, 409}
            check(site, begin)


def deliver(site: Site, device: Device, start: int, number: int) -> Sealed:
    sealed = device.work(start, ms=number * MINUTE)
    assert site.deliver(sealed).status_code == 201
    return sealed


def check(site: Site, begin: int) -> None:
    stored = site.parts.store.segments(site.account, begin, begin + SLOT)
    billed = [
        at
        for one in stored
        for at in range(one.segment.start, one.segment.end, MINUTE)
        if not any(low <= at < high for low, high in one.overlap)
    ]
    covered = {at for one in stored for at in range(one.segment.start, one.segment.end, MINUTE)}
    assert sorted(billed) == sorted(covered)
    worked = site.parts.store.tracked(site.account, begin, begin + SLOT).values()
    assert sum(one.ms - one.overlap_ms for one in worked) == len(covered) * MINUTE


def accepted(site: Site, client: str, name: str = "Northbeam") -> str:
    """Return a contract that a client has accepted."""
    new = {"title": "Checkout", "client": name, "rate": "1", "currency": "EUR"}
    made = site.call("POST", "/contracts", json=new).json()
    path = made["invitation"].removeprefix("http://testserver/api/v1")
    assert site.call("POST", path, token=client).status_code == 200
    return str(made["contract"]["id"])
