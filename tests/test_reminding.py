"""Reminders as they come, stand, are told once and are settled, over restarts too."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from boxes import Box
from doubles import NINE
from onlooker import Onlooker
from worked import worked

from tracker.model.slot import DAY, HOUR, MINUTE, SECOND, SLOT, instant
from tracker.model.week import WEEK, week_of
from tracker.reminders import Kind
from tracker.settings import Settings
from tracker.snapshot import entry_view
from tracker.status import CONFLICT, EntryView, OutboxStatus

MONDAY = week_of(NINE)
HOURS = Settings(working_hours="08:00-18:00")
ONE = OutboxStatus(held=0, waiting=1, refused=0)


@pytest.fixture
def desk() -> Onlooker:
    return Onlooker()


def entry_view_of(start: int) -> EntryView:
    return EntryView("1", "c01", instant(start), instant(start + SLOT), "waiting", None, 0, None, None)


def test_a_limit_is_told_once_and_stands_until_it_is_put_away(desk: Onlooker) -> None:
    desk.tracks()
    desk.used(8 * HOUR, 10 * HOUR)
    assert desk.look() == []
    desk.used(9 * HOUR, 10 * HOUR)
    assert desk.look(MINUTE) == desk.look(MINUTE) == [(Kind.LIMIT_NEAR, True)]

    desk.restart()
    assert desk.look(MINUTE) == [(Kind.LIMIT_NEAR, False)]
    desk.reminders.settle("limit-near")
    assert desk.reminders.standing == ()
    assert desk.look(MINUTE) == []
    desk.restart()
    assert desk.look(MINUTE) == []

    desk.used(10 * HOUR, 10 * HOUR)
    assert desk.look(MINUTE) == [(Kind.LIMIT_REACHED, True)]
    desk.stops()
    assert desk.look(MINUTE) == []
    desk.tracks()
    assert desk.look(MINUTE) == [(Kind.LIMIT_REACHED, False)]


def test_a_limit_of_nothing_is_reached_at_once(desk: Onlooker) -> None:
    desk.tracks()
    desk.used(0, 0)
    assert desk.kinds() == [Kind.LIMIT_REACHED]


def test_another_contract_another_limit_and_another_week_are_told_anew(desk: Onlooker) -> None:
    desk.tracks()
    desk.used(9 * HOUR, 10 * HOUR)
    desk.look()
    desk.reminders.settle(Kind.LIMIT_NEAR)
    desk.tracks(contract="c02")
    assert desk.look() == [(Kind.LIMIT_NEAR, True)]
    desk.tracks(contract="c01")
    assert desk.look() == []
    desk.used(19 * HOUR, 20 * HOUR)
    assert desk.look() == [(Kind.LIMIT_NEAR, True)]
    desk.now += WEEK
    desk.used(9 * HOUR, 10 * HOUR)
    assert desk.look() == [(Kind.LIMIT_NEAR, True)]


def test_what_is_over_is_forgotten(desk: Onlooker) -> None:
    desk.tracks()
    desk.used(9 * HOUR, 10 * HOUR)
    desk.look()
    desk.now += 2 * WEEK
    desk.used(0, 10 * HOUR)
    desk.look()
    assert desk.memory.kept == {}


def test_a_memo_is_asked_about_after_its_tracked_time_and_again_after_as_long(desk: Onlooker) -> None:
    desk.tracks()
    desk.look()
    desk.tracks(2 * HOUR - 1)
    assert desk.look(2 * HOUR) == []
    desk.tracks(2 * HOUR)
    assert desk.look(MINUTE) == [(Kind.MEMO_OLD, True)]
    (stands,) = desk.reminders.standing
    assert (stands.memo, stands.ms) == ("Plans", 2 * HOUR)

    desk.reminders.settle(Kind.MEMO_OLD)
    assert desk.look(SECOND) == []
    desk.tracks(4 * HOUR - 1)
    assert desk.look(MINUTE) == []
    desk.tracks(4 * HOUR)
    assert desk.look(MINUTE) == [(Kind.MEMO_OLD, True)]


@pytest.mark.parametrize("change", [{"memo": "Walls"}, {"contract": "c02"}])
def test_a_new_memo_or_contract_begins_anew(desk: Onlooker, change: dict[str, str]) -> None:
    desk.tracks()
    desk.look()
    desk.tracks(HOUR, **change)
    desk.look(HOUR)
    desk.tracks(3 * HOUR - 1, **change)
    assert desk.look() == []
    desk.tracks(3 * HOUR, **change)
    assert desk.kinds() == [Kind.MEMO_OLD]


@pytest.mark.parametrize("seen", [True, False])
def test_a_new_start_confirms_the_memo_though_nobody_saw_the_stop(desk: Onlooker, seen: bool) -> None:
    desk.tracks()
    desk.look()
    desk.tracks(119 * MINUTE)
    desk.look(119 * MINUTE)
    desk.tracks(30 * SECOND, memo="Walls")
    desk.look(MINUTE)
    if seen:
        desk.stops()
        desk.look(SECOND)
    desk.tracks(0, memo="Walls")
    desk.look(SECOND)
    desk.tracks(2 * HOUR - 1, memo="Walls")
    assert desk.look(2 * HOUR) == []
    desk.tracks(2 * HOUR, memo="Walls")
    assert desk.kinds() == [Kind.MEMO_OLD]


def test_away_says_nothing_of_the_memo_and_does_not_tell_it_twice(desk: Onlooker) -> None:
    desk.tracks(2 * HOUR)
    assert desk.look() == [(Kind.MEMO_OLD, True)]
    desk.is_(state="away")
    assert desk.look(MINUTE) == []
    desk.is_(state="tracking")
    assert desk.look(MINUTE) == [(Kind.MEMO_OLD, False)]


def test_nothing_is_said_of_the_memo_where_that_is_switched_off(desk: Onlooker) -> None:
    desk.settings = Settings(memo_reminder=0)
    desk.tracks(20 * HOUR)
    assert desk.look() == []


def test_the_loose_ends_of_a_closing_week_stand_until_there_are_none(tmp_path: Path) -> None:
    with Box(tmp_path) as box:
        sunday = MONDAY + 6 * DAY + 17 * HOUR
        desk = Onlooker(memory=box.outbox, now=sunday)
        segment = worked(sunday - SLOT)
        box.outbox.put(segment, None)
        box.outbox.seal_due(sunday)
        desk.entries = [entry_view(one) for one in box.outbox.entries()]
        desk.is_(outbox=ONE)

        assert desk.look() == []
        assert desk.look(HOUR) == [(Kind.WEEK_CLOSES, True)]
        assert desk.reminders.standing[0].ends.waiting[0].id == segment.id
        box.reopen()
        desk.memory = box.outbox
        desk.restart()
        assert desk.look(HOUR) == [(Kind.WEEK_CLOSES, False)]
        desk.entries = []
        desk.is_(outbox=OutboxStatus(0, 0, 0))
        assert desk.look(SECOND) == []


def test_a_server_that_contradicts_is_told_once_and_stands_until_it_is_put_away(desk: Onlooker) -> None:
    entry = msgspec.structs.replace(entry_view_of(NINE), state="refused", problem="The contract has ended.")
    desk.entries = [entry]
    desk.is_(outbox=OutboxStatus(held=0, waiting=0, refused=1))
    assert desk.look() == []

    desk.entries = [entry, msgspec.structs.replace(entry, problem=f"{CONFLICT}: other bytes.")]
    desk.is_(outbox=OutboxStatus(held=0, waiting=0, refused=2))
    assert desk.look() == desk.look(MINUTE) == [(Kind.CONFLICT, True)]
    desk.restart()
    assert desk.look(MINUTE) == [(Kind.CONFLICT, False)]
    desk.reminders.settle("conflict")
    assert desk.look(MINUTE) == []
    desk.restart()
    assert desk.look(MINUTE) == []


def test_settled_loose_ends_stay_settled_for_their_week(desk: Onlooker) -> None:
    desk.now = MONDAY + 6 * DAY + 20 * HOUR
    desk.entries = [entry_view_of(desk.now - SLOT)]
    desk.is_(outbox=ONE)
    desk.look()
    desk.reminders.settle("week-closes")
    assert desk.looks(10) == [[]] * 10
    desk.now = MONDAY + WEEK + HOUR
    desk.restart()
    assert desk.look() == []
    desk.now = MONDAY + WEEK + 6 * DAY + 20 * HOUR
    desk.entries = [entry_view_of(desk.now - SLOT)]
    assert desk.look() == [(Kind.WEEK_CLOSES, True)]


def test_a_full_disk_costs_nothing_but_the_memory_of_it(desk: Onlooker) -> None:
    desk.memory.full = True
    desk.tracks()
    desk.used(9 * HOUR, 10 * HOUR)
    assert desk.look() == [(Kind.LIMIT_NEAR, True)]
    desk.memory.full = False
    desk.look(SECOND)
    assert list(desk.memory.kept.values()) == ["told"]
    for _ in range(10):
        desk.look(SECOND)
    assert desk.memory.writes == 1


def test_the_next_look_is_when_something_may_be_due_and_none_where_nothing_can(
    desk: Onlooker,
) -> None:
    def due(at: int = NINE) -> int | None:
        return desk.reminders.next_look(desk.status, desk.settings, at)

    assert due() is None
    desk.is_(outbox=ONE)
    assert due() == HOUR
    assert due(MONDAY + 6 * DAY + 17 * HOUR + 59 * MINUTE) == MINUTE
    desk.is_(outbox=OutboxStatus(0, 0, 0))
    desk.settings = HOURS
    assert due() == MINUTE
    assert due(MONDAY + 7 * HOUR + 50 * MINUTE) == 10 * MINUTE
    assert due(MONDAY + 20 * HOUR) == HOUR
    desk.hands = None
    desk.restart()
    assert due() is None
    desk.tracks()
    assert due() == MINUTE
