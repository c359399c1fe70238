"""WorkSession and Keeper over a real database: what is commanded, what is kept."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from doubles import NINE, FakeClock
from workbench import FENNEL, NORTHBEAM, PICTURED, Bench, bench_on

from tracker.errors import NothingTracking, StorageFailed, UnknownContract
from tracker.keeper import recover
from tracker.model.segment import ClosedBy, ShotState
from tracker.model.slot import MINUTE, SECOND, SLOT
from tracker.orders import Begin, ChangeMemo, End
from tracker.outbox.database import Database


def test_tracked_time_is_stop_minus_start_and_holds_what_was_typed(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, "Checkout: error copy"))
    bench.work(61_250, keys=2)
    bench.do(End(ClosedBy.STOP))

    (segment,) = bench.segments
    assert (segment.start, segment.end, segment.memo) == (NINE, NINE + 61_250, "Checkout: error copy")
    assert sum(minute.keys or 0 for minute in segment.minutes) == 124
    assert sum(minute.active_s for minute in segment.minutes) == 62
    assert bench.draft.load() is None


def test_input_is_counted_only_while_tracking(bench: Bench) -> None:
    assert bench.hands.tally is None

    bench.do(Begin(NORTHBEAM, ""))
    assert bench.hands.tally is not None

    bench.do(End(ClosedBy.STOP))
    assert bench.hands.tally is None


def test_a_switch_is_gapless_and_keeps_what_was_typed_before_it(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, "Checkout: error copy"))
    bench.work(10 * SECOND)
    bench.hands.type(5)
    bench.clock.advance(345)
    bench.do(Begin(FENNEL, None))
    bench.work(10 * SECOND)
    bench.do(End(ClosedBy.STOP))

    first, second = bench.segments
    assert first.end == second.start == NINE + 10_345
    assert (first.closed_by, first.minutes[0].keys) == (ClosedBy.SWITCH, 5)
    assert (second.key.contract, second.memo) == ("fennel", "")


def test_beginning_the_running_contract_again_changes_only_a_given_memo(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, "Checkout: error copy"))
    bench.work(10 * SECOND)

    bench.do(Begin(NORTHBEAM, None))
    assert bench.segments == []

    bench.do(Begin(NORTHBEAM, "Review PR 412"))
    assert [segment.closed_by for segment in bench.segments] == [ClosedBy.MEMO]


def test_what_needs_a_running_track_is_refused_without_one(bench: Bench) -> None:
    with pytest.raises(NothingTracking):
        bench.do(End(ClosedBy.STOP))
    with pytest.raises(NothingTracking):
        bench.do(ChangeMemo("Nothing runs"))

    bench.do(End(ClosedBy.QUIT))
    assert bench.segments == []


def test_without_an_account_nothing_begins(database: Database) -> None:
    bench = bench_on(database, FakeClock())
    with database.transaction() as connection:
        connection.execute("DELETE FROM meta WHERE name = 'account'")

    with pytest.raises(UnknownContract):
        bench.do(Begin(NORTHBEAM, ""))
    assert bench.session.recorder.track is None


def test_a_next_run_never_begins_before_the_last_ended(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, ""))
    bench.work(MINUTE)
    bench.do(End(ClosedBy.STOP))
    bench.clock.wall -= 30 * SECOND  # somebody sets the clock back

    bench.do(Begin(FENNEL, ""))
    bench.work(SECOND)
    bench.do(End(ClosedBy.STOP))

    first, second = bench.segments
    assert second.start == first.end


def test_a_moved_wall_clock_is_recorded_and_moves_no_time(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, ""))
    bench.work(MINUTE)
    bench.clock.wall += 3_600_000
    bench.work(MINUTE)
    bench.do(End(ClosedBy.STOP))

    (segment,) = bench.segments
    assert segment.tracked_ms == 2 * MINUTE
    assert [fact.moved_ms for fact in segment.clock_facts] == [3_600_000]


def test_the_draft_is_never_older_than_five_seconds(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, ""))
    oldest = 0
    for _ in range(130):
        bench.work(SECOND)
        draft = bench.draft.load()
        oldest = max(oldest, bench.session.at - (draft.end if draft else NINE))

    assert oldest <= 5 * SECOND


def test_steps_that_come_late_do_not_put_the_draft_off(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, ""))
    late, oldest = Random(1), 0
    for _ in range(500):
        bench.clock.advance(-bench.clock.boot % SECOND or SECOND)
        bench.clock.advance(late.randrange(300))
        draft = bench.draft.load()
        bench.session.step()
        oldest = max(oldest, bench.session.at - (draft.end if draft else NINE))

    assert oldest <= 5.5 * SECOND


def test_what_a_crash_leaves_is_recovered_once(bench: Bench, database: Database) -> None:
    bench.do(Begin(NORTHBEAM, "Checkout: error copy"))
    bench.work(63_000, keys=1)

    after = bench_on(database, FakeClock(boot=9_000_000))
    recovered = recover(after.draft, after.outbox, notice_ms=0, now=NINE + MINUTE).ms

    (segment,) = after.segments
    assert (segment.closed_by, segment.tracked_ms) == (ClosedBy.CRASH, recovered)
    assert 63_000 - 5_000 <= recovered <= 63_000
    assert recover(after.draft, after.outbox, notice_ms=0, now=NINE + MINUTE).resume is None


def test_a_shot_of_the_open_segment_goes_with_it_and_is_announced(bench: Bench) -> None:
    bench.do(Begin(PICTURED, "Checkout: error copy"))
    while not bench.camera.asked:
        bench.work(SECOND, keys=1)
    bench.camera.deliver()
    bench.session.step()

    shot = bench.status().shot
    assert (shot.taken, shot.due, shot.notice_until is not None) == (1, False, True)
    bench.do(End(ClosedBy.STOP))
    (segment,) = bench.segments
    assert [one.state for one in segment.shots] == [ShotState.KEPT]
    assert bench.outbox.seal_due(bench.clock.wall) == 0, "its notice runs"
    assert bench.outbox.seal_due(bench.clock.wall + 16 * SECOND) == 1


def test_a_shot_at_stop_arrives_after_the_segment_closed_and_belongs_to_it(bench: Bench) -> None:
    bench.do(Begin(PICTURED, "Checkout: error copy"))
    bench.work(MINUTE, keys=1)
    bench.do(End(ClosedBy.STOP))
    assert bench.outbox.seal_due(bench.clock.wall) == 0, "its shot is on the way"

    bench.camera.deliver()
    bench.session.step()

    (segment,) = bench.segments
    assert len(segment.shots) == 1
    assert bench.outbox.picture(segment.shots[0].pictures[0].sha256) == b"a picture"


def test_a_failed_shot_is_recorded_with_its_reason(bench: Bench) -> None:
    bench.do(Begin(PICTURED, "Checkout: error copy"))
    bench.work(MINUTE, keys=1)
    bench.do(End(ClosedBy.STOP))
    bench.camera.deliver("the screen gave a black image")
    bench.session.step()

    (shot,) = bench.segments[0].shots
    assert (shot.state, shot.reason) == (ShotState.FAILED, "the screen gave a black image")


@pytest.mark.expects_log("input cannot be counted: There is no display")
def test_without_an_input_source_time_is_kept_and_its_level_unknown(bench: Bench) -> None:
    bench.hands.refuses = "There is no display."
    bench.do(Begin(NORTHBEAM, "Checkout: error copy"))
    bench.work(MINUTE)

    slot = bench.status().slot
    assert slot is not None
    assert (slot.tracked_ms, slot.level, slot.keys) == (MINUTE, None, None)
    assert slot.verdict.reasons == ("level-unknown",)


@pytest.mark.expects_log("input is no longer counted: the display is gone")
def test_input_that_is_lost_while_tracking_is_told_and_ends_nothing(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, ""))
    assert bench.hands.lose is not None
    bench.hands.refuses = "There is no display."
    bench.hands.lose("the display is gone")
    bench.work(SECOND)

    assert (bench.status().sources.input, bench.status().sources.trouble) == (None, "lost")
    assert bench.session.recorder.track is not None


def test_the_status_tells_the_cell_the_day_and_the_week_at_any_moment(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, "Checkout: error copy"))
    bench.work(2 * MINUTE, keys=1)
    bench.do(Begin(FENNEL, ""))
    bench.work(MINUTE, keys=1)
    bench.do(Begin(NORTHBEAM, "Review PR 412"))
    bench.work(MINUTE, keys=1)

    now = bench.status()
    assert now.slot is not None
    assert (now.state, now.contract, now.memo) == ("tracking", "northbeam", "Review PR 412")
    assert (now.slot.tracked_ms, now.slot.keys, now.slot.level) == (3 * MINUTE, 180, 10)
    assert now.slot.verdict.protected
    assert (now.session_ms, now.today_ms, now.week.ms) == (4 * MINUTE, 4 * MINUTE, 3 * MINUTE)
    assert now.outbox.waiting + now.outbox.held == 2


def test_while_nothing_is_tracked_the_session_sleeps(bench: Bench) -> None:
    assert bench.session.step() > 60


def test_while_tracking_steps_end_with_the_second(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, ""))
    bench.clock.advance(300)

    assert bench.session.step() == pytest.approx(0.7)


@pytest.mark.expects_log("nothing can be kept right now: .*full")
def test_on_a_full_disk_no_time_is_lost(bench: Bench, database: Database) -> None:
    bench.do(Begin(NORTHBEAM, "Checkout: error copy"))
    bench.work(9 * MINUTE, keys=1)
    with database.reading() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    while not bench.session.failing:
        bench.work(SLOT, keys=1)
    with pytest.raises(StorageFailed):
        bench.do(End(ClosedBy.STOP))
    tracked = bench.status().session_ms
    assert bench.session.step() == 5, "it tries again"
    with database.reading() as connection:
        connection.execute("PRAGMA max_page_count = 100000")
    bench.session.step()

    assert sum(segment.tracked_ms for segment in bench.segments) == tracked
    assert sum(m.keys or 0 for segment in bench.segments for m in segment.minutes) == tracked // SECOND
    assert all(one.end == after.start for one, after in pairwise(bench.segments))
    assert bench.segments[-1].closed_by is ClosedBy.STOP


@pytest.mark.expects_log("a shot came after its time was sealed")
def test_a_shot_that_takes_too_long_costs_no_time(bench: Bench) -> None:
    bench.do(Begin(PICTURED, "Checkout: error copy"))
    bench.work(MINUTE, keys=1)
    bench.do(End(ClosedBy.STOP))
    assert bench.outbox.seal_due(bench.clock.wall + 61 * SECOND) == 1

    bench.camera.deliver()
    bench.session.step()

    assert bench.segments[0].shots == ()
    assert bench.outbox.counts().waiting == 1
