"""Shots from tray and window: paused for a while, and tried without keeping anything."""

from __future__ import annotations

import hashlib
from io import BytesIO

import pytest
from doubles import NINE
from PIL import Image
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot
from ui.fake_desk import FakeDesk
from ui.reading import press

from tracker.capture.base import EncodedPicture
from tracker.capture.camera import BLIND, BY_RULE, PAUSED
from tracker.capture.photographer import ShotResult
from tracker.errors import NothingTracking
from tracker.model.segment import ShotState
from tracker.model.slot import MINUTE, instant
from tracker.status import ShotStatus
from tracker.ui import amounts, shot_texts
from tracker.ui.application import Interface
from tracker.ui.trial import caption

KEPT, FAILED = ShotState.KEPT, ShotState.FAILED


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


def test_the_window_has_all_of_it_at_its_shot(tracking: Interface, qtbot: QtBot) -> None:
    tracking._show_window()
    window = tracking._window
    assert window is not None
    qtbot.waitUntil(window.isVisible)
    (more,) = [one for one in window.findChildren(object) if getattr(one, "toolTip", str)() == "Shots…"]
    offered = [one for one in more.menu().actions() if not one.isSeparator()]
    actions = tracking._actions
    taking_back = [actions.withhold, actions.blur, actions.discard]
    assert offered == [*taking_back, actions.pause, actions.trial]


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
    at = amounts.time_of_day(instant(NINE), None)
    assert shot_texts.shot_lines(desk.shown) == (f"No picture at {at}", PAUSED)
    desk.become(shots_paused_until=instant(NINE + MINUTE))
    title, text = shot_texts.shot_lines(desk.shown)
    assert title.startswith("No shots until ")
    assert text == "What is due is withheld."


def test_a_caption_tells_size_and_blur() -> None:
    assert caption(picture(2, "red", blurred=1)) == "Monitor 3: 320 x 200, 1 KiB, 1 % blurred"


@pytest.fixture
def with_a_shot(tracking: Interface, desk: FakeDesk, qtbot: QtBot) -> Interface:
    """Tracking, in a window, with this slot's shot taken."""
    data = picture(0, "darkgreen").data
    desk.picture = data
    tracking._show_window()
    shot = ShotStatus(False, 1, instant(NINE), None, KEPT, "", "s1", 7 * MINUTE + 59_999)
    desk.become(shot=shot)
    qtbot.waitUntil(tracking._actions.withhold.isEnabled)
    return tracking


@pytest.mark.parametrize("how", ["withhold", "blur"])
def test_a_shot_is_taken_back_from_its_card(
    with_a_shot: Interface, desk: FakeDesk, qtbot: QtBot, how: str
) -> None:
    action = getattr(with_a_shot._actions, how)
    action.trigger()
    qtbot.waitUntil(lambda: not action.isEnabled())
    assert desk.asked[-1] == ("take back", "s1", how)
    title, _ = shot_texts.shot_lines(desk.shown)
    assert {"withhold": "withheld", "blur": "blurred"}[how] in title
    assert with_a_shot._actions.withhold.isEnabled() == (how == "blur")


def test_time_goes_with_a_shot_only_after_a_second_word(
    with_a_shot: Interface, desk: FakeDesk, qtbot: QtBot
) -> None:
    with_a_shot._actions.discard.trigger()
    question = with_a_shot._errands._question
    assert question
    assert any("7 minutes of tracked time" in one.text() for one in question.findChildren(QLabel))
    press(qtbot, question, "Keep both")
    assert desk.asked[-1][0] != "take back"
    with_a_shot._actions.discard.trigger()
    assert with_a_shot._errands._question
    press(qtbot, with_a_shot._errands._question, "Discard both")
    qtbot.waitUntil(lambda: desk.asked[-1] == ("take back", "s1", "discard"))
    qtbot.waitUntil(lambda: not with_a_shot._actions.discard.isEnabled())


def test_a_shot_that_was_withheld_is_seen_no_more(with_a_shot: Interface, qtbot: QtBot) -> None:
    window = with_a_shot._window
    assert window

    def thumbnails() -> set[str]:
        names = {one.accessibleName() for one in window.findChildren(QWidget)}
        return names & {"The last shot", "No shot yet"}

    qtbot.waitUntil(lambda: thumbnails() == {"The last shot"})
    with_a_shot._actions.withhold.trigger()
    qtbot.waitUntil(lambda: thumbnails() == {"No shot yet"})


def test_without_a_picture_there_is_nothing_to_take_back(tracking: Interface, desk: FakeDesk) -> None:
    actions = tracking._actions
    assert not any(one.isEnabled() for one in (actions.withhold, actions.blur, actions.discard))
    failed = ShotStatus(due=False, taken=1, last=instant(NINE), notice_until=None, state=FAILED, id="s1")
    desk.become(shot=failed)
    tracking._refresh()
    assert not any(one.isEnabled() for one in (actions.withhold, actions.blur, actions.discard))
