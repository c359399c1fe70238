"""The rows of parcels: each statement is made once, as every segment of everybody passes through."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, insert, or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from tracker.model.protection import Reason
from tracker.model.slot import SLOT
from tracker.server.diary import STORED
from tracker.server.tables import chain, device, picture, segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Insert, Row

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
_BESIDE = select(segment.c.start_at, segment.c.end_at).where(
    segment.c.account == bindparam("account"),
    segment.c.start_at > bindparam("earliest"),
    segment.c.start_at < bindparam("end"),
    segment.c.end_at > bindparam("begin"),
    segment.c.device != bindparam("device"),
    segment.c.flags.not_like(f"%{Reason.CLOCK_IN_DOUBT}%"),
)
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


def beside(connection: Connection, row: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Return the ranges that other devices of the account have tracked beside it, as far as is known."""
    begin, end = row["start_at"], row["end_at"]
    around = {"account": row["account"], "device": row["device"], "begin": begin, "end": end}
    return [
        (one.start_at, one.end_at) for one in connection.execute(_BESIDE, around | {"earliest": begin - SLOT})
    ]


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
