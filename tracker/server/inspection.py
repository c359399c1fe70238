"""Looks through all that is kept, and names what is not as it was received; it holds a few rows at a time."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from heapq import merge
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text, union
from sqlalchemy.exc import DBAPIError

from tracker.evidence.keys import key_id
from tracker.model.revision import Change
from tracker.model.slot import instant
from tracker.server.diary import STORED
from tracker.server.ledger import DESTROYED, REJECTED, REVISION, SEGMENT
from tracker.server.proofs import Kept, promised, read_receipt
from tracker.server.tables import chain, device, picture, revision, segment, tombstone
from tracker.wire.revision import RevisionBody

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection, Select, Table

    from tracker.server.parts import Parts

    Row = Mapping[str, Any]

_AT_ONCE = 100  # rows
_STATES = {STORED, REJECTED, DESTROYED}
_STONE = "tombstone"


def faults(parts: Parts) -> Iterator[str]:
    """Return a sentence for everything stored that is not what was received."""
    try:
        with parts.database.read() as connection:
            yield from _file(connection)
            yield from rows(parts, connection)
    except DBAPIError as error:
        yield f"The database is damaged: {error.orig}."
    except (ValueError, TypeError, AttributeError) as error:  # a column holds something of another kind
        yield f"The database is damaged: a row cannot be read ({error})."
    yield from _contents(parts)


def rows(parts: Parts, connection: Connection) -> Iterator[str]:
    """Return what is wrong with the rows, and with what they say of files."""
    with _legible(connection):
        for one in _read(connection, select(device)):
            if key_id(one["public_key"]) != one["id"]:
                yield f"Device {one['id']} of account {one['account']}: its key was changed."
        for contract, id_ in _chains_there(connection):
            yield from _Chain(parts, connection, contract, id_).faults()
        for one in _read(connection, select(picture)):
            yield from _picture(parts, one)


def _file(connection: Connection) -> Iterator[str]:
    """Let SQLite look for damage of its file that no row shows."""
    if connection.dialect.name == "sqlite":
        for (said,) in connection.execute(text("PRAGMA integrity_check")):
            if said != "ok":
                yield f"The database's file is damaged: {' '.join(str(said).split())}."


@contextmanager
def _legible(connection: Connection) -> Iterator[None]:
    """Let SQLite's text be read that is none any more, so that its row can be named."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    driver.text_factory = lambda data: data.decode("utf-8", "replace")
    try:
        yield
    finally:
        driver.text_factory = str


def _read(connection: Connection, wanted: Select[Any]) -> Iterator[Row]:
    with connection.execute(wanted.execution_options(yield_per=_AT_ONCE)) as found:
        for row in found:
            yield row._asdict()


def _chains_there(connection: Connection) -> list[tuple[str, str]]:
    """Return contract and device of every chain, by whatever tells of it."""
    of = (segment, revision, tombstone, chain)
    found = connection.execute(union(*(select(one.c.contract, one.c.device) for one in of)))
    return sorted((row.contract, row.device) for row in found)


class _Chain:
    """The links of one device in one contract, looked through in their order."""

    def __init__(self, parts: Parts, connection: Connection, contract: str, device_id: str) -> None:
        self._parts = parts
        self._connection = connection
        self._contract = contract
        self._device = device_id
        self._before: tuple[int, set[str | None]] = (0, {None})
        self._seen: tuple[int, set[str | None]] = (0, {None})
        self._number = 0

    def faults(self) -> Iterator[str]:
        """Return what is wrong with each link, with their order, and with what is noted of their number."""
        wanted = select(device.c.account, device.c.public_key).where(device.c.id == self._device)
        keys = {row.account: row.public_key for row in self._connection.execute(wanted)}
        for kind, row in self._links():
            self._count(row)
            if kind == _STONE:
                yield from self._stone(row)
                continue
            kept = Kept(kind, row, keys.get(row["account"]))
            yield from kept.faults(self._parts.key)
            yield from self._pictures(kept)
            number, hashes = self._before
            if kept.body is not None and number == row["seq"] - 1 and kept.body.prev not in hashes:
                yield f"{kept.name}: it does not follow number {number} of its device's chain."
        noted = select(chain.c.top, chain.c.held)
        wanted = noted.where(chain.c.contract == self._contract, chain.c.device == self._device)
        told = self._connection.execute(wanted).first()
        if told is None or (told.top, told.held) != (self._seen[0], self._number):
            yield (
                f"Chain of device {self._device} in contract {self._contract}: it reaches to number "
                f"{self._seen[0]} and has {self._number} links, but something else is noted."
            )

    def _links(self) -> Iterator[tuple[str, Row]]:
        streams = [
            self._link(*one) for one in ((SEGMENT, segment), (REVISION, revision), (_STONE, tombstone))
        ]
        return merge(*streams, key=lambda link: int(link[1]["seq"]))

    def _link(self, kind: str, of: Table) -> Iterator[tuple[str, Row]]:
        mine = select(of).where(of.c.contract == self._contract, of.c.device == self._device)
        for row in _read(self._connection, mine.order_by(of.c.seq)):
            yield kind, row

    def _count(self, row: Row) -> None:
        """Take a link in; several may have the same number, as after a home was copied."""
        if row["seq"] != self._seen[0]:
            self._before, self._seen = self._seen, (row["seq"], set())
            self._number += 1
        self._seen[1].add(row["sha256"])

    def _stone(self, row: Row) -> Iterator[str]:
        """Find what speaks against a tombstone: a revision has to discard just that segment."""
        name = f"Tombstone of {row['kind']} {row['id']} of contract {row['contract']}"
        one = (revision.c.contract == row["contract"]) & (revision.c.id == row["revision"])
        found = self._connection.execute(select(revision).where(one)).first()
        body = None if found is None else Kept(REVISION, found._asdict(), None).body
        if not isinstance(body, RevisionBody) or body.change is not Change.DISCARD:
            yield f"{name}: no revision discards it."
        elif row["kind"] == SEGMENT:
            target = body.segment
            said = (target.id, target.sha256, target.device, target.seq, target.start)
            if said != (row["id"], row["sha256"], row["device"], row["seq"], instant(row["start_at"])):
                yield f"{name}: its revision discards another segment."
        receipt = None if row["receipt"] is None else read_receipt(row["receipt"])
        if row["receipt"] is not None and (receipt is None or not promised(receipt, row, self._parts.key)):
            yield f"{name}: its receipt is not what the server has signed for it."

    def _pictures(self, kept: Kept) -> Iterator[str]:
        """Find pictures that a receipt promises and nothing is known of."""
        for told in kept.receipt.pictures if kept.receipt is not None else ():
            wanted = select(picture.c.state).where(
                picture.c.contract == self._contract, picture.c.sha256 == told.sha256
            )
            state = self._connection.execute(wanted).scalar()
            if state is None or (told.state == DESTROYED != state):
                yield f"{kept.name}: picture {told.sha256} was {told.state}, but that is not noted."


def _picture(parts: Parts, row: Row) -> Iterator[str]:
    """Find a picture that is noted and gone, or destroyed and still here."""
    name = f"Picture {row['sha256']} of contract {row['contract']}"
    there = parts.pictures.path(row["contract"], row["sha256"]) is not None
    if row["state"] not in _STATES:
        yield f"{name}: nobody knows its state, {row['state']!a}."
    elif row["state"] == STORED and not there:
        yield f"{name} is gone."
    elif row["state"] == DESTROYED and there:
        yield f"{name} was destroyed, but its file is still here."


def _contents(parts: Parts) -> Iterator[str]:
    """Find picture files that are not what they are called, whether a segment names them yet or not."""
    for contract, names in parts.pictures.named():
        for sha256 in sorted(names):
            path = parts.pictures.path(contract, sha256)
            if path is not None and hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
                yield f"Picture {sha256} of contract {contract} was changed."
