"""WorkSession while nobody is there: silence, calls, and where a run stops, over a real database."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from absences import LOCK, QUIT, STOP, WORK, asked, holds, pieces, since_nine
from doubles import NINE, FakeClock
from workbench import FENNEL, NORTHBEAM, Bench, bench_on

from tracker.errors import BadValue
from tracker.keeper import recover
from tracker.model.slot import HOUR, MINUTE, SECOND, SLOT
from tracker.orders import Begin, Call, ChangeMemo, Order
from tracker.outbox.database import Database


@pytest.fixture
def bench(bench: Bench) -> Bench:
    """Somebody who has typed for five minutes."""
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(5 * MINUTE, keys=1)
    return bench


def test_a_silent_end_of_a_slot_is_held_until_there_is_input(bench: Bench) -> None:
    bench.work(5 * MINUTE)
    assert holds(bench) == ["silence"]
    assert bench.outbox.seal_due(bench.clock.wall + 100 * HOUR) == 0, "silence has no end of its own"

    bench.work(SECOND, keys=1)

    assert holds(bench) == [None]
    assert bench.outbox.seal_due(bench.clock.wall) == 1
    assert [minute.active_s for minute in bench.segments[0].minutes] == [60] * 5 + [0] * 5


def test_a_silent_end_of_a_slot_is_taken_back_when_the_limit_passes(bench: Bench) -> None:
    bench.work(9 * MINUTE + 59 * SECOND)
    assert (bench.status().state, asked(bench)) == ("tracking", [])

    bench.work(SECOND)

    assert bench.status().state == "away"
    assert pieces(bench) == [(0, 5, "northbeam", "away")]
    assert asked(bench) == [(5, 15, "away")]
    assert bench.outbox.seal_due(bench.clock.wall) == 1, "what remains is free to go"
    assert bench.draft.load() is None


@pytest.mark.parametrize(("silent", "hold", "begin"), [(59, None, 10), (60, "silence", 9)])
def test_less_than_a_minute_of_silence_stays_with_its_slot(
    bench: Bench, silent: int, hold: str | None, begin: float
) -> None:
    bench.work(5 * MINUTE - silent * SECOND, keys=1)
    bench.work(silent * SECOND)
    assert holds(bench) == [hold]

    bench.work(10 * MINUTE)

    assert [piece[:2] for piece in pieces(bench)] == [(0, begin)]
    assert [question[0] for question in asked(bench)] == [begin]


def test_while_away_the_session_stands_still_and_says_with_what_it_goes_on(bench: Bench) -> None:
    bench.work(20 * MINUTE)

    now = bench.status()
    assert (now.state, now.contract, now.memo, now.slot) == ("away", "northbeam", WORK, None)
    assert (now.session_ms, now.week.ms, now.shot.due) == (5 * MINUTE, 5 * MINUTE, False)
    assert [(one.end, one.contract) for one in now.questions] == [(None, "northbeam")]


def test_who_comes_back_goes_on_in_a_new_segment(bench: Bench) -> None:
    bench.work(20 * MINUTE)
    bench.work(MINUTE, keys=1)
    bench.do(STOP)

    assert pieces(bench) == [(0, 5, "northbeam", "away"), (25, 26, "northbeam", "stop")]
    assert asked(bench) == [(5, 25, "away")]
    assert bench.session.resume is None


@pytest.mark.parametrize(
    ("order", "after"),
    [
        (Begin(NORTHBEAM, None), [(15, 16, "northbeam", WORK)]),
        (Begin(NORTHBEAM, "Fix PR 412"), [(15, 16, "northbeam", "Fix PR 412")]),
        (Begin(FENNEL, None), [(15, 16, "fennel", "")]),
        (ChangeMemo("Fix PR 412"), [(15, 16, "northbeam", "Fix PR 412")]),
        (STOP, []),
        (QUIT, []),
    ],
    ids=["start", "start-memo", "switch", "memo", "stop", "quit"],
)
def test_any_command_ends_being_away(
    bench: Bench, order: Order, after: list[tuple[float, float, str, str]]
) -> None:
    bench.do(LOCK)
    bench.work(10 * MINUTE)
    bench.do(order)
    bench.work(MINUTE)
    bench.do(QUIT)

    (question,) = bench.outbox.questions()
    assert (asked(bench), question.memo) == ([(5, 15, "lock")], WORK)
    found = [
        (since_nine(one.start), since_nine(one.end), one.key.contract, one.memo) for one in bench.segments
    ]
    assert found == [(0, 5, "northbeam", WORK), *after]
    assert bench.session.resume is None, "who stops has decided"


@pytest.mark.parametrize(
    ("first", "silent", "end"),
    [
        (lambda _bench: None, 61 * MINUTE, 65),
        (lambda bench: bench.work(MINUTE, keys=1), 61 * MINUTE, 66),
        (lambda bench: bench.clock.advance(14 * HOUR + 45 * MINUTE), 0, 65),
    ],
    ids=["an-hour", "an-hour-after-the-last-input", "in-one-step"],
)
def test_an_hour_after_the_last_input_the_run_stops_and_may_be_resumed(
    bench: Bench, first: Callable[[Bench], None], silent: int, end: float
) -> None:
    first(bench)
    bench.session.step()
    bench.work(silent)

    assert bench.status().state == "stopped"
    assert [question[1] for question in asked(bench)] == [end]
    assert bench.session.resume is not None
    assert bench.session.at == NINE + end * MINUTE


def test_at_local_midnight_the_run_stops_also_where_the_limit_is_found_after_it(database: Database) -> None:
    bench = bench_on(database, FakeClock(wall=NINE + 14 * HOUR + 50 * MINUTE))
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(5 * MINUTE, keys=1)
    bench.work(10 * MINUTE)  # until five past

    assert (bench.status().state, bench.session.at) == ("stopped", NINE + 15 * HOUR)
    assert asked(bench) == [(895, 900, "away")]
    assert bench.status().session_ms == 5 * MINUTE


@pytest.mark.parametrize("lost", [0, 4])
def test_a_crash_while_away_ends_the_question_where_it_was_last_kept(
    bench: Bench, database: Database, lost: int
) -> None:
    bench.work(20 * MINUTE + lost * SECOND)

    after = bench_on(database, FakeClock(wall=bench.clock.wall + HOUR, boot=1, awake=1))
    found = recover(after.draft, after.outbox, notice_ms=0, now=after.clock.wall)

    assert asked(after) == [(5, 25, "away")]
    assert (found.ms, found.resume and found.resume.why) == (0, "crash")
    assert pieces(after) == [(0, 5, "northbeam", "away")]


def test_a_crash_ends_silence_and_its_holds(bench: Bench, database: Database) -> None:
    bench.work(7 * MINUTE)
    assert holds(bench) == ["silence"]

    after = bench_on(database, FakeClock(wall=bench.clock.wall + HOUR, boot=1, awake=1))
    recover(after.draft, after.outbox, notice_ms=0, now=after.clock.wall)

    assert (asked(after), holds(after)) == ([], [None, None])
    assert [piece[:2] for piece in pieces(after)] == [(0, 10), (10, 12)]
    assert after.outbox.seal_due(after.clock.wall) == 2


@pytest.mark.parametrize(
    ("minutes", "silent", "kept", "in_question"),
    [(30, 25, 25, []), (30, 34, 34, []), (30, 45, 30, [(35, 50, "away")]), (2, 5, 0, [])],
)
def test_a_call_is_kept_and_marked_and_what_overruns_it_is_asked_about(
    bench: Bench, minutes: int, silent: int, kept: int, in_question: list[tuple[float, float, str]]
) -> None:
    bench.do(Call(bench.clock.wall + minutes * MINUTE))
    bench.work(silent * MINUTE)
    bench.work(MINUTE, keys=1)
    bench.do(STOP)

    idle = [one for one in bench.segments if one.idle_kept]
    assert sum(one.tracked_ms for one in idle) == kept * MINUTE
    assert [since_nine(one.start) for one in idle] == ([5, 10, 20, 30][: len(idle)])
    assert asked(bench) == in_question
    assert bench.status().call_until is None, "a stop ends it"


def test_a_call_is_timed_by_the_wall_clock_one_reads(bench: Bench) -> None:
    bench.clock.wall += 3 * HOUR
    bench.session.step()
    bench.do(Call(bench.clock.wall + 30 * MINUTE))
    assert bench.session.recorder.call_until == NINE + 35 * MINUTE

    for wrong in (0, 12 * HOUR + 1):
        with pytest.raises(BadValue):
            bench.do(Call(bench.clock.wall + wrong))
    bench.do(Call(None))
    bench.work(SLOT)
    assert bench.status().state == "away"
