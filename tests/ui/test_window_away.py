"""The window and the menu while away, in a call, and after a run that nobody stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from doubles import NINE
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from ui.fake_desk import AWAY, LEFT, SLOT, FakeDesk
from ui.reading import button, press, shown

from tracker.model.slot import HOUR, MINUTE, instant
from tracker.status import Resume
from tracker.ui.application import Interface

GROWS = msgspec.structs.replace(AWAY, end=None)
PAUSED = {"state": "away", "contract": "c00", "memo": "Review", "slot": None, "questions": (GROWS,)}
TRACKING = {"state": "tracking", "contract": "c00", "memo": "Review", "slot": SLOT}


@pytest.fixture
def become(interface: Interface, desk: FakeDesk, qtbot: QtBot) -> Callable[..., QWidget]:
    """Put the desk in a state and return the window once it shows it."""
    interface.begin(minimized=False)
    qtbot.waitUntil(lambda: interface._window is not None and interface._window.isVisible())

    def into(**changes: Any) -> QWidget:
        with qtbot.waitSignal(interface._bridge.changed):
            desk.become(**changes)
        assert interface._window
        return interface._window

    return into


def lines(interface: Interface) -> list[str]:
    """The menu's lines that are to be seen."""
    return [action.text() for action in interface._menu.actions() if action.isVisible() and action.text()]


def line(interface: Interface, text: str) -> QAction:
    actions = [*interface._menu.actions(), *interface._menu.call.actions()]
    return next(action for action in actions if action.isVisible() and action.text() == text)


def test_while_away_it_says_what_is_paused_and_resumes_it(
    qtbot: QtBot, desk: FakeDesk, become: Callable[..., QWidget]
) -> None:
    window = become(**PAUSED)
    assert "It resumes at your first input. After 60 minutes it stops." in shown(window)
    assert any(text.endswith(". Northbeam is paused.") for text in shown(window))
    assert {"Away", "Review", "The time away is in question"} <= set(shown(window))
    press(qtbot, window, "Resume Northbeam")
    qtbot.waitUntil(lambda: "Tracking" in shown(window))
    assert desk.asked == [("begin", "c00", "")]


def test_while_away_it_can_be_stopped_and_switched(
    qtbot: QtBot, desk: FakeDesk, become: Callable[..., QWidget]
) -> None:
    window = become(**PAUSED)
    press(qtbot, window, "Switch")
    press(qtbot, window, "Switch to Fennel && Co")
    qtbot.waitUntil(lambda: "Tracking" in shown(window))
    window = become(**PAUSED)
    press(qtbot, window, "Stop")
    qtbot.waitUntil(lambda: "Stopped" in shown(window))
    assert desk.asked == [("begin", "c01", ""), ("stop",)]


@pytest.mark.parametrize("state", [{}, TRACKING])
def test_an_open_question_stands_first_and_is_answered_from_there(
    qtbot: QtBot, become: Callable[..., QWidget], state: dict[str, Any]
) -> None:
    window = become(**state, questions=(AWAY,))
    assert "17 min 08 s are waiting for your answer" in shown(window)
    card, rest = button(window, "Answer"), button(window, "Stop" if state else "New contract")
    assert card.mapTo(window, card.rect().center()).y() < rest.mapTo(window, rest.rect().center()).y()
    press(qtbot, window, "Answer")
    qtbot.waitUntil(lambda: any(w.objectName() == "away" and w.isVisible() for w in _tops()))
    window = become(questions=())
    assert "17 min 08 s are waiting for your answer" not in shown(window)


def _tops() -> list[QWidget]:
    return QApplication.topLevelWidgets()


def test_a_run_that_stopped_by_itself_is_resumed_or_not(
    qtbot: QtBot, desk: FakeDesk, become: Callable[..., QWidget]
) -> None:
    window = become(resume=LEFT)
    assert "Resume Northbeam?" in shown(window)
    press(qtbot, window, "No")
    qtbot.waitUntil(lambda: "Resume Northbeam?" not in shown(window))
    become(resume=LEFT)
    press(qtbot, window, "Resume")
    qtbot.waitUntil(lambda: "Tracking" in shown(window))
    assert desk.asked == [("dismiss",), ("resume",)]


def test_after_a_crash_it_says_what_may_be_lost(become: Callable[..., QWidget]) -> None:
    window = become(resume=Resume("c00", instant(NINE), "crash"))
    assert "All up to then is kept, at most 5 s are lost. Resume Northbeam?" in shown(window)


def test_a_call_is_shown_and_ended(qtbot: QtBot, desk: FakeDesk, become: Callable[..., QWidget]) -> None:
    window = become(**TRACKING, call_until=instant(NINE + HOUR))
    assert "That time is kept and marked." in shown(window)
    assert any(text.startswith("In a call until ") for text in shown(window))
    press(qtbot, window, "End call")
    qtbot.waitUntil(lambda: "That time is kept and marked." not in shown(window))
    assert desk.asked == [("call", "")]


def test_a_call_is_announced_in_the_window_too(desk: FakeDesk, become: Callable[..., QWidget]) -> None:
    window = become(**TRACKING)
    calls = button(window, "In a call until…")
    menu = calls.menu()  # type: ignore[attr-defined]  # a QToolButton
    next(action for action in menu.actions() if action.text() == "30 min").trigger()
    assert desk.asked == [("call", instant(NINE + 37 * MINUTE))]
    become(state="stopped", contract=None)
    with pytest.raises(AssertionError):
        button(window, "In a call until…")


@pytest.mark.parametrize("state", [{"resume": LEFT, "questions": (AWAY,)}, PAUSED, TRACKING])
def test_all_of_it_fits_a_small_screen(become: Callable[..., QWidget], state: dict[str, Any]) -> None:
    window = become(**state, call_until=instant(NINE + HOUR))
    assert window.minimumSizeHint().height() <= 720
    assert window.minimumSizeHint().width() <= 420


def test_the_menu_offers_calls_only_while_tracking(
    interface: Interface, desk: FakeDesk, become: Callable[..., QWidget]
) -> None:
    assert "In a call until…" not in lines(interface)
    become(**TRACKING)
    line(interface, "1 h").trigger()
    assert desk.asked == [("call", instant(NINE + 67 * MINUTE))]  # 9:06:18 and an hour, rounded up
    become(call_until=instant(NINE + 67 * MINUTE))
    assert any(text.startswith("In a call until ") and text[-1].isdigit() for text in lines(interface))
    line(interface, "End call").trigger()
    assert desk.asked[-1] == ("call", "")


def test_the_menu_resumes_what_is_paused_or_stopped_by_itself(
    interface: Interface, desk: FakeDesk, become: Callable[..., QWidget]
) -> None:
    become(**PAUSED)
    assert {"Resume Northbeam", "Stop"} <= set(lines(interface))
    interface._actions.begin.trigger()
    assert desk.asked == [("begin", "c00", "")]
    become(state="stopped", contract=None, resume=Resume("c01", instant(NINE), "away"))
    assert "Resume Fennel && Co" in lines(interface)
    interface._actions.begin.trigger()
    assert desk.asked[-1] == ("resume",)


def test_the_menu_and_the_icon_tell_of_a_question(
    interface: Interface, become: Callable[..., QWidget]
) -> None:
    assert not any(text.startswith("Answer") for text in lines(interface))
    become(**TRACKING, questions=(AWAY,))
    assert "Answer: 17 min 08 s away…" in lines(interface)
    assert interface._tray._state == "tracking-attention"


@pytest.mark.parametrize(("hidden", "messages"), [(True, 1), (False, 0)])
def test_a_run_that_stops_by_itself_is_told_once_where_nobody_looks(
    interface: Interface,
    become: Callable[..., QWidget],
    hidden: bool,
    messages: int,
) -> None:
    told: list[str] = []
    interface._inquiry.told.connect(lambda title, _text: told.append(title))
    window = become(**TRACKING)
    window.setVisible(not hidden)
    become(state="stopped", contract=None, resume=LEFT)
    become(session_ms=1)
    assert len(told) == messages
    assert all(title.startswith("Tracking stopped at ") for title in told)
