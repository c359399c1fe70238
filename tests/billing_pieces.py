"""Work as it is billed, and terms, by the piece."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from diary_pieces import CONTRACT, kept
from doubles import NINE

from tracker.model.cell import cells
from tracker.model.contract import DEFAULT_POLICY, Policy, Terms
from tracker.model.limit import over_limit
from tracker.model.protection import Standing
from tracker.model.segment import Segment, Shot
from tracker.model.slot import SLOT
from tracker.model.week import week_of
from tracker.server.billing import Dated, Work


def agreed(rate: str = "60", currency: str = "USD", since: int = 0, number: int = 1) -> Dated:
    return Dated(since, Terms(number, Decimal(rate), currency))


def judged(
    segments: list[Segment],
    *,
    policy: Policy = DEFAULT_POLICY,
    limit_ms: int | None = None,
    standings: dict[str, Standing] | None = None,
) -> list[Work]:
    """Return segments with their verdicts, as the diary judges them."""
    over = over_limit(segments, {(week_of(NINE), CONTRACT): limit_ms})
    known = standings or {one.id: Standing(over.get(one.id, ())) for one in segments}
    return [
        Work(one, known[one.id], cell.verdicts[one.id])
        for cell in cells(segments, {CONTRACT: policy}, known)
        for one in cell.segments
    ]


def slots(first: int, count: int, **facts: Any) -> list[Segment]:
    return [kept(NINE + n * SLOT, NINE + (n + 1) * SLOT, **facts) for n in range(first, first + count)]


def shot(at: int) -> Shot:
    return replace(kept(NINE, NINE + SLOT).shots[0], taken_at=at)
