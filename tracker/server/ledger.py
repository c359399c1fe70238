"""The rows of parcels: each statement is made once, as every segment of everybody passes through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

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
from tracker.model.protection import YIELDING
from tracker.model.ranges import length
from tracker.model.slot import SLOT
from tracker.server.diary import STORED
from tracker.server.prepared import Prepared
from tracker.server.tables import chain, device, picture, revision, segment, tombstone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy import Connection, Insert, Select
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

    from tracker.model.ranges import Ranges

    Upsert = Callable[[Table], SqliteInsert]  # that of PostgreSQL has the same methods

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


def _found(what: Select[Any], of: Table, *alternatives: Mapping[str, str]) -> list[Select[Any]]:
    """Return the question by each alternative, columns and their parameters, and by the link of the chain.

    Each is one of its own: with an `or` between them SQLite may read all that a contract has.
    """
    every = ({"contract": "contract", **one} for one in (*alternatives, {"device": "device", "seq": "seq"}))
    return [what.where(*(of.c[name] == bindparam(of_) for name, of_ in one.items())) for one in every]


_KEY = Prepared(
    select(device.c.public_key).where(
        device.c.account == bindparam("account"), device.c.id == bindparam("device")
    )
)
_KINDS = {"segment_kind": SEGMENT, "revision_kind": REVISION}
_LINK_COLUMNS = ("id", "sha256", "receipt", "body", "device", "seq")
_THERE = Prepared(
    union_all(
        *_found(
            select(
                literal_column(f"'{SEGMENT}'"),
                *(segment.c[name] for name in (*_LINK_COLUMNS, "id", "start_at")),
            ),
            segment,
            {"id": "segment"},
        ),
        *_found(
            select(
                tombstone.c.kind,
                *(tombstone.c[name] if name != "body" else null() for name in _LINK_COLUMNS),
                tombstone.c.id,
                tombstone.c.start_at,
            ),
            tombstone,
            {"kind": "segment_kind", "id": "segment"},
            {"kind": "revision_kind", "id": "revision"},
        ),
        *_found(
            select(
                literal_column(f"'{REVISION}'"),
                *(revision.c[name] for name in (*_LINK_COLUMNS, "segment")),
                literal_column("0"),
            ),
            revision,
            {"segment": "segment"},
            {"id": "revision"},
        ),
    )
)
_COLUMNS = ("contract", "id", "start_at", "end_at", "flags", "overlap", "account")
_STRETCH = select(*(segment.c[name] for name in _COLUMNS))
_BESIDE = Prepared(
    _STRETCH.where(
        segment.c.account == bindparam("account"),
        segment.c.start_at > bindparam("earliest"),
        segment.c.start_at < bindparam("end"),
        segment.c.end_at > bindparam("begin"),
    ).order_by(segment.c.received_at, segment.c.id)
)
_SETTLE = (
    update(segment)
    .where(segment.c.contract == bindparam("of"), segment.c.id == bindparam("named"))
    .values(overlap=bindparam("overlap"), overlap_ms=bindparam("overlap_ms"))
)
_ONE_AT_A_TIME = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("account"), 0)))
_KEEP = {SEGMENT: Prepared(insert(segment)), REVISION: Prepared(insert(revision))}
_BURY = insert(tombstone)
_TAKE_OUT = {
    kind: delete(table).where(table.c.contract == bindparam("of"), table.c.id == bindparam("named"))
    for kind, table in ((SEGMENT, segment), (REVISION, revision))
}
_STATE = Prepared(
    select(picture.c.state).where(
        picture.c.contract == bindparam("contract"), picture.c.sha256 == bindparam("sha256")
    )
)


def _linking(insert_into: Upsert) -> Insert:
    """Return the statement that adds to a chain; both databases spell it alike, but each has its own word."""
    made = insert_into(chain)
    top = case((made.excluded.top > chain.c.top, made.excluded.top), else_=chain.c.top)
    return made.on_conflict_do_update(
        index_elements=["contract", "device"], set_={"top": top, "held": chain.c.held + made.excluded.held}
    )


def _noting(insert_into: Upsert) -> Insert:
    """Return the statement that notes a picture's state, unless a more lasting one is noted."""
    made = insert_into(picture)
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


_LINK = Prepared(_linking(sqlite_insert), postgresql=_linking(cast("Upsert", postgresql_insert)))
_NOTE = Prepared(_noting(sqlite_insert), postgresql=_noting(cast("Upsert", postgresql_insert)))


def public_key(connection: Connection, account: str, device_id: str) -> bytes | None:
    """Return the key of one of the account's devices."""
    found = _KEY(connection, {"account": account, "device": device_id})
    return found[0][0] if found else None


def there(
    connection: Connection, row: Mapping[str, Any], segment_id: str, revision_id: str = ""
) -> list[Link]:
    """Return what is known of a segment and of a revision, and what is the row's link of its chain already.

    Of the segment that is itself or its tombstone, and all revisions of it.
    """
    wanted = {name: row[name] for name in ("contract", "device", "seq")}
    wanted |= {"segment": segment_id, "revision": revision_id, **_KINDS}
    return list(dict.fromkeys(Link(*found) for found in _THERE(connection, wanted)))  # by more than one way


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
        doubted=not YIELDING.isdisjoint(row["flags"].split()),
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
    found = (stretch(dict(zip(_COLUMNS, row, strict=True))) for row in _BESIDE(connection, around))
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
    _KEEP[kind](connection, row)


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
    _LINK(connection, reached)


def remember(connection: Connection, contract: str, states: Mapping[str, str], at: int) -> None:
    """Note what became of pictures: what was rejected can be stored later, what was destroyed stays so."""
    for name, state in states.items():
        _NOTE(connection, {"contract": contract, "sha256": name, "state": state, "at": at})


def state(connection: Connection, contract: str, sha256: str) -> str | None:
    """Return what became of a picture, None if nothing was noted."""
    found = _STATE(connection, {"contract": contract, "sha256": sha256})
    return found[0][0] if found else None


def lost(connection: Connection, contract: str, names: Iterable[str]) -> dict[str, str]:
    """Return by hash what became of those of the pictures that will not be had any more."""
    known = ((name, state(connection, contract, name)) for name in names)
    return {name: became for name, became in known if became not in {None, STORED}}
