"""Writes share their commits, faults stay with their authors, and the tables are those of the migrations."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, insert, select
from waiting import until

from tracker.errors import BadValue, StorageFailed
from tracker.server.database import Database
from tracker.server.tables import account, metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.at(tmp_path / "hourproof.db")
    yield database
    database.close()


def test_the_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_database_survives_being_opened_again(database: Database, tmp_path: Path) -> None:
    add(database, "one")
    again = Database.at(tmp_path / "hourproof.db")
    assert ids(again) == ["one"]
    again.close()


def test_what_came_in_while_the_disk_was_busy_shares_one_commit(database: Database) -> None:
    commits: list[object] = []
    event.listen(database._engine, "commit", commits.append)
    busy, release = threading.Event(), threading.Event()

    def slow(_connection: Connection) -> None:
        busy.set()
        release.wait(20)

    with ThreadPoolExecutor(9) as pool:
        pool.submit(database.write, slow)
        busy.wait(20)
        waiting = [pool.submit(add, database, f"{n}") for n in range(8)]
        until(lambda: database._jobs.qsize() == 8, "all to wait")
        release.set()
        for one in waiting:
            one.result(20)
    assert len(commits) == 2
    assert ids(database) == sorted(f"{n}" for n in range(8))


def test_who_is_called_off_fails_nobody_beside_it(database: Database) -> None:
    busy, release = threading.Event(), threading.Event()

    def slow(_connection: Connection) -> None:
        busy.set()
        release.wait(20)

    async def call_off() -> None:
        soon = asyncio.create_task(database.write_soon(lambda _: None))
        await asyncio.sleep(0)
        soon.cancel()
        with pytest.raises(asyncio.CancelledError):
            await soon

    with ThreadPoolExecutor(3) as pool:
        pool.submit(database.write, slow)
        busy.wait(20)
        # In a thread of its own: the browser's driver keeps a loop running in this one.
        pool.submit(lambda: asyncio.run(call_off())).result(20)
        beside = pool.submit(add, database, "beside")
        until(lambda: database._jobs.qsize() == 2, "both to wait")
        release.set()
        beside.result(20)
    assert ids(database) == ["beside"]


def test_a_fault_in_one_write_does_not_undo_those_beside_it(database: Database) -> None:
    busy, release = threading.Event(), threading.Event()

    def slow(_connection: Connection) -> None:
        busy.set()
        release.wait(20)

    with ThreadPoolExecutor(4) as pool:
        pool.submit(database.write, slow)
        busy.wait(20)
        good, bad = pool.submit(add, database, "good"), pool.submit(database.write, half_done)
        until(lambda: database._jobs.qsize() == 2, "both to wait")
        release.set()
        good.result(20)
        with pytest.raises(ZeroDivisionError):
            bad.result(20)
    assert ids(database) == ["good"]


def test_a_closed_database_says_so(tmp_path: Path) -> None:
    database = Database.at(tmp_path / "hourproof.db")
    database.close()
    with pytest.raises(RuntimeError, match="closed"):
        add(database, "late")


@pytest.mark.parametrize("url", ["nonsense", "oracle9://host/name", "nosuch://"])
def test_a_url_that_names_no_database_is_refused(url: str) -> None:
    with pytest.raises(BadValue, match="URL"):
        Database.by_url(url)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hourproof.db").write_bytes(b"something else" * 100)
    with pytest.raises(StorageFailed, match="not a database"):
        Database.at(tmp_path / "hourproof.db")


def row(id_: str) -> dict[str, object]:
    return {"id": id_, "name": id_, "role": "member", "created_at": 0}


def add(database: Database, id_: str) -> None:
    database.write(lambda connection: connection.execute(insert(account), row(id_)))


def half_done(connection: Connection) -> float:
    connection.execute(insert(account), row("half"))
    return 1 / 0


def ids(database: Database) -> list[str]:
    with database.read() as connection:
        return sorted(connection.execute(select(account.c.id)).scalars())
