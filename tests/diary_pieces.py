"""Contracts, segments and receipts by the piece, for tests of the diary."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from uuid_utils import uuid7

from tracker.model.contract import DEFAULT_POLICY, Contract, ContractState, Policy, Terms
from tracker.model.segment import (
    ClosedBy,
    Key,
    Minute,
    Origin,
    Picture,
    Segment,
    Shot,
    ShotState,
    segment_minutes,
)
from tracker.model.slot import instant, parse_instant
from tracker.server.diary import StoredSegment
from tracker.wire.receipt import PictureReceipt, Receipt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.model.protection import Reason
    from tracker.model.ranges import Ranges

CONTRACT = "northbeam"
MEMO = "Checkout: handle 3-D Secure return"
_PICTURE = Picture("a" * 64, 30_000, 0, 1600, 1000)
_ACTIVE = (40, 100, 7, 20)  # active seconds, keys, clicks, scrolls of a minute


def contract(
    id_: str = CONTRACT,
    *,
    client: str = "Northbeam",
    limit_ms: int | None = None,
    rate: Decimal = Decimal(65),
    policy: Policy = DEFAULT_POLICY,
) -> Contract:
    return Contract(
        id_, "Checkout rebuild", client, ContractState.ACTIVE, Terms(1, rate, "USD", limit_ms, policy)
    )


def kept(
    begin: str | int,
    end: str | int,
    *,
    of: str = CONTRACT,
    memo: str = MEMO,
    origin: Origin = Origin.TRACKED,
    closed_by: ClosedBy = ClosedBy.SLOT_END,
    shots: tuple[Shot, ...] | None = None,
    counts: Mapping[int, tuple[int, int | None, int | None, int | None]] | None = None,
    source: str | None = "x11-record",
    idle: bool = False,
) -> Segment:
    """Return a segment that is protected unless something else is asked for."""
    start, stop = (parse_instant(at) if isinstance(at, str) else at for at in (begin, end))
    manual = origin is Origin.MANUAL
    minutes = segment_minutes(start, stop)
    if not manual:
        given = {} if counts is None else counts
        fallback = _ACTIVE if counts is None else (0, 0, 0, 0)
        minutes = tuple(
            Minute(m.at, m.tracked_ms, *given.get(m.at % 600_000 // 60_000, fallback)) for m in minutes
        )
    if shots is None:
        shots = () if manual else (Shot(str(uuid7()), start, ShotState.KEPT, (_PICTURE,)),)
    return Segment(
        id=str(uuid7()),
        key=Key("embedded:test", "me", of),
        start=start,
        end=stop,
        memo=memo,
        minutes=minutes,
        closed_by=closed_by,
        source=None if manual else source,
        shots=shots,
        origin=origin,
        idle_kept=idle,
    )


def stored(
    segment: Segment,
    *,
    picture: str = "stored",
    seq: int = 1,
    overlap: Ranges = (),
    flags: frozenset[Reason] = frozenset(),
    test: bool = False,
) -> StoredSegment:
    """Return the segment as the server holds it, received as it ended."""
    pictures = {one.sha256: picture for shot in segment.shots for one in shot.pictures}
    receipt = Receipt(
        segment=segment.id,
        sha256="b" * 64,
        received_at=instant(segment.end),
        contract=segment.key.contract,
        pictures=tuple(PictureReceipt(sha256, state) for sha256, state in pictures.items()),
        server=segment.key.server,
        key="c" * 32,
        signature="",
    )
    return StoredSegment(segment, receipt, "c" * 32, seq, overlap, flags, test)
