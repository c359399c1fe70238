"""The Recorder, by what it is told and what it says."""

from __future__ import annotations

from datetime import UTC
from itertools import count, pairwise
from random import Random

import pytest
from doubles import NINE
from hypothesis import given
from hypothesis import strategies as st

from tracker.model.counts import SILENCE, Counts
from tracker.model.segment import ClosedBy, Key, Segment, Shot, ShotState
from tracker.model.slot import MINUTE, SECOND, SLOT, next_midnight
from tracker.recording.events import Event, MinuteClosed, SegmentClosed, ShotDue
from tracker.recording.recorder import Recorder
from tracker.recording.run import Track
from tracker.recording.shots import ShotPlan

NORTHBEAM = Key("embedded:home", "me", "northbeam")
FENNEL = Key("embedded:home", "me", "fennel")
TYPING = Counts(keys=3, clicks=1, scrolls=2, active=True)


def track(
    key: Key = NORTHBEAM,
    memo: str = "",
    *,
    shots: int = 0,
    source: str | None = "x11-record",
    limit: int = 60 * MINUTE,
) -> Track:
    return Track(key, memo, source, shots, limit)


def recorder(seed: int = 1) -> Recorder:
    numbers = count(1)
    return Recorder(ShotPlan(Random(seed)), lambda: f"s{next(numbers)}", lambda at: next_midnight(at, UTC))


def begun(at: int = NINE, **what: object) -> Recorder:
    made = recorder()
    made.begin(at, track(**what), cell_ms=0, shots_taken=0)  # type: ignore[arg-type]
    return made


def closed(events: list[Event]) -> list[Segment]:
    return [event.segment for event in events if isinstance(event, SegmentClosed)]


def test_a_stop_closes_the_segment_where_time_has_reached() -> None:
    one = begun()

    one.advance(NINE + 90_500, TYPING)
    (segment,) = closed(one.end(ClosedBy.STOP))

    assert (segment.start, segment.end, segment.closed_by) == (NINE, NINE + 90_500, ClosedBy.STOP)
    assert [(m.at - NINE, m.tracked_ms) for m in segment.minutes] == [(0, 60_000), (MINUTE, 30_500)]
    assert one.track is None


def test_the_counts_belong_to_the_last_second_of_the_time_that_passed() -> None:
    one = begun()

    one.advance(NINE + 65 * SECOND, TYPING)
    (segment,) = closed(one.end(ClosedBy.STOP))

    assert [(m.keys, m.clicks, m.scrolls, m.active_s) for m in segment.minutes] == [
        (0, 0, 0, 0),
        (3, 1, 2, 1),
    ]


def test_counts_at_the_very_end_of_a_slot_stay_in_it() -> None:
    one = begun(NINE + SLOT - 2 * SECOND)

    events = one.advance(NINE + SLOT, TYPING)

    (segment,) = closed(events)
    assert (segment.end, segment.minutes[-1].keys) == (NINE + SLOT, 3)
    assert one.segment is None


def test_two_steps_in_one_second_make_one_active_second() -> None:
    one = begun()

    one.advance(NINE + 400, TYPING)
    one.advance(NINE + 900, TYPING)
    one.advance(NINE + 1_900, TYPING)

    assert one.segment is not None
    assert (one.segment.minutes[0].active_s, one.segment.minutes[0].keys) == (2, 9)


def test_a_slot_end_closes_one_segment_and_opens_the_next_at_the_same_millisecond() -> None:
    one = begun(NINE + 9 * MINUTE, memo="Checkout: error copy")

    events = one.advance(NINE + 31 * MINUTE, TYPING)

    segments = closed([*events, *one.end(ClosedBy.QUIT)])
    assert [(s.start - NINE, s.end - NINE) for s in segments] == [
        (9 * MINUTE, 10 * MINUTE),
        (10 * MINUTE, 20 * MINUTE),
        (20 * MINUTE, 30 * MINUTE),
        (30 * MINUTE, 31 * MINUTE),
    ]
    assert {s.memo for s in segments} == {"Checkout: error copy"}
    assert [s.closed_by for s in segments] == [ClosedBy.SLOT_END] * 3 + [ClosedBy.QUIT]
    assert len({s.id for s in segments}) == 4


def test_a_minute_is_reported_once_when_it_is_complete() -> None:
    one = begun()

    told = [one.advance(NINE + ms, SILENCE) for ms in (30_000, 60_000, 61_000, 180_000)]

    starts = [[e.minute.at - NINE for e in events if isinstance(e, MinuteClosed)] for events in told]
    assert starts == [[], [0], [], [MINUTE, 2 * MINUTE]]


def test_a_switch_ends_one_and_begins_the_other_at_the_same_millisecond() -> None:
    one = begun()
    one.advance(NINE + 12_345, TYPING)

    (first,) = closed(one.end(ClosedBy.SWITCH))
    one.begin(first.end, track(FENNEL), cell_ms=0, shots_taken=0)
    one.advance(NINE + 20_000, TYPING)
    (second,) = closed(one.end(ClosedBy.STOP))

    assert (first.end, second.start) == (NINE + 12_345, NINE + 12_345)
    assert (first.key, second.key) == (NORTHBEAM, FENNEL)


def test_the_first_memo_names_the_whole_open_segment() -> None:
    one = begun()
    one.advance(NINE + MINUTE, TYPING)

    assert one.change_memo("Review PR 412") == []

    (segment,) = closed(one.end(ClosedBy.STOP))
    assert (segment.start, segment.memo) == (NINE, "Review PR 412")


def test_another_memo_closes_the_segment_and_opens_the_next() -> None:
    one = begun(memo="Review PR 412")
    one.advance(NINE + MINUTE, TYPING)

    (first,) = closed(one.change_memo("Fix PR 412"))
    one.advance(NINE + 2 * MINUTE, TYPING)
    (second,) = closed(one.end(ClosedBy.STOP))

    assert (first.memo, first.closed_by, first.end) == ("Review PR 412", ClosedBy.MEMO, NINE + MINUTE)
    assert (second.memo, second.start) == ("Fix PR 412", NINE + MINUTE)


def test_the_same_memo_changes_nothing() -> None:
    one = begun(memo="Review PR 412")
    one.advance(NINE + MINUTE, TYPING)

    assert one.change_memo("Review PR 412") == []
    assert one.segment is not None
    assert one.segment.start == NINE


def test_without_a_source_the_counts_are_absent_and_not_zero() -> None:
    one = begun(source=None)

    one.advance(NINE + SECOND, Counts(None, None, None, active=False))

    assert one.segment is not None
    assert (one.segment.source, one.segment.minutes[0].keys) == (None, None)


def test_a_segment_without_length_is_none() -> None:
    one = begun()

    assert one.segment is None
    assert one.end(ClosedBy.STOP) == []


def test_while_stopped_time_and_counts_belong_to_nobody() -> None:
    one = recorder()

    assert one.advance(NINE, TYPING) == []
    assert one.change_memo("Nothing runs") == []
    assert one.end(ClosedBy.QUIT) == []


def test_a_shot_comes_once_a_slot() -> None:
    one = begun(shots=1)

    events = [e for s in range(1, 1201) for e in one.advance(NINE + s * SECOND, SILENCE)]

    assert [e.segment for e in events if isinstance(e, ShotDue)] == ["s1", "s2"]


@pytest.mark.parametrize("why", [ClosedBy.STOP, ClosedBy.SWITCH, ClosedBy.QUIT])
def test_a_shot_that_is_due_is_taken_at_once_when_a_minute_was_tracked(why: ClosedBy) -> None:
    one = recorder(seed=3)  # its moment lies behind the first minute
    one.begin(NINE, track(shots=1), cell_ms=0, shots_taken=0)
    assert not [e for e in one.advance(NINE + MINUTE, SILENCE) if isinstance(e, ShotDue)]

    assert isinstance(one.end(why)[0], ShotDue)


@pytest.mark.parametrize(
    ("tracked", "earlier", "why", "shots"),
    [
        (59_999, 0, ClosedBy.STOP, 0),
        (30_000, 30_000, ClosedBy.STOP, 1),
        (MINUTE, 0, ClosedBy.LOCK, 0),
        (MINUTE, 0, ClosedBy.SLEEP, 0),
        (MINUTE, 0, ClosedBy.AWAY, 0),
    ],
)
def test_a_shot_at_the_end_needs_a_minute_and_somebody_there(
    tracked: int, earlier: int, why: ClosedBy, shots: int
) -> None:
    one = recorder(seed=3)
    one.begin(NINE, track(shots=1), cell_ms=earlier, shots_taken=0)
    one.advance(NINE + tracked, SILENCE)

    assert len([e for e in one.end(why) if isinstance(e, ShotDue)]) == shots


def test_a_slot_that_has_its_shot_gets_no_second_one_over_switch_and_restart() -> None:
    one = recorder(seed=3)
    one.begin(NINE, track(shots=1), cell_ms=0, shots_taken=0)
    one.advance(NINE + 2 * MINUTE, SILENCE)
    first = one.end(ClosedBy.SWITCH)
    one.begin(NINE + 3 * MINUTE, track(shots=1), cell_ms=2 * MINUTE, shots_taken=1)
    rest = [*one.advance(NINE + SLOT - 1, SILENCE), *one.end(ClosedBy.STOP)]
    restarted = recorder(seed=4)
    restarted.begin(NINE + 3 * MINUTE, track(shots=1), cell_ms=2 * MINUTE, shots_taken=1)
    again = [*restarted.advance(NINE + SLOT - 1, SILENCE), *restarted.end(ClosedBy.STOP)]

    assert [sum(isinstance(e, ShotDue) for e in events) for events in (first, rest, again)] == [1, 0, 0]


def test_a_shot_is_attached_to_the_open_segment_only() -> None:
    one = begun()
    one.advance(NINE + SECOND, SILENCE)
    shot = Shot("shot", NINE, ShotState.KEPT)

    assert one.attach("s1", shot)
    assert not one.attach("another", shot)
    assert one.segment is not None
    assert one.segment.shots == (shot,)


def test_a_moved_wall_clock_is_noted_and_moves_nothing() -> None:
    one = begun()
    one.advance(NINE + SECOND, SILENCE)

    one.note_clock(3_600_000)

    assert one.segment is not None
    assert (one.segment.tracked_ms, one.segment.clock_facts[0].moved_ms) == (SECOND, 3_600_000)


@given(steps=st.lists(st.integers(1, 3 * SLOT), min_size=1, max_size=30), begin=st.integers(0, SLOT - 1))
def test_time_is_exact_whatever_the_steps(steps: list[int], begin: int) -> None:
    one = begun(NINE + begin)
    at, events = NINE + begin, []
    for step in steps:
        at += step
        events += one.advance(at, TYPING)
    segments = closed([*events, *one.end(ClosedBy.STOP)])

    assert sum(s.tracked_ms for s in segments) == sum(steps)
    assert all(one.end == after.start for one, after in pairwise(segments))
    assert all(m.tracked_ms <= MINUTE for s in segments for m in s.minutes)
    assert sum(m.keys or 0 for s in segments for m in s.minutes) == 3 * len(steps)


@given(seed=st.integers(0, 10_000), begin=st.integers(0, SLOT - 1))
def test_the_moment_of_a_shot_lies_in_what_remains_of_the_slot(seed: int, begin: int) -> None:
    plan = ShotPlan(Random(seed))

    plan.open("northbeam", NINE + begin, wanted=1, taken=0)

    assert plan.due("northbeam", NINE + begin - 1) == 0
    assert plan.due("northbeam", NINE + SLOT - 1) == 1
    assert not plan.pending("northbeam")


def test_a_moment_missed_while_elsewhere_is_drawn_anew() -> None:
    plan = ShotPlan(Random(3))
    plan.open("northbeam", NINE, wanted=1, taken=0)

    plan.open("northbeam", NINE + SLOT - SECOND, wanted=1, taken=0)

    assert plan.pending("northbeam")
    assert plan.due("northbeam", NINE + SLOT - 1) == 1
