"""A contract's week as it is billed: its figures, frozen when it locks, and what changed since."""

from __future__ import annotations

import msgspec

from tracker.model.protection import Reason
from tracker.model.week import Phase
from tracker.wire.segment import Instant


class RateView(msgspec.Struct, frozen=True):
    """What is billed under one version of the terms; the rate is a decimal number as text."""

    terms: int
    rate: str
    currency: str
    tracked_ms: int
    manual_ms: int


class ChargeView(msgspec.Struct, frozen=True):
    """Amounts in one currency, decimal numbers as text: total is tracked and manual, protected part of it."""

    currency: str
    tracked: str
    manual: str
    total: str
    protected: str


class LostView(msgspec.Struct, frozen=True):
    """How much time a reason keeps from being protected; several may take the same."""

    reason: Reason
    ms: int


class FiguresView(msgspec.Struct, frozen=True):
    """Milliseconds of a week: tracked and manual are what is billed, late, fallen, over and overlap.

    `upwork_ms` is what Upwork would have billed, as information; `deletions` counts what was discarded.
    """

    tracked_ms: int
    manual_ms: int
    billed_tracked_ms: int
    billed_manual_ms: int
    late_ms: int
    fallen_ms: int
    over_ms: int
    overlap_ms: int
    protected_ms: int
    upwork_ms: int
    deletions: int
    reasons: tuple[LostView, ...]
    rates: tuple[RateView, ...]
    charges: tuple[ChargeView, ...]


class AdjustmentView(msgspec.Struct, frozen=True):
    """What is to be added to a frozen statement in one currency, or taken off where it is negative."""

    currency: str
    amount: str


class StatementView(msgspec.Struct, frozen=True):
    """A contract's week: before it locks its figures so far, afterwards those that were frozen.

    `now` are the figures with everything that came since, null before the week locks.
    """

    contract: str
    week: str
    start: Instant
    end: Instant
    phase: Phase
    locks_at: Instant
    closes_at: Instant
    limit_ms: int | None
    frozen_at: Instant | None
    figures: FiguresView
    now: FiguresView | None
    adjustments: tuple[AdjustmentView, ...]
