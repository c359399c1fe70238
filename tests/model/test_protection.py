"""Level and verdict: the published rules, every reason, and sums that fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from doubles import NINE
from hypothesis import given
from hypothesis import strategies as st
from worked import taken, worked

from tracker.model.contract import Policy
from tracker.model.protection import (
    Circumstances,
    Reason,
    Standing,
    Verdict,
    judge,
    level,
    memo_reason,
    minutes_of,
    together,
)
from tracker.model.segment import Minute, Origin, Segment, Shot, ShotState
from tracker.model.slot import MINUTE, SECOND, SLOT

FREE = Policy(min_level=0, memo_min=0, shots_per_slot=0)  # wants nothing
SHOT, _ = taken(b"a desk")


def active(*minutes: int, of: int = 10, last_ms: int = MINUTE) -> Segment:
    """A segment of so many minutes, with input in those named; the last one may be short."""
    segment = worked(NINE, (of - 1) * MINUTE + last_ms, active_s=0, shots=(SHOT,))
    return replace(
        segment,
        minutes=tuple(replace(m, active_s=int(n in minutes)) for n, m in enumerate(segment.minutes)),
    )


def verdict(*segments: Segment, policy: Policy | None = None, **around: object) -> Verdict:
    return together(judge(segments, Circumstances(policy=policy or Policy(), **around)).values())


def reasons(*segments: Segment, **around: object) -> set[Reason]:
    return set(verdict(*segments, **around).reasons)


# The level


@pytest.mark.parametrize(
    ("a", "m", "expected"),
    [
        (0, 10, 0),
        (1, 10, 1),
        (5, 10, 5),
        (10, 10, 10),
        (1, 9, 1),  # 10/9 is nearest to 1
        (5, 9, 6),  # 5.6
        (1, 4, 3),  # 2.5 is rounded up
        (3, 4, 8),  # 7.5 as well
        (1, 3, 3),
        (2, 3, 7),
        (1, 2, 5),
        (1, 1, 10),
        (0, 1, 0),
    ],
)
def test_the_level_is_the_share_of_active_minutes_rounded_to_the_nearest_tenth(
    a: int, m: int, expected: int
) -> None:
    assert level([active(*range(a), of=m)]) == expected == (20 * a + m) // (2 * m)


@given(st.sets(st.integers(0, 9)), st.integers(1, 10))
def test_the_level_is_between_0_and_10_and_both_ends_mean_none_and_all(minutes: set[int], of: int) -> None:
    inside = {n for n in minutes if n < of}
    reached = level([active(*inside, of=of)])

    assert 0 <= reached <= 10
    assert abs(reached - 10 * len(inside) / of) <= 0.5
    assert not (reached == 10 and not inside)


@pytest.mark.parametrize(
    ("last_ms", "last_active", "expected"),
    [
        (20 * SECOND, False, 5),  # silent, but long enough to count
        (20 * SECOND - 1, False, 10),  # says nothing
        (1, True, 10),  # active counts however short
    ],
)
def test_a_silent_minute_of_which_less_than_20_s_were_tracked_says_nothing(
    last_ms: int, last_active: bool, expected: int
) -> None:
    minutes = (0, 1) if last_active else (0,)

    assert level([active(*minutes, of=2, last_ms=last_ms)]) == expected


def test_a_minute_that_two_segments_share_is_one_minute() -> None:
    first = worked(NINE, 10 * SECOND, active_s=0)
    second = worked(NINE + 10 * SECOND, 10 * SECOND, active_s=0)
    typing = worked(NINE + 20 * SECOND, 10 * SECOND, active_s=5)

    assert level([first]) is None
    assert level([first, second]) == 0  # together 20 s of silence
    assert level([first, second, typing]) == 10


def test_without_a_source_or_a_minute_that_says_something_the_level_is_unknown() -> None:
    assert level([]) is None
    assert level([worked(source=None, active_s=0)]) is None
    assert level([worked(ms=19 * SECOND, active_s=0)]) is None
    assert level([worked(origin=Origin.MANUAL)]) is None


def test_only_activity_is_enough_for_a_level() -> None:
    segment = worked(source="ext-idle-notify")
    minutes = tuple(replace(m, keys=None, clicks=None, scrolls=None) for m in segment.minutes)

    assert level([replace(segment, minutes=minutes)]) == 10


# Each reason


def test_good_work_is_protected_whole() -> None:
    assert verdict(worked(shots=(SHOT,))) == Verdict(protected=True, protected_ms=SLOT, reasons=())


KEPT_IDLE = worked(shots=(SHOT,), idle_kept=True)
FAILED = replace(SHOT, state=ShotState.FAILED, pictures=(), reason="one colour")
WITHHELD = replace(SHOT, state=ShotState.WITHHELD, pictures=())


@pytest.mark.parametrize(
    ("segment", "policy", "expected"),
    [
        (worked(shots=(SHOT,), origin=Origin.MANUAL), Policy(), {Reason.MANUAL}),
        (worked(shots=(SHOT,), memo=""), Policy(), {Reason.MEMO_MISSING}),
        (worked(shots=(SHOT,), memo=" \n\t "), Policy(), {Reason.MEMO_MISSING}),
        (worked(shots=(SHOT,), memo="  123456789  "), Policy(), {Reason.MEMO_TOO_SHORT}),
        (worked(shots=(SHOT,), memo="1234567890"), Policy(), set()),
        (worked(shots=(SHOT,), memo=""), Policy(memo_min=0), set()),
        (worked(shots=(SHOT,)), Policy(task_required=True), {Reason.TASK_MISSING}),
        (worked(shots=(SHOT,), task="Design"), Policy(task_required=True), set()),
        (active(0, 1, 2, 3), Policy(), {Reason.LEVEL_BELOW_MINIMUM}),
        (active(0, 1, 2, 3, 4), Policy(), set()),
        (active(0, 1, 2, 3), Policy(min_level=4), set()),
        (worked(shots=(SHOT,), source=None), Policy(), {Reason.LEVEL_UNKNOWN}),
        (KEPT_IDLE, Policy(), {Reason.IDLE_KEPT}),
        (worked(), Policy(), {Reason.NO_SHOT}),
        (worked(), Policy(shots_per_slot=0), set()),
        (worked(ms=MINUTE), Policy(), {Reason.NO_SHOT}),
        (worked(ms=MINUTE - 1), Policy(), set()),
        (worked(shots=(FAILED,)), Policy(), {Reason.CAPTURE_FAILED}),
        (worked(shots=(WITHHELD,)), Policy(), {Reason.SHOT_WITHHELD}),
        (worked(shots=(WITHHELD, FAILED)), Policy(), {Reason.SHOT_WITHHELD, Reason.CAPTURE_FAILED}),
        (worked(shots=(WITHHELD, SHOT)), Policy(), set()),
        (worked(shots=(WITHHELD,)), Policy(shots_per_slot=0), set()),
        (worked(ms=MINUTE - 1, shots=(FAILED,)), Policy(), set()),
        (worked(shots=(replace(SHOT, pictures=()),)), Policy(), {Reason.NO_SHOT}),
    ],
)
def test_each_rule_has_its_reason(segment: Segment, policy: Policy, expected: set[Reason]) -> None:
    found = verdict(segment, policy=policy)

    assert set(found.reasons) == expected
    assert found.protected is not bool(expected)
    assert found.protected_ms == (0 if expected else segment.tracked_ms)


@pytest.mark.parametrize(
    ("percents", "enough"),
    [((50,), True), ((51,), False), ((100, 0), True), ((100, 1), False), ((0, 0, 100), True)],
)
def test_half_of_all_that_a_shot_shows_may_be_blurred(percents: tuple[int, ...], enough: bool) -> None:
    shot, _ = taken(*(str(place).encode() for place in range(len(percents))))
    pictures = tuple(
        replace(picture, blurred=percent) for picture, percent in zip(shot.pictures, percents, strict=True)
    )
    blurred = replace(shot, state=ShotState.BLURRED, pictures=pictures)

    assert reasons(worked(shots=(blurred,))) == (set() if enough else {Reason.SHOT_BLURRED})


def test_a_large_monitor_s_blur_weighs_more_than_a_small_one_s() -> None:
    shot, _ = taken(b"large", b"small")
    large, small = shot.pictures
    pictures = (replace(large, width=3840, height=2160, blurred=100), small)
    blurred = replace(shot, state=ShotState.BLURRED, pictures=pictures)

    assert reasons(worked(shots=(blurred,))) == {Reason.SHOT_BLURRED}


FLAGS = (Reason.LATE, Reason.CLOCK_IN_DOUBT, Reason.CONTRACT_NOT_ACTIVE, Reason.CLIENT_NOT_VERIFIED)


@pytest.mark.parametrize("flag", FLAGS)
def test_what_the_server_flags_takes_the_whole_segment_and_no_other(flag: Reason) -> None:
    flagged, other = worked(NINE, 5 * MINUTE, shots=(SHOT,)), worked(NINE + 5 * MINUTE, 5 * MINUTE)

    found = judge([flagged, other], Circumstances(standings={flagged.id: Standing(flags=frozenset({flag}))}))

    assert found[flagged.id] == Verdict(protected=False, protected_ms=0, reasons=(flag,))
    assert found[other.id].protected


@pytest.mark.parametrize(
    ("standing", "expected", "protected_ms"),
    [
        (Standing(over_ms=MINUTE), {Reason.OVER_THE_LIMIT}, SLOT - MINUTE),
        (Standing(overlap_ms=2 * MINUTE), {Reason.OVERLAP}, SLOT - 2 * MINUTE),
        (
            Standing(over_ms=MINUTE, overlap_ms=2 * MINUTE),
            {Reason.OVER_THE_LIMIT, Reason.OVERLAP},
            SLOT - 2 * MINUTE,
        ),
        (Standing(over_ms=SLOT), {Reason.OVER_THE_LIMIT}, 0),
    ],
)
def test_limit_and_overlap_take_only_their_own_milliseconds(
    standing: Standing, expected: set[Reason], protected_ms: int
) -> None:
    segment = worked(shots=(SHOT,))

    found = verdict(segment, standings={segment.id: standing})

    assert (set(found.reasons), found.protected_ms, found.protected) == (expected, protected_ms, False)


def test_all_reasons_are_listed_in_their_published_order() -> None:
    segment = worked(memo="", source=None, idle_kept=True, shots=(WITHHELD,))
    standing = Standing(over_ms=1, overlap_ms=1, flags=frozenset({Reason.LATE}))

    found = verdict(segment, policy=Policy(task_required=True), standings={segment.id: standing})

    assert found.reasons == (
        Reason.MEMO_MISSING,
        Reason.TASK_MISSING,
        Reason.LEVEL_UNKNOWN,
        Reason.IDLE_KEPT,
        Reason.SHOT_WITHHELD,
        Reason.OVER_THE_LIMIT,
        Reason.LATE,
        Reason.OVERLAP,
    )
    assert found.protected_ms == 0


def test_a_shot_that_is_still_due_takes_nothing_from_the_running_slot() -> None:
    assert reasons(worked(ms=5 * MINUTE), shot_pending=True) == set()


def test_a_borrowed_shot_counts_where_there_is_none() -> None:
    assert reasons(worked(), borrowed=SHOT) == set()
    assert reasons(worked(shots=(FAILED,)), borrowed=SHOT) == {Reason.CAPTURE_FAILED}


def test_activity_and_shot_are_the_cell_s_and_not_manual_time_s() -> None:
    typing, reading = worked(NINE, 5 * MINUTE, shots=(SHOT,)), worked(NINE + 5 * MINUTE, MINUTE, active_s=0)
    manual = worked(NINE + 6 * MINUTE, MINUTE, source=None, origin=Origin.MANUAL)

    found = judge([typing, reading, manual], Circumstances())

    assert found[typing.id].protected
    assert found[reading.id].protected
    assert found[manual.id].reasons == (Reason.MANUAL,)


def test_manual_time_does_not_bring_a_shot_or_a_level_to_the_cell() -> None:
    tracked = worked(NINE, 5 * MINUTE, active_s=0)
    manual = worked(NINE + 5 * MINUTE, 5 * MINUTE, origin=Origin.MANUAL, shots=(SHOT,))

    found = judge([tracked, manual], Circumstances())

    assert found[tracked.id].reasons == (Reason.LEVEL_BELOW_MINIMUM, Reason.NO_SHOT)


@pytest.mark.parametrize(
    ("memo", "minimum", "expected"),
    [("", 10, Reason.MEMO_MISSING), ("", 0, None), ("x", 10, Reason.MEMO_TOO_SHORT), ("x", 1, None)],
)
def test_a_memo_is_judged_alone_while_it_is_written(memo: str, minimum: int, expected: Reason | None) -> None:
    assert memo_reason(memo, Policy(memo_min=minimum)) is expected


# Sums

standings = st.builds(
    Standing,
    over_ms=st.integers(0, MINUTE),
    overlap_ms=st.integers(0, MINUTE),
    flags=st.frozensets(st.sampled_from(FLAGS)),
)


@st.composite
def pieces(draw: st.DrawFn) -> list[Segment]:
    """A cell cut into segments of any kind."""
    cuts = sorted(draw(st.sets(st.integers(1, 9), max_size=4)) | {0, 10})
    shots: Sequence[Shot] = draw(st.lists(st.sampled_from([SHOT, FAILED, WITHHELD]), max_size=2))
    return [
        worked(
            NINE + begin * MINUTE,
            (end - begin) * MINUTE,
            active_s=draw(st.integers(0, 60)),
            memo=draw(st.sampled_from(["", "Short", "Long enough a memo"])),
            source=draw(st.sampled_from(["x11-record", None])),
            origin=draw(st.sampled_from(Origin)),
            idle_kept=draw(st.booleans()),
            shots=tuple(shots),
        )
        for begin, end in pairwise(cuts)
    ]


@given(pieces(), st.data())
def test_what_is_protected_is_part_of_what_is_tracked_and_whole_exactly_without_a_reason(
    segments: list[Segment], choose: st.DataObject
) -> None:
    around = Circumstances(
        policy=choose.draw(st.sampled_from([Policy(), FREE])),
        standings={one.id: choose.draw(standings) for one in segments},
    )

    found = judge(segments, around)
    whole = together(found.values())

    assert set(found) == {one.id for one in segments}
    for one in segments:
        single = found[one.id]
        assert 0 <= single.protected_ms <= one.tracked_ms
        assert single.protected == (not single.reasons) == (single.protected_ms == one.tracked_ms)
        assert list(single.reasons) == [reason for reason in Reason if reason in single.reasons]
    assert whole.protected_ms == sum(single.protected_ms for single in found.values())
    assert set(whole.reasons) == {reason for single in found.values() for reason in single.reasons}
    assert whole.protected == all(single.protected for single in found.values())


@given(pieces())
def test_a_policy_that_wants_nothing_protects_all_but_manual_idle_and_unknown_time(
    segments: list[Segment],
) -> None:
    allowed = {Reason.MANUAL, Reason.IDLE_KEPT, Reason.LEVEL_UNKNOWN}

    assert reasons(*segments, policy=FREE) <= allowed


@given(pieces())
def test_the_minutes_of_segments_come_in_order_and_lose_nothing(segments: list[Segment]) -> None:
    minutes = minutes_of(reversed(segments))

    assert [minute.at for minute in minutes] == sorted(minute.at for minute in minutes)
    assert sum(minute.tracked_ms for minute in minutes) == sum(one.tracked_ms for one in segments)
    assert all(isinstance(minute, Minute) for minute in minutes)
