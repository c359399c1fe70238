"""The file: encrypted, private, brought up to date, and never half-written."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlite
from boxes import KEY, Box
from desktop import environment
from doubles import NINE
from worked import taken, worked

from tracker.errors import FolderNotWritable, NewerDatabase, StorageFailed
from tracker.model.slot import SLOT
from tracker.outbox import database as module
from tracker.outbox.database import Database, journal_mode
from tracker.outbox.schema import STEPS

# What starts beside a disk that fails.
START = """
import sys
from pathlib import Path
from boxes import Box

with Box(Path(sys.argv[1])) as box:
    print(box.outbox.damages()[0].lost)
"""
MEMO = "a memo nobody else may read"


def test_nothing_that_was_stored_can_be_read_in_the_files(box: Box) -> None:
    shot, pictures = taken(b"what the screen shows" * 1000)
    segment = worked(memo=MEMO, shots=(shot,))
    box.draft.save(segment, durable=True)
    box.outbox.store_pictures(shot, pictures, segment=segment.id)
    box.outbox.put(segment, None)
    box.outbox.seal_due(NINE)

    on_disk = box.files()  # journal included: nothing was checkpointed yet
    box.reopen()

    for kept in (on_disk, box.files()):
        assert len(kept) > 20_000
        for plain in (MEMO.encode(), b"what the screen shows", b"CREATE TABLE", b"SQLite format"):
            assert plain not in kept


def test_the_files_are_the_user_s_alone(box: Box) -> None:
    box.outbox.put(worked(), None)

    modes = {path.stat().st_mode & 0o777 for path in box.path.parent.glob("outbox.db*")}

    assert modes == {0o600}


def test_another_key_opens_nothing_and_changes_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with Box(tmp_path) as box:
        box.outbox.put(worked(), None)
    before = box.path.read_bytes()

    for wrong in ("00" * 32, None):
        with pytest.raises(StorageFailed) as told:
            Database.open(box.path, wrong)
        assert "key" in told.value.title

    assert box.path.read_bytes() == before
    assert capfd.readouterr().err == ""


def test_a_database_of_a_newer_version_is_left_as_it_is(tmp_path: Path) -> None:
    with Box(tmp_path) as box:
        box.outbox.put(worked(), None)
        with box.database.reading() as connection:
            connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    before = box.path.read_bytes()

    with pytest.raises(NewerDatabase):
        Database.open(box.path, KEY)

    assert box.path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["outbox.db"]


def test_every_version_there_was_is_brought_up_to_date(tmp_path: Path) -> None:
    expected = schema(Database.open(tmp_path / "new.db", KEY))
    for version in range(len(STEPS)):
        old = tmp_path / f"version-{version}.db"
        connection = sqlite.connect(old, isolation_level=None)
        connection.execute(f"PRAGMA key = \"x'{KEY}'\"")
        for step in STEPS[:version]:
            connection.executescript(step)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.close()

        assert schema(Database.open(old, KEY)) == expected


def test_a_step_that_fails_leaves_the_version_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "outbox.db"
    Database.open(path, KEY).close()
    broken = "CREATE TABLE half (id TEXT); INSERT INTO nowhere VALUES (1)"
    monkeypatch.setattr(module, "STEPS", (*STEPS, broken))
    with pytest.raises(StorageFailed):
        Database.open(path, KEY)
    monkeypatch.undo()

    assert "half" not in schema(Database.open(path, KEY))


def test_a_folder_that_is_not_there_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(FolderNotWritable, match="No such file or directory"):
        Database.open(tmp_path / "nowhere" / "outbox.db", KEY)


def test_a_file_that_is_no_database_is_told_and_left(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.write_bytes(b"a letter" * 1000)

    with pytest.raises(StorageFailed):
        Database.open(path, KEY)

    assert path.read_bytes() == b"a letter" * 1000


def test_a_transaction_that_fails_changes_nothing(box: Box) -> None:
    def half() -> None:
        with box.database.transaction() as connection:
            connection.execute("INSERT INTO meta VALUES ('half', 'done')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()

    with box.database.reading() as connection:
        assert connection.execute("SELECT * FROM meta WHERE name = 'half'").fetchall() == []
        assert not connection.in_transaction


def test_a_full_disk_fails_the_put_and_loses_nothing(box: Box) -> None:
    segment = worked()
    box.draft.save(segment, durable=True)
    with box.database.reading() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
    shot, pictures = taken(bytes(200_000))

    with pytest.raises(StorageFailed, match="full"):
        box.outbox.store_pictures(shot, pictures, segment=segment.id)

    assert box.draft.load() == segment
    with box.database.reading() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
    box.outbox.store_pictures(shot, pictures, segment=segment.id)
    assert box.draft.load().shots == (shot,)


def test_durable_work_is_flushed_and_the_rest_only_written(box: Box) -> None:
    levels = []
    for durable in (True, False):
        with box.database.transaction(durable=durable) as connection:
            levels.append(connection.execute("PRAGMA synchronous").fetchone()[0])

    assert levels == [2, 1]  # FULL, NORMAL


@pytest.mark.parametrize(
    ("version", "mode"),
    [((3, 53, 4), "WAL"), ((3, 51, 3), "WAL"), ((3, 51, 2), "TRUNCATE"), ((3, 40, 1), "TRUNCATE")],
)
def test_a_sqlite_that_can_lose_rows_in_wal_gets_another_journal(version: tuple[int, ...], mode: str) -> None:
    assert journal_mode(version) == mode


def test_this_sqlite_may_use_wal(box: Box) -> None:
    assert journal_mode(sqlite.sqlite_version_info) == "WAL"
    with box.database.reading() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA auto_vacuum").fetchone() == (2,)  # incremental


def test_what_a_long_time_offline_took_is_given_back_at_the_next_start(box: Box) -> None:
    with box.database.transaction() as connection:
        connection.execute("CREATE TABLE ballast AS SELECT randomblob(20000000) AS data")
        connection.execute("DROP TABLE ballast")
    box.database.close()
    large = box.path.stat().st_size

    box.open()
    box.database.close()

    assert large > 20_000_000
    assert box.path.stat().st_size < 1_000_000


def test_two_threads_write_and_read_without_losing_a_row(box: Box) -> None:
    each, faults = 60, []

    def put(half: int) -> None:
        try:
            for number in range(each):
                segment = worked(NINE + (2 * number + half) * SLOT)
                box.draft.save(segment, durable=False)
                box.outbox.put(segment, None)
                box.outbox.seal_due(segment.end)
        except Exception as fault:  # noqa: BLE001  # told by the assertion below
            faults.append(fault)

    threads = [threading.Thread(target=put, args=(half,)) for half in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    assert box.outbox.counts().waiting == 2 * each
    assert box.draft.load() is None


def test_a_disk_that_gives_nothing_back_is_no_reason_not_to_start(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    with Box(tmp_path / "home") as box:
        box.outbox.put(worked(), None)
    bad = box.path.rename(tmp_path / "on a bad disk")
    box.path.symlink_to(bad)
    calls = ["-e", "trace=read,pread64", "-e", "inject=read,pread64:error=EIO", "-o", "/dev/null"]

    ended = subprocess.run(
        ["strace", "-f", "-P", str(bad), *calls, sys.executable, "-c", START, str(box.path.parent)],
        env=environment(PYTHONPATH=os.pathsep.join(sys.path)),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.stdout == "('nothing of it could be read',)\n", ended.stderr
    assert bad.exists()


def test_the_connections_of_ended_threads_are_closed(box: Box) -> None:
    for _ in range(5):
        thread = threading.Thread(target=box.outbox.counts)
        thread.start()
        thread.join()

    assert len(box.database._open) <= 2


def schema(database: Database) -> list[tuple[str, str]]:
    with database.reading() as connection:
        found = connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()
    database.close()
    return found
