"""Contracts and days as the API answers them and the command line prints them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tracker.model.contract import Contract, ContractState, Policy, Terms
from tracker.model.protection import Reason, Standing, Verdict
from tracker.model.segment import ClosedBy, Key, Origin, Picture, Segment, Shot, ShotState
from tracker.model.slot import instant, parse_instant
from tracker.wire.receipt import Receipt
from tracker.wire.segment import Instant, MinuteBody, minute_body, minute_of_body

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tracker.model.cell import Cell
    from tracker.model.ranges import Ranges


class PolicyView(msgspec.Struct, frozen=True):
    """The published rules of a contract."""

    min_level: int
    memo_min: int
    shots_per_slot: int
    idle_limit_s: int
    manual: bool
    task_required: bool
    client_verified_required: bool
    rate_cap: bool = False  # as of the next one, servers before it said nothing
    relationship_cap: bool = False


class TermsView(msgspec.Struct, frozen=True):
    """What was agreed, beside the rate."""

    number: int
    weekly_limit_ms: int | None
    policy: PolicyView


class ContractView(msgspec.Struct, frozen=True):
    """A contract; the rate is a decimal number as text."""

    id: str
    title: str
    client: str
    rate: str
    currency: str
    state: ContractState
    terms: TermsView


class VerdictView(msgspec.Struct, frozen=True):
    """Whether time is protected, how much of it, and every reason why not."""

    protected: bool
    protected_ms: int
    reasons: tuple[Reason, ...]


class PictureView(msgspec.Struct, frozen=True):
    """A picture: where it can be fetched, null where the server does not hold it."""

    sha256: str
    bytes: int
    url: str | None
    monitor: int
    width: int
    height: int
    blurred: int


class ShotView(msgspec.Struct, frozen=True):
    """A shot and its pictures."""

    id: str
    taken_at: Instant
    state: ShotState
    pictures: tuple[PictureView, ...]
    reason: str


class RangeView(msgspec.Struct, frozen=True, rename={"begin": "from", "end": "to"}):
    """A half-open stretch of time."""

    begin: Instant
    end: Instant


class SegmentView(msgspec.Struct, frozen=True):
    """A segment as it is shown; `receipt` is null as long as the server does not hold it.

    `over` is what of it is over the limit, `overlap` what counts in another one: only the freelancer sees it.
    """

    id: str
    start: Instant
    end: Instant
    tracked_ms: int
    origin: Origin
    memo: str
    task: str
    closed_by: ClosedBy
    source: str | None
    idle_kept: bool
    verdict: VerdictView
    receipt: Receipt | None
    flags: tuple[Reason, ...]
    over: tuple[RangeView, ...]
    overlap_ms: int
    overlap: tuple[RangeView, ...]
    minutes: tuple[MinuteBody, ...]
    shots: tuple[ShotView, ...]


class CellView(msgspec.Struct, frozen=True):
    """A slot of one contract: state is `protected`, `partly` or `not`, an unknown level null."""

    slot: Instant
    contract: str
    state: str
    level: int | None
    segments: tuple[SegmentView, ...]


class ContractTotals(msgspec.Struct, frozen=True):
    """One contract's milliseconds of a day, and of the UTC week that holds the day's noon."""

    contract: str
    tracked_ms: int
    manual_ms: int
    protected_ms: int
    week_ms: int


class Totals(msgspec.Struct, frozen=True):
    """A day's milliseconds; tracked and manual are apart, protected is part of tracked."""

    tracked_ms: int
    manual_ms: int
    protected_ms: int
    over_ms: int
    contracts: tuple[ContractTotals, ...]


class WeekView(msgspec.Struct, frozen=True):
    """A contract's UTC week, all devices: what is over its limit is part of the time, and so is overlap."""

    week: str
    start: Instant
    end: Instant
    tracked_ms: int
    manual_ms: int
    limit_ms: int | None
    over_ms: int
    overlap_ms: int = 0


class DayView(msgspec.Struct, frozen=True):
    """A day of the diary; `complete` says whether the server was asked."""

    date: str
    tz: str
    complete: bool
    cells: tuple[CellView, ...]
    totals: Totals


def contract_view(contract: Contract) -> ContractView:
    """Return a contract as it is answered and printed."""
    terms, policy = contract.terms, contract.terms.policy
    return ContractView(
        id=contract.id,
        title=contract.title,
        client=contract.client,
        rate=str(terms.rate),
        currency=terms.currency,
        state=contract.state,
        terms=TermsView(
            number=terms.number,
            weekly_limit_ms=terms.weekly_limit_ms,
            policy=PolicyView(**{name: getattr(policy, name) for name in PolicyView.__struct_fields__}),
        ),
    )


def contract_of(view: ContractView) -> Contract:
    """Return the contract a view stands for."""
    policy = Policy(**msgspec.structs.asdict(view.terms.policy))
    terms = Terms(
        number=view.terms.number,
        rate=Decimal(view.rate),
        currency=view.currency,
        weekly_limit_ms=view.terms.weekly_limit_ms,
        policy=policy,
    )
    return Contract(view.id, view.title, view.client, view.state, terms)


def verdict_view(verdict: Verdict) -> VerdictView:
    """Return a verdict as it is shown."""
    return VerdictView(verdict.protected, verdict.protected_ms, verdict.reasons)


def cell_view(
    cell: Cell,
    *,
    receipts: Mapping[str, Receipt],
    standings: Mapping[str, Standing],
    url: Callable[[Picture], str | None],
    own: bool = True,
) -> CellView:
    """Return a cell as it is shown, to the freelancer (`own`) or not; with receipts and standings by id."""
    known = [(segment, standings.get(segment.id, Standing())) for segment in cell.segments]
    return CellView(
        slot=instant(cell.slot),
        contract=cell.contract,
        state=cell.state,
        level=cell.level,
        segments=tuple(
            SegmentView(
                id=segment.id,
                start=instant(segment.start),
                end=instant(segment.end),
                tracked_ms=segment.tracked_ms,
                origin=segment.origin,
                memo=segment.memo,
                task=segment.task,
                closed_by=segment.closed_by,
                source=segment.source,
                idle_kept=segment.idle_kept,
                verdict=verdict_view(cell.verdicts[segment.id]),
                receipt=receipts.get(segment.id),
                flags=tuple(sorted(standing.flags)),
                over=_range_views(standing.over),
                overlap_ms=standing.overlap_ms,
                overlap=_range_views(standing.overlap) if own else (),
                minutes=tuple(minute_body(minute) for minute in segment.minutes),
                shots=tuple(_shot_view(shot, url) for shot in segment.shots),
            )
            for segment, standing in known
        ),
    )


def segment_of_view(view: SegmentView, key: Key) -> Segment:
    """Return the segment a view stands for: what the tracker puts together with what it has not sent yet."""
    return Segment(
        id=view.id,
        key=key,
        start=parse_instant(view.start),
        end=parse_instant(view.end),
        memo=view.memo,
        minutes=tuple(minute_of_body(minute) for minute in view.minutes),
        closed_by=view.closed_by,
        source=view.source,
        shots=tuple(
            Shot(
                id=shot.id,
                taken_at=parse_instant(shot.taken_at),
                state=shot.state,
                pictures=tuple(
                    Picture(p.sha256, p.bytes, p.monitor, p.width, p.height, p.blurred) for p in shot.pictures
                ),
                reason=shot.reason,
            )
            for shot in view.shots
        ),
        origin=view.origin,
        task=view.task,
        idle_kept=view.idle_kept,
    )


def standing_of_view(view: SegmentView) -> Standing:
    """Return what the server knows of the segment beyond itself."""
    over, overlap = (
        tuple((parse_instant(one.begin), parse_instant(one.end)) for one in ranges)
        for ranges in (view.over, view.overlap)
    )
    return Standing(over, overlap, frozenset(view.flags))


def _range_views(ranges: Ranges) -> tuple[RangeView, ...]:
    return tuple(RangeView(instant(begin), instant(end)) for begin, end in ranges)


def _shot_view(shot: Shot, url: Callable[[Picture], str | None]) -> ShotView:
    pictures = tuple(
        PictureView(p.sha256, p.size, url(p), p.monitor, p.width, p.height, p.blurred) for p in shot.pictures
    )
    return ShotView(shot.id, instant(shot.taken_at), shot.state, pictures, shot.reason)
