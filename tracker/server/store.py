"""What the server holds, as its pages and its API ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import func, insert, select
from uuid_utils import uuid7

from tracker.model.protection import Reason
from tracker.server import contracts, ledger
from tracker.server.access import Person
from tracker.server.contracts import FREELANCER
from tracker.server.diary import StoredSegment, Worked
from tracker.server.tables import account as account_table
from tracker.server.tables import chain, device, member, segment
from tracker.wire.receipt import Receipt
from tracker.wire.segment import SegmentBody, segment_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect

    from tracker.model.contract import Contract
    from tracker.model.limit import Agreed
    from tracker.server.database import Database


@dataclass(frozen=True, slots=True)
class Sealed:
    """A stored parcel's bytes, verbatim."""

    body: bytes
    signature: str


class Store:
    """Reads what is held; what an account may not see is not there for it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def person(self, account: str) -> Person | None:
        """Return an account by its id."""
        return self._person(account_table.c.id == account)

    def person_by_email(self, email: str) -> Person | None:
        """Return an account by its address."""
        return self._person(account_table.c.email == email)

    def first_person(self) -> Person | None:
        """Return the one account of an embedded server, None before there is one."""
        return self._person(account_table.c.id.is_not(None))

    def add_person(self, name: str, *, now: int, email: str | None = None, role: str = "member") -> Person:
        """Add an account."""
        person = Person(str(uuid7()), name, role)
        row = {"id": person.id, "email": email, "name": name, "role": role, "created_at": now}
        self._database.write(lambda connection: connection.execute(insert(account_table), row))
        return person

    def add_device(self, account: str, id_: str, public_key: bytes, name: str, now: int) -> None:
        """Register a device's key; the same key again is no error."""

        def add(connection: Connection) -> None:
            if ledger.public_key(connection, account, id_) is None:
                row = {
                    "account": account,
                    "id": id_,
                    "public_key": public_key,
                    "name": name,
                    "registered_at": now,
                }
                connection.execute(insert(device), row)

        self._database.write(add)

    def contracts(self, account: str) -> Sequence[Contract]:
        """Return the contracts the account may see, in the order in which they were made."""
        with self._database.read() as connection:
            return contracts.contracts(connection, account)

    def segments(
        self, account: str, begin: int, end: int, contract: str | None = None, limit: int | None = None
    ) -> Sequence[StoredSegment]:
        """Return the segments that start in the half-open range, in order of time."""
        wanted = (
            select(segment.c.body, segment.c.receipt, segment.c.overlap, segment.c.flags)
            .where(segment.c.contract.in_(_visible(account)), segment.c.start_at.between(begin, end - 1))
            .order_by(segment.c.start_at, segment.c.id)
            .limit(limit)
        )
        if contract is not None:
            wanted = wanted.where(segment.c.contract == contract)
        with self._database.read() as connection:
            return [_stored(row) for row in connection.execute(wanted)]

    def sealed(self, contract: str, id_: str) -> Sealed | None:
        """Return the signed bytes of a segment as they were received."""
        wanted = select(segment.c.body, segment.c.signature).where(
            segment.c.contract == contract, segment.c.id == id_
        )
        with self._database.read() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else Sealed(row.body, row.signature)

    def tracked(self, account: str, begin: int, end: int) -> Mapping[str, Worked]:
        """Return by contract id how much time the segments that start in the half-open range hold."""
        sums = func.sum(segment.c.end_at - segment.c.start_at), func.sum(segment.c.overlap_ms)
        wanted = (
            select(segment.c.contract, *sums)
            .where(segment.c.contract.in_(_visible(account)), segment.c.start_at.between(begin, end - 1))
            .group_by(segment.c.contract)
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted)
            return {contract: Worked(int(ms), int(overlap_ms)) for contract, ms, overlap_ms in rows}

    def agreed(self, account: str) -> Mapping[str, Sequence[Agreed]]:
        """Return by contract id the weekly limits that were ever agreed, in that order."""
        with self._database.read() as connection:
            return contracts.agreed(connection, account)

    def own(self, account: str) -> frozenset[str]:
        """Return the ids of the contracts whose freelancer the account is."""
        wanted = select(member.c.contract).where(member.c.account == account, member.c.role == FREELANCER)
        with self._database.read() as connection:
            return frozenset(connection.execute(wanted).scalars())

    def missing(self, account: str) -> Mapping[str, int]:
        """Return by contract id how many parcels the chains name that were never delivered."""
        wanted = (
            select(chain.c.contract, func.sum(chain.c.top - chain.c.held))
            .where(chain.c.contract.in_(_visible(account)))
            .group_by(chain.c.contract)
        )
        with self._database.read() as connection:
            return {contract: int(number) for contract, number in connection.execute(wanted) if number}

    def _person(self, condition: ColumnElement[bool]) -> Person | None:
        wanted = select(account_table.c.id, account_table.c.name, account_table.c.role).where(condition)
        with self._database.read() as connection:
            row = connection.execute(wanted.order_by(account_table.c.created_at).limit(1)).first()
        return None if row is None else Person(row.id, row.name, row.role)


def _visible(account: str) -> ScalarSelect[str]:
    return select(member.c.contract).where(member.c.account == account).scalar_subquery()


def _stored(row: Row[Any, Any, Any, Any]) -> StoredSegment:
    body = msgspec.json.decode(row.body, type=SegmentBody)
    return StoredSegment(
        segment=segment_of(body),
        receipt=msgspec.json.decode(row.receipt, type=Receipt),
        device=body.device,
        seq=body.seq,
        overlap=ledger.ranges_of(row.overlap),
        flags=frozenset(Reason(flag) for flag in row.flags.split()),
        test=body.test,
    )
