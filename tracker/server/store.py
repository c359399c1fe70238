"""What the server holds, as its pages and its API ask for it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import and_, func, insert, select
from uuid_utils import uuid7

from tracker.model.protection import Reason
from tracker.model.revision import revised
from tracker.server import contracts, ledger
from tracker.server.access import Person
from tracker.server.contracts import FREELANCER
from tracker.server.diary import STORED, StoredSegment, Worked
from tracker.server.tables import account as account_table
from tracker.server.tables import chain, device, member, revision, segment
from tracker.wire.receipt import Receipt
from tracker.wire.request import RevisionView
from tracker.wire.revision import RevisionBody, revision_of
from tracker.wire.segment import SegmentBody, segment_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, Table

    from tracker.model.contract import Contract
    from tracker.model.limit import Agreed
    from tracker.server.database import Database

_EVER = (1 << 63) - 1


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

    @property
    def empty(self) -> bool:
        """Whether no segment or revision was ever received."""
        with self._database.read() as connection:
            return connection.execute(select(chain.c.contract).limit(1)).first() is None

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
        self,
        account: str,
        begin: int,
        end: int,
        contract: str | None = None,
        limit: int | None = None,
        until: int = _EVER,
    ) -> Sequence[StoredSegment]:
        """Return the segments that start in the half-open range, in order of time, as they are now.

        What came `until` then or later is left out, but for what was discarded since.
        """
        seen = and_(segment.c.contract.in_(_visible(account)), segment.c.received_at < until)
        if contract is not None:
            seen = and_(seen, segment.c.contract == contract)
        names = ("contract", "id", "start_at", "sha256", "body", "receipt", "overlap", "flags")
        wanted = (
            select(*(segment.c[name] for name in names))
            .where(seen, segment.c.start_at.between(begin, end - 1))
            .order_by(segment.c.start_at, segment.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted).all()
            revised = and_(seen, revision.c.received_at < until)
            changes = _changes(connection, revised, begin, rows[-1].start_at) if rows else {}
        made = (_stored(row, changes.get((row.contract, row.id), ())) for row in rows)
        return [one for one in made if one is not None]

    def revisions(self, contract: str, segment_id: str) -> list[RevisionView]:
        """Return the revisions of a segment in the order in which they were made."""
        wanted = select(revision.c.body, revision.c.receipt).where(
            revision.c.contract == contract, revision.c.segment == segment_id
        )
        with self._database.read() as connection:
            views = [_revision_view(row.body, row.receipt) for row in connection.execute(wanted)]
        return sorted(views, key=lambda one: (one.at, one.id))

    def destroyed(self, contract: str, sha256: str) -> bool:
        """Say whether a picture was taken back, though its file may be there for a moment more."""
        with self._database.read() as connection:
            return ledger.state(connection, contract, sha256) == ledger.DESTROYED

    def sealed(self, contract: str, id_: str) -> Sealed | None:
        """Return the signed bytes of a segment as they were received."""
        return self._sealed(segment, contract, id_)

    def sealed_revision(self, contract: str, id_: str) -> Sealed | None:
        """Return the signed bytes of a revision as they were received."""
        return self._sealed(revision, contract, id_)

    def _sealed(self, kept: Table, contract: str, id_: str) -> Sealed | None:
        wanted = select(kept.c.body, kept.c.signature).where(kept.c.contract == contract, kept.c.id == id_)
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


_Change = tuple[RevisionBody, Receipt]


def _changes(
    connection: Connection, seen: ColumnElement[bool], begin: int, last: int
) -> Mapping[tuple[str, str], Sequence[_Change]]:
    """Return by contract and id the revisions of the segments that start in a range."""
    same = and_(revision.c.contract == segment.c.contract, revision.c.segment == segment.c.id)
    wanted = (
        select(revision.c.contract, revision.c.segment, revision.c.body, revision.c.receipt)
        .select_from(segment.join(revision, same))
        .where(seen, segment.c.start_at.between(begin, last))
    )
    found: dict[tuple[str, str], list[_Change]] = defaultdict(list)
    for row in connection.execute(wanted):
        change = msgspec.json.decode(row.body, type=RevisionBody)
        found[row.contract, row.segment].append((change, msgspec.json.decode(row.receipt, type=Receipt)))
    return found


def _stored(row: Row[Any], changes: Sequence[_Change]) -> StoredSegment | None:
    """Return a segment as its revisions leave it; None if it was discarded while this was read."""
    body = msgspec.json.decode(row.body, type=SegmentBody)
    own = [
        (revision_of(change), receipt) for change, receipt in changes if change.segment.sha256 == row.sha256
    ]
    shown = revised(segment_of(body), [change for change, _ in own])
    if shown is None:
        return None
    return StoredSegment(
        segment=shown,
        receipt=msgspec.json.decode(row.receipt, type=Receipt),
        device=body.device,
        seq=body.seq,
        overlap=ledger.ranges_of(row.overlap),
        flags=frozenset(Reason(flag) for flag in row.flags.split()),
        test=body.test,
        revisions=tuple(change for change, _ in own),
        blurred=frozenset(p.sha256 for _, told in own for p in told.pictures if p.state == STORED),
    )


def _revision_view(body: bytes, receipt: bytes) -> RevisionView:
    change = msgspec.json.decode(body, type=RevisionBody)
    return RevisionView(
        id=change.id,
        segment=change.segment.id,
        at=change.at,
        change=change.change,
        memo=change.memo,
        shot=change.shot,
        receipt=msgspec.json.decode(receipt, type=Receipt),
    )
