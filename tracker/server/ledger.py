"""The rows of parcels: each statement is made once, as every segment of everybody passes through."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from tracker.model.overlap import Stretch
from tracker.model.protection import Reason
from tracker.model.ranges import length
from tracker.model.slot import SLOT
from tracker.server.diary import STORED
from tracker.server.tables import chain, device, picture, segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Insert, Row

    from tracker.model.ranges import Ranges

_KEY = select(device.c.public_key).where(
    device.c.account == bindparam("account"), device.c.id == bindparam("device")
)
_THERE = select(segment.c.id, segment.c.sha256, segment.c.receipt).where(
    segment.c.contract == bindparam("contract"),
    or_(
        segment.c.id == bindparam("id"),
        and_(segment.c.device == bindparam("device"), segment.c.seq == bindparam("seq")),
    ),
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
)
_SETTLE = (
    update(segment)
    .where(segment.c.contract == bindparam("of"), segment.c.id == bindparam("named"))
    .values(overlap=bindparam("overlap"), overlap_ms=bindparam("overlap_ms"))
)
_ONE_AT_A_TIME = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("account"), 0)))
_KEEP = insert(segment)
_LOST = select(picture.c.sha256, picture.c.state).where(
    picture.c.contract == bindparam("contract"),
    picture.c.sha256.in_(bindparam("names", expanding=True)),
    picture.c.state != STORED,
)


def public_key(connection: Connection, account: str, device_id: str) -> bytes | None:
    """Return the key of one of the account's devices."""
    return connection.execute(_KEY, {"account": account, "device": device_id}).scalar()


def there(connection: Connection, row: Mapping[str, Any]) -> Sequence[Row[str, str, bytes]]:
    """Return what is kept under the segment's id, or as the same link of its chain."""
    return connection.execute(_THERE, row).all()


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
    """Return what else the account has tracked at the same time, as far as is known."""
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


def keep(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a segment."""
    connection.execute(_KEEP, row)


def link(connection: Connection, row: Mapping[str, Any], *, new: bool) -> None:
    """Note how far the chain of the device and contract reaches now, and how many of its links are here."""
    reached = {"contract": row["contract"], "device": row["device"], "top": row["seq"], "held": int(new)}
    connection.execute(_linking(connection.dialect.name), reached)


def remember(connection: Connection, contract: str, states: Mapping[str, str], at: int) -> None:
    """Note what became of pictures; what was noted before stays."""
    rows = [
        {"contract": contract, "sha256": name, "state": state, "at": at} for name, state in states.items()
    ]
    connection.execute(_noting(connection.dialect.name), rows)


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
    """Return the statement that notes a picture where none is noted."""
    made = postgresql_insert if dialect == "postgresql" else sqlite_insert
    return made(picture).on_conflict_do_nothing()
