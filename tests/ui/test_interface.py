"""Dialogs, errors and the end: what happens beside tray and window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QListView
from pytestqt.qtbot import QtBot
from ui.browser import Browser
from ui.fake_desk import FakeDesk
from ui.reading import press, shown

from tracker.errors import Offline
from tracker.ui.application import Interface


def dialog() -> QDialog:
    dialogs = [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]
    assert dialogs, "no dialog is shown"
    return dialogs[0]


def test_the_memo_is_changed_in_a_dialog_that_advises(
    qtbot: QtBot, desk: FakeDesk, interface: Interface
) -> None:
    desk.begin("c01", "Old memo of the day")
    interface._actions.memo.trigger()
    asks, line = dialog(), dialog().findChild(QLineEdit)
    assert line
    assert "What are you doing for Fennel & Co?" in shown(asks)
    assert line.selectedText() == "Old memo of the day"
    qtbot.keyClicks(line, "Colour")
    assert "4 more characters and the memo is enough." in shown(asks)
    qtbot.keyClicks(line, "s of the brand")
    press(qtbot, asks, "Save memo")
    assert desk.asked[-1] == ("memo", "Colours of the brand")
    assert not asks.isVisible()


def test_a_recent_memo_is_taken_with_a_click_and_escape_changes_nothing(
    qtbot: QtBot, desk: FakeDesk, interface: Interface
) -> None:
    desk.begin("c00", "")
    interface._actions.memo.trigger()
    asks, line, recent = dialog(), dialog().findChild(QLineEdit), dialog().findChild(QListView)
    assert line
    assert recent
    place = recent.visualRect(recent.model().index(1, 0)).center()
    qtbot.mouseClick(recent.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert line.text() == "Review of the payment flow"
    qtbot.keyClick(asks, Qt.Key.Key_Escape)
    assert not asks.isVisible()
    assert desk.asked == [("begin", "c00", "")]


def test_without_anything_running_there_is_no_memo_to_change(interface: Interface) -> None:
    interface._refresh()
    assert not interface._actions.memo.isEnabled()
    assert not interface._actions.stop.isVisible()
    assert interface._actions.begin.text() == "Start Northbeam"


def test_the_diary_opens_in_the_browser(qtbot: QtBot, desk: FakeDesk, interface: Interface) -> None:
    browser = Browser()
    QDesktopServices.setUrlHandler("http", browser, "open")
    try:
        interface._actions.diary.trigger()
        qtbot.waitUntil(lambda: browser.opened == ["http://127.0.0.1:1/enter/x"])
    finally:
        QDesktopServices.unsetUrlHandler("http")
    assert desk.asked == [("diary",)]


def test_an_error_while_the_window_is_closed_waits_in_it(
    qtbot: QtBot, desk: FakeDesk, interface: Interface
) -> None:
    desk.failure = Offline("The server does not answer.")
    interface._actions.diary.trigger()
    qtbot.waitUntil(lambda: interface._window is not None)
    assert interface._window
    assert not interface._window.isVisible()
    interface._show_window()
    assert "The server does not answer." in shown(interface._window)


def test_a_second_start_brings_the_window(qtbot: QtBot, desk: FakeDesk, interface: Interface) -> None:
    desk.raise_window()
    qtbot.waitUntil(lambda: interface._window is not None and interface._window.isVisible())
    assert desk.watched[-1] is True


def test_a_setting_is_kept_when_it_is_chosen(qtbot: QtBot, desk: FakeDesk, interface: Interface) -> None:
    interface._actions.preferences.trigger()
    notice = interface._errands._preferences
    assert notice
    assert notice._notice.currentText() == "15 s"
    notice._notice.setCurrentIndex(0)
    notice._notice.activated.emit(0)
    qtbot.waitUntil(lambda: desk.asked == [("set", "notice", "0")])
    assert desk.settings.notice == 0


def test_the_end_of_the_session_waits_for_the_segment(desk: FakeDesk, interface: Interface) -> None:
    desk.begin("c00", "")
    interface._departure.end_with_session()
    assert desk.asked == [("begin", "c00", ""), ("quit",)]
    interface._departure.leave()
    assert desk.asked.count(("quit",)) == 1


@pytest.mark.expects_log("the session ended before the segment was closed")
def test_the_end_of_the_session_waits_no_longer_than_the_desktop(
    desk: FakeDesk, interface: Interface, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.ui.departure._WITHIN", 1)
    desk.sticks = True
    interface._departure.end_with_session()
    assert desk.asked == [("quit",)]


def test_leaving_closes_the_segment_first(qtbot: QtBot, desk: FakeDesk, interface: Interface) -> None:
    with qtbot.waitSignal(interface._departure._closed):
        interface._departure.leave()
    assert desk.asked == [("quit",)]
