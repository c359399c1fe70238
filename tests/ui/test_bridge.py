"""What other threads tell arrives in the GUI's."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from tracker.errors import Offline
from tracker.ui.bridge import Bridge

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot
    from ui.fake_desk import FakeDesk


def in_thread(work: object) -> None:
    thread = threading.Thread(target=work)  # type: ignore[arg-type]  # any callable
    thread.start()
    thread.join()


def test_a_change_told_by_a_loop_arrives_in_the_gui_s_thread(qtbot: QtBot, desk: FakeDesk) -> None:
    bridge = Bridge(desk)
    heard: list[threading.Thread] = []
    bridge.changed.connect(lambda: heard.append(threading.current_thread()))
    with qtbot.waitSignal(bridge.changed):
        in_thread(lambda: desk.become(test=True))
    assert heard == [threading.main_thread()]


def test_many_changes_before_the_gui_looks_are_one(qtbot: QtBot, desk: FakeDesk) -> None:
    bridge = Bridge(desk)
    heard: list[int] = []
    bridge.changed.connect(lambda: heard.append(1))
    with qtbot.waitSignal(bridge.changed):
        in_thread(lambda: [desk.become(session_ms=i) for i in range(100)])
    assert heard == [1]
    with qtbot.waitSignal(bridge.changed):
        in_thread(lambda: desk.become(session_ms=0))
    assert heard == [1, 1]


def test_a_second_start_raises_the_window(qtbot: QtBot, desk: FakeDesk) -> None:
    bridge = Bridge(desk)
    with qtbot.waitSignal(bridge.raised):
        in_thread(desk.raise_window)


def test_an_answer_and_an_error_arrive_in_the_gui_s_thread(qtbot: QtBot, desk: FakeDesk) -> None:
    bridge = Bridge(desk)
    answers: list[tuple[int, threading.Thread]] = []
    with ThreadPoolExecutor(1) as pool:
        bridge.after(pool.submit(lambda: 7), lambda n: answers.append((n, threading.current_thread())))
    qtbot.waitUntil(lambda: answers == [(7, threading.main_thread())])
    broken: Future[None] = Future()
    bridge.after(broken)
    with qtbot.waitSignal(bridge.failed) as failed:
        broken.set_exception(Offline("The server does not answer."))
    assert failed.args[0].title == "The server does not answer."


def test_a_cancelled_command_says_nothing(qtbot: QtBot, desk: FakeDesk) -> None:
    bridge = Bridge(desk)
    cancelled: Future[None] = Future()
    cancelled.cancel()
    with qtbot.assertNotEmitted(bridge.failed):
        bridge.after(cancelled)
        with qtbot.waitSignal(bridge.changed):
            in_thread(lambda: desk.become(test=True))
