"""Files of every version there was: nothing is lost by the upgrade, even if it is cut."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from boxes import KEY, Box
from doubles import NINE
from stocked import states, stock
from worked import worked

from tracker.errors import NewerDatabase
from tracker.model.segment import Segment
from tracker.model.slot import SLOT
from tracker.outbox import database as module
from tracker.outbox.connecting import connect
from tracker.outbox.database import Database
from tracker.outbox.schema import STEPS
from tracker.wire.receipt import Receipt

OLD = range(1, len(STEPS))
Contents = tuple[list[tuple[Segment, Receipt | None]], object, object, object, object]


def written_by(version: int, path: Path, source: Path) -> None:
    """Write a file as that version did, with the rows that it knew."""
    with closing(connect(path, KEY)) as old, closing(connect(source, KEY)) as new:
        old.execute("PRAGMA auto_vacuum = INCREMENTAL")
        old.execute("PRAGMA journal_mode = WAL")
        for number, step in enumerate(STEPS[:version], 1):
            old.executescript(f"BEGIN IMMEDIATE; {step}; PRAGMA user_version = {number}; COMMIT")
        old.execute("DELETE FROM meta")
        tables = old.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        for (table,) in tables:
            columns = [column[1] for column in old.execute(f"PRAGMA table_info({table})")]
            rows = new.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
            places = ", ".join("?" * len(columns))
            old.executemany(f"INSERT INTO {table} VALUES ({places})", rows)


def contents(box: Box) -> Contents:
    """Return all that a person would miss."""
    with box.database.reading() as connection:
        kept = [
            connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in ("meta", "picture", "chain", "week")
        ]
        signed = connection.execute("SELECT id, body, signature, sha256 FROM segment ORDER BY id").fetchall()
    outbox = box.outbox
    return (outbox.segments(0, 2 * NINE), kept, signed, box.draft.load(), outbox.entries())


@pytest.fixture
def newest(tmp_path: Path) -> Path:
    """A file of today's version, with something of everything."""
    (tmp_path / "newest").mkdir()
    with Box(tmp_path / "newest") as box:
        stock(box)
    return box.path


@pytest.mark.parametrize("version", OLD)
def test_everything_is_there_after_the_upgrade(tmp_path: Path, newest: Path, version: int) -> None:
    with Box(newest.parent) as box:
        before, questions = contents(box), box.outbox.questions()
    written_by(version, tmp_path / "outbox.db", newest)

    with Box(tmp_path) as box:
        assert contents(box) == before
        assert box.outbox.questions() == (questions if version > 1 else [])
        box.outbox.put(worked(NINE + 70 * SLOT), None)  # and it goes on
        box.outbox.seal_due(NINE)
        assert set(states(box).values()) == {"held", "waiting", "delivered", "refused"}
        assert not [one for one in box.outbox.check() if "key" not in f"{one.what} {one.why}"]


def test_an_upgrade_that_is_cut_begins_again(
    tmp_path: Path, newest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Box(newest.parent) as box:
        before = contents(box)
    written_by(1, tmp_path / "outbox.db", newest)
    moments: list[Path] = []

    def watched(*given: Any, **more: Any) -> Any:
        connection = connect(*given, **more)
        connection.set_trace_callback(lambda _statement: moments.append(_as_it_is(tmp_path, len(moments))))
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(module, "connect", watched)
        Database.open(tmp_path / "outbox.db", KEY).close()

    for folder in moments:
        with Box(folder) as after:
            assert contents(after) == before
    assert len(moments) > 2 * len(STEPS)


def _as_it_is(folder: Path, number: int) -> Path:
    """Copy what a sudden end at this moment would leave on disk."""
    room = folder / f"cut-{number}"
    room.mkdir()
    for name in ("outbox.db", "outbox.db-wal"):
        if (folder / name).exists():
            shutil.copyfile(folder / name, room / name)
    return room


def test_a_newer_file_is_left_as_it_is_even_if_nobody_closed_it(tmp_path: Path, newest: Path) -> None:
    with closing(connect(newest, KEY)) as connection:
        connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
        connection.execute("CREATE TABLE of_the_future (id TEXT)")
    newest.with_name("outbox.db-wal").touch()
    before = newest.read_bytes()

    with pytest.raises(NewerDatabase):
        Database.open(newest, KEY)

    assert newest.read_bytes() == before
    assert not list(tmp_path.glob("*damaged*"))
