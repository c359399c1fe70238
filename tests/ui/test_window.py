"""The window shows what the desk tells, and asks the desk for what the freelancer does in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from doubles import NINE
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QWidget
from ui.fake_desk import SLOT, FakeDesk, contracts
from ui.reading import button, field, press, shown

from tracker.errors import BadValue, Offline
from tracker.model.segment import ShotState
from tracker.model.slot import instant
from tracker.status import ShotStatus
from tracker.ui.application import Interface
from tracker.ui.labels import Wrapped
from tracker.ui.meter import LevelBars, SlotMeter

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

KEPT = ShotState.KEPT


@pytest.fixture
def window(interface: Interface, qtbot: QtBot) -> QWidget:
    interface.begin(minimized=False)
    qtbot.waitUntil(lambda: interface._window is not None and interface._window.isVisible())
    assert interface._window
    return interface._window


def test_stopped_it_offers_the_latest_contract_and_starts_it_with_the_memo(
    qtbot: QtBot, desk: FakeDesk, window: QWidget
) -> None:
    assert "Stopped" in shown(window)
    qtbot.keyClicks(field(window, "Memo"), "Review of the flow")
    press(qtbot, window, "Start Northbeam")
    qtbot.waitUntil(lambda: "2:44:18" in shown(window))
    assert desk.asked == [("begin", "c00", "Review of the flow")]
    assert {"Northbeam", "Review of the flow", "Protected so far", "17 h 42 m", "of 30 h"} <= set(
        shown(window)
    )


def test_enter_in_the_memo_starts(qtbot: QtBot, desk: FakeDesk, window: QWidget) -> None:
    qtbot.keyClicks(field(window, "Memo"), "Review\r")
    assert desk.asked == [("begin", "c00", "Review")]
    assert window.isVisible()


def test_a_failure_keeps_the_memo_and_is_told_in_a_banner(
    qtbot: QtBot, desk: FakeDesk, window: QWidget
) -> None:
    desk.failure = Offline("The server does not answer.")
    qtbot.keyClicks(field(window, "Memo"), "Review\r")
    qtbot.waitUntil(lambda: "The server does not answer." in shown(window))
    assert Offline.advice in shown(window)
    assert field(window, "Memo").text() == "Review"
    press(qtbot, window, "Close this message")
    assert "The server does not answer." not in shown(window)


def test_what_works_takes_the_message_of_what_did_not_away(
    qtbot: QtBot, desk: FakeDesk, window: QWidget
) -> None:
    desk.failure = Offline("The server does not answer.")
    press(qtbot, window, "Start Northbeam")
    qtbot.waitUntil(lambda: "The server does not answer." in shown(window))
    press(qtbot, window, "Start Northbeam")
    qtbot.waitUntil(lambda: "2:44:18" in shown(window))
    assert "The server does not answer." not in shown(window)


def test_stop_is_one_click_and_one_key(qtbot: QtBot, desk: FakeDesk, window: QWidget) -> None:
    for stop in (
        lambda: press(qtbot, window, "Stop"),
        lambda: qtbot.keyClick(window, "s", Qt.KeyboardModifier.ControlModifier),
    ):
        desk.begin("c00", "Review of the flow")
        qtbot.waitUntil(lambda: "2:44:18" in shown(window))
        stop()
        qtbot.waitUntil(lambda: "Stopped" in shown(window))
    assert [one[0] for one in desk.asked] == ["begin", "stop", "begin", "stop"]


def test_a_contract_s_number_starts_it_and_switches_to_it(
    qtbot: QtBot, desk: FakeDesk, window: QWidget
) -> None:
    for key in "23":
        qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(window, "9", Qt.KeyboardModifier.ControlModifier)
    assert desk.asked == [("begin", "c01", ""), ("begin", "c02", "")]


def test_switching_offers_another_contract_and_can_be_left(
    qtbot: QtBot, desk: FakeDesk, window: QWidget
) -> None:
    desk.begin("c00", "Review of the flow")
    qtbot.waitUntil(lambda: "2:44:18" in shown(window))
    press(qtbot, window, "Switch")
    assert button(window, "Switch to Fennel && Co").isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert button(window, "Stop").isVisible()
    press(qtbot, window, "Switch")
    press(qtbot, window, "Switch to Fennel && Co")
    qtbot.waitUntil(lambda: "Fennel & Co" in shown(window))
    assert desk.asked[-1] == ("begin", "c01", "")
    assert button(window, "Stop").isVisible()


def test_escape_hides_it_or_asks_where_there_is_no_tray(
    qtbot: QtBot, desk: FakeDesk, interface: Interface, window: QWidget
) -> None:
    desk.begin("c00", "")
    qtbot.waitUntil(lambda: "2:44:18" in shown(window))
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert interface._question
    assert interface._question.isVisible()
    assert "Quit and stop tracking Northbeam?" in shown(interface._question)
    assert button(interface._question, "Go on tracking").isDefault()  # type: ignore[attr-defined]  # a QPushButton
    qtbot.keyClick(interface._question, Qt.Key.Key_Return)
    assert not interface._question.isVisible()
    assert desk.asked == [("begin", "c00", "")]


def test_the_slot_is_drawn_by_the_minute_and_told_to_who_cannot_see(
    qtbot: QtBot, desk: FakeDesk, window: QWidget
) -> None:
    desk.begin("c00", "Review of the flow")
    qtbot.waitUntil(lambda: "2:44:18" in shown(window))
    meter, bars = window.findChild(SlotMeter), window.findChild(LevelBars)
    assert meter
    assert bars
    assert meter.accessibleDescription() == "7 minutes of ten have begun, 7 of them active"
    assert bars.accessibleDescription() == "9 of 10"
    assert {"318", "41", "96", "Nothing is missing."} <= set(shown(window))
    desk.become(slot=msgspec.structs.replace(SLOT, keys=None, clicks=None, scrolls=None, level=None))
    qtbot.waitUntil(lambda: "Level unknown" in shown(window))
    assert not {"318", "41", "96", "of 10"} & set(shown(window))


def test_the_shot_of_the_slot_appears_once_decoded(qtbot: QtBot, desk: FakeDesk, window: QWidget) -> None:
    image = QImage(1920, 1080, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkGreen)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "WEBP")  # type: ignore[call-overload]  # the stubs lack devices
    desk.picture = data.data()
    desk.begin("c00", "Review of the flow")
    desk.become(
        shot=ShotStatus(due=False, taken=1, last=instant(NINE), notice_until=None, state=KEPT, id="s1")
    )
    qtbot.waitUntil(lambda: any(w.accessibleName() == "The last shot" for w in window.findChildren(QWidget)))
    grabbed = window.grab().toImage()
    thumbnail = next(w for w in window.findChildren(QWidget) if w.accessibleName() == "The last shot")
    middle = thumbnail.mapTo(window, thumbnail.rect().center())
    assert grabbed.pixelColor(middle * window.devicePixelRatio()).green() > 100


def test_a_text_that_is_given_more_room_gives_back_the_lines_it_claimed(qtbot: QtBot) -> None:
    text = Wrapped("The display that told of it is gone. Time goes on, and so will the counts.")
    qtbot.addWidget(text)
    text.show()
    text.resize(100, 200)
    narrow = text.minimumHeight()
    text.resize(800, 200)
    assert text.minimumHeight() * 3 < narrow


def test_a_refused_contract_keeps_what_was_typed(qtbot: QtBot, desk: FakeDesk, window: QWidget) -> None:
    press(qtbot, window, "New contract")
    for name, typed in (("Title", "Brand site"), ("Client", "Fennel"), ("Rate an hour", "forty")):
        qtbot.keyClicks(field(window, name), typed)
    desk.failure = BadValue("'forty' is no number.")
    press(qtbot, window, "Add contract")
    qtbot.waitUntil(lambda: "'forty' is no number." in shown(window))
    assert field(window, "Rate an hour").text() == "forty"
    press(qtbot, window, "Cancel")
    assert button(window, "Start Northbeam").isVisible()


def test_many_contracts_are_found_by_typing(qtbot: QtBot, desk: FakeDesk, window: QWidget) -> None:
    assert not [
        one
        for one in window.findChildren(QLineEdit)
        if one.accessibleName() == "Find a contract" and one.isVisible()
    ]
    desk.known = contracts(12)
    desk.become()
    qtbot.waitUntil(
        lambda: bool(
            [
                one
                for one in window.findChildren(QLineEdit)
                if one.accessibleName() == "Find a contract" and one.isVisible()
            ]
        )
    )
    qtbot.keyClicks(field(window, "Find a contract"), "ostrava 2")
    press(qtbot, window, "Start Ostrava Labs 2")
    assert desk.asked == [("begin", "c09", "")]


def test_names_are_never_taken_for_markup(qtbot: QtBot, desk: FakeDesk, window: QWidget) -> None:
    desk.begin("c00", "<b>bold</b> & _more_")
    qtbot.waitUntil(lambda: "<b>bold</b> & _more_" in shown(window))
    labels = [label for label in window.findChildren(QLabel) if label.text() == "<b>bold</b> & _more_"]
    assert [label.textFormat() for label in labels] == [Qt.TextFormat.PlainText]


def test_everything_that_can_be_reached_has_a_name(qtbot: QtBot, desk: FakeDesk, window: QWidget) -> None:
    for state in ("stopped", "tracking"):
        if state == "tracking":
            desk.begin("c00", "")
            qtbot.waitUntil(lambda: "2:44:18" in shown(window))
        reachable = [
            w
            for w in window.findChildren(QWidget)
            if w.isVisible() and w.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]
        nameless = [
            w for w in reachable if not (w.accessibleName() or (isinstance(w, QAbstractButton) and w.text()))
        ]
        inner = [w for w in nameless if not w.focusProxy()]
        assert inner == []


def test_it_says_when_somebody_looks_and_only_when_that_changes(
    qtbot: QtBot, desk: FakeDesk, interface: Interface, window: QWidget
) -> None:
    assert desk.watched == [True]
    for i in range(3):
        desk.become(session_ms=i)
        qtbot.wait(1)
    assert desk.watched == [True]
    window.hide()
    assert desk.watched == [True, False]
    interface._glance()
    assert desk.watched == [True, False, True]
    desk.become(session_ms=9)
    qtbot.waitUntil(lambda: desk.watched == [True, False, True, False])


def test_a_change_of_appearance_keeps_what_was_typed(
    qtbot: QtBot, desk: FakeDesk, interface: Interface, window: QWidget
) -> None:
    qtbot.keyClicks(field(window, "Memo"), "Review")
    press(qtbot, window, "Preferences")
    dialog = next(
        w for w in QApplication.topLevelWidgets() if w.windowTitle() == "Preferences" and w.isVisible()
    )
    appearance = next(box for box in dialog.findChildren(QComboBox) if box.accessibleName() == "Appearance")
    qtbot.keyClick(appearance, Qt.Key.Key_End)
    appearance.activated.emit(appearance.currentIndex())
    qtbot.waitUntil(lambda: interface._window is not None and interface._window is not window)
    assert desk.settings.appearance == "dark"
    remade = interface._window
    assert remade
    assert field(remade, "Memo").text() == "Review"
    assert remade.grab().toImage().pixelColor(5, 5).lightness() < 40
