"""The away question: asked once by itself, answered by clicking, open as long as nobody answers."""

from __future__ import annotations

import msgspec
import pytest
from doubles import NINE
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QWidget
from pytestqt.qtbot import QtBot
from ui.fake_desk import AWAY, SLOT, FakeDesk
from ui.reading import button, press, shown

from tracker.errors import Offline
from tracker.model.slot import HOUR, instant
from tracker.status import Question
from tracker.ui.application import Interface
from tracker.ui.away_strip import AwayStrip

SECOND = Question("q2", instant(NINE + HOUR), instant(NINE + HOUR + 90_000), "c01")
GROWS = msgspec.structs.replace(AWAY, end=None)
KEEP, DISCARD = "Work away from the computer: keep it", "A break: discard it"
MOVE = "Other work: move it"


def dialog() -> QDialog | None:
    found = [w for w in QApplication.topLevelWidgets() if w.objectName() == "away" and w.isVisible()]
    assert len(found) < 2
    return found[0] if found else None  # type: ignore[return-value]  # it is a dialog, by its name


def asked(qtbot: QtBot) -> QDialog:
    qtbot.waitUntil(lambda: dialog() is not None)
    found = dialog()
    assert found
    return found


def leave(desk: FakeDesk) -> None:
    desk.become(state="away", contract="c00", slot=None, questions=(*desk.shown.questions, GROWS))


def come_back(desk: FakeDesk, *questions: Question) -> None:
    desk.become(state="tracking", contract="c00", slot=SLOT, questions=questions)


@pytest.fixture
def question(qtbot: QtBot, desk: FakeDesk, interface: Interface) -> QDialog:
    """The dialog over a question that has just ended."""
    leave(desk)
    come_back(desk, AWAY)
    assert interface
    return asked(qtbot)


def test_it_asks_when_the_freelancer_is_back_with_nothing_chosen(question: QDialog) -> None:
    assert "You were away for 17 min 08 s" in shown(question)
    assert any("while tracking Northbeam. What was this time?" in text for text in shown(question))
    assert not any(button(question, card).isChecked() for card in (KEEP, DISCARD, MOVE))
    assert not button(question, "Choose an answer").isEnabled()
    assert not any(text.endswith("of 1") for text in shown(question))


def test_nothing_is_asked_while_away_and_stopped_runs_are_asked_too(
    qtbot: QtBot, desk: FakeDesk, interface: Interface
) -> None:
    leave(desk)
    qtbot.wait(1)
    assert dialog() is None
    desk.become(state="stopped", contract=None, questions=(AWAY,))
    assert asked(qtbot)
    assert interface


@pytest.mark.parametrize(
    ("card", "does", "sent"),
    [
        (KEEP, "Keep 17 min 08 s", ("answer", "q1", "keep", "")),
        (DISCARD, "Discard 17 min 08 s", ("answer", "q1", "discard", "")),
        (MOVE, "Move 17 min 08 s to Fennel && Co", ("answer", "q1", "move", "c01")),
    ],
)
def test_it_is_answered_by_clicking(
    qtbot: QtBot, desk: FakeDesk, question: QDialog, card: str, does: str, sent: tuple[str, ...]
) -> None:
    press(qtbot, question, card)
    press(qtbot, question, does)
    qtbot.waitUntil(lambda: not question.isVisible())
    assert desk.asked == [sent]


def test_a_card_is_clicked_anywhere_even_on_its_words(qtbot: QtBot, question: QDialog) -> None:
    card = button(question, DISCARD)
    words = [w for w in card.findChildren(QWidget) if w.isVisible()]
    place = words[-1].mapTo(question, words[-1].rect().center())
    assert question.childAt(place) is card
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton, pos=card.mapFrom(question, place))
    assert card.isChecked()


def test_choosing_a_contract_chooses_to_move(qtbot: QtBot, desk: FakeDesk, question: QDialog) -> None:
    chooser = question.findChild(QComboBox)
    assert chooser
    assert [chooser.itemText(i) for i in range(chooser.count())] == ["Fennel & Co", "Ostrava Labs"]
    qtbot.keyClick(chooser, Qt.Key.Key_Down)
    assert button(question, MOVE).isChecked()
    press(qtbot, question, "Move 17 min 08 s to Ostrava Labs")
    assert desk.asked == [("answer", "q1", "move", "c02")]


def test_without_another_contract_it_cannot_be_moved(
    qtbot: QtBot, desk: FakeDesk, interface: Interface
) -> None:
    desk.known = desk.known[:1]
    come_back(desk, AWAY)
    question = asked(qtbot)
    assert interface
    button(question, KEEP)
    with pytest.raises(AssertionError):
        button(question, MOVE)


@pytest.mark.parametrize("way", ["escape", "later", "close"])
def test_put_off_it_stays_open_and_comes_back_only_when_asked_for(
    qtbot: QtBot, desk: FakeDesk, interface: Interface, question: QDialog, way: str
) -> None:
    if way == "escape":
        qtbot.keyClick(question, Qt.Key.Key_Escape)
    elif way == "later":
        press(qtbot, question, "Later")
    else:
        question.close()
    assert not question.isVisible()
    leave(desk)
    come_back(desk, AWAY)
    qtbot.wait(1)
    assert dialog() is None
    assert desk.asked == []
    interface._actions.answer.trigger()
    assert "You were away for 17 min 08 s" in shown(asked(qtbot))


def test_at_the_start_old_questions_wait_quietly(qtbot: QtBot, qapp: QApplication, desk: FakeDesk) -> None:
    desk.shown = msgspec.structs.replace(desk.shown, questions=(AWAY,))
    interface = Interface(qapp, desk, "light")
    interface.begin(minimized=True)
    desk.become(session_ms=1)
    qtbot.wait(1)
    assert dialog() is None
    desk.become(questions=(AWAY, SECOND))
    assert "You were away for 1 min 30 s" in shown(asked(qtbot))
    assert "1 of 2" not in shown(asked(qtbot))
    interface.close()


def test_several_are_asked_one_after_the_other_the_oldest_first(
    qtbot: QtBot, desk: FakeDesk, interface: Interface, question: QDialog
) -> None:
    question.reject()
    desk.become(questions=(AWAY, SECOND))
    qtbot.waitUntil(lambda: dialog() is not None)
    interface._actions.answer.trigger()
    assert {"1 of 2", "You were away for 17 min 08 s"} <= set(shown(question))
    press(qtbot, question, KEEP)
    press(qtbot, question, "Keep 17 min 08 s")
    qtbot.waitUntil(lambda: "2 of 2" in shown(question))
    assert "You were away for 1 min 30 s" in shown(question)
    assert not button(question, KEEP).isChecked()
    press(qtbot, question, DISCARD)
    press(qtbot, question, "Discard 1 min 30 s")
    qtbot.waitUntil(lambda: not question.isVisible())
    assert desk.asked == [("answer", "q1", "keep", ""), ("answer", "q2", "discard", "")]


def test_answered_elsewhere_it_goes(qtbot: QtBot, desk: FakeDesk, question: QDialog) -> None:
    desk.answer("q1", "keep")
    qtbot.waitUntil(lambda: not question.isVisible())


def test_what_is_chosen_stays_while_time_passes(qtbot: QtBot, desk: FakeDesk, question: QDialog) -> None:
    press(qtbot, question, KEEP)
    desk.become(session_ms=99)
    qtbot.wait(1)
    assert button(question, KEEP).isChecked()
    assert button(question, "Keep 17 min 08 s").isEnabled()


def test_a_refused_answer_says_why_and_can_be_given_again(
    qtbot: QtBot, desk: FakeDesk, question: QDialog
) -> None:
    desk.failure = Offline("The server does not answer.")
    press(qtbot, question, KEEP)
    press(qtbot, question, "Keep 17 min 08 s")
    qtbot.waitUntil(lambda: "The server does not answer." in shown(question))
    press(qtbot, question, "Keep 17 min 08 s")
    qtbot.waitUntil(lambda: not question.isVisible())
    assert desk.asked == [("answer", "q1", "keep", "")] * 2


def test_one_that_still_grows_can_be_answered_and_ends_in_place(
    qtbot: QtBot, desk: FakeDesk, interface: Interface
) -> None:
    leave(desk)
    interface._actions.answer.trigger()
    question = asked(qtbot)
    assert any(text.startswith("You have been away since ") for text in shown(question))
    press(qtbot, question, KEEP)
    assert button(question, "Keep it").isEnabled()
    come_back(desk, AWAY)
    qtbot.waitUntil(lambda: "You were away for 17 min 08 s" in shown(question))
    press(qtbot, question, "Keep 17 min 08 s")
    assert desk.asked == [("answer", "q1", "keep", "")]


def test_the_keyboard_goes_through_it_in_reading_order(qtbot: QtBot, question: QDialog) -> None:
    question.activateWindow()
    qtbot.waitUntil(lambda: button(question, KEEP).hasFocus())
    qtbot.keyClick(button(question, KEEP), Qt.Key.Key_Down)
    assert button(question, DISCARD).hasFocus()
    assert not button(question, DISCARD).isChecked()  # arrows alone choose nothing
    qtbot.keyClick(button(question, DISCARD), Qt.Key.Key_Space)
    order = []
    for _ in range(4):
        focused = QApplication.focusWidget()
        assert focused
        order.append(focused.accessibleName() or focused.text())  # type: ignore[attr-defined]  # a button
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert order == [DISCARD, "Contract to move it to", "Later", "Discard 17 min 08 s"]


def test_enter_answers_from_a_card_but_destroys_only_from_its_button(
    qtbot: QtBot, desk: FakeDesk, question: QDialog
) -> None:
    question.activateWindow()
    qtbot.waitUntil(lambda: button(question, KEEP).hasFocus())
    qtbot.keyClick(button(question, KEEP), Qt.Key.Key_Return)
    press(qtbot, question, DISCARD)
    qtbot.keyClick(button(question, DISCARD), Qt.Key.Key_Return)
    assert desk.asked == []
    assert question.isVisible()
    button(question, "Discard 17 min 08 s").setFocus()
    qtbot.keyClick(button(question, "Discard 17 min 08 s"), Qt.Key.Key_Return)
    assert desk.asked == [("answer", "q1", "discard", "")]


def test_who_cannot_see_hears_every_part(question: QDialog) -> None:
    strip = question.findChild(AwayStrip)
    assert strip
    assert " to " in strip.accessibleDescription()
    assert button(question, KEEP).accessibleDescription().startswith("Counted for Northbeam")
    assert button(question, DISCARD).accessibleDescription() == "Not counted."


def test_another_appearance_asks_the_same(
    qtbot: QtBot, desk: FakeDesk, interface: Interface, question: QDialog
) -> None:
    former = question.grab().toImage().pixelColor(3, 3).lightness()
    desk.change_setting("appearance", "dark")
    qtbot.waitUntil(lambda: interface._inquiry._dialog is not question)
    now = asked(qtbot)
    assert "You were away for 17 min 08 s" in shown(now)
    assert now.grab().toImage().pixelColor(3, 3).lightness() < 60 < former
