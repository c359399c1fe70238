"""What a freelancer was told is kept, compared with what the server and the tracker have in the end."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from hosted import ORIGIN
from serving import serve
from sqlcipher3 import dbapi2 as sqlite

from tracker.evidence.receipts import holds
from tracker.model.slot import parse_instant
from tracker.outbox.database import Database
from tracker.outbox.memory import Memory
from tracker.wire.receipt import Receipt
from tracker.wire.segment import SegmentBody, decode_segment


@dataclass(frozen=True)
class Put:
    """A segment that the outbox has answered for: when it began, and its pictures' hashes."""

    start: int
    pictures: frozenset[str]


@dataclass(frozen=True)
class Account:
    """How it came out; `segments` are those at the server."""

    segments: int
    pictures: int
    lost: int
    doubled: int


@dataclass(frozen=True)
class _Row:
    """A segment as one side keeps it, with the rest of its columns."""

    body: bytes
    said: SegmentBody
    rest: tuple[Any, ...]


def reckon(database: Database, data: Path, put: Mapping[str, Put]) -> Account:
    """Compare both sides when all is delivered and the server has ended; raises AssertionError on a fault."""
    here, there = _here(database), _there(data)
    lost = sum(not _arrived(there.get(id_), one) for id_, one in put.items())
    lost += sum(id_ not in there or there[id_].body != row.body for id_, row in here.items())
    times = Counter((row.said.account, row.said.start) for row in there.values())
    doubled = sum(times.values()) - len(times) + len(there.keys() - here.keys())
    _receipted(database, here)
    _chained(there)
    pictures = _pictured(data, there)
    _whole(database)
    checked = serve("--data", str(data), "--check")
    assert checked.returncode == 0, checked.stdout
    return Account(len(there), pictures, lost, doubled)


def _here(database: Database) -> dict[str, _Row]:
    query = "SELECT id, body, state, receipt FROM segment"
    with database.reading() as connection:
        return {id_: _Row(body, decode_segment(body), rest) for id_, body, *rest in connection.execute(query)}


def _there(data: Path) -> dict[str, _Row]:
    query = "SELECT id, body, overlap_ms, sha256, receipt, flags FROM segment"
    connection = sqlite.connect(data / "hourproof.db")
    try:
        rows = connection.execute(query).fetchall()
    finally:
        connection.close()
    found = {id_: _Row(bytes(body), decode_segment(body), tuple(rest)) for id_, body, *rest in rows}
    assert len(found) == len(rows), "an id is one segment's"
    assert not [id_ for id_, row in found.items() if row.rest[0]], "nothing overlaps"
    return found


def _arrived(row: _Row | None, put: Put) -> bool:
    """Say whether the server has what was put."""
    return (
        row is not None
        and parse_instant(row.said.start) == put.start
        and {picture.sha256 for picture in row.said.pictures} == put.pictures
    )


def _receipted(database: Database, here: Mapping[str, _Row]) -> None:
    """Each segment is delivered, and the server's word for it is kept and holds."""
    public = base64.b64decode(Memory(database).pinned_key(ORIGIN) or "")
    for id_, row in here.items():
        state, receipt = row.rest
        assert state == "delivered", id_
        told = msgspec.json.decode(receipt, type=Receipt)
        assert holds(told, segment=id_, body=row.body, public=public), id_
        assert {one.sha256 for one in told.pictures} == {one.sha256 for one in row.said.pictures}
        assert {one.state for one in told.pictures} <= {"stored"}, id_


def _chained(there: Mapping[str, _Row]) -> None:
    """The chain of each device and contract is whole: every number once, each naming the one before."""
    chains: dict[tuple[str, str], dict[int, _Row]] = defaultdict(dict)
    for row in there.values():
        chains[row.said.device, row.said.contract][row.said.seq] = row
    assert sum(map(len, chains.values())) == len(there), "a number is one segment's"
    for links in chains.values():
        assert sorted(links) == list(range(1, len(links) + 1)), "a gap"
        before = None
        for _, row in sorted(links.items()):
            assert row.said.prev == before
            before = hashlib.sha256(row.body).hexdigest()
            assert row.rest[1] == before


def _pictured(data: Path, there: Mapping[str, _Row]) -> int:
    """Every picture that a segment names is at the server as it was taken; return how many there are."""
    named = {(row.said.contract, picture.sha256) for row in there.values() for picture in row.said.pictures}
    for contract, sha256 in named:
        kept = (data / "pictures" / contract / sha256).read_bytes()
        assert hashlib.sha256(kept).hexdigest() == sha256
    return len(named)


def _whole(database: Database) -> None:
    """The outbox is in order, and holds no picture that is delivered."""
    database.forget_deleted()  # from the journal into the file, where the ciphers are checked
    with database.reading() as connection:
        assert connection.execute("PRAGMA cipher_integrity_check").fetchall() == []
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("SELECT count(*) FROM picture").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM draft").fetchone() == (0,)
