"""A database of an earlier version keeps what it holds, forth and back, on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import clusters
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from doubles import NINE
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.engine import make_url

from tracker.model.slot import MINUTE
from tracker.server.database import _sqlite_engine
from tracker.server.ledger import ranges_of
from tracker.server.migration import FOLDER, migrate
from tracker.server.tables import metadata

_numbers = count(1)
TEN = NINE + 10 * MINUTE
# id, device, start, end, overlap, flags, received; as version 0001 stored them
ROWS = [
    ("first", "desk", NINE, NINE + 4 * MINUTE, 0, "", TEN),
    ("doubted", "tablet", NINE + 5 * MINUTE, NINE + 9 * MINUTE, 0, "late clock-in-doubt", TEN),
    ("between", "laptop", NINE + MINUTE, NINE + 8 * MINUTE, 3 * MINUTE, "", TEN + 1),
    ("both", "phone", NINE + 3 * MINUTE, TEN, 5 * MINUTE, "", TEN + 2),
    ("same moment", "watch", NINE, NINE + 2 * MINUTE, 2 * MINUTE, "", TEN),
    ("nobody knows", "lost", NINE + 30 * MINUTE, NINE + 35 * MINUTE, 2 * MINUTE, "", TEN),
]
PLACED = {
    "first": (),
    "doubted": (),
    "between": ((NINE + MINUTE, NINE + 4 * MINUTE),),
    "both": ((NINE + 3 * MINUTE, NINE + 8 * MINUTE),),
    "same moment": ((NINE, NINE + 2 * MINUTE),),
    "nobody knows": ((NINE + 33 * MINUTE, NINE + 35 * MINUTE),),  # at the end, as verdicts took it
}


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database."""
    if request.param == "sqlite":
        engine = _sqlite_engine(tmp_path / "hourproof.db")
    elif clusters.PROGRAMS is None:
        pytest.skip("needs Debian's package postgresql")
    else:
        url = request.getfixturevalue("cluster")
        name = f"steps{next(_numbers)}"
        everything = create_engine(url, isolation_level="AUTOCOMMIT")
        with everything.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        everything.dispose()
        engine = create_engine(make_url(url).set(database=name))
    yield engine
    engine.dispose()


def step(engine: Engine, way: Callable[[Config, str], None], version: str = "0001") -> None:
    """Go up or down to a version, the first one."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        way(config, version)


_CONTRACT = """
    INSERT INTO contract (id, title, client, state, state_since, created_at)
    VALUES ('c', 'T', 'C', 'active', 0, 0)
"""
_SEGMENT = """
    INSERT INTO segment (contract, id, account, device, seq, start_at, end_at, sha256, body, signature,
        receipt, overlap_ms, flags, test, received_at)
    VALUES ('c', :id, 'me', :device, 1, :start, :end, 'hash', :body, 'signed',
        :body, :overlap, :flags, :test, :received)
"""


def fill(engine: Engine) -> None:
    names = ("id", "device", "start", "end", "overlap", "flags", "received")
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(text(_CONTRACT))
        for row in ROWS:
            facts = {"body": b"bytes", "test": False, **dict(zip(names, row, strict=True))}
            connection.execute(text(_SEGMENT), facts)


def rows(engine: Engine, column: str) -> dict[str, Any]:
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT id, {column} FROM segment")).all()
    return {row[0]: row[1] for row in found}


def test_an_overlap_of_so_many_milliseconds_is_found_again_where_it_lies(engine: Engine) -> None:
    step(engine, command.upgrade)
    fill(engine)

    migrate(engine)

    assert {id_: ranges_of(value) for id_, value in rows(engine, "overlap").items()} == PLACED
    known = {id_: overlap for id_, _, _, _, overlap, _, _ in ROWS}
    assert rows(engine, "overlap_ms") == known
    assert {bytes(body) for body in rows(engine, "body").values()} == {b"bytes"}
    migrate(engine)  # again is no step


def test_the_step_back_keeps_how_much_overlaps(engine: Engine) -> None:
    step(engine, command.upgrade)
    fill(engine)
    migrate(engine)

    step(engine, command.downgrade)

    assert rows(engine, "overlap_ms") == {row[0]: row[4] for row in ROWS}
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        columns = {column["name"] for column in inspect(connection).get_columns("segment")}
    assert "choice" not in tables
    assert "overlap" not in columns
    migrate(engine)
    assert {id_: ranges_of(value) for id_, value in rows(engine, "overlap").items()} == PLACED


def test_revisions_and_tombstones_come_and_go_beside_what_there_is(engine: Engine) -> None:
    step(engine, command.upgrade, "0002")
    fill(engine)

    migrate(engine)

    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    step(engine, command.downgrade, "0002")
    assert {"revision", "tombstone"}.isdisjoint(inspect(engine).get_table_names())
    migrate(engine)
    assert rows(engine, "seq") == {row[0]: 1 for row in ROWS}


_STATEMENT = "INSERT INTO statement (contract, week, body, frozen_at) VALUES ('c', 1, :body, 2)"


def test_statements_and_what_was_said_about_them_come_and_go_beside_what_there_is(engine: Engine) -> None:
    step(engine, command.upgrade, "0003")
    fill(engine)

    migrate(engine)

    with engine.execution_options(writes=True).begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        connection.execute(text(_STATEMENT), {"body": b"{}"})
    step(engine, command.downgrade, "0003")
    assert {"statement", "claim"}.isdisjoint(inspect(engine).get_table_names())
    migrate(engine)
    assert rows(engine, "seq") == {row[0]: 1 for row in ROWS}
