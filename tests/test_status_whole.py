"""A status is of one moment: it is put together where nothing changes meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from doubles import FakeClock
from workbench import NORTHBEAM, Bench, bench_on

from tracker.commands import Commands
from tracker.errors import NothingTracking
from tracker.orders import Begin
from tracker.outbox.database import Database


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    database = Database.open(tmp_path / "outbox.db", None)
    yield bench_on(database, FakeClock())
    database.close()


def asked(bench: Bench, command: str) -> tuple[Any, set[int]]:
    """Return what a command answers that comes from a thread of its own, and where the status was seen."""
    threads: set[int] = set()

    def look() -> Any:
        threads.add(threading.get_ident())
        return bench.status()

    none: Any = None  # these commands need a session only
    commands = Commands(none, bench.outbox, none, none, none, bench.session, look, lambda: bench.clock.wall)
    posted = threading.Semaphore(0)
    bench.session.nudge = posted.release
    with ThreadPoolExecutor(1) as other:
        answer = other.submit(getattr(commands, command))
        for _ in range(2):  # the order, and the look
            assert posted.acquire(timeout=10)
        bench.session.step()
        error = answer.exception(10)
        return error or answer.result(), threads


def test_the_status_is_seen_in_the_thread_that_changes_it(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, "Checkout"))

    status, threads = asked(bench, "status")

    assert status.state == "tracking"
    assert threads == {threading.get_ident()}


def test_a_refused_order_is_told_though_a_look_follows_it(bench: Bench) -> None:
    error, _ = asked(bench, "stop")

    assert isinstance(error, NothingTracking)
