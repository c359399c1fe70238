"""The weekly limit: which limit a week has, and which of its time is beyond it, to the millisecond."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest
from diary_pieces import CONTRACT, kept
from hypothesis import given
from hypothesis import strategies as st

from tracker.model.limit import Agreed, Place, limit_in, over_limit
from tracker.model.ranges import Ranges, common, length, united
from tracker.model.segment import Origin, Segment
from tracker.model.slot import HOUR, MINUTE, SLOT, parse_instant
from tracker.model.week import WEEK, week_of

MONDAY = parse_instant("2026-11-23T00:00:00Z")
BEFORE, AFTER = (MONDAY - WEEK, CONTRACT), (MONDAY, CONTRACT)


@dataclass(frozen=True)
class Case:
    """Two devices that worked on both sides of the week's turn; where they did so at once, one counts."""

    segments: list[Segment]
    limits: dict[Place, int | None]
    used: dict[Place, int]
    overlaps: dict[str, Ranges]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw short segments around a Monday, each moment of them counted once."""
    segments: list[Segment] = []
    for _device in range(2):
        cuts = sorted(
            draw(st.sets(st.integers(-40, 40), max_size=8)) | {0}
        )  # no segment goes over a slot's end
        gaps = draw(st.sets(st.integers(0, 8)))
        segments += [
            kept(MONDAY + begin, MONDAY + end, shots=(), origin=draw(st.sampled_from(Origin)))
            for n, (begin, end) in enumerate(pairwise(cuts))
            if n not in gaps
        ]
    overlaps: dict[str, Ranges] = {}
    for n, one in enumerate(segments):  # each gives way to those before it
        others = [(other.start, other.end) for other in segments[:n]]
        overlaps[one.id] = common([(one.start, one.end)], others)
    limits = {place: draw(st.none() | st.integers(0, 50)) for place in (BEFORE, AFTER)}
    used = {place: draw(st.integers(0, 40)) for place in (BEFORE, AFTER)}
    return Case(segments, limits, used, overlaps)


def brute_force(case: Case) -> dict[str, set[int]]:
    """Count millisecond by millisecond, as work went on."""
    counted = {
        at
        for one in case.segments
        for at in range(one.start, one.end)
        if not any(begin <= at < end for begin, end in case.overlaps[one.id])
    }
    over: dict[str, set[int]] = {}
    for one in case.segments:
        place = (week_of(one.start), CONTRACT)
        limit = case.limits[place]
        for at in range(one.start, one.end):
            before = case.used[place] + sum(week_of(other) == place[0] and other < at for other in counted)
            if limit is not None and before >= limit:
                over.setdefault(one.id, set()).add(at)
    return over


@given(cases())
def test_what_is_over_is_what_comes_after_the_limit_was_reached_in_its_own_week(case: Case) -> None:
    found = over_limit(case.segments, case.limits, case.used, case.overlaps)

    instants = {
        id_: {at for begin, end in ranges for at in range(begin, end)} for id_, ranges in found.items()
    }
    assert instants == brute_force(case)
    assert all(ranges == united(ranges) for ranges in found.values())


@given(cases())
def test_time_that_nobody_knows_to_overlap_is_over_by_as_much_as_there_is_too_much(case: Case) -> None:
    found = over_limit(case.segments, case.limits, case.used)

    for place, limit in case.limits.items():
        inside = [one for one in case.segments if week_of(one.start) == place[0]]
        worked = sum(one.tracked_ms for one in inside)
        over = sum(length(found.get(one.id, ())) for one in inside)
        room = worked if limit is None else max(0, limit - case.used[place])
        assert over == max(0, worked - room)


def test_no_limit_takes_nothing_and_a_limit_of_zero_takes_all() -> None:
    one = kept(MONDAY, MONDAY + SLOT)

    assert over_limit([one], {AFTER: None}) == {}
    assert over_limit([one], {}) == {}
    assert over_limit([one], {AFTER: 0}) == {one.id: ((one.start, one.end),)}


def test_the_limit_takes_the_last_milliseconds_of_the_week_by_hand_or_not() -> None:
    first = kept(MONDAY - 2 * SLOT, MONDAY - SLOT, origin=Origin.MANUAL)
    second = kept(MONDAY - SLOT, MONDAY - SLOT + 5 * MINUTE + 500)
    turned = kept(MONDAY, MONDAY + SLOT)

    found = over_limit([turned, second, first], {BEFORE: HOUR, AFTER: HOUR}, {BEFORE: 48 * MINUTE})

    assert found == {second.id: ((second.start + 2 * MINUTE, second.end),)}


def test_another_contract_uses_nothing_up() -> None:
    one, other = kept(MONDAY, MONDAY + SLOT, of="other"), kept(MONDAY + SLOT, MONDAY + 2 * SLOT)

    assert over_limit([one, other], {AFTER: SLOT, (MONDAY, "other"): SLOT}) == {}


TEN, TWENTY = 10 * HOUR, 20 * HOUR


@pytest.mark.parametrize(
    ("steps", "limits"),
    [
        ([(-WEEK, TEN)], [TEN, TEN, TEN]),
        ([(HOUR, TEN)], [TEN, TEN, TEN]),  # what was agreed first holds for what was before it
        ([(-WEEK, TEN), (HOUR, TWENTY)], [TEN, TWENTY, TWENTY]),  # raised at once
        ([(-WEEK, TWENTY), (HOUR, TEN)], [TWENTY, TWENTY, TEN]),  # lowered next Monday
        ([(-WEEK, TWENTY), (0, TEN)], [TWENTY, TEN, TEN]),  # on Monday's first moment
        ([(-WEEK, TWENTY), (WEEK - 1, TEN)], [TWENTY, TWENTY, TEN]),
        ([(-WEEK, None), (HOUR, TEN)], [None, None, TEN]),
        ([(-WEEK, TEN), (HOUR, None), (2 * HOUR, 0)], [TEN, None, 0]),
        ([(-WEEK, TEN), (HOUR, None), (HOUR, TWENTY)], [TEN, TWENTY, TWENTY]),  # never in force
        ([], [None, None, None]),
    ],
)
def test_the_highest_limit_in_force_in_a_week_is_the_week_s(
    steps: list[tuple[int, int | None]], limits: list[int | None]
) -> None:
    agreed = [Agreed(MONDAY + since, limit) for since, limit in steps]

    assert [limit_in(MONDAY + n * WEEK, agreed) for n in (-1, 0, 1)] == limits


@given(
    st.lists(st.tuples(st.integers(-30, 30), st.none() | st.integers(0, 9)), min_size=1),
    st.integers(-2, 2),
)
def test_a_week_s_limit_is_the_highest_that_brute_force_finds(
    steps: list[tuple[int, int | None]], week: int
) -> None:
    part = WEEK // 10
    agreed = [Agreed(MONDAY + since * part, limit) for since, limit in steps]
    in_force = []
    for at in range(MONDAY + week * WEEK, MONDAY + (week + 1) * WEEK, part):
        ordered = sorted(agreed, key=lambda one: one.since)
        in_force.append(next((one for one in reversed(ordered) if one.since <= at), ordered[0]).limit_ms)

    expected = None if None in in_force else max(limit for limit in in_force if limit is not None)

    assert limit_in(MONDAY + week * WEEK, agreed) == expected
