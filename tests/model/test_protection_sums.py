"""Whatever a cell is made of: what is protected is part of what is tracked, and the sums fit."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from doubles import NINE
from hypothesis import given
from hypothesis import strategies as st
from worked import taken, worked

from tracker.model.contract import Policy
from tracker.model.protection import Circumstances, Reason, Standing, judge, minutes_of, together
from tracker.model.segment import Minute, Origin, Segment, ShotState
from tracker.model.slot import MINUTE

FREE = Policy(min_level=0, memo_min=0, shots_per_slot=0)  # wants nothing
FLAGS = (Reason.LATE, Reason.CLOCK_IN_DOUBT, Reason.CONTRACT_NOT_ACTIVE, Reason.CLIENT_NOT_VERIFIED)
SHOT, _ = taken(b"a desk")
SHOTS = (
    SHOT,
    replace(SHOT, state=ShotState.FAILED, pictures=()),
    replace(SHOT, state=ShotState.WITHHELD, pictures=()),
)

small = st.integers(0, 60)
ranges = st.lists(st.tuples(small, small).filter(lambda ends: ends[0] < ends[1]), max_size=4)


@st.composite
def standings(draw: st.DrawFn, segment: Segment) -> Standing:
    """Any of the first milliseconds over the limit, any overlapping."""
    over, overlap = (
        tuple((segment.start + begin, segment.start + end) for begin, end in draw(ranges)) for _ in range(2)
    )
    return Standing(over, overlap, draw(st.frozensets(st.sampled_from(FLAGS))))


@st.composite
def pieces(draw: st.DrawFn) -> list[Segment]:
    """A cell cut into segments of any kind."""
    cuts = sorted(draw(st.sets(st.integers(1, 9), max_size=4)) | {0, 10})
    shots = draw(st.lists(st.sampled_from(SHOTS), max_size=2))
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
        standings={one.id: choose.draw(standings(one)) for one in segments},
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


@given(st.data())
def test_limit_and_overlap_together_take_each_of_their_milliseconds_once(choose: st.DataObject) -> None:
    segment = worked(ms=MINUTE)
    standing = replace(choose.draw(standings(segment)), flags=frozenset())
    taken_away = {
        at for begin, end in (*standing.over, *standing.overlap) for at in range(begin, end)
    }  # one by one

    found = judge([segment], Circumstances(FREE, {segment.id: standing}))[segment.id]

    assert found.protected_ms == segment.tracked_ms - len(taken_away)
    assert found.protected == (not taken_away)


@given(pieces())
def test_a_policy_that_wants_nothing_protects_all_but_manual_idle_and_unknown_time(
    segments: list[Segment],
) -> None:
    allowed = {Reason.MANUAL, Reason.IDLE_KEPT, Reason.LEVEL_UNKNOWN}

    found = together(judge(segments, Circumstances(policy=FREE)).values())

    assert set(found.reasons) <= allowed


@given(pieces())
def test_the_minutes_of_segments_come_in_order_and_lose_nothing(segments: list[Segment]) -> None:
    minutes = minutes_of(reversed(segments))

    assert [minute.at for minute in minutes] == sorted(minute.at for minute in minutes)
    assert sum(minute.tracked_ms for minute in minutes) == sum(one.tracked_ms for one in segments)
    assert all(isinstance(minute, Minute) for minute in minutes)
