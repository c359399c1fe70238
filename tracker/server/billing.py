"""What a week comes to: each millisecond in one class, amounts by dated terms; pure, without a clock."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from tracker.model.money import rounded
from tracker.model.protection import Reason
from tracker.model.ranges import common, length, united, without
from tracker.model.segment import Origin, ShotState
from tracker.model.slot import HOUR, SLOT, slot_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from tracker.model.contract import Terms
    from tracker.model.protection import Standing, Verdict
    from tracker.model.ranges import Ranges
    from tracker.model.segment import Segment

_SHOWS = {ShotState.KEPT, ShotState.BLURRED}
_FOR_EVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Dated:
    """Terms and since when they hold, until the next do; the first ones hold for what was before, too."""

    since: int
    terms: Terms


@dataclass(frozen=True, slots=True)
class Work:
    """A segment of the week with what was judged of it."""

    segment: Segment
    standing: Standing
    verdict: Verdict
    accepted: bool = False  # the client pays it though it came late
    fallen: bool = False  # a challenge has taken what of it is not protected
    given_up: bool = False  # the freelancer has accepted a challenge: nothing of it is billed


@dataclass(frozen=True, slots=True)
class Caps:
    """What the policy `upwork` lets be protected at most: a rate, and what is left of the relationship."""

    rate: Fraction | None = None  # the freelancer's usual one per hour
    left_ms: int | None = None
    left: Fraction | None = None  # in the currency of the contract


@dataclass(frozen=True, slots=True)
class Rated:
    """What is billed under one version of the terms."""

    number: int
    rate: Decimal
    currency: str
    tracked_ms: int
    manual_ms: int


@dataclass(frozen=True, slots=True)
class Charge:
    """What a week comes to in one currency; protected is part of tracked."""

    currency: str
    tracked: Decimal
    manual: Decimal
    protected: Decimal

    @property
    def total(self) -> Decimal:
        """What the client pays."""
        return self.tracked + self.manual


@dataclass(frozen=True, slots=True)
class Statement:
    """A contract's week in exact milliseconds.

    All of `tracked_ms` and `manual_ms` is in one of billed, late, fallen, over and overlap, in none twice.
    """

    tracked_ms: int = 0
    manual_ms: int = 0
    billed_tracked_ms: int = 0
    billed_manual_ms: int = 0
    late_ms: int = 0  # and the client has not accepted it
    fallen_ms: int = 0  # by a challenge
    over_ms: int = 0  # the limit
    overlap_ms: int = 0  # counted elsewhere
    protected_ms: int = 0  # part of what is billed as tracked
    reasons: Mapping[Reason, int] = field(default_factory=dict)  # how much each takes; some take the same
    rates: tuple[Rated, ...] = ()
    charges: tuple[Charge, ...] = ()
    upwork_ms: int = 0  # what Upwork would have billed, as information

    @property
    def billed_ms(self) -> int:
        """What is billed of tracked and manual time together."""
        return self.billed_tracked_ms + self.billed_manual_ms


@dataclass(slots=True)
class _Parts:
    """One segment's ranges by class, each moment in one of them."""

    billed: Ranges = ()
    protected: Ranges = ()
    classes: dict[str, int] = field(default_factory=dict)


def statement(
    work: Sequence[Work],
    terms: Sequence[Dated],
    *,
    caps: Caps | None = None,
    upwork_ms: int = 0,
) -> Statement:
    """Return what some work comes to under the terms that held at each of its moments.

    Protected money is what the terms' own rate makes of protected time, unless there are caps: then no hour
    of it counts for more than the capped rate, and all of it for no more than is left.
    """
    sums: Counter[str] = Counter()
    reasons: Counter[Reason] = Counter()
    billed: dict[tuple[int, str], int] = defaultdict(int)
    covered: dict[int, int] = defaultdict(int)
    left_ms = None if caps is None else caps.left_ms
    for one in sorted(work, key=lambda each: (each.segment.start, each.segment.id)):
        kind = "manual" if one.segment.origin is Origin.MANUAL else "tracked"
        parts = _parted(one)
        if left_ms is not None:
            parts.protected = _first(parts.protected, left_ms)
            left_ms -= length(parts.protected)
        sums.update(parts.classes)
        sums[kind] += one.segment.tracked_ms
        sums["billed_" + kind] += length(parts.billed)
        sums["protected"] += length(parts.protected)
        reasons.update(_taken(one))
        for place, begin, end in _periods(terms):
            billed[place, kind] += length(common(parts.billed, [(begin, end)]))
            covered[place] += length(common(parts.protected, [(begin, end)]))
    return Statement(
        **{f"{name}_ms": ms for name, ms in sums.items()},
        reasons={reason: reasons[reason] for reason in Reason if reason in reasons},
        rates=_rates(terms, billed),
        charges=_charges(terms, billed, covered, caps or Caps()),
        upwork_ms=upwork_ms,
    )


def _parted(one: Work) -> _Parts:
    """Put every moment of a segment into one class: late takes all of it, then over, then overlap."""
    whole: Ranges = ((one.segment.start, one.segment.end),)
    late = Reason.LATE in one.standing.flags and not one.accepted
    if late or one.given_up:
        return _Parts(classes={"late" if late else "fallen": length(whole)})
    over = united(one.standing.over)
    overlap = without(one.standing.overlap, over)
    due = without(whole, (*over, *overlap))
    protected = due if one.verdict.protected_ms else ()
    billed = protected if one.fallen else due
    return _Parts(
        billed,
        protected,
        {"over": length(over), "overlap": length(overlap), "fallen": length(due) - length(billed)},
    )


def _taken(one: Work) -> dict[Reason, int]:
    """Return how much of a segment each of its reasons takes."""
    own = {Reason.OVER_THE_LIMIT: one.standing.over_ms, Reason.OVERLAP: one.standing.overlap_ms}
    return {reason: own.get(reason, one.segment.tracked_ms) for reason in one.verdict.reasons}


def _first(ranges: Ranges, ms: int) -> Ranges:
    """Return the first so many milliseconds of some ranges."""
    made = []
    for begin, end in ranges:
        cut = min(end, begin + max(0, ms))
        made.append((begin, cut))
        ms -= cut - begin
    return united(made)


def _periods(terms: Sequence[Dated]) -> Iterable[tuple[int, int, int]]:
    """Return of each of the terms its place, and from when to when it holds."""
    edges = [-_FOR_EVER, *(later.since for later in terms[1:]), _FOR_EVER]
    return [(n, begin, end) for n, (begin, end) in enumerate(pairwise(edges))]


def _rates(terms: Sequence[Dated], billed: Mapping[tuple[int, str], int]) -> tuple[Rated, ...]:
    made = (
        Rated(
            one.terms.number,
            one.terms.rate,
            one.terms.currency,
            billed.get((place, "tracked"), 0),
            billed.get((place, "manual"), 0),
        )
        for place, one in enumerate(terms)
    )
    return tuple(one for one in made if one.tracked_ms or one.manual_ms)


def _charges(
    terms: Sequence[Dated],
    billed: Mapping[tuple[int, str], int],
    covered: Mapping[int, int],
    caps: Caps,
) -> tuple[Charge, ...]:
    """Return the amounts by currency, each class rounded once."""
    exact = {
        one.terms.currency: dict.fromkeys(("tracked", "manual", "protected"), Fraction(0)) for one in terms
    }
    for place, one in enumerate(terms):
        rate, sums = Fraction(one.terms.rate) / HOUR, exact[one.terms.currency]
        least = rate if caps.rate is None else min(rate, caps.rate / HOUR)
        sums["tracked"] += rate * billed.get((place, "tracked"), 0)
        sums["manual"] += rate * billed.get((place, "manual"), 0)
        sums["protected"] += least * covered.get(place, 0)
    if caps.left is not None:
        for sums in exact.values():
            sums["protected"] = min(sums["protected"], max(Fraction(0), caps.left))
    newest = terms[-1].terms.currency
    return tuple(
        Charge(
            currency,
            *(rounded(amount, currency) for amount in sums.values()),
        )
        for currency, sums in exact.items()
        if currency == newest or any(sums.values())
    )


def upwork_ms(contract: str, every: Iterable[Segment], limit_ms: int | None = None) -> int:
    """Return what Upwork would have billed for a contract, out of all that its freelancer tracked.

    There a slot counts whole for the contract of its shot, the first where there are several, and not at
    all without one; time by hand fills the slots it touches that have none; nothing is billed over the limit.
    """
    first: dict[int, tuple[int, str]] = {}
    by_hand: dict[int, str] = {}
    for one in every:
        if one.origin is Origin.MANUAL:
            by_hand.setdefault(one.slot, one.key.contract)
        for shot in one.shots:
            if shot.state in _SHOWS:
                found = (shot.taken_at, one.key.contract)
                first[slot_of(shot.taken_at)] = min(found, first.get(slot_of(shot.taken_at), found))
    owners = by_hand | {slot: owner for slot, (_, owner) in first.items()}
    ms = SLOT * sum(owner == contract for owner in owners.values())
    return ms if limit_ms is None else min(ms, limit_ms)
