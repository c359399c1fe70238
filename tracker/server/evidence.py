"""A contract's week as evidence: everything signed of it, as it was received, page by page."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from sqlalchemy import and_, exists, or_, select, union_all

from tracker.model.slot import instant, parse_instant
from tracker.model.week import WEEK, week_name
from tracker.server.diary import STORED
from tracker.server.tables import chain, device, picture, revision, segment, tombstone
from tracker.wire.evidence import (
    ChainView,
    DeviceKey,
    KeptParcel,
    Link,
    ServerKey,
    Tombstone,
    WeekEvidence,
)
from tracker.wire.receipt import PictureReceipt
from tracker.wire.revision import RevisionBody
from tracker.wire.segment import SegmentBody

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from tracker.server.parts import Parts

_PAGE = 2_097_152  # bytes of segments, and the one that exceeds them
_AT_ONCE = 500  # names in one question
_Chain = tuple[str, str]  # contract and device
_Body = TypeVar("_Body", SegmentBody, RevisionBody)


def week_evidence(parts: Parts, contract: str, week: int, cursor: str) -> WeekEvidence:
    """Return a page of the week's evidence; all but the segments is on the first one.

    Raises ValueError for a cursor that no page gave.
    """
    with parts.database.read() as connection:
        rows, following = _segments(connection, contract, week, cursor)
        first = not cursor
        changes = _revisions(connection, contract, week) if first else []
        stones = list(_tombstones(connection, contract, week)) if first else []
        return WeekEvidence(
            contract=contract,
            week=week_name(week),
            server=parts.settings.origin,
            segments=tuple(_kept(row) for row in rows),
            revisions=tuple(_kept(row) for row in changes),
            tombstones=tuple(stones),
            devices=tuple(_devices(connection, [*rows, *changes])),
            keys=(ServerKey(parts.key.id, parts.key.public),),
            chains=tuple(_chains(connection, contract, week, changes)) if first else (),
            pictures=tuple(_pictures(connection, contract, rows, changes)),
            next=following,
        )


def _segments(
    connection: Connection, contract: str, week: int, cursor: str
) -> tuple[list[Row[Any]], str | None]:
    """Return the segments after the cursor, and the next cursor if there are more."""
    start, _, id_ = cursor.partition(".")
    last = int(start) if start else -1
    after = and_(
        segment.c.start_at >= max(last, week),
        or_(segment.c.start_at > last, segment.c.id > id_),
    )
    wanted = (
        select(segment)
        .where(segment.c.contract == contract, segment.c.start_at < week + WEEK, after)
        .order_by(segment.c.start_at, segment.c.id)
        .execution_options(yield_per=50)
    )
    taken: list[Row[Any]] = []
    size = 0
    with connection.execute(wanted) as rows:
        for row in rows:
            if size > _PAGE:
                return taken, f"{taken[-1].start_at}.{taken[-1].id}"
            taken.append(row)
            size += len(row.body)
    return taken, None


def _revisions(connection: Connection, contract: str, week: int) -> list[Row[Any]]:
    """Return the revisions of the week's segments, of those that were discarded and those still to come."""
    of_segment = and_(segment.c.contract == revision.c.contract, segment.c.id == revision.c.segment)
    of_stone = and_(tombstone.c.contract == revision.c.contract, tombstone.c.id == revision.c.segment)
    mine = select(revision).where(revision.c.contract == contract).order_by(revision.c.id)
    known = [
        *connection.execute(mine.where(_within(exists().where(of_segment), segment.c.start_at, week))),
        *connection.execute(mine.where(_within(exists().where(of_stone), tombstone.c.start_at, week))),
    ]
    to_come = mine.where(~exists().where(of_segment), ~exists().where(of_stone))
    for row in connection.execute(to_come):
        said = _said(row.body, RevisionBody)
        if said is None or week <= parse_instant(said.segment.start) < week + WEEK:
            known.append(row)
    return list({row.id: row for row in known}.values())


def _said(body: bytes, kind: type[_Body]) -> _Body | None:
    """Return what signed bytes say, None of damaged ones: those are told, too, and `verify` names them."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _within(some: Any, start: ColumnElement[int], week: int) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = some.where(start >= week, start < week + WEEK)
    return condition


def _tombstones(connection: Connection, contract: str, week: int) -> Iterator[Tombstone]:
    start = tombstone.c.start_at
    wanted = select(tombstone).where(tombstone.c.contract == contract, start >= week, start < week + WEEK)
    for row in connection.execute(wanted.order_by(start, tombstone.c.id)):
        yield Tombstone(
            contract=row.contract,
            kind=row.kind,
            id=row.id,
            account=row.account,
            device=row.device,
            seq=row.seq,
            sha256=row.sha256,
            start=instant(row.start_at),
            revision=row.revision,
            received_at=instant(row.received_at),
            receipt=row.receipt,
        )


def _kept(row: Row[Any]) -> KeptParcel:
    return KeptParcel(row.id, row.body, row.signature, row.receipt)


def _devices(connection: Connection, rows: Sequence[Row[Any]]) -> Iterator[DeviceKey]:
    signers = sorted({(row.account, row.device) for row in rows})
    for account, id_ in signers:
        wanted = select(device.c.public_key).where(device.c.account == account, device.c.id == id_)
        public = connection.execute(wanted).scalar()
        if public is not None:
            yield DeviceKey(account, id_, public)


def _pictures(
    connection: Connection, contract: str, segments: Iterable[Row[Any]], revisions: Iterable[Row[Any]]
) -> Iterator[PictureReceipt]:
    """Return what became of every picture that is named."""
    bodies = [
        *(_said(row.body, SegmentBody) for row in segments),
        *(_said(row.body, RevisionBody) for row in revisions),
    ]
    names = sorted({one.sha256 for body in bodies if body is not None for one in body.pictures})
    for place in range(0, len(names), _AT_ONCE):
        some = names[place : place + _AT_ONCE]
        wanted = select(picture.c.sha256, picture.c.state)
        found = connection.execute(wanted.where(picture.c.contract == contract, picture.c.sha256.in_(some)))
        states = {row.sha256: row.state for row in found}
        yield from (PictureReceipt(name, states.get(name, STORED)) for name in some)


def _chains(
    connection: Connection, contract: str, week: int, revisions: Sequence[Row[Any]]
) -> Iterator[ChainView]:
    """Return each chain around the week: what of it lies elsewhere, and what nobody delivered."""
    links = _week_s_links(connection, contract, week, revisions)
    for id_, numbers in sorted(links.items()):
        seq, first, last = _EVERY.c.seq, min(numbers), max(numbers)
        mine = select(seq, _EVERY.c.sha256).where(_EVERY.c.contract == contract, _EVERY.c.device == id_)
        held = _held(connection, mine.where(seq >= first, seq <= last))
        below = _held(connection, mine.where(seq < first).order_by(seq.desc()).limit(1))
        above = _held(connection, mine.where(seq > last).order_by(seq).limit(1))
        known = sorted({max(below, default=0), *held, *(above or {last + 1})})
        top = select(chain.c.top).where(chain.c.contract == contract, chain.c.device == id_)
        yield ChainView(
            contract=contract,
            device=id_,
            top=connection.execute(top).scalar() or last,
            elsewhere=tuple(
                Link(number, sha256)
                for number, hashes in sorted((below | held).items())
                for sha256 in sorted(hashes)
                if number not in numbers
            ),
            absent=tuple((one + 1, other) for one, other in pairwise(known) if other > one + 1),
        )


def _week_s_links(
    connection: Connection, contract: str, week: int, revisions: Sequence[Row[Any]]
) -> Mapping[str, set[int]]:
    """Return by device the numbers of the links that belong to the week."""
    links: dict[str, set[int]] = defaultdict(set)
    for row in revisions:
        links[row.device].add(row.seq)
        if said := _said(row.body, RevisionBody):
            links[said.segment.device].add(said.segment.seq)  # it may be still to come
    for of in (segment, tombstone):
        wanted = select(of.c.device, of.c.seq).where(
            of.c.contract == contract, of.c.start_at >= week, of.c.start_at < week + WEEK
        )
        for id_, seq in connection.execute(wanted):
            links[id_].add(seq)
    return links


def _held(connection: Connection, wanted: Select[Any]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for row in connection.execute(wanted):
        found[row.seq].add(row.sha256)
    return found


_EVERY = union_all(
    *(select(of.c.contract, of.c.device, of.c.seq, of.c.sha256) for of in (segment, revision, tombstone))
).subquery("link")
