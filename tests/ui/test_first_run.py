"""A home without contracts begins with what is recorded; nothing is captured before it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtWidgets import QComboBox, QLabel, QWidget
from ui.browser import Browser
from ui.fake_desk import FakeDesk, contracts
from ui.reading import button, field, press, shown

from tracker.capture.base import EncodedPicture
from tracker.capture.photographer import ShotResult
from tracker.doctor import Finding
from tracker.errors import Offline, StorageFailed
from tracker.rehearsal import Heard
from tracker.status import SignedIn
from tracker.ui.application import Interface

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

SERVER = "https://hours.example.org"
BLIND = Finding("windows", "missing", None, "What windows there are is not told. So shots are withheld.")


@pytest.fixture
def window(interface: Interface, desk: FakeDesk, qtbot: QtBot) -> QWidget:
    desk.known = ()
    interface.begin(minimized=False)
    qtbot.waitUntil(lambda: interface._window is not None and interface._window.isVisible())
    assert interface._window
    return interface._window


@pytest.fixture
def checking(qtbot: QtBot, window: QWidget) -> QWidget:
    """The window at its second step."""
    press(qtbot, window, "Keep it on this computer")
    return window


@pytest.fixture
def browser() -> Iterator[Browser]:
    browser = Browser()
    QDesktopServices.setUrlHandler("https", browser, "open")
    yield browser
    QDesktopServices.unsetUrlHandler("https")


def test_nothing_is_captured_before_it_is_asked_for(desk: FakeDesk, checking: QWidget) -> None:
    seen = set(shown(checking))
    assert {"Step 2 of 3", "How often you use keys, mouse and wheel, never which key."} <= seen
    assert desk.asked == []


def test_at_a_server_the_browser_signs_in_and_its_contracts_are_there(
    qtbot: QtBot, desk: FakeDesk, window: QWidget, browser: Browser
) -> None:
    assert not button(window, "Sign in").isEnabled()
    qtbot.keyClicks(field(window, "Address of the server"), SERVER)
    press(qtbot, window, "Sign in")
    qtbot.waitUntil(lambda: browser.opened == [f"{SERVER}/oauth/authorize"])
    press(qtbot, window, "Open the browser again")
    assert len(browser.opened) == 2

    desk.known = contracts(2)
    desk.browser.set_result(SignedIn("Ada", SERVER, SERVER))
    qtbot.waitUntil(lambda: "Step 2 of 3" in shown(window))
    press(qtbot, window, "Show me")
    qtbot.waitUntil(lambda: "Counts" in shown(window))
    press(qtbot, window, "Continue")
    assert button(window, "Start Northbeam").isVisible()


def test_a_browser_that_does_not_come_back_is_waited_for_no_longer_when_told_so(
    qtbot: QtBot, desk: FakeDesk, window: QWidget, browser: Browser
) -> None:
    qtbot.keyClicks(field(window, "Address of the server"), f"{SERVER}\r")
    qtbot.waitUntil(lambda: len(browser.opened) == 1)
    press(qtbot, window, "Cancel")
    assert desk.asked[-1] == ("cancel sign-in",)
    assert button(window, "Sign in").isEnabled()
    assert field(window, "Address of the server").text() == SERVER


def test_a_server_that_cannot_be_signed_in_to_is_told_beside_its_address(
    qtbot: QtBot, desk: FakeDesk, window: QWidget
) -> None:
    desk.failure = Offline("The server does not answer.", advice="Try again.")
    qtbot.keyClicks(field(window, "Address of the server"), f"{SERVER}\r")
    qtbot.waitUntil(lambda: "The server does not answer. Try again." in shown(window))
    assert button(window, "Sign in").isEnabled()


def test_what_is_recorded_is_seen_then_the_first_contract_is_added(
    qtbot: QtBot, desk: FakeDesk, checking: QWidget
) -> None:
    desk.taken = ShotResult("test", (EncodedPicture(0, 80, 50, "", _webp()),))
    press(qtbot, checking, "Show me")
    qtbot.waitUntil(lambda: {"14", "3", "8", "Counts", "Tray: missing"} <= set(shown(checking)))
    assert "The window stands in." in shown(checking)
    qtbot.waitUntil(lambda: not _named(checking, "The test shot").pixmap().isNull())

    press(qtbot, checking, "Continue")
    qtbot.waitUntil(lambda: ("end rehearsal",) in desk.asked)
    assert not button(checking, "Add contract").isEnabled()
    for name, typed in (("Title", "Brand site"), ("Client", "Fennel & Co"), ("Rate an hour", "40")):
        qtbot.keyClicks(field(checking, name), typed)
    next(one for one in checking.findChildren(QComboBox) if one.isVisible()).setCurrentText("eur")
    qtbot.keyClicks(field(checking, "Weekly limit in hours"), "10")
    press(qtbot, checking, "Add contract")
    qtbot.waitUntil(lambda: "Work for" in shown(checking))
    assert desk.asked[-1] == ("add", "Brand site", "Fennel & Co", "40", "EUR", "10")
    assert "Stopped" in shown(checking)


def test_one_can_go_back_and_look_again(qtbot: QtBot, desk: FakeDesk, checking: QWidget) -> None:
    press(qtbot, checking, "Show me")
    qtbot.waitUntil(lambda: "Counts" in shown(checking))
    press(qtbot, checking, "Continue")
    press(qtbot, checking, "Back")
    desk.found = [Finding("tray", "works", "XEmbed", "The icon shows the state.")]
    press(qtbot, checking, "Check again")
    qtbot.waitUntil(lambda: "Tray" in shown(checking))
    assert "Tray: missing" not in shown(checking)


def test_nobody_counts_for_a_window_that_is_hidden(qtbot: QtBot, desk: FakeDesk, checking: QWidget) -> None:
    press(qtbot, checking, "Show me")
    qtbot.waitUntil(lambda: "14" in shown(checking))
    checking.hide()
    qtbot.waitUntil(lambda: desk.asked[-1] == ("end rehearsal",))
    desk.heard = Heard(20, 3, 8, 7)
    checking.show()
    qtbot.waitUntil(lambda: "20" in shown(checking))


def test_where_only_activity_is_told_its_seconds_are_shown(
    qtbot: QtBot, desk: FakeDesk, checking: QWidget
) -> None:
    desk.heard = Heard(None, None, None, 6)
    press(qtbot, checking, "Show me")
    qtbot.waitUntil(lambda: {"6", "active seconds"} <= set(shown(checking)))
    assert not {"keys", "clicks", "scrolls"} & set(shown(checking))


def test_where_nothing_counts_and_no_shot_can_be_taken_the_reasons_are_read(
    qtbot: QtBot, desk: FakeDesk, checking: QWidget
) -> None:
    desk.heard = None
    press(qtbot, checking, "Show me")
    qtbot.waitUntil(lambda: "No test shot: The screen shows a single colour." in shown(checking))
    assert button(checking, "Continue").isEnabled()


def test_whether_shots_are_taken_without_rules_is_decided_where_the_question_is(
    qtbot: QtBot, desk: FakeDesk, checking: QWidget
) -> None:
    desk.found = [BLIND]
    press(qtbot, checking, "Show me")
    qtbot.waitUntil(lambda: "Privacy rules: missing" in shown(checking))
    desk.found = [Finding("windows", "limited", None, "Shots show everything.")]
    press(qtbot, checking, "Take shots all the same")
    qtbot.waitUntil(lambda: "Privacy rules: limited" in shown(checking))
    assert desk.settings.shots_without_rules
    press(qtbot, checking, "Withhold shots again")
    qtbot.waitUntil(lambda: not desk.settings.shots_without_rules)


def test_a_check_that_fails_says_so_and_can_be_left(qtbot: QtBot, desk: FakeDesk, checking: QWidget) -> None:
    desk.failure = StorageFailed("The disk is full.")
    press(qtbot, checking, "Show me")
    qtbot.waitUntil(lambda: "The disk is full." in shown(checking))
    assert button(checking, "Continue").isEnabled()


@pytest.mark.usefixtures("window")
def test_any_day_it_is_reached_by_the_preferences(qtbot: QtBot, desk: FakeDesk, interface: Interface) -> None:
    preferences = asked_for(interface)
    press(qtbot, preferences, "See what is recorded…")
    check = interface._errands._check
    assert check
    qtbot.waitUntil(lambda: "Tray: missing" in shown(check))
    press(qtbot, check, "Close")
    qtbot.waitUntil(lambda: desk.asked[-1] == ("end rehearsal",))


@pytest.mark.usefixtures("window")
def test_the_preferences_sign_in_and_out(
    qtbot: QtBot, desk: FakeDesk, interface: Interface, browser: Browser
) -> None:
    preferences = asked_for(interface)
    assert "Your Work Diary is on this computer." in shown(preferences)
    press(qtbot, preferences, "Sign in to a server…")
    entrance = interface._errands._entrance
    assert entrance
    qtbot.keyClicks(field(entrance, "Address of the server"), f"{SERVER}\r")
    qtbot.waitUntil(lambda: len(browser.opened) == 1)
    desk.signed_in = SignedIn("Ada", SERVER, SERVER)
    desk.browser.set_result(desk.signed_in)
    qtbot.waitUntil(lambda: f"Ada at {SERVER}" in shown(preferences))
    assert not entrance.isVisible()

    press(qtbot, preferences, "Sign out…")
    leaving = interface._errands._question
    assert leaving
    press(qtbot, leaving, "Stay signed in")
    assert ("sign out",) not in desk.asked
    press(qtbot, preferences, "Sign out…")
    press(qtbot, interface._errands._question or leaving, "Sign out")
    qtbot.waitUntil(lambda: "Your Work Diary is on this computer." in shown(preferences))


def asked_for(interface: Interface) -> QWidget:
    """Return the preferences, opened."""
    interface._actions.preferences.trigger()
    assert interface._errands._preferences
    return interface._errands._preferences


def _named(checking: QWidget, name: str) -> QLabel:
    return next(one for one in checking.findChildren(QLabel) if one.accessibleName() == name)


def _webp() -> bytes:
    image = QImage(80, 50, QImage.Format.Format_RGB32)
    image.fill(0x209030)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "WEBP")  # type: ignore[call-overload]  # the stubs lack devices
    return bytes(data.data())
