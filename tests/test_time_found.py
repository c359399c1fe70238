"""What the time machine found, each as the shortest day on which it happened."""

from __future__ import annotations

from dataclasses import replace

import pytest
from doubles import NINE, FakeClock
from workbench import FENNEL, NORTHBEAM, PICTURED, Bench, bench_on

from tracker.keeper import recover
from tracker.model.contract import Contract
from tracker.model.segment import ClosedBy
from tracker.model.slot import HOUR, MINUTE, SECOND, SLOT
from tracker.orders import Answer, Begin, Call, End, Presence
from tracker.outbox.database import Database


def limited(contract: Contract, seconds: int) -> Contract:
    policy = replace(contract.terms.policy, idle_limit_s=seconds)
    return replace(contract, terms=replace(contract.terms, policy=policy))


def test_the_step_that_finds_nobody_there_asks_for_no_shot(bench: Bench) -> None:
    bench.do(Begin(limited(PICTURED, 60), ""))
    moment = bench.session.recorder._plan._moments["pictured"][0]

    bench.clock.advance(moment - NINE - 30 * SECOND)
    bench.hands.type(1)
    bench.session.step()
    bench.clock.advance(MINUTE)
    bench.session.step()

    assert bench.status().state == "away"
    assert bench.camera.asked == []
    assert bench.session.recorder._plan.pending("pictured"), "it comes when somebody is back"


def test_a_moment_that_came_just_before_a_nap_waits_until_somebody_is_settled(bench: Bench) -> None:
    bench.do(Begin(PICTURED, ""))
    moment = bench.session.recorder._plan._moments["pictured"][0]
    bench.clock.advance(moment - NINE - 300)
    bench.hands.type(1)
    bench.session.step()

    bench.clock.advance(500)
    bench.clock.sleep(2 * SECOND)
    bench.session.step()
    bench.work(30 * SECOND, keys=1)

    assert bench.camera.asked == []


def test_no_shot_is_taken_of_a_locked_screen_though_a_command_resumed_tracking(bench: Bench) -> None:
    bench.do(Begin(PICTURED, ""))
    bench.do(Presence(locked=True))
    bench.do(Begin(PICTURED, ""))
    bench.work(9 * MINUTE)
    assert bench.camera.asked == []

    bench.do(Presence(locked=False))
    bench.work(29 * SECOND, keys=1)
    assert bench.camera.asked == []
    bench.work(31 * SECOND, keys=1)
    assert len(bench.camera.asked) == 1


def test_a_crash_right_after_waking_loses_nothing_of_the_time_in_question(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, ""))
    bench.work(MINUTE, keys=1)
    bench.clock.sleep(20 * MINUTE)
    bench.session.step()

    recover(bench.draft, bench.outbox, notice_ms=0, now=bench.clock.wall)

    (question,) = bench.outbox.questions()
    assert question.end - question.begin == 20 * MINUTE


@pytest.mark.expects_log("input is no longer counted: the display is gone")
def test_once_input_is_lost_the_next_segments_say_that_nothing_counted(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, ""))
    bench.work(MINUTE, keys=1)
    assert bench.hands.lose is not None
    bench.hands.refuses = "There is no display."
    bench.hands.lose("the display is gone")
    bench.work(SLOT)
    bench.do(End(ClosedBy.STOP))

    first, *later = bench.segments
    assert (first.source, first.minutes[0].keys) == ("fake", 60)
    assert {(one.source, one.minutes[0].keys) for one in later} == {(None, None)}
    assert sum(one.tracked_ms for one in bench.segments) == MINUTE + SLOT


@pytest.mark.expects_log("input is no longer counted: the display is gone")
def test_losing_input_while_away_is_no_return(bench: Bench) -> None:
    bench.do(Begin(limited(NORTHBEAM, 60), ""))
    bench.work(2 * MINUTE)
    assert bench.hands.lose is not None
    bench.hands.refuses = "There is no display."
    bench.hands.lose("the display is gone")
    bench.work(2 * MINUTE)
    assert bench.status().state == "away"

    bench.do(Begin(NORTHBEAM, ""))
    bench.work(2 * MINUTE)
    bench.do(End(ClosedBy.STOP))

    (segment,) = bench.segments
    assert (segment.tracked_ms, segment.source) == (2 * MINUTE, None)


def test_the_status_is_told_in_the_very_moment_in_which_a_call_goes_silent(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, ""))
    bench.work(MINUTE, keys=1)
    bench.do(Call(bench.clock.wall + 5 * MINUTE))
    bench.do(Presence(locked=True))

    assert (bench.status().state, bench.status().session_ms) == ("away", MINUTE)


def test_what_has_no_length_gets_no_shot_though_its_cell_is_long_enough(bench: Bench) -> None:
    bench.do(Begin(PICTURED, ""))
    bench.work(MINUTE, keys=1)
    bench.do(Begin(FENNEL, ""))
    bench.camera.asked.clear()
    bench.session.recorder._plan._moments["pictured"] = [NINE + 5 * MINUTE]
    bench.do(Begin(PICTURED, ""))
    bench.do(End(ClosedBy.STOP))

    assert bench.camera.asked == []


def test_a_shot_that_silence_took_after_midnight_goes_with_the_time_that_was_not_tracked(
    database: Database,
) -> None:
    bench = bench_on(database, FakeClock(wall=NINE + 14 * HOUR + 50 * MINUTE))
    bench.do(Begin(limited(PICTURED, 1200), ""))
    bench.work(MINUTE, keys=1)
    for _ in range(20 * MINUTE // SECOND):
        bench.work(SECOND)
        bench.camera.deliver()

    (question,) = bench.outbox.questions()
    assert question.end == NINE + 15 * HOUR
    assert all(shot.taken_at <= question.end for shot in question.shots)
    with database.reading() as connection:
        kept = {shot for (shot,) in connection.execute("SELECT shot FROM picture")}
    taken = [*question.shots, *(shot for segment in bench.segments for shot in segment.shots)]
    assert kept == {shot.id for shot in taken}


def test_a_run_begun_right_after_an_untold_sleep_leaves_the_screen_alone_at_first(bench: Bench) -> None:
    bench.clock.sleep(HOUR)
    contract = replace(PICTURED.terms, policy=replace(PICTURED.terms.policy, shots_per_slot=3))
    bench.clock.advance(9 * MINUTE)
    bench.do(Begin(replace(PICTURED, terms=contract), ""))
    bench.work(29 * SECOND, keys=1)

    assert bench.camera.asked == []


def test_a_shot_at_a_slots_very_end_stays_in_its_slot_when_the_time_is_kept(bench: Bench) -> None:
    bench.do(Begin(PICTURED, ""))
    bench.session.recorder._plan._moments["pictured"] = [NINE + SLOT - 500]
    bench.work(MINUTE, keys=1)
    bench.work(SLOT - MINUTE - SECOND)
    bench.clock.advance(SECOND + 3)  # a step is never quite in time
    bench.session.step()
    bench.camera.deliver()
    bench.work(2 * MINUTE)
    bench.do(Begin(PICTURED, ""))
    (question,) = bench.outbox.questions()
    bench.do(Answer(question.id, "keep"))

    with_shots = [segment.slot - NINE for segment in bench.segments if segment.shots]
    assert with_shots == [0]


def test_what_the_clock_did_while_a_run_ended_by_itself_is_not_told_of_the_next_one(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, ""))
    bench.work(MINUTE, keys=1)
    bench.do(Presence(locked=True))
    bench.clock.wall += HOUR
    bench.work(MINUTE)
    bench.clock.sleep(2 * HOUR)
    bench.session.step()
    bench.clock.wall -= HOUR
    bench.do(Begin(NORTHBEAM, ""))
    bench.work(MINUTE, keys=1)

    segment = bench.session.recorder.segment
    assert segment is not None
    assert segment.clock_facts == ()


def test_time_that_is_kept_waits_for_the_notice_of_its_shots(bench: Bench) -> None:
    bench.do(Begin(limited(PICTURED, 60), ""))
    bench.session.recorder._plan._moments["pictured"] = [NINE + 59 * SECOND - 500]
    bench.work(59 * SECOND)
    bench.camera.deliver()
    bench.work(SECOND)
    bench.do(Begin(PICTURED, ""))
    (question,) = bench.outbox.questions()
    bench.do(Answer(question.id, "keep"))

    assert bench.outbox.seal_due(bench.clock.wall) == 0
    assert bench.outbox.seal_due(bench.clock.wall + 15 * SECOND) == 1


def test_kept_time_stays_in_doubt(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, ""))
    bench.work(MINUTE, keys=1)
    bench.do(Presence(locked=True))
    bench.work(MINUTE)
    bench.do(Begin(NORTHBEAM, ""))
    bench.do(End(ClosedBy.STOP))
    bench.outbox.learn_clock(NINE - HOUR, bench.clock.wall)
    assert bench.outbox.last_end() is None

    (question,) = bench.outbox.questions()
    bench.do(Answer(question.id, "keep"))

    assert bench.outbox.last_end() is None


def test_who_comes_back_by_a_stop_or_a_switch_is_just_back_too(bench: Bench) -> None:
    policy = replace(PICTURED.terms.policy, shots_per_slot=3)
    often = replace(PICTURED, terms=replace(PICTURED.terms, policy=policy))
    bench.do(Begin(limited(NORTHBEAM, 60), ""))
    bench.work(8 * MINUTE, keys=1)
    bench.work(MINUTE + 20 * SECOND)
    assert bench.status().state == "away"
    bench.do(Begin(often, ""))
    bench.work(29 * SECOND, keys=1)
    assert bench.camera.asked == []

    bench.work(11 * SECOND, keys=1)
    assert len(bench.camera.asked) >= 1


def test_a_shot_that_is_in_question_is_not_taken_twice_over_a_restart(
    bench: Bench, database: Database
) -> None:
    bench.do(Begin(limited(PICTURED, 60), ""))
    bench.session.recorder._plan._moments["pictured"] = [NINE + 50 * SECOND]
    bench.work(52 * SECOND)
    bench.camera.deliver()
    bench.work(MINUTE)
    bench.do(End(ClosedBy.QUIT))

    bench.clock.advance(SECOND)
    again = bench_on(database, bench.clock)
    again.do(Begin(PICTURED, ""))
    again.work(SLOT - 3 * MINUTE, keys=1)

    assert again.camera.asked == []
