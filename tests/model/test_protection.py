"""Level and verdict: the published rules, every reason, and sums that fit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from doubles import NINE
from worked import active, taken, worked

from tracker.model.contract import Policy
from tracker.model.protection import (
    Circumstances,
    Reason,
    Standing,
    Verdict,
    judge,
    memo_reason,
    together,
)
from tracker.model.segment import Origin, Segment, ShotState
from tracker.model.slot import MINUTE, SLOT

SHOT, _ = taken(b"a desk")


def verdict(*segments: Segment, policy: Policy | None = None, **around: object) -> Verdict:
    return together(judge(segments, Circumstances(policy=policy or Policy(), **around)).values())


def reasons(*segments: Segment, **around: object) -> set[Reason]:
    return set(verdict(*segments, **around).reasons)


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


ALL = ((NINE, NINE + SLOT),)
FIRST, LAST = ((NINE, NINE + 2 * MINUTE),), ((NINE + SLOT - MINUTE, NINE + SLOT),)
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
        (Standing(over=LAST), {Reason.OVER_THE_LIMIT}, SLOT - MINUTE),
        (Standing(overlap=FIRST), {Reason.OVERLAP}, SLOT - 2 * MINUTE),
        (Standing(LAST, FIRST), {Reason.OVER_THE_LIMIT, Reason.OVERLAP}, SLOT - 3 * MINUTE),
        (Standing(LAST, LAST), {Reason.OVER_THE_LIMIT, Reason.OVERLAP}, SLOT - MINUTE),
        (Standing(over=ALL), {Reason.OVER_THE_LIMIT}, 0),
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
    standing = Standing(FIRST, FIRST, flags=frozenset({Reason.LATE}))

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
