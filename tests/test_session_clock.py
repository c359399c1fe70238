"""Clocks that are wrong, set, or late: what is recorded of it, and that nothing waits for ever."""

from __future__ import annotations

import pytest
from absences import LOCK, STOP, WORK
from doubles import NINE, FakeClock
from workbench import FENNEL, NORTHBEAM, PICTURED, Bench, bench_on

from tracker.model.segment import ShotState
from tracker.model.slot import DAY, HOUR, MINUTE, SECOND, SLOT
from tracker.orders import Begin
from tracker.outbox.database import Database
from tracker.outbox.outbox import LONGEST_NOTICE, LONGEST_WAIT, Hold

YEAR = 365 * DAY


def run(bench: Bench, ms: int = MINUTE) -> tuple[int, int]:
    """Work for a while; return where that lies, since nine."""
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(ms, keys=1)
    bench.do(STOP)
    return bench.session.began - NINE, bench.session.at - NINE


def facts(bench: Bench) -> list[tuple[int, int]]:
    """What is recorded of the clock: when, since nine, and by how much it moved or stands off."""
    found = [one for one, _ in bench.outbox.segments(0, NINE + 10 * YEAR)]
    return [(fact.at - NINE, fact.moved_ms) for one in found for fact in one.clock_facts]


@pytest.mark.parametrize("moved", [2_001, -2_001, HOUR, -HOUR, 3 * YEAR, -3 * YEAR])
def test_a_jump_is_recorded_and_moves_nothing(bench: Bench, moved: int) -> None:
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(MINUTE, keys=1)
    bench.clock.wall += moved
    bench.work(MINUTE, keys=1)
    bench.do(STOP)

    assert [(one.start - NINE, one.end - NINE) for one in bench.segments] == [(0, 2 * MINUTE)]
    assert facts(bench) == [(MINUTE, moved)]


def test_a_clock_that_drifts_is_nothing_to_record(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, WORK))
    for _ in range(120):
        bench.clock.wall += 100
        bench.work(SECOND, keys=1)
    bench.do(STOP)

    assert facts(bench) == []


def test_a_jump_in_time_that_is_discarded_is_told_by_what_follows(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(MINUTE, keys=1)
    bench.do(LOCK)
    bench.work(MINUTE)
    bench.clock.wall += HOUR
    bench.work(MINUTE)
    bench.do(Begin(NORTHBEAM, None))
    bench.work(MINUTE, keys=1)
    bench.do(STOP)

    assert facts(bench) == [(2 * MINUTE, HOUR)]


@pytest.mark.parametrize("off", [-HOUR, -2_001, 2_001, HOUR])
def test_a_run_begins_by_the_servers_clock_as_far_as_that_is_known(bench: Bench, off: int) -> None:
    bench.clock.wall += off
    bench.outbox.learn_clock(NINE, bench.clock.wall)

    assert run(bench) == (0, MINUTE)
    assert facts(bench) == [(0, off)], "where the wall clock stands off the run's time, that is said"


def test_an_offset_that_the_way_to_the_server_explains_is_none(bench: Bench) -> None:
    bench.outbox.learn_clock(NINE + 2 * SECOND, NINE)

    assert run(bench) == (0, MINUTE)
    assert facts(bench) == []


def test_the_offset_outlives_the_process(bench: Bench, database: Database) -> None:
    bench.outbox.learn_clock(NINE - HOUR, NINE)

    assert run(bench_on(database, FakeClock())) == (-HOUR, MINUTE - HOUR)


def test_a_run_begins_where_the_last_one_ended_and_says_how_far_the_clock_stands_off(bench: Bench) -> None:
    run(bench)
    bench.clock.wall -= HOUR

    assert run(bench) == (MINUTE, 2 * MINUTE)
    assert facts(bench) == [(MINUTE, -HOUR)]


def test_a_run_begins_after_time_in_question_too(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(MINUTE, keys=1)
    bench.do(LOCK)
    bench.work(MINUTE)
    bench.do(STOP)
    bench.clock.wall -= HOUR

    assert run(bench) == (2 * MINUTE, 3 * MINUTE)


@pytest.mark.parametrize(
    ("ahead", "begin"),
    [(5 * MINUTE, MINUTE), (5 * MINUTE + 1, -5 * MINUTE - 1 + MINUTE), (3 * YEAR, MINUTE - 3 * YEAR)],
)
def test_an_end_far_in_the_servers_future_pushes_no_anchor(bench: Bench, ahead: int, begin: int) -> None:
    run(bench)  # by a clock that was ahead
    bench.clock.wall -= ahead
    bench.outbox.learn_clock(bench.clock.wall, bench.clock.wall)

    assert run(bench)[0] == begin


@pytest.mark.parametrize(
    ("until", "leaves"),
    [(1, False), (LONGEST_NOTICE, False), (LONGEST_NOTICE + 1, True), (DAY, True), (0, True)],
)
def test_a_notice_ends_also_where_the_clock_was_set_back(bench: Bench, until: int, leaves: bool) -> None:
    run(bench)
    (segment,) = bench.segments
    now = bench.clock.wall
    bench.outbox.discard(segment.id, NINE)

    bench.outbox.put(segment, Hold("notice", now + until))

    assert bench.outbox.seal_due(now) == leaves


def test_silence_has_no_end_that_a_clock_could_bring(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(5 * MINUTE, keys=1)
    bench.work(6 * MINUTE)

    for now in (0, bench.clock.wall, bench.clock.wall + YEAR):
        assert bench.outbox.seal_due(now) == 0


@pytest.mark.parametrize(
    ("until", "tried"), [(1, False), (LONGEST_WAIT, False), (LONGEST_WAIT + 1, True), (DAY, True)]
)
def test_a_parcel_is_tried_again_also_where_the_clock_was_set_back(
    bench: Bench, until: int, tried: bool
) -> None:
    run(bench)
    now = bench.clock.wall
    bench.outbox.seal_due(now)

    bench.outbox.postpone(bench.segments[0].id, now + until, "offline")

    assert (bench.outbox.oldest_due(now) is not None) is tried


@pytest.mark.parametrize(("busy", "late"), [(5 * SECOND, False), (5 * SECOND + 1, True), (20 * SECOND, True)])
def test_a_shot_whose_moment_passed_while_the_computer_was_busy_has_failed(
    bench: Bench, busy: int, late: bool
) -> None:
    bench.do(Begin(PICTURED, WORK))
    bench.work(30 * SECOND, keys=1)
    assert bench.session.recorder.shot_pending

    bench.clock.advance(SLOT - 30 * SECOND + busy)  # over the slot's end in one step
    bench.session.step()
    bench.camera.deliver()
    bench.session.step()

    (shot,) = bench.segments[0].shots
    assert (shot.state is ShotState.FAILED) is late
    assert ("busy" in shot.reason) is late
    assert shot.taken_at == NINE + SLOT, "a moment of its segment"


def test_switches_within_one_millisecond_leave_nothing_behind(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(MINUTE, keys=1)
    bench.clock.wall -= DAY
    for contract in (FENNEL, NORTHBEAM, FENNEL):
        bench.do(Begin(contract, WORK))
    bench.work(MINUTE, keys=1)
    bench.do(STOP)

    assert [(one.start - NINE, one.end - NINE) for one in bench.segments] == [
        (0, MINUTE),
        (MINUTE, 2 * MINUTE),
    ]
