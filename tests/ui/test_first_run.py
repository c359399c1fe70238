"""A home without contracts begins with what is recorded; nothing is captured before it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QComboBox, QLabel, QWidget
from ui.fake_desk import FakeDesk
from ui.reading import button, field, press, shown

from tracker.capture.base import EncodedPicture
from tracker.capture.photographer import ShotResult
from tracker.doctor import Finding
from tracker.errors import StorageFailed
from tracker.rehearsal import Heard
from tracker.ui.application import Interface

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

BLIND = Finding("windows", "missing", None, "What windows there are is not told. So shots are withheld.")


@pytest.fixture
def window(interface: Interface, desk: FakeDesk, qtbot: QtBot) -> QWidget:
    desk.known = ()
    interface.begin(minimized=False)
    qtbot.waitUntil(lambda: interface._window is not None and interface._window.isVisible())
    assert interface._window
    return interface._window


def test_nothing_is_captured_before_it_is_asked_for(desk: FakeDesk, window: QWidget) -> None:
    assert {"Step 1 of 2", "How often you use keys, mouse and wheel, never which key."} <= set(shown(window))
    assert desk.asked == []


def test_what_is_recorded_is_seen_then_the_first_contract_is_added(
    qtbot: QtBot, desk: FakeDesk, window: QWidget
) -> None:
    desk.taken = ShotResult("test", (EncodedPicture(0, 80, 50, "", _webp()),))
    press(qtbot, window, "Show me")
    qtbot.waitUntil(lambda: {"14", "3", "8", "Counts", "Tray: missing"} <= set(shown(window)))
    assert "The window stands in." in shown(window)
    qtbot.waitUntil(lambda: not _named(window, "The test shot").pixmap().isNull())

    press(qtbot, window, "Continue")
    qtbot.waitUntil(lambda: ("end rehearsal",) in desk.asked)
    assert not button(window, "Add contract").isEnabled()
    for name, typed in (("Title", "Brand site"), ("Client", "Fennel & Co"), ("Rate an hour", "40")):
        qtbot.keyClicks(field(window, name), typed)
    next(one for one in window.findChildren(QComboBox) if one.isVisible()).setCurrentText("eur")
    qtbot.keyClicks(field(window, "Weekly limit in hours"), "10")
    press(qtbot, window, "Add contract")
    qtbot.waitUntil(lambda: "Work for" in shown(window))
    assert desk.asked[-1] == ("add", "Brand site", "Fennel & Co", "40", "EUR", "10")
    assert "Stopped" in shown(window)


def test_one_can_go_back_and_look_again(qtbot: QtBot, desk: FakeDesk, window: QWidget) -> None:
    press(qtbot, window, "Show me")
    qtbot.waitUntil(lambda: "Counts" in shown(window))
    press(qtbot, window, "Continue")
    press(qtbot, window, "Back")
    desk.found = [Finding("tray", "works", "XEmbed", "The icon shows the state.")]
    press(qtbot, window, "Check again")
    qtbot.waitUntil(lambda: "Tray" in shown(window))
    assert "Tray: missing" not in shown(window)


def test_nobody_counts_for_a_window_that_is_hidden(qtbot: QtBot, desk: FakeDesk, window: QWidget) -> None:
    press(qtbot, window, "Show me")
    qtbot.waitUntil(lambda: "14" in shown(window))
    window.hide()
    qtbot.waitUntil(lambda: desk.asked[-1] == ("end rehearsal",))
    desk.heard = Heard(20, 3, 8, 7)
    window.show()
    qtbot.waitUntil(lambda: "20" in shown(window))


def test_where_only_activity_is_told_its_seconds_are_shown(
    qtbot: QtBot, desk: FakeDesk, window: QWidget
) -> None:
    desk.heard = Heard(None, None, None, 6)
    press(qtbot, window, "Show me")
    qtbot.waitUntil(lambda: {"6", "active seconds"} <= set(shown(window)))
    assert not {"keys", "clicks", "scrolls"} & set(shown(window))


def test_where_nothing_counts_and_no_shot_can_be_taken_the_reasons_are_read(
    qtbot: QtBot, desk: FakeDesk, window: QWidget
) -> None:
    desk.heard = None
    press(qtbot, window, "Show me")
    qtbot.waitUntil(lambda: "No test shot: The screen shows a single colour." in shown(window))
    assert button(window, "Continue").isEnabled()


def test_whether_shots_are_taken_without_rules_is_decided_where_the_question_is(
    qtbot: QtBot, desk: FakeDesk, window: QWidget
) -> None:
    desk.found = [BLIND]
    press(qtbot, window, "Show me")
    qtbot.waitUntil(lambda: "Privacy rules: missing" in shown(window))
    desk.found = [Finding("windows", "limited", None, "Shots show everything.")]
    press(qtbot, window, "Take shots all the same")
    qtbot.waitUntil(lambda: "Privacy rules: limited" in shown(window))
    assert desk.settings.shots_without_rules
    press(qtbot, window, "Withhold shots again")
    qtbot.waitUntil(lambda: not desk.settings.shots_without_rules)


def test_a_check_that_fails_says_so_and_can_be_left(qtbot: QtBot, desk: FakeDesk, window: QWidget) -> None:
    desk.failure = StorageFailed("The disk is full.")
    press(qtbot, window, "Show me")
    qtbot.waitUntil(lambda: "The disk is full." in shown(window))
    assert button(window, "Continue").isEnabled()


@pytest.mark.usefixtures("window")
def test_any_day_it_is_reached_by_the_preferences(qtbot: QtBot, desk: FakeDesk, interface: Interface) -> None:
    interface._actions.preferences.trigger()
    preferences = interface._errands._preferences
    assert preferences
    press(qtbot, preferences, "See what is recorded…")
    check = interface._errands._check
    assert check
    qtbot.waitUntil(lambda: "Tray: missing" in shown(check))
    press(qtbot, check, "Close")
    qtbot.waitUntil(lambda: desk.asked[-1] == ("end rehearsal",))


def _named(window: QWidget, name: str) -> QLabel:
    return next(one for one in window.findChildren(QLabel) if one.accessibleName() == name)


def _webp() -> bytes:
    image = QImage(80, 50, QImage.Format.Format_RGB32)
    image.fill(0x209030)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "WEBP")  # type: ignore[call-overload]  # the stubs lack devices
    return bytes(data.data())
