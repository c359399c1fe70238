"""The photographer takes shots beside everything else, and always answers."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from io import BytesIO
from queue import Queue
from typing import TYPE_CHECKING

import desktop
import paint
import pytest
from cameras import camera
from PIL import Image
from waiting import until

from tracker.capture.base import Frame
from tracker.capture.photographer import Photographer, ShotResult
from tracker.capture.screen import MssScreen
from tracker.errors import CaptureUnavailable
from tracker.space import Room

if TYPE_CHECKING:
    from collections.abc import Callable

BLANK = Frame(0, 2, 2, bytes(16))
LIVELY = Frame(1, 2, 2, bytes(range(16)))


class FakeScreen:
    """A screen of given frames, or of none for a reason; `grabbing` runs meanwhile."""

    name = "fake"

    def __init__(self, *frames: Frame, grabbing: Callable[[], object] = bool) -> None:
        self.closed = 0
        self._frames = frames
        self._grabbing = grabbing

    def grab(self) -> tuple[Frame, ...]:
        self._grabbing()
        return self._frames

    def close(self) -> None:
        self.closed += 1


def answer(screen: FakeScreen) -> ShotResult:
    results: list[ShotResult] = []
    photographer = Photographer(camera(lambda: screen).take)
    photographer.request("s1", results.append)
    photographer.close(20)
    (result,) = results
    return result


def unavailable() -> None:
    raise CaptureUnavailable("The screen cannot be read: no display")


def broken() -> None:
    raise ZeroDivisionError


def test_a_shot_of_the_real_screen_comes_from_another_thread(display: str) -> None:
    paint.fill(display, paint.WHITE)
    paint.write(display, "the minutes of the meeting", 100, 100)
    results: Queue[tuple[ShotResult, threading.Thread]] = Queue()
    photographer = Photographer(camera(lambda: MssScreen(display)).take)
    photographer.request("s1", lambda result: results.put((result, threading.current_thread())))
    result, thread = results.get(timeout=20)
    assert thread is not threading.main_thread()
    (picture,) = result.pictures
    assert (result.shot, result.reason, picture.monitor) == ("s1", "", 0)
    image = Image.open(BytesIO(picture.data)).convert("L")
    assert image.size == (1280, 800)
    assert image.getextrema()[0] < 64
    assert image.getextrema()[1] > 240


def test_a_screen_of_one_colour_is_no_evidence(display: str) -> None:
    paint.fill(display, paint.BLACK)
    results: Queue[ShotResult] = Queue()
    Photographer(camera(lambda: MssScreen(display)).take).request("s1", results.put)
    assert results.get(timeout=20) == ShotResult("s1", reason="The screen shows a single colour.")


def test_a_monitor_of_one_colour_beside_a_lively_one_is_left_out() -> None:
    assert [picture.monitor for picture in answer(FakeScreen(BLANK, LIVELY)).pictures] == [1]


def test_a_screen_that_cannot_be_read_says_why_and_is_let_go() -> None:
    screen = FakeScreen(grabbing=unavailable)
    assert answer(screen) == ShotResult("s1", reason="The screen cannot be read: no display")
    assert screen.closed == 1


def test_a_broken_frame_is_a_failed_shot() -> None:
    assert answer(FakeScreen(Frame(0, 9, 9, b"x"))).reason == "The screen came as a broken picture."


def test_a_desktop_without_screen_says_why() -> None:
    results: Queue[ShotResult] = Queue()

    def choose() -> FakeScreen:
        raise CaptureUnavailable("There is no display to read input and screen from.")

    Photographer(camera(choose).take).request("s1", results.put)
    assert results.get(timeout=20).reason == "There is no display to read input and screen from."


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_even_an_unforeseen_fault_is_answered() -> None:
    assert answer(FakeScreen(grabbing=broken)) == ShotResult("s1", reason="The shot failed.")


def test_two_shots_are_never_taken_at_once() -> None:
    at_work, most = [], []
    both_asked = threading.Event()

    def work() -> None:
        at_work.append(1)
        both_asked.wait(20)
        most.append(len(at_work))
        at_work.pop()

    photographer = Photographer(camera(lambda: FakeScreen(LIVELY, grabbing=work)).take)
    results: Queue[ShotResult] = Queue()
    for shot in ("s1", "s2", "s3"):
        photographer.request(shot, results.put)
    both_asked.set()
    assert {results.get(timeout=20).shot for _ in range(3)} == {"s1", "s2", "s3"}
    assert most == [1, 1, 1]


def test_closing_lets_the_shot_under_way_arrive() -> None:
    go_on = threading.Event()
    results: list[ShotResult] = []
    photographer = Photographer(camera(lambda: FakeScreen(LIVELY, grabbing=lambda: go_on.wait(20))).take)
    photographer.request("s1", results.append)
    threading.Thread(target=go_on.set).start()
    photographer.close(20)
    assert [result.shot for result in results] == ["s1"]


def test_closing_does_not_wait_for_a_screen_that_hangs() -> None:
    hangs = threading.Event()
    results: list[ShotResult] = []
    photographer = Photographer(camera(lambda: FakeScreen(grabbing=hangs.wait)).take)
    photographer.request("s1", results.append)
    photographer.close(0.01)
    assert not results
    hangs.set()
    until(lambda: results, "the answer after all")


def test_no_thread_stays_after_the_last_shot() -> None:
    before = set(threading.enumerate())
    answer(FakeScreen(LIVELY))
    until(lambda: set(threading.enumerate()) <= before, "the photographer's rest")


@pytest.mark.usefixtures("display_fails")
def test_a_display_that_vanished_is_a_failed_shot() -> None:
    with desktop.xvfb() as server:
        server.vanish()
        results: Queue[ShotResult] = Queue()
        Photographer(camera(lambda: MssScreen(server.name)).take).request("s1", results.put)
        assert "cannot be read" in results.get(timeout=20).reason


SHOTS_OF_4K = """
import sys
from pathlib import Path
from tracker.capture import choose_windows
from tracker.capture.camera import Camera
from tracker.capture.photographer import Photographer
from tracker.capture.screen import MssScreen
from tracker.settings import Settings

def resident():
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * 4096

windows = lambda: choose_windows({"DISPLAY": sys.argv[1]})
photographer = Photographer(Camera(lambda: MssScreen(sys.argv[1]), windows, Settings).take)
sizes = []
for _ in range(4):
    answers = []
    photographer.request("s1", answers.append)
    photographer.close(60)
    assert answers[0].pictures, answers[0].reason
    sizes.append(resident())
print(sizes[-1] - sizes[0])
"""


def test_the_memory_of_a_4k_shot_goes_back() -> None:
    with desktop.xvfb("3840x2160") as server:
        paint.fill(server.name, paint.WHITE)
        paint.write(server.name, "not one colour", 100, 100)
        command = [sys.executable, "-c", SHOTS_OF_4K, server.name]
        kept = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert kept < 10_000_000  # one such frame has 33 million bytes


def test_shots_give_way_on_a_disk_that_fills_up() -> None:
    desk = Frame(0, 64, 64, random.Random(1).randbytes(4 * 64 * 64))

    def taken(room: Room) -> ShotResult:
        results: list[ShotResult] = []
        photographer = Photographer(camera(lambda: FakeScreen(desk), room=room).take)
        photographer.request("s1", results.append)
        photographer.close(20)
        return results[0]

    (fine,), (small,) = taken(Room.FINE).pictures, taken(Room.LITTLE).pictures
    assert len(small.data) < len(fine.data)
    assert (small.width, small.height) == (fine.width, fine.height)
    assert taken(Room.NO_SHOTS) == ShotResult("s1", reason="The disk is nearly full.")
