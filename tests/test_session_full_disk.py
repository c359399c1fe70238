"""A disk that is full for a while: tracking goes on, nothing is lost or counted twice, the status is true."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from sqlite3 import Connection

import pytest
from absences import LOCK, STOP, WORK, asked, pieces
from doubles import NINE
from workbench import FENNEL, NORTHBEAM, Bench

from tracker.errors import StorageFailed
from tracker.model.slot import HOUR, MINUTE
from tracker.orders import Begin
from tracker.outbox.database import Database

pytestmark = pytest.mark.expects_log("nothing can be kept right now: The disk is full")


class FullDisk(Database):
    """A real database on a disk that is full as long as the test says so."""

    full = False

    def transaction(self, *, durable: bool = True) -> AbstractContextManager[Connection]:
        if self.full:
            raise StorageFailed("The disk is full.")
        return super().transaction(durable=durable)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[FullDisk]:
    made = FullDisk.open(tmp_path / "outbox.db", None)
    assert isinstance(made, FullDisk)
    yield made
    made.close()


@pytest.fixture
def test_a_switch_is_in_effect_and_each_contract_has_its_time(bench: Bench, database: FullDisk) -> None:
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(3 * MINUTE, keys=1)
    database.full = True
    bench.do(Begin(FENNEL, WORK))
    bench.work(MINUTE, keys=1)
    assert (bench.status().state, bench.status().contract) == ("tracking", "fennel")
    database.full = False
    bench.work(MINUTE, keys=1)

    slot = bench.status().slot
    assert slot is not None
    assert (slot.tracked_ms, slot.keys) == (2 * MINUTE, 120), "of the running contract alone"
    bench.do(STOP)
    assert pieces(bench) == [(0, 3, "northbeam", "switch"), (3, 5, "fennel", "stop")]


def test_who_is_away_keeps_what_was_tracked_before(bench: Bench, database: FullDisk) -> None:
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(8 * MINUTE, keys=1)
    database.full = True
    bench.do(LOCK)
    bench.work(MINUTE)
    assert bench.status().state == "away"
    assert bench.status().today_ms == 8 * MINUTE, "not what is in question, but all before"
    bench.work(2 * HOUR)
    database.full = False
    bench.work(MINUTE)

    assert pieces(bench) == [(0, 8, "northbeam", "lock")]
    assert asked(bench) == [(8, 68, "lock")]
    assert bench.status().resume is not None


def test_a_lock_that_ends_the_run_ends_it_whole(bench: Bench, database: FullDisk) -> None:
    bench.clock.wall = NINE + 15 * HOUR - 5 * MINUTE  # 23:55 UTC
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(MINUTE, keys=1)
    bench.work(6 * MINUTE)
    database.full = True

    bench.do(LOCK)  # silent since 23:56, and the day is over

    status = bench.status()
    assert (status.state, status.contract) == ("stopped", None)
    assert status.resume is not None
    assert bench.hands.tally is None, "nothing counts any more"
