"""WorkSession over a source that is lost, comes back, or hears less than the desktop knows of."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from absences import LOCK, STOP, UNLOCK, WORK
from doubles import FakeClock
from workbench import NORTHBEAM, PICTURED, Bench, bench_on

from tracker.model.segment import ClosedBy, Segment
from tracker.model.slot import MINUTE, SECOND
from tracker.orders import Begin
from tracker.outbox.database import Database

LOST = "input is no longer counted"
Told = tuple[int, str | None, int | None, int, str]


def told(segment: Segment) -> Told:
    """Return how long it is in seconds, and what it says of input."""
    keys = [minute.keys for minute in segment.minutes]
    assert all(key is None for key in keys) or None not in keys
    return (
        segment.tracked_ms // SECOND,
        segment.source,
        None if None in keys else sum(key or 0 for key in keys),
        sum(minute.active_s for minute in segment.minutes),
        segment.closed_by.value,
    )


def lose(bench: Bench, *, back: bool) -> None:
    """Let the display vanish; another one is there at once, or none yet."""
    bench.hands.refuses = "" if back else "There is no display."
    assert bench.hands.lose is not None
    bench.hands.lose("The display is gone.")
    bench.session.step()


@pytest.mark.expects_log(LOST)
def test_what_is_lost_closes_its_segment_and_what_follows_has_no_counts(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(90 * SECOND, keys=2)
    lose(bench, back=False)
    bench.work(100 * SECOND)
    without = bench.status()
    bench.hands.refuses = ""
    bench.work(60 * SECOND)
    bench.work(50 * SECOND, keys=1)
    bench.do(STOP)

    assert (without.sources.input, without.sources.trouble) == (None, "lost")
    assert without.slot
    assert (without.slot.keys, without.slot.level) == (None, 10)
    lengths = [told(one)[0] for one in bench.segments]
    assert [told(one)[1:] for one in bench.segments] == [
        ("fake", 180, 90, "input"),
        (None, None, 0, "input"),
        ("fake", 50, 50, "stop"),
    ]
    assert sum(lengths) == 300, "time goes on"
    assert lengths[0] == 90
    assert 100 <= lengths[1] <= 160, "at the latest a minute after it is back"
    assert [one.end for one in bench.segments[:-1]] == [one.start for one in bench.segments[1:]]


@pytest.mark.expects_log(LOST)
def test_a_display_that_is_back_at_once_counts_again_a_second_later(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(10 * SECOND, keys=1)
    lose(bench, back=True)
    bench.work(2 * SECOND, keys=1)
    assert bench.status().sources.trouble is None
    bench.do(STOP)
    assert [told(one)[1] for one in bench.segments] == ["fake", None, "fake"]


@pytest.mark.expects_log("input cannot be counted: There is no display")
def test_a_source_that_is_there_later_counts_from_then_on(bench: Bench) -> None:
    bench.hands.refuses = "There is no display."
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(5 * SECOND)
    assert bench.status().sources.trouble is None, "nothing was lost"
    bench.hands.refuses = ""
    bench.work(MINUTE, keys=1)
    bench.do(STOP)
    assert [told(one)[1] for one in bench.segments] == [None, "fake"]


@pytest.mark.expects_log(LOST)
def test_a_display_that_is_lost_while_away_counts_in_the_segment_after(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(2 * MINUTE, keys=1)
    bench.do(LOCK)
    bench.work(MINUTE)
    lose(bench, back=True)
    bench.work(MINUTE)
    bench.do(UNLOCK)
    bench.work(MINUTE, keys=1)
    bench.do(STOP)
    assert [told(one)[1:] for one in bench.segments] == [("fake", 120, 120, "lock"), ("fake", 60, 60, "stop")]


@pytest.mark.expects_log(LOST)
def test_the_shot_of_the_slot_comes_once_over_a_loss(bench: Bench) -> None:
    bench.do(Begin(PICTURED, WORK))
    for _ in range(5):
        bench.work(MINUTE, keys=1)
        lose(bench, back=True)
        bench.work(MINUTE, keys=1)
        bench.camera.deliver()
    bench.do(STOP)
    bench.camera.deliver()
    bench.session.step()
    assert sum(len(one.shots) for one in bench.segments) == 1
    assert {one.closed_by for one in bench.segments} == {ClosedBy.INPUT, ClosedBy.SLOT_END}


@dataclass
class FakeIdle:
    """A desktop that tells of input some time ago."""

    ago: int | None = 500
    asked: int = 0
    closed: bool = False

    def idle_ms(self) -> int | None:
        self.asked += 1
        return self.ago

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def idle() -> FakeIdle:
    return FakeIdle()


@pytest.fixture
def doubting(database: Database, idle: FakeIdle) -> Bench:
    """Somebody tracks, and the desktop knows when the last input was."""
    bench = bench_on(database, FakeClock(), idle)
    bench.do(Begin(NORTHBEAM, WORK))
    return bench


@pytest.mark.expects_log("the desktop tells of input that fake does not hear")
def test_a_source_that_misses_input_for_a_minute_is_doubted_until_it_hears_some(
    doubting: Bench, idle: FakeIdle
) -> None:
    doubting.work(59 * SECOND)
    assert doubting.status().sources.trouble is None
    doubting.work(SECOND)
    assert doubting.status().sources.trouble == "disagree"
    doubting.work(MINUTE)
    assert doubting.status().sources.trouble == "disagree"
    doubting.work(SECOND, keys=1)
    assert doubting.status().sources.trouble is None
    doubting.do(STOP)
    assert idle.closed


def test_a_desktop_that_is_silent_too_or_does_not_know_doubts_nothing(
    doubting: Bench, idle: FakeIdle
) -> None:
    for ago in (5 * MINUTE, None):
        idle.ago = ago
        doubting.work(2 * MINUTE)
        assert doubting.status().sources.trouble is None


def test_what_keeps_the_screen_on_now_and_then_is_no_input(doubting: Bench, idle: FakeIdle) -> None:
    """As players of videos do, of which a screen saver is told as of input."""
    for second in range(300):
        idle.ago = 1_000 * (second % 30)
        doubting.work(SECOND)
    assert doubting.status().sources.trouble is None
    assert idle.asked == 30


def test_while_input_is_heard_nobody_is_asked(doubting: Bench, idle: FakeIdle) -> None:
    doubting.work(MINUTE, keys=1)
    assert not idle.asked
