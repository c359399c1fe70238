"""Shots from tray and window: paused for a while, and tried without keeping anything."""

from __future__ import annotations

import hashlib
from io import BytesIO

import pytest
from doubles import NINE
from PIL import Image
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from ui.fake_desk import FakeDesk

from tracker.capture.base import EncodedPicture
from tracker.capture.camera import BLIND, BY_RULE, PAUSED
from tracker.capture.photographer import ShotResult
from tracker.errors import NothingTracking
from tracker.model.segment import ShotState
from tracker.model.slot import MINUTE, instant
from tracker.status import ShotStatus
from tracker.ui import status as say
from tracker.ui.application import Interface
from tracker.ui.trial import caption


def picture(monitor: int, colour: str, *, blurred: int = 0) -> EncodedPicture:
    data = BytesIO()
    Image.new("RGB", (320, 200), colour).save(data, "WEBP")
    digest = hashlib.sha256(data.getvalue()).hexdigest()
    return EncodedPicture(monitor, 320, 200, digest, data.getvalue(), blurred)


@pytest.fixture
def tracking(interface: Interface, desk: FakeDesk, qtbot: QtBot) -> Interface:
    desk.begin("c00", "Checkout: error copy")
    qtbot.waitUntil(interface._actions.pause.isVisible)
    return interface


def test_shots_are_paused_and_taken_again_by_the_same_line(
    tracking: Interface, desk: FakeDesk, qtbot: QtBot
) -> None:
    pause = tracking._actions.pause
    assert pause.text() == "No shots for 10 minutes"
    assert pause in tracking._menu.actions()
    pause.trigger()
    qtbot.waitUntil(lambda: pause.text().startswith("Take shots again (paused until "))
    pause.trigger()
    qtbot.waitUntil(lambda: pause.text() == "No shots for 10 minutes")
    assert desk.asked[1:] == [("pause", "10"), ("pause", "0")]


def test_while_nothing_is_tracked_there_is_nothing_to_pause(interface: Interface) -> None:
    interface._refresh()
    assert not interface._actions.pause.isVisible()
    assert interface._actions.trial.isVisible()


def test_a_refused_pause_is_said(tracking: Interface, desk: FakeDesk, qtbot: QtBot) -> None:
    desk.failure = NothingTracking("Nothing is being tracked, so no shots are taken.")
    tracking._actions.pause.trigger()
    qtbot.waitUntil(lambda: tracking._window is not None)
    assert desk.shown.shots_paused_until is None


def test_a_try_shows_each_monitor_and_forgets_it(interface: Interface, desk: FakeDesk, qtbot: QtBot) -> None:
    desk.taken = ShotResult("test", (picture(0, "red"), picture(1, "blue", blurred=12)))
    interface._actions.trial.trigger()
    qtbot.waitUntil(lambda: interface._errands._trial is not None)
    trial = interface._errands._trial
    assert trial is not None

    def shown() -> list[QLabel]:
        return [one for one in trial.findChildren(QLabel) if not one.pixmap().isNull()]

    qtbot.waitUntil(lambda: len(shown()) == 2)
    assert [one.accessibleName() for one in shown()] == [
        "Monitor 1: 320 x 200, 1 KiB",
        "Monitor 2: 320 x 200, 1 KiB, 12 % blurred",
    ]
    colours = [one.pixmap().toImage().pixelColor(9, 9) for one in shown()]
    assert [colour.red() > colour.blue() for colour in colours] == [True, False]
    assert "This is what would be kept" in [one.text() for one in trial.findChildren(QLabel)]
    trial.accept()
    qtbot.waitUntil(lambda: not shown())
    assert desk.asked == [("try",)]


@pytest.mark.parametrize("reason", [BY_RULE, BLIND])
def test_a_try_says_why_nothing_would_be_kept(
    interface: Interface, desk: FakeDesk, qtbot: QtBot, reason: str
) -> None:
    desk.taken = ShotResult("test", reason=reason, withheld=True)
    interface._actions.trial.trigger()
    qtbot.waitUntil(lambda: interface._errands._trial is not None)
    assert interface._errands._trial is not None
    texts = [one.text() for one in interface._errands._trial.findChildren(QLabel)]
    assert "Nothing would be kept" in texts
    assert any(text.startswith(reason) and "hourproof" in text for text in texts)


def test_the_window_has_both_at_its_shot(tracking: Interface, qtbot: QtBot) -> None:
    tracking._show_window()
    window = tracking._window
    assert window is not None
    qtbot.waitUntil(window.isVisible)
    (more,) = [one for one in window.findChildren(object) if getattr(one, "toolTip", str)() == "Shots…"]
    assert more.menu().actions() == [tracking._actions.pause, tracking._actions.trial]


def test_the_shot_says_that_it_shows_nothing_and_why(desk: FakeDesk) -> None:
    taken = ShotStatus(
        due=False,
        taken=1,
        last=instant(NINE),
        notice_until=None,
        state=ShotState.WITHHELD,
        reason=PAUSED,
    )
    desk.become(shot=taken)
    assert say.shot_lines(desk.shown) == (f"No picture at {say.time_of_day(instant(NINE), None)}", PAUSED)
    desk.become(shots_paused_until=instant(NINE + MINUTE))
    title, text = say.shot_lines(desk.shown)
    assert title.startswith("No shots until ")
    assert text == "What is due is withheld."


def test_a_caption_tells_size_and_blur() -> None:
    assert caption(picture(2, "red", blurred=1)) == "Monitor 3: 320 x 200, 1 KiB, 1 % blurred"
