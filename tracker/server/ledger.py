"""The rows of parcels: each statement is made once, as every segment of everybody passes through."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from tracker.model.overlap import Stretch
from tracker.model.protection import Reason
from tracker.model.ranges import length
from tracker.model.slot import SLOT
from tracker.server.diary import STORED
from tracker.server.tables import chain, device, picture, revision, segment, tombstone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import ColumnElement, Connection, Insert

    from tracker.model.ranges import Ranges

SEGMENT, REVISION = "segment", "revision"
REJECTED, DESTROYED = "rejected", "destroyed"  # states of a picture, beside stored


class Link(NamedTuple):
    """A segment or a revision in the chain of its device; of one that was discarded the body is None."""

    kind: str
    id: str
    sha256: str
    receipt: bytes | None
    body: bytes | None
    device: str
    seq: int
    segment: str  # the id of the segment it is, or revises
    start_at: int  # of a segment


def _any(of: Table, *alternatives: Mapping[str, str]) -> ColumnElement[bool]:
    """Return the condition that columns are what the parameters of one alternative say.

    The contract is part of each, not beside them: else SQLite reads all that the contract has.
    """
    wanted = ({"contract": "contract", **one} for one in (*alternatives, {"device": "device", "seq": "seq"}))
    return or_(*(and_(*(of.c[name] == bindparam(of_) for name, of_ in one.items())) for one in wanted))


_KEY = select(device.c.public_key).where(
    device.c.account == bindparam("account"), device.c.id == bindparam("device")
)
_KINDS = {"segment_kind": SEGMENT, "revision_kind": REVISION}
_THERE = union_all(
    select(
        literal_column(f"'{SEGMENT}'"),
        *(segment.c[name] for name in ("id", "sha256", "receipt", "body", "device", "seq", "id", "start_at")),
    ).where(_any(segment, {"id": "segment"})),
    select(
        tombstone.c.kind,
        *(tombstone.c[name] for name in ("id", "sha256", "receipt")),
        null(),
        *(tombstone.c[name] for name in ("device", "seq", "id", "start_at")),
    ).where(
        _any(
            tombstone,
            {"kind": "segment_kind", "id": "segment"},
            {"kind": "revision_kind", "id": "revision"},
        )
    ),
    select(
        literal_column(f"'{REVISION}'"),
        *(revision.c[name] for name in ("id", "sha256", "receipt", "body", "device", "seq", "segment")),
        literal_column("0"),
    ).where(_any(revision, {"segment": "segment"}, {"id": "revision"})),
)
_STRETCH = select(
    segment.c.contract,
    segment.c.id,
    segment.c.start_at,
    segment.c.end_at,
    segment.c.flags,
    segment.c.overlap,
    segment.c.account,
)
_BESIDE = _STRETCH.where(
    segment.c.account == bindparam("account"),
    segment.c.start_at > bindparam("earliest"),
    segment.c.start_at < bindparam("end"),
    segment.c.end_at > bindparam("begin"),
).order_by(segment.c.received_at, segment.c.id)
_SETTLE = (
    update(segment)
    .where(segment.c.contract == bindparam("of"), segment.c.id == bindparam("named"))
    .values(overlap=bindparam("overlap"), overlap_ms=bindparam("overlap_ms"))
)
_ONE_AT_A_TIME = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("account"), 0)))
_KEEP = {SEGMENT: insert(segment), REVISION: insert(revision)}
_BURY = insert(tombstone)
_TAKE_OUT = {
    kind: delete(table).where(table.c.contract == bindparam("of"), table.c.id == bindparam("named"))
    for kind, table in ((SEGMENT, segment), (REVISION, revision))
}
_STATE = select(picture.c.state).where(
    picture.c.contract == bindparam("contract"), picture.c.sha256 == bindparam("sha256")
)
_LOST = select(picture.c.sha256, picture.c.state).where(
    picture.c.contract == bindparam("contract"),
    picture.c.sha256.in_(bindparam("names", expanding=True)),
    picture.c.state != STORED,
)


def public_key(connection: Connection, account: str, device_id: str) -> bytes | None:
    """Return the key of one of the account's devices."""
    return connection.execute(_KEY, {"account": account, "device": device_id}).scalar()


def there(
    connection: Connection, row: Mapping[str, Any], segment_id: str, revision_id: str = ""
) -> list[Link]:
    """Return what is known of a segment and of a revision, and what is the row's link of its chain already.

    Of the segment that is itself or its tombstone, and all revisions of it.
    """
    wanted = {name: row[name] for name in ("contract", "device", "seq")}
    wanted |= {"segment": segment_id, "revision": revision_id, **_KINDS}
    return [Link(*found) for found in connection.execute(_THERE, wanted)]


def one_at_a_time(connection: Connection, account: str) -> None:
    """Let no other transaction place the account's time until this one ends, in whatever process it is.

    Else two segments of the same time, delivered at once, would not see each other. SQLite has one writer.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_ONE_AT_A_TIME, {"account": account})


def stretch(row: Mapping[Any, Any]) -> Stretch:
    """Return a segment's row as far as others at the same time matter."""
    return Stretch(
        contract=row["contract"],
        id=row["id"],
        begin=row["start_at"],
        end=row["end_at"],
        doubted=Reason.CLOCK_IN_DOUBT in row["flags"].split(),
        overlap=ranges_of(row.get("overlap", "")),
    )


def tracked(connection: Connection, account: str, contract: str, id_: str) -> Stretch | None:
    """Return one segment of the account."""
    wanted = _STRETCH.where(segment.c.account == account, segment.c.contract == contract, segment.c.id == id_)
    row = connection.execute(wanted).mappings().first()
    return None if row is None else stretch(row)


def beside(connection: Connection, account: str, one: Stretch) -> list[Stretch]:
    """Return what else the account has tracked at the same time, as far as is known; first come, first."""
    around = {"account": account, "begin": one.begin, "end": one.end, "earliest": one.begin - SLOT}
    found = (stretch(row) for row in connection.execute(_BESIDE, around).mappings())
    return [other for other in found if (other.contract, other.id) != (one.contract, one.id)]


def settle(connection: Connection, changed: Iterable[Stretch]) -> None:
    """Write what of stored segments overlaps now."""
    for one in changed:
        where = {"of": one.contract, "named": one.id}
        connection.execute(_SETTLE, where | overlap_columns(one.overlap))


def overlap_columns(ranges: Ranges) -> dict[str, Any]:
    """Return ranges as a segment's row holds them."""
    return {"overlap": written(ranges), "overlap_ms": length(ranges)}


def written(ranges: Ranges) -> str:
    """Return ranges as they stand in a row."""
    return " ".join(f"{begin}-{end}" for begin, end in ranges)


def ranges_of(text: str) -> Ranges:
    """Return the ranges that stand in a row."""
    pairs = (one.split("-") for one in text.split())
    return tuple((int(begin), int(end)) for begin, end in pairs)


def keep(connection: Connection, kind: str, row: Mapping[str, Any]) -> None:
    """Write a segment or a revision."""
    connection.execute(_KEEP[kind], row)


def bury(connection: Connection, link: Mapping[str, Any]) -> None:
    """Leave a tombstone in a link's place; what it said is gone."""
    connection.execute(_TAKE_OUT[link["kind"]], {"of": link["contract"], "named": link["id"]})
    connection.execute(_BURY, link)


def discarded_by(connection: Connection, contract: str, segment_id: str) -> str:
    """Return the id of the revision that discarded a segment."""
    wanted = select(tombstone.c.revision).where(
        tombstone.c.contract == contract, tombstone.c.kind == SEGMENT, tombstone.c.id == segment_id
    )
    return str(connection.execute(wanted).scalar_one())


def linked(there: Iterable[Link], row: Mapping[str, Any]) -> bool:
    """Say whether the row's link of its chain is there, whichever parcel it is."""
    return any((one.device, one.seq) == (row["device"], row["seq"]) for one in there)


def link(connection: Connection, row: Mapping[str, Any], *, new: bool) -> None:
    """Note how far the chain of the device and contract reaches now, and how many of its links are here."""
    reached = {"contract": row["contract"], "device": row["device"], "top": row["seq"], "held": int(new)}
    connection.execute(_linking(connection.dialect.name), reached)


def remember(connection: Connection, contract: str, states: Mapping[str, str], at: int) -> None:
    """Note what became of pictures: what was rejected can be stored later, what was destroyed stays so."""
    rows = [
        {"contract": contract, "sha256": name, "state": state, "at": at} for name, state in states.items()
    ]
    connection.execute(_noting(connection.dialect.name), rows)


def state(connection: Connection, contract: str, sha256: str) -> str | None:
    """Return what became of a picture, None if nothing was noted."""
    return connection.execute(_STATE, {"contract": contract, "sha256": sha256}).scalar()


def lost(connection: Connection, contract: str, names: Iterable[str]) -> dict[str, str]:
    """Return by hash what became of those of the pictures that will not be had any more."""
    rows = connection.execute(_LOST, {"contract": contract, "names": list(names)})
    return {row.sha256: row.state for row in rows}


@cache
def _linking(dialect: str) -> Insert:
    """Return the statement that adds to a chain; both databases spell it alike, but each has its own word."""
    made = (postgresql_insert if dialect == "postgresql" else sqlite_insert)(chain)
    top = case((made.excluded.top > chain.c.top, made.excluded.top), else_=chain.c.top)
    return made.on_conflict_do_update(
        index_elements=["contract", "device"], set_={"top": top, "held": chain.c.held + made.excluded.held}
    )


@cache
def _noting(dialect: str) -> Insert:
    """Return the statement that notes a picture's state, unless a more lasting one is noted."""
    made = (postgresql_insert if dialect == "postgresql" else sqlite_insert)(picture)
    lasting = or_(
        picture.c.state == DESTROYED,
        and_(picture.c.state == STORED, made.excluded.state != DESTROYED),
        picture.c.state == made.excluded.state,
    )
    return made.on_conflict_do_update(
        index_elements=["contract", "sha256"],
        set_={"state": made.excluded.state, "at": made.excluded.at},
        where=~lasting,
    )
