"""Work that is not tracked is told about, to those who want that."""

from __future__ import annotations

from itertools import pairwise

import pytest
from onlooker import Hands, Onlooker

from tracker.model.slot import HOUR, MINUTE, SECOND
from tracker.reminders import Kind
from tracker.settings import Settings

HOURS = Settings(working_hours="08:00-18:00")


@pytest.fixture
def desk() -> Onlooker:
    return Onlooker()


def test_five_minutes_of_work_in_working_hours_are_told_if_that_is_wanted(desk: Onlooker) -> None:
    desk.settings = HOURS
    assert desk.looks(7) == [[], [], [], [], [], [Kind.UNTRACKED], [Kind.UNTRACKED]]


def test_without_the_setting_the_desktop_is_never_asked(desk: Onlooker) -> None:
    assert desk.looks(60) == [[]] * 60
    assert desk.hands.asked == 0
    desk.settings = HOURS
    desk.tracks()
    desk.looks(60)
    assert desk.hands.asked == 0


def test_it_is_asked_once_a_minute_however_often_somebody_looks(desk: Onlooker) -> None:
    desk.settings = HOURS
    for _ in range(600):
        desk.look(SECOND)
    assert desk.hands.asked <= 12


@pytest.mark.parametrize("breaks", ["silence", "gap"])
def test_one_silent_minute_or_a_gap_begins_the_five_anew(desk: Onlooker, breaks: str) -> None:
    desk.settings = HOURS
    desk.looks(4)
    if breaks == "silence":
        desk.hands.idle = 70 * SECOND
        desk.look(MINUTE)
        desk.hands.idle = 5 * SECOND
    else:
        desk.now += 10 * MINUTE
    assert desk.looks(6) == [[], [], [], [], [Kind.UNTRACKED], [Kind.UNTRACKED]]


def test_it_is_told_every_half_hour_at_most_and_not_soon_after_a_stop(desk: Onlooker) -> None:
    desk.settings = HOURS
    told = []
    for minute in range(120):
        if Kind.UNTRACKED in desk.kinds(MINUTE):
            told.append(minute)
            desk.reminders.settle(Kind.UNTRACKED)
    assert [later - earlier for earlier, later in pairwise(told)] == [30] * 3

    desk.tracks()
    desk.look(MINUTE)
    desk.now += HOUR
    desk.stops()
    shown = [desk.kinds(20 * SECOND) for _ in range(30)]
    first = shown.index([Kind.UNTRACKED])
    assert first * 20 * SECOND >= 5 * MINUTE - 20 * SECOND
    desk.tracks()
    assert desk.kinds() == []


@pytest.mark.parametrize("ends", ["silence", "evening", "start", "setting"])
def test_it_goes_when_it_is_no_longer_true(desk: Onlooker, ends: str) -> None:
    desk.settings = HOURS
    desk.looks(7)
    assert [one.kind for one in desk.reminders.standing] == [Kind.UNTRACKED]
    if ends == "silence":
        desk.hands.idle = HOUR
        assert desk.looks(5)[-1] == [Kind.UNTRACKED]
    elif ends == "evening":
        desk.now += 10 * HOUR
    elif ends == "start":
        desk.tracks()
    else:
        desk.settings = Settings()
    assert desk.kinds(MINUTE) == []


@pytest.mark.parametrize("hands", [None, Hands(idle=None)])
def test_where_the_last_input_is_not_known_nothing_is_said(hands: Hands | None) -> None:
    desk = Onlooker(hands=hands, settings=HOURS)
    assert desk.looks(60) == [[]] * 60
