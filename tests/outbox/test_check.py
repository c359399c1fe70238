"""`outbox check`: one byte changed anywhere that matters is found, and named."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from boxes import DEVICE, SERVER, Box
from doubles import NINE
from worked import receipt, taken, worked

from tracker.errors import StorageFailed
from tracker.evidence.keys import SigningKey
from tracker.model.segment import Segment
from tracker.model.slot import MINUTE, SLOT
from tracker.outbox.check import faults
from tracker.outbox.connecting import PAGE
from tracker.outbox.database import Database
from tracker.outbox.outbox import Hold, Outbox
from tracker.wire.account import Account

# What nothing follows from: a changed one costs a try at most, or is shown as it is.
FREE = {
    "segment": {"why", "until", "attempts", "next", "problem", "doubted", "state"},
    "revision": {"attempts", "next", "problem", "state"},
    "device": {"name"},
}


@pytest.fixture
def outbox(database: Database) -> Outbox:
    """Something of everything: plain, so that SQL and a byte are all it takes to change it."""
    outbox = Outbox(database, DEVICE, app="hourproof 0", test=False)
    outbox.remember_account(Account("embedded:home", "me", "Ada"))
    outbox.pin("embedded:home", base64.b64encode(SERVER.public).decode())

    def put(number: int, hold: Hold | None = None) -> tuple[Segment, str]:
        shot, pictures = taken(b"picture %d" % number, at=NINE + number * SLOT + MINUTE)
        segment = worked(NINE + number * SLOT, MINUTE, shots=(shot,))
        outbox.store_pictures(shot, pictures, segment=segment.id)
        outbox.put(segment, hold)
        return segment, shot.id

    delivered, _ = put(0)
    outbox.seal_due(NINE)
    deliver(outbox)
    outbox.change_memo(delivered.id, "Another memo", NINE)
    deliver(outbox)
    (refused, _), (gone, _), (waiting, _) = put(1), put(2), put(3)
    outbox.seal_due(NINE)
    outbox.refuse(refused.id, "no")
    outbox.discard(gone.id, NINE + SLOT)
    outbox.change_memo(waiting.id, "Another memo", NINE + SLOT)
    other = SigningKey("77" * 32)
    with database.transaction() as connection:
        values = (other.id, base64.b64encode(other.public).decode(), "laptop")
        connection.execute("INSERT INTO device VALUES (?, ?, ?)", values)
    assert outbox.check() == []
    return outbox


def deliver(outbox: Outbox) -> None:
    while (parcel := outbox.oldest_due(NINE)) is not None:
        outbox.delivered(parcel.id, receipt(parcel, SERVER))


def places(database: Database) -> Iterator[tuple[str, str, tuple[str, str], bytes | str | int]]:
    """Return table, column, row and value of everything that is stored and matters."""
    tables = {"segment": "id", "revision": "id", "picture": "sha256", "device": "id"}
    with database.reading() as connection:
        for table, key in {**tables, "chain": "contract"}.items():
            columns = [one[1] for one in connection.execute(f"PRAGMA table_info({table})")]
            for column in columns:
                for name, value in connection.execute(f"SELECT {key}, {column} FROM {table}").fetchall():
                    if value is not None and column not in FREE.get(table, ()):
                        yield table, column, (key, name), value


def changed(value: bytes | str | int) -> Iterator[bytes | str | int]:
    """Return the value with one byte changed, once for every byte of it."""
    if isinstance(value, int):
        yield from (value ^ 1 << bit for bit in range(0, max(1, value.bit_length()), 8))
        return
    data = value.encode() if isinstance(value, str) else value
    for place in range(len(data)):
        flipped = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        yield flipped.decode() if isinstance(value, str) else flipped


def test_any_changed_byte_is_found_and_named(outbox: Outbox, database: Database) -> None:
    every = int(os.environ.get("HOURPROOF_FLIPS_EVERY", "8"))
    tried, missed = 0, []
    for table, column, (key, name), value in list(places(database)):
        for other in islice(changed(value), tried % every, None, every):
            with database.reading() as connection:
                connection.execute("SAVEPOINT flip")
                try:
                    connection.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (other, name))
                    found = list(faults(connection, outbox.device))
                finally:
                    connection.execute("ROLLBACK TO flip")
                    connection.execute("RELEASE flip")
            tried += 1
            if not any(it in f"{one.what} {one.why}" for one in found for it in (str(name), str(other))):
                missed.append((table, column, name, other, found))
    print(f"{tried} bytes changed, one at a time: {tried - len(missed)} found and named")  # noqa: T201  # a promise
    assert missed == []
    assert tried * every > 9000
    assert outbox.check() == []


def test_whatever_is_missing_is_named(outbox: Outbox, database: Database) -> None:
    for table, column in (
        ("segment", "id"),
        ("revision", "id"),
        ("picture", "sha256"),
        ("chain", "contract"),
    ):
        with database.reading() as connection:
            names = [name for (name,) in connection.execute(f"SELECT {column} FROM {table} WHERE true")]
            for name in names:
                connection.execute("SAVEPOINT gone")
                connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (name,))
                found = list(faults(connection, outbox.device))
                connection.execute("ROLLBACK TO gone")
                connection.execute("RELEASE gone")
                assert found, (table, name)


def test_a_receipt_of_another_server_or_an_unknown_one_is_no_proof(
    outbox: Outbox, database: Database
) -> None:
    outbox.pin("embedded:home", base64.b64encode(DEVICE.public).decode())
    assert {fault.why for fault in outbox.check()} == {"its receipt is not the server's word for these bytes"}

    with database.transaction() as connection:
        connection.execute("DELETE FROM meta WHERE name LIKE 'key of %'")
    (fault, _) = outbox.check()
    assert fault.why == "the key of embedded:home, which signed its receipt, is not known here"


@pytest.mark.expects_log("was damaged and is kept as")
def test_what_was_damaged_on_disk_is_found_before_it_is_used(tmp_path: Path) -> None:
    with Box(tmp_path) as box:
        box.outbox.put(worked(), None)
        box.outbox.seal_due(NINE)
        box.reopen()
        data = bytearray(box.path.read_bytes())
        data[5 * PAGE + 200] ^= 1  # of the table of segments
        box.path.write_bytes(data)

        (fault,) = box.outbox.check()

        assert fault.what == "the file"
        box.reopen()
        (fault,) = box.outbox.check()
        assert fault.what.startswith("chain")  # of which the only segment is lost


def test_a_disk_that_cannot_be_read_is_told_and_the_next_start_looks_closer(tmp_path: Path) -> None:
    with Box(tmp_path) as box:
        box.outbox.put(worked(), None)
        box.reopen()
        folder = os.open(tmp_path, os.O_RDONLY)
        for opened in Path("/proc/self/fd").iterdir():
            if opened.resolve() == box.path:
                os.dup2(folder, int(opened.name))  # which answers no read
        os.close(folder)

        with pytest.raises(StorageFailed, match="disk I/O error"):
            box.outbox.check()

        assert box.path.with_name("outbox.db-suspect").exists()
