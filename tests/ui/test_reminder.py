"""Reminders in tray and window: told once, shown until they are done or put away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from doubles import NINE
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot
from ui.fake_desk import FakeDesk
from ui.reading import button, field, press, shown

from tracker.model.slot import DAY, HOUR
from tracker.reminders import Kind, LooseEnds, Reminder
from tracker.ui.application import Interface
from tracker.ui.preferences import Preferences, hours_typed

NEAR = Reminder(Kind.LIMIT_NEAR, "near", contract="c01", ms=9 * HOUR, limit_ms=10 * HOUR)
REACHED = Reminder(Kind.LIMIT_REACHED, "reached", contract="c01", ms=10 * HOUR, limit_ms=10 * HOUR)
OLD = Reminder(Kind.MEMO_OLD, "old", contract="c01", ms=2 * HOUR, memo="Plans")
UNTRACKED = Reminder(Kind.UNTRACKED, "untracked")
CLOSES = Reminder(Kind.WEEK_CLOSES, "closes", ends=LooseEnds(NINE, NINE + DAY))


@pytest.fixture
def told(interface: Interface) -> list[str]:
    """What was said beside the tray's icon."""
    titles: list[str] = []
    interface._teller.told.connect(lambda title, _text: titles.append(title))
    return titles


@pytest.fixture
def window(interface: Interface, qtbot: QtBot) -> QWidget:
    interface.begin(minimized=False)
    qtbot.waitUntil(lambda: interface._window is not None and interface._window.isVisible())
    assert interface._window
    return interface._window


def stands(qtbot: QtBot, desk: FakeDesk, window: QWidget, *reminders: Reminder) -> None:
    """Let these stand, and see the first."""
    desk.standing = reminders
    desk.become()
    qtbot.waitUntil(lambda: window._reminder._kind == (reminders[0].kind if reminders else None))


def test_each_is_told_once_while_it_stands(
    qtbot: QtBot, desk: FakeDesk, window: QWidget, told: list[str]
) -> None:
    desk.begin("c01", "Plans")
    for _ in range(3):
        stands(qtbot, desk, window, NEAR, OLD)
    assert told == ["9 h of 10 h used for Fennel & Co", "The same memo for 2 h"]
    stands(qtbot, desk, window, REACHED)
    assert told[2:] == ["10 h of 10 h used"]


def test_what_was_told_before_a_restart_is_not_told_again_but_stands(
    qtbot: QtBot, desk: FakeDesk, window: QWidget, told: list[str]
) -> None:
    desk.begin("c01", "Plans")
    stands(qtbot, desk, window, replace(REACHED, new=False))
    assert told == []
    assert "10 h of 10 h used" in shown(window)


def test_stop_is_offered_at_the_limit(qtbot: QtBot, desk: FakeDesk, window: QWidget) -> None:
    desk.begin("c01", "Plans")
    stands(qtbot, desk, window, REACHED)
    assert {"10 h of 10 h used", "From now on time is recorded, but billed 0."} <= set(shown(window))
    assert window._reminder.property("tone") == "over"
    qtbot.mouseClick(button(window._reminder, "Stop"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.asked[-1] == ("stop",))


def test_another_memo_is_offered_where_it_is_old(qtbot: QtBot, desk: FakeDesk, window: QWidget) -> None:
    desk.begin("c01", "Plans")
    stands(qtbot, desk, window, OLD)
    qtbot.mouseClick(button(window._reminder, "Change memo…"), Qt.MouseButton.LeftButton)
    (asks,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]
    assert "What are you doing for Fennel & Co?" in shown(asks)


def test_a_start_is_offered_where_nothing_is_tracked(qtbot: QtBot, desk: FakeDesk, window: QWidget) -> None:
    stands(qtbot, desk, window, UNTRACKED)
    qtbot.mouseClick(button(window._reminder, "Start"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.asked == [("begin", "c00", "")])


def test_one_that_is_put_away_gives_room_to_the_next(qtbot: QtBot, desk: FakeDesk, window: QWidget) -> None:
    stands(qtbot, desk, window, UNTRACKED, CLOSES)
    press(qtbot, window._reminder, "Close this message")
    assert desk.asked == [("settle", "untracked")]
    assert window._reminder._kind is Kind.WEEK_CLOSES
    assert not window._reminder._action.isVisible()
    press(qtbot, window._reminder, "Close this message")
    assert not window._reminder.isVisible()


def test_a_new_theme_keeps_the_reminder(
    qtbot: QtBot, desk: FakeDesk, interface: Interface, window: QWidget, told: list[str]
) -> None:
    stands(qtbot, desk, window, UNTRACKED)
    interface._appear("dark")
    assert "You are working, but nothing is tracked" in shown(interface._window)
    assert told == ["You are working, but nothing is tracked"]


def test_it_wakes_once_a_minute_only_where_something_can_be_due(
    qtbot: QtBot, desk: FakeDesk, interface: Interface
) -> None:
    interface._refresh()
    assert not interface._due.isActive()
    desk.due = 3 * HOUR
    interface._refresh()
    assert interface._due.remainingTime() > 2 * HOUR
    desk.begin("c01", "Plans")
    qtbot.waitUntil(lambda: 0 < interface._due.remainingTime() <= 60_000)
    left = interface._due.remainingTime()
    for _ in range(3):
        interface._refresh()
    assert interface._due.remainingTime() <= left, "a look begins the minute anew: it would never end"
    interface._due.timeout.emit()
    assert interface._due.isActive()
    assert desk.watched[-1] is True
    desk.due = None
    desk.stop()
    qtbot.waitUntil(lambda: not interface._due.isActive())


def test_a_look_that_is_due_is_taken_also_where_somebody_watches(
    desk: FakeDesk, interface: Interface, window: QWidget
) -> None:
    assert window.isVisible()
    before = len(desk.watched)
    interface._due.timeout.emit()
    assert desk.watched[before:] == [True]


@pytest.fixture
def preferences(interface: Interface) -> Preferences:
    interface._actions.preferences.trigger()
    found = interface._errands._preferences
    assert found
    return found


def test_how_long_a_memo_may_stand_is_chosen(qtbot: QtBot, desk: FakeDesk, preferences: Preferences) -> None:
    names = [preferences._memo.itemText(n) for n in range(preferences._memo.count())]
    assert names == ["Off", "After 1 h", "After 2 h", "After 4 h"]
    assert preferences._memo.currentText() == "After 2 h"
    preferences._memo.setCurrentIndex(0)
    preferences._memo.activated.emit(0)
    qtbot.waitUntil(lambda: desk.settings.memo_reminder == 0)


def test_working_hours_are_typed_and_a_wrong_word_changes_nothing(
    qtbot: QtBot, desk: FakeDesk, preferences: Preferences
) -> None:
    line = field(preferences, "Working hours")
    qtbot.keyClicks(line, "nine to five\r")
    assert "They read like 09:00-17:00. What was set before still holds." in shown(preferences)
    line.clear()
    qtbot.keyClicks(line, "9 - 17\r")
    qtbot.waitUntil(lambda: desk.settings.working_hours == "09:00-17:00")
    assert line.text() == "09:00-17:00"
    qtbot.keyClicks(line, "\r")
    line.clear()
    qtbot.keyClicks(line, "\r")
    qtbot.waitUntil(lambda: desk.settings.working_hours == "")
    assert [one for one in desk.asked if one[0] == "set"] == [
        ("set", "working_hours", "09:00-17:00"),
        ("set", "working_hours", ""),
    ]


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("", ""),
        ("  ", ""),
        ("9-17", "09:00-17:00"),
        ("9:30 – 17:00 ", "09:30-17:00"),
        ("22:00-6:00", "22:00-06:00"),
        ("9-25", None),
        ("9-9", None),
        ("9:5-17", None),
        ("always", None),
    ],
)
def test_hours_are_understood_as_people_type_them(typed: str, hours: str | None) -> None:
    assert hours_typed(typed) == hours
