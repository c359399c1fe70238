"""Whatever a week is made of: its sums fit, each condition only takes, and every reason is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from billing_pieces import agreed, judged
from diary_pieces import kept
from doubles import NINE
from hypothesis import given
from hypothesis import strategies as st

from tracker.model.contract import Policy
from tracker.model.protection import Reason, Standing
from tracker.model.segment import Origin
from tracker.model.slot import HOUR, SLOT
from tracker.server.billing import Caps, Dated, Statement, Work, statement

FREE = Policy(min_level=0, memo_min=0, shots_per_slot=0)  # wants nothing
seconds = st.integers(0, 600)
stretches = st.lists(st.tuples(seconds, seconds).filter(lambda ends: ends[0] < ends[1]), max_size=3)
rates = st.decimals(0, 1000, places=4).map(str)


@st.composite
def weeks(draw: st.DrawFn) -> tuple[list[Work], list[Dated]]:
    """Any work in a few slots, with anything known of it, under up to three terms."""
    segments, standings = [], {}
    for n in range(draw(st.integers(0, 4))):
        cuts = sorted(draw(st.sets(st.integers(1, 599), max_size=2)) | {0, 600})
        for begin, end in pairwise(cuts):
            start = NINE + n * SLOT
            one = kept(
                start + begin * 1000,
                start + end * 1000,
                memo=draw(st.sampled_from(["", "Short", "Long enough a memo"])),
                origin=draw(st.sampled_from(Origin)),
                idle=draw(st.booleans()),
            )
            inside = [
                tuple(
                    (start + low * 1000, start + min(high, end) * 1000)
                    for low, high in some
                    if begin <= low < end
                )
                for some in (draw(stretches), draw(stretches))
            ]
            flags = draw(st.frozensets(st.sampled_from([Reason.LATE, Reason.CLOCK_IN_DOUBT])))
            segments.append(one)
            standings[one.id] = Standing(inside[0], inside[1], flags)
    works = [
        replace(one, accepted=draw(st.booleans()), fallen=draw(st.booleans()), given_up=draw(st.booleans()))
        for one in judged(segments, policy=draw(st.sampled_from([Policy(), FREE])), standings=standings)
    ]
    edges = [0, *sorted(draw(st.sets(st.integers(NINE, NINE + 4 * SLOT), max_size=2)))]
    terms = [agreed(draw(rates), since=edge, number=n) for n, edge in enumerate(edges, 1)]
    return works, terms


def unbilled(made: Statement) -> int:
    return made.late_ms + made.fallen_ms + made.over_ms + made.overlap_ms


@given(weeks())
def test_every_millisecond_is_in_one_class_and_every_unprotected_one_has_a_reason(
    week: tuple[list[Work], list[Dated]],
) -> None:
    works, terms = week
    made = statement(works, terms)

    assert made.tracked_ms + made.manual_ms == sum(one.segment.tracked_ms for one in works)
    assert made.tracked_ms + made.manual_ms == made.billed_ms + unbilled(made)
    assert sum(one.tracked_ms for one in made.rates) == made.billed_tracked_ms
    assert sum(one.manual_ms for one in made.rates) == made.billed_manual_ms
    assert 0 <= made.protected_ms <= made.billed_tracked_ms
    for charge in made.charges:
        assert charge.protected <= charge.tracked
        assert charge.total == charge.tracked + charge.manual
    exact = sum((Fraction(one.rate) * one.tracked_ms for one in made.rates), Fraction(0)) / HOUR
    assert abs(Fraction(made.charges[0].tracked) - exact) <= Fraction(1, 200)
    said = {reason for one in works for reason in one.verdict.reasons}
    assert set(made.reasons) == said
    lost = [one for one in works if one.verdict.protected_ms < one.segment.tracked_ms]
    assert all(one.verdict.reasons for one in lost)


@given(weeks(), st.data())
def test_each_condition_only_ever_takes(week: tuple[list[Work], list[Dated]], choose: st.DataObject) -> None:
    works, terms = week
    if not works:
        return
    place = choose.draw(st.integers(0, len(works) - 1))
    one = works[place]
    better = choose.draw(
        st.sampled_from(
            [
                replace(one, standing=replace(one.standing, over=())),
                replace(one, standing=replace(one.standing, overlap=())),
                replace(one, standing=replace(one.standing, flags=one.standing.flags - {Reason.LATE})),
                replace(one, accepted=True),
                replace(one, fallen=False),
                replace(one, given_up=False),
            ]
        )
    )

    before = statement(works, terms)
    after = statement([*works[:place], better, *works[place + 1 :]], terms)

    assert before.billed_ms <= after.billed_ms
    assert before.protected_ms <= after.protected_ms
    for less, more in zip(before.charges, after.charges, strict=True):
        assert (less.tracked, less.manual) <= (more.tracked, more.manual) or less.total <= more.total
        assert less.protected <= more.protected


@given(weeks(), st.fractions(0, 1000), st.integers(0, 4 * SLOT), st.fractions(0, 5000))
def test_caps_only_ever_take_and_leave_the_bill_alone(
    week: tuple[list[Work], list[Dated]], rate: Fraction, left_ms: int, left: Fraction
) -> None:
    free, capped = statement(*week), statement(*week, caps=Caps(rate, left_ms, left))

    assert capped.protected_ms == min(free.protected_ms, left_ms)
    assert (capped.billed_ms, capped.rates) == (free.billed_ms, free.rates)
    for one, other in zip(free.charges, capped.charges, strict=True):
        assert other.total == one.total
        assert other.protected <= one.protected


def values(of: Any) -> Iterator[Any]:
    """Return everything a statement is made of."""
    if is_dataclass(of) and not isinstance(of, type):
        for name in fields(of):
            yield from values(getattr(of, name.name))
    elif isinstance(of, dict):
        yield from (one for each in of.items() for part in each for one in values(part))
    elif isinstance(of, tuple | list):
        yield from (one for each in of for one in values(each))
    else:
        yield of


@given(weeks())
def test_no_float_is_in_a_statement(week: tuple[list[Work], list[Dated]]) -> None:
    assert not [one for one in values(statement(*week)) if isinstance(one, float)]
