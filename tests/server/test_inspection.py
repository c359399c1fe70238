"""`serve --check`: one byte of anything that is kept is another, and what was changed is named."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import backend
import clusters
import pytest
from backend import Site
from device import webp
from doubles import NINE
from sqlalchemy import ColumnElement, update
from sqlcipher3 import dbapi2 as sqlite

from tracker.evidence.chain import Head
from tracker.model.revision import Change
from tracker.model.slot import HOUR
from tracker.server import inspection
from tracker.server.__main__ import main
from tracker.server.tables import segment

# Of the 255 other values of every byte. For all: HOURPROOF_FLIPS=255 pytest tests/server/test_inspection.py
_EACH = int(os.environ.get("HOURPROOF_FLIPS", "1"))
_FLIPS = (0x01, 0x20, 0x80, *(set(range(1, 256)) - {0x01, 0x20, 0x80}))
_BLOBS = {"body", "receipt", "public_key"}
_GUARDED = {
    "segment": ("body", "signature", "receipt", "sha256", "id", "device", "overlap"),
    "revision": ("body", "signature", "receipt", "sha256", "id", "segment"),
    "tombstone": ("receipt", "sha256", "id", "revision"),
    "chain": ("device", "contract"),
    "device": ("public_key", "id"),
    "picture": ("sha256", "state"),
}
_NUMBERS = {
    "segment": ("seq", "start_at", "end_at", "received_at", "overlap_ms", "test"),
    "revision": ("seq", "received_at"),
    "tombstone": ("seq", "start_at"),
    "chain": ("top", "held"),
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A server that holds a segment with a picture, another memo of it, and what is left of another one."""
    with backend.site(tmp_path / "server") as site:
        device = site.device()
        first = device.work(NINE, webp(width=1, height=1), ms=30_000)
        second = device.work(NINE + HOUR, ms=30_000)
        more = (device.revise(first, Change.MEMO, memo="Other words"), device.revise(second, Change.DISCARD))
        for sealed in (first, second, *more):
            assert site.deliver(sealed).status_code == 201
        yield site


@pytest.mark.skipif(clusters.PROGRAMS is None, reason="needs Debian's package postgresql")
def test_it_looks_through_postgresql_just_as_well(cluster: str, tmp_path: Path) -> None:
    with backend.site(tmp_path, database=cluster) as site:
        device = site.device()
        first, second = device.work(NINE, webp(3)), device.work(NINE + HOUR)
        for sealed in (first, second, device.revise(second, Change.DISCARD)):
            assert site.deliver(sealed).status_code == 201
        assert told_of(site, first.contract) == []
        mine = segment.c.contract == first.contract
        name = f"Segment {first.id} of contract {first.contract}"
        set_row(site, mine, signature="x", seq=7)
        told = told_of(site, first.contract)
        set_row(site, mine, signature=first.signature, seq=1)
        assert f"{name}: it is not what its device has signed." in told
        assert f"{name}: its row has another seq." in told
        assert told_of(site, first.contract) == []


def set_row(site: Site, which: ColumnElement[bool], **values: object) -> None:
    change = update(segment).where(which).values(values)
    site.parts.database.write(lambda connection: connection.execute(change))


def told_of(site: Site, contract: str) -> list[str]:
    """Return the faults of one contract: other tests' servers sign with other keys in the same database."""
    return [fault for fault in inspection.faults(site.parts) if contract in fault]


class Hand:
    """Changes a server's database behind its back."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._database = sqlite.connect((site.parts.settings.data / "hourproof.db"), isolation_level=None)
        self._database.execute("PRAGMA synchronous=OFF")

    def values(self, table: str, column: str) -> list[tuple[int, str, Any]]:
        """Return row, id and value; text as its bytes."""
        id_ = "device" if table == "chain" else "sha256" if table == "picture" else "id"
        rows = self._database.execute(f"SELECT rowid, {id_}, {column} FROM {table}").fetchall()
        return [(row, name, value.encode() if isinstance(value, str) else value) for row, name, value in rows]

    def write(self, table: str, column: str, row: int, value: object) -> None:
        cast = "CAST(? AS TEXT)" if isinstance(value, bytes) and column not in _BLOBS else "?"
        self._database.execute(f"UPDATE {table} SET {column} = {cast} WHERE rowid = ?", (value, row))

    def faults(self) -> str:
        with self.site.parts.database.read() as connection:
            return "\n".join(inspection.rows(self.site.parts, connection))

    def close(self) -> None:
        self._database.close()


@pytest.fixture
def hand(site: Site) -> Iterator[Hand]:
    hand = Hand(site)
    yield hand
    hand.close()


@pytest.mark.timeout(7200)
def test_every_byte_of_what_is_stored_is_guarded(hand: Hand) -> None:
    assert hand.faults() == ""
    tried, unfound = 0, []
    for table, column in ((table, column) for table, columns in _GUARDED.items() for column in columns):
        for row, id_, value in hand.values(table, column):
            name = f"{table.capitalize()} {id_}" if column in _BLOBS else table.capitalize()
            named = {name, name.replace("Tombstone ", "Tombstone of segment ")}
            named |= {"Chain"} if column == "device" else set()  # it has a link less, and says so
            for place in range(len(value or b"")):
                for flip in (_FLIPS if _EACH > 1 else _FLIPS[place % 3 :])[:_EACH]:
                    changed = bytearray(value)
                    changed[place] ^= flip
                    hand.write(table, column, row, bytes(changed))
                    told = hand.faults()
                    tried += 1
                    if not any(one in told for one in named):
                        unfound.append((table, column, place, flip, told))
            hand.write(table, column, row, value)
    assert unfound == []
    assert hand.faults() == ""
    print(f"{tried} changed bytes in stored rows: every one found and named")  # noqa: T201  # the promise prints its counts


def test_every_number_that_is_stored_is_guarded(hand: Hand) -> None:
    for table, column in ((table, column) for table, columns in _NUMBERS.items() for column in columns):
        for row, _, value in hand.values(table, column):
            for changed in (value ^ 1, value + 256):
                hand.write(table, column, row, changed)
                assert table.capitalize() in hand.faults(), (table, column, changed)
            hand.write(table, column, row, value)
    assert hand.faults() == ""


def test_every_byte_of_a_picture_file_is_guarded(site: Site) -> None:
    ((contract, names),) = site.parts.pictures.named()
    (sha256,) = names
    path = site.parts.pictures.path(contract, sha256)
    assert path
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert list(inspection._contents(site.parts)) == [
            f"Picture {sha256} of contract {contract} was changed."
        ]
    path.write_bytes(whole)
    assert list(inspection.faults(site.parts)) == []
    path.unlink()
    assert list(inspection.faults(site.parts)) == [f"Picture {sha256} of contract {contract} is gone."]


def test_a_picture_that_was_taken_back_may_not_be_here(site: Site) -> None:
    device = site.device()
    sealed = device.work(NINE + 2 * HOUR, webp(7))
    site.deliver(sealed)
    site.deliver(device.revise(sealed, Change.WITHHOLD))
    assert list(inspection.faults(site.parts)) == []
    ((sha256, data),) = sealed.pictures.items()
    folder = site.parts.settings.pictures / sealed.contract
    folder.mkdir(exist_ok=True)
    (folder / sha256).write_bytes(data)
    (fault,) = inspection.faults(site.parts)
    assert (
        fault == f"Picture {sha256} of contract {sealed.contract} was destroyed, but its file is still here."
    )


def test_a_segment_that_was_taken_out_is_missed_by_its_chain(hand: Hand) -> None:
    hand._database.execute("DELETE FROM segment")
    assert "but something else is noted" in hand.faults()


def test_a_link_that_follows_another_one_than_is_here_is_named(site: Site) -> None:
    device = site.device()
    site.deliver(device.work(NINE))
    device.head = Head(1, "ab" * 32)
    second = device.work(NINE + HOUR)
    site.deliver(second)
    (fault,) = inspection.faults(site.parts)
    assert fault.startswith(f"Segment {second.id} of contract ")
    assert fault.endswith("it does not follow number 1 of its device's chain.")


def test_a_file_that_is_damaged_anywhere_trips_nothing(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.parts.database.close()
    whole, chance, found = (site.parts.settings.data / "hourproof.db").read_bytes(), random.Random(4), 0
    for number in range(30):
        place = number * 8 if number < 13 else chance.randrange(100, len(whole))
        damaged = bytearray(whole)
        damaged[place : place + 40] = bytes(byte ^ 0xFF for byte in damaged[place : place + 40])
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "hourproof.db").write_bytes(damaged)
        (folder / "server.key").write_text(site.parts.key.seed)
        code = main(["--data", str(folder), "--check"])
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        assert code == (0 if told.out.startswith("0 faults") else 1)
        found += code
    assert found > 13
