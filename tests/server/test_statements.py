"""Statements freeze once, as the week stood at its lock, however late and by how many processes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import backend
import clusters
import msgspec
import pytest
from backend import Site
from device import Device, webp
from doubles import NINE
from sqlalchemy import insert, select, update

from tracker.clock import SystemClock
from tracker.model.contract import UPWORK_POLICY
from tracker.model.revision import Change
from tracker.model.slot import DAY, HOUR, MINUTE, SECOND, SLOT
from tracker.model.week import WEEK, Phase, close_of, lock_of, week_of
from tracker.server.database import Database
from tracker.server.locking import Locking
from tracker.server.store import Store
from tracker.server.tables import statement, terms
from tracker.server.weeks import Week, Weeks

START = week_of(NINE)
LOCK = lock_of(NINE)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A hosted server: its weeks lock."""
    with backend.site(tmp_path, embedded=False) as site:
        yield site


def desk(site: Site, *starts: int, **facts: Any) -> Device:
    """Return a device that has delivered slots with shots, each within the hour."""
    device = site.device(site.accepted(), **facts)
    for start in starts:
        site.clock.wall = start + HOUR
        assert site.deliver(device.work(start, webp())).status_code == 201
    return device


def week(site: Site, device: Device, start: int = START) -> Week:
    return site.parts.weeks.week(device.contract, start, site.clock.wall)


def frozen(site: Site) -> list[tuple[str, int]]:
    with site.parts.database.read() as connection:
        return [(of, at) for of, at in connection.execute(select(statement.c.contract, statement.c.week))]


def agree(site: Site, device: Device, **changes: Any) -> None:
    """Store new terms, in force from now on."""
    of = select(terms).where(terms.c.contract == device.contract).order_by(terms.c.number.desc())
    with site.parts.database.read() as connection:
        newest = dict(connection.execute(of).mappings().first() or {})
    made = newest | {"number": newest["number"] + 1, "since": site.clock.wall} | changes
    site.parts.database.write(lambda connection: connection.execute(insert(terms), made))


def test_an_open_week_is_counted_as_it_grows_and_nothing_is_frozen(site: Site) -> None:
    device = desk(site, NINE)
    open_ = week(site, device)
    assert (open_.phase, open_.frozen, open_.figures.billed_tracked_ms) == (Phase.OPEN, None, SLOT)
    assert [one.total for one in open_.figures.charges] == ["10.83"]  # 65 / 6
    assert site.deliver(device.work(NINE + SLOT, webp())).status_code == 201
    assert week(site, device).figures.billed_tracked_ms == 2 * SLOT
    site.clock.wall = LOCK - 1
    assert week(site, device).phase is Phase.FREELANCER_REVIEW
    assert site.parts.weeks.catch_up(site.clock.wall) == 0
    assert frozen(site) == []


def test_after_weeks_of_downtime_each_locked_week_is_frozen_as_it_stood_at_its_lock(site: Site) -> None:
    device = desk(site, NINE, NINE + SLOT, NINE + WEEK, NINE + 3 * WEEK)
    site.clock.wall = lock_of(NINE + 3 * WEEK) - 1
    assert site.deliver(device.work(NINE + WEEK + SLOT, webp())).status_code == 201

    assert Locking(site.parts.weeks, site.clock).step() == 1
    assert week(site, device).figures.billed_tracked_ms == 2 * SLOT
    then = week(site, device, START + WEEK)
    assert (then.figures.billed_tracked_ms, then.figures.late_ms, then.now.late_ms) == (SLOT, 0, SLOT)
    assert frozen(site) == [(device.contract, START), (device.contract, START + WEEK)]
    site.clock.advance(1)
    assert Locking(site.parts.weeks, site.clock).step() == HOUR
    assert len(frozen(site)) == 3
    assert site.parts.weeks.catch_up(site.clock.wall) == 0


def test_what_comes_after_the_lock_is_beside_the_statement_and_changes_nothing_in_it(site: Site) -> None:
    device = desk(site, NINE)
    memo = device.work(NINE + SLOT, webp(), memo="")
    assert site.deliver(memo).status_code == 201
    site.clock.wall = LOCK
    late = device.work(NINE - HOUR, webp())
    assert site.deliver(late).status_code == 201
    refused = site.deliver(device.revise(memo, Change.MEMO, memo="Drawing the stairs"))

    seen = week(site, device)
    assert refused.status_code == 403
    assert seen.figures.tracked_ms == 2 * SLOT
    assert seen.figures.protected_ms == SLOT
    assert (seen.now.tracked_ms, seen.now.late_ms, seen.adjustments) == (3 * SLOT, SLOT, {})
    assert seen.frozen is not None
    assert seen.frozen.frozen_at == LOCK


def test_late_time_leaves_what_is_over_the_limit_where_it_was(site: Site) -> None:
    device = desk(site, NINE, NINE + SLOT)
    limited = update(terms).values(weekly_limit_ms=15 * MINUTE)
    site.parts.database.write(lambda connection: connection.execute(limited))
    site.clock.wall = LOCK
    assert site.deliver(device.work(NINE - HOUR, webp())).status_code == 201

    seen = week(site, device)
    assert (seen.figures.over_ms, seen.figures.billed_tracked_ms) == (5 * MINUTE, 15 * MINUTE)
    assert (seen.now.over_ms, seen.now.billed_tracked_ms) == (5 * MINUTE, 15 * MINUTE)


def test_terms_of_after_the_lock_are_none_of_its_business(site: Site) -> None:
    device = desk(site, NINE)
    site.clock.wall = LOCK
    agree(site, device, rate="100", policy=msgspec.json.encode(UPWORK_POLICY).decode(), weekly_limit_ms=0)
    seen = week(site, device)
    assert seen.figures.charges[0].total == "10.83"
    assert (seen.now, seen.adjustments) == (seen.figures, {})


def test_each_moment_has_the_rate_that_was_agreed_then(site: Site) -> None:
    device = desk(site, NINE)
    agree(site, device, rate="130")
    site.clock.wall += HOUR
    start = site.clock.wall // SLOT * SLOT
    site.clock.wall += HOUR
    assert site.deliver(device.work(start, webp())).status_code == 201
    figures = week(site, device).figures
    assert [(one.terms, one.rate, one.tracked_ms) for one in figures.rates] == [
        (1, "65", SLOT),
        (2, "130", SLOT),
    ]
    assert figures.charges[0].total == "32.50"


def test_what_is_discarded_is_counted(site: Site) -> None:
    device = desk(site, NINE)
    gone = device.work(NINE + SLOT, webp())
    for sealed in (gone, device.revise(gone, Change.DISCARD)):
        assert site.deliver(sealed).status_code == 201
    assert week(site, device).figures.deletions == 1


def test_the_caps_of_the_policy_upwork_look_at_what_was_settled_before(site: Site) -> None:
    device = desk(site, NINE)
    site.clock.wall = LOCK
    site.parts.weeks.catch_up(LOCK)
    policy = msgspec.json.encode(UPWORK_POLICY).decode()
    agree(site, device, rate="130", policy=policy, since=START + WEEK)
    site.clock.wall = NINE + WEEK + HOUR
    assert site.deliver(device.work(NINE + WEEK, webp())).status_code == 201

    (charge,) = week(site, device, START + WEEK).figures.charges
    assert (charge.total, charge.protected) == ("21.67", "10.83"), "130 agreed, 65 usual"
    full = week(site, device).frozen
    assert full is not None
    body = msgspec.json.encode(msgspec.structs.replace(full.figures, protected_ms=50 * HOUR - 4 * MINUTE))
    row = update(statement).values(body=body)
    site.parts.database.write(lambda connection: connection.execute(row))
    figures = week(site, device, START + WEEK).figures
    assert (figures.protected_ms, figures.billed_tracked_ms) == (4 * MINUTE, SLOT)


def test_an_embedded_server_counts_what_was_corrected_after_the_lock_as_an_adjustment(tmp_path: Path) -> None:
    with backend.site(tmp_path) as site:
        device = site.device()
        site.clock.wall = NINE + HOUR
        sealed = [device.work(NINE + n * SLOT, webp()) for n in range(2)]
        assert [site.deliver(one).status_code for one in sealed] == [201, 201]
        site.clock.wall = close_of(NINE)
        assert week(site, device).figures.charges[0].total == "21.67"
        assert site.deliver(device.revise(sealed[0], Change.DISCARD)).status_code == 201
        assert site.deliver(device.work(NINE + DAY, webp())).status_code == 201
        assert site.deliver(device.work(NINE + DAY + SLOT, webp())).status_code == 201
        seen = week(site, device)
        assert (seen.phase, seen.adjustments) == (Phase.CLOSED, {"USD": Decimal("10.83")})


@pytest.mark.expects_log("statements could not be frozen")
def test_a_fault_is_told_without_what_it_quotes_and_made_up_for(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> int:
        raise OSError("Drawing the stairs")

    locking = Locking(site.parts.weeks, site.clock)
    with monkeypatch.context() as patch, caplog.at_level("ERROR"):
        patch.setattr(Weeks, "catch_up", broken)
        assert locking.step() <= HOUR
    assert "OSError" in caplog.text
    assert "stairs" not in caplog.text


def test_the_thread_begins_at_once_and_ends_when_it_is_told() -> None:
    looked = threading.Event()

    class Looked(Weeks):
        def catch_up(self, now: int, contract: str | None = None) -> int:  # noqa: ARG002
            looked.set()
            return 0

    locking = Locking(Looked(None, None), SystemClock())  # type: ignore[arg-type]
    locking.start()
    assert looked.wait(10)
    locking.close()


@pytest.mark.skipif(clusters.PROGRAMS is None, reason="needs Debian's package postgresql")
def test_of_several_processes_one_freezes_and_all_say_the_same(cluster: str, tmp_path: Path) -> None:
    with backend.site(tmp_path, database=cluster, embedded=False) as site:
        device = desk(site, *(NINE + n * SLOT for n in range(3)))
        others = [Database.by_url(cluster) for _ in range(3)]
        all_weeks = [site.parts.weeks, *(Weeks(other, Store(other)) for other in others)]
        together = threading.Barrier(len(all_weeks))

        def look(place: int) -> Week:
            together.wait()
            return all_weeks[place].week(device.contract, START, LOCK + place * SECOND)

        with ThreadPoolExecutor(len(all_weeks)) as pool:
            seen = list(pool.map(look, range(len(all_weeks))))
        for other in others:
            other.close()
        assert len({one.frozen and one.frozen.frozen_at for one in seen}) == 1
        assert {one.figures for one in seen} == {seen[0].figures}
        assert frozen(site) == [(device.contract, START)]
