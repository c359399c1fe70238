"""WorkSession while nobody is there: lock and sleep, whoever tells of them, over a real database."""

from __future__ import annotations

import pytest
from absences import DOZE, LOCK, STOP, UNLOCK, WAKE, WORK, asked, holds, pieces
from doubles import FakeClock
from workbench import NORTHBEAM, Bench, bench_on

from tracker.model.slot import HOUR, MINUTE, SECOND
from tracker.orders import Begin, Order, Presence
from tracker.outbox.database import Database


@pytest.fixture
def bench(bench: Bench) -> Bench:
    """Somebody who has typed for five minutes."""
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(5 * MINUTE, keys=1)
    return bench


def test_lock_is_away_and_typing_at_the_locked_screen_is_nobody(bench: Bench) -> None:
    bench.do(LOCK)
    bench.work(10 * MINUTE, keys=3)
    bench.do(UNLOCK)
    bench.work(MINUTE)
    assert bench.status().state == "away", "unlocked is not back"
    bench.work(MINUTE, keys=1)
    bench.do(STOP)

    assert pieces(bench) == [(0, 5, "northbeam", "lock"), (16, 17, "northbeam", "stop")]
    assert asked(bench) == [(5, 16, "lock")]


def test_a_lock_that_nobody_confirms_gives_way_to_half_a_minute_of_input(bench: Bench) -> None:
    bench.do(Presence(locked=True, sure=False))
    bench.work(29 * SECOND, keys=1)
    assert bench.status().state == "away"

    bench.work(SECOND, keys=1)

    assert bench.status().state == "tracking"
    assert asked(bench) == [(5, round(5 + 29 / 60, 4), "lock")]


def suspend(bench: Bench, *, before: Order | None, after: Order | None, typed: int) -> None:
    """Sleep for twenty minutes from 9:05 on; the machine takes two seconds to fall asleep and to wake."""
    if before:
        bench.do(before)
    bench.clock.advance(2 * SECOND)
    bench.clock.sleep(20 * MINUTE - 4 * SECOND)
    bench.clock.advance(2 * SECOND)
    bench.hands.type(typed)
    bench.session.step()
    if after:
        bench.do(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [(DOZE, WAKE), (None, None), (None, WAKE), (DOZE, None), (LOCK, UNLOCK), (None, UNLOCK)],
    ids=["signals", "gap", "late-signal", "half-a-signal", "lock", "late-unlock"],
)
def test_sleep_is_away_whoever_tells_of_it(bench: Bench, before: Order | None, after: Order | None) -> None:
    suspend(bench, before=before, after=after, typed=0)
    bench.work(MINUTE, keys=1)
    bench.do(STOP)

    assert [piece[:3] for piece in pieces(bench)] == [(0, 5, "northbeam"), (25, 26, "northbeam")]
    assert asked(bench) == [(5, 25, "lock" if before == LOCK else "sleep")]


def test_what_wakes_the_computer_is_not_taken_for_work_before_an_announced_sleep(bench: Bench) -> None:
    suspend(bench, before=DOZE, after=WAKE, typed=1)
    bench.work(MINUTE, keys=1)
    bench.do(STOP)

    assert asked(bench) == [(5, 25, "sleep")], "one absence, one question"


def test_what_was_typed_before_an_unannounced_sleep_counts(bench: Bench) -> None:
    bench.hands.type(7)
    bench.clock.advance(400)
    bench.clock.sleep(20 * MINUTE)
    bench.session.step()
    bench.work(MINUTE, keys=1)
    bench.do(STOP)

    assert [one.tracked_ms for one in bench.segments] == [5 * MINUTE + 400, MINUTE]
    assert bench.segments[0].minutes[-1].keys == 7


def test_who_starts_is_awake_even_if_nobody_told_of_the_waking(bench: Bench) -> None:
    bench.do(STOP)
    bench.do(DOZE)
    bench.clock.sleep(HOUR)
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(MINUTE, keys=1)
    bench.do(STOP)

    assert bench.segments[-1].minutes[0].active_s == 60


@pytest.mark.expects_log("input cannot be counted")
def test_without_a_source_only_lock_and_sleep_are_away(database: Database) -> None:
    bench = bench_on(database, FakeClock())
    bench.hands.refuses = "There is no display."
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(30 * MINUTE)
    assert (bench.status().state, asked(bench), set(holds(bench))) == ("tracking", [], {None})

    bench.do(LOCK)
    bench.work(10 * MINUTE)
    bench.do(UNLOCK)
    bench.work(MINUTE)
    suspend(bench, before=None, after=None, typed=0)
    bench.work(MINUTE)
    bench.do(STOP)

    assert asked(bench) == [(30, 40, "lock"), (round(41 + 4 / 60, 4), 61, "sleep")]
