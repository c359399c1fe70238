"""The timeline: the wall clock at its anchor, the boot clock ever after."""

from __future__ import annotations

import pytest
from doubles import NINE

from tracker.clock import Reading
from tracker.recording.timeline import Timeline, jump

START = Reading(wall=NINE, boot=1_000, awake=900)


def test_a_run_follows_the_boot_clock_whatever_the_wall_clock_does() -> None:
    line = Timeline.begin(START, after=None)

    assert line.at(Reading(wall=0, boot=61_000, awake=60_900)) == NINE + 60_000


def test_a_run_never_begins_before_the_last_segment_ended() -> None:
    line = Timeline.begin(START, after=NINE + 5_000)

    assert line.at(START) == NINE + 5_000


def test_a_run_is_anchored_by_the_server_where_its_offset_is_known() -> None:
    assert Timeline.begin(START, after=None, offset=-7_000).at(START) == NINE - 7_000


@pytest.mark.parametrize(
    ("wall", "boot", "moved"),
    [(1_000, 1_000, 0), (3_000, 1_000, 0), (3_001, 1_000, 2_001), (-5_000, 1_000, -6_000), (900, 1_000, 0)],
)
def test_only_a_jump_of_more_than_two_seconds_is_one(wall: int, boot: int, moved: int) -> None:
    now = Reading(START.wall + wall, START.boot + boot, START.awake + boot)

    assert jump(START, now) == moved
