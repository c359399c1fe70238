"""Errors, paths, clocks, loops and the log: the floor everything stands on."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from doubles import NINE, FakeClock

from tracker.clock import Reading, ScaledClock, SystemClock
from tracker.errors import BadValue, FolderNotWritable, NothingTracking, TrackerError
from tracker.log import set_up
from tracker.loop import AFTER_A_FAULT, Loop
from tracker.paths import Home, resources


def test_an_error_is_named_after_its_class_and_found_again_by_that_name() -> None:
    told = TrackerError.told(type="nothing-tracking", title="Nothing is being tracked.", advice="Start.")

    assert isinstance(told, NothingTracking)
    assert (told.title, told.advice, told.exit_code) == ("Nothing is being tracked.", "Start.", 1)
    assert BadValue("x").exit_code == 2
    assert type(TrackerError.told(type="unheard-of", title="t", advice="a")) is TrackerError


def test_two_homes_share_neither_keyring_entries_nor_sockets(tmp_path: Path) -> None:
    one, other = Home.at(tmp_path / "one"), Home.at(tmp_path / "other")

    assert len({one.service, other.service, Home.standard().service}) == 3
    assert len({one.control, other.control, Home.standard().control}) == 3
    assert len(one.control) < 100, "a socket's path has little room"


def test_a_home_is_made_for_its_owner_only(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")

    home.make()

    assert home.data.stat().st_mode & 0o777 == 0o700


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(FolderNotWritable, match="cannot be created"):
        Home.at(tmp_path / "file" / "home").make()


def test_the_resources_are_there() -> None:
    assert (resources() / "icons" / "hourproof.svg").is_file()


def test_the_system_clock_goes_forward() -> None:
    clock = SystemClock()
    before, after = clock.now(), clock.now()

    assert after.boot >= before.boot > 0
    assert after.wall > NINE // 2


def test_a_pause_between_two_clocks_is_no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    awake = iter([0, 5_000, 5_000, 5_000])  # the process was held up between the first two
    monkeypatch.setattr("tracker.clock._awake_ms", lambda: next(awake))
    monkeypatch.setattr("tracker.clock._boot_ms", lambda: 5_000)

    assert SystemClock().now().awake == 5_000


def test_a_scaled_clock_begins_where_it_is_told_and_runs_faster() -> None:
    base = FakeClock()
    clock = ScaledClock(base, speed=60, begin=1_000)

    base.advance(10)

    assert clock.now() == Reading(wall=1_600, boot=5_000_600, awake=4_000_600)


def test_a_scaled_clock_waits_in_its_own_seconds() -> None:
    base = FakeClock()
    clock = ScaledClock(base, speed=60)

    clock.wait(threading.Event(), 30)

    assert base.waits == [0.5]


@pytest.fixture
def logging_to() -> Iterator[Callable[[Path], Path]]:
    """Sets up logging to a folder, as the app does, and undoes it; returns the file."""
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook)
    handlers, level = root.handlers[:], root.level

    def begin(folder: Path) -> Path:
        set_up(folder, "hourproof")
        return folder / "hourproof.log"

    yield begin
    for handler in set(root.handlers) - set(handlers):
        handler.close()
    root.handlers[:], root.level = handlers, level
    sys.excepthook, threading.excepthook = hooks


class Work:
    """Counts its steps, fails in the first, and ends the loop after the third."""

    def __init__(self) -> None:
        self.steps = 0
        self.done = threading.Event()

    def step(self) -> float:
        self.steps += 1
        if self.steps == 1:
            raise RuntimeError("a fault")
        if self.steps == 3:
            self.done.set()
        return 7.0


@pytest.mark.expects_log("a step of work failed")
def test_a_loop_outlives_a_fault_and_waits_as_each_step_asks() -> None:
    work, clock = Work(), FakeClock()
    loop = Loop(work, clock, "work")

    loop.start()
    assert work.done.wait(10)
    assert loop.stop(10)

    assert clock.waits[:2] == [AFTER_A_FAULT, 7.0]


def test_a_loop_that_never_started_ends_at_once() -> None:
    assert Loop(Work(), FakeClock(), "work").stop(0)


@pytest.mark.expects_log("an unforeseen fault")
def test_a_fault_that_ends_a_thread_is_logged(tmp_path: Path, logging_to: Callable[[Path], Path]) -> None:
    file = logging_to(tmp_path)

    def fail() -> None:
        raise RuntimeError("nobody foresaw this")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()

    assert "nobody foresaw this" in file.read_text()


def test_no_secret_reaches_the_log(tmp_path: Path, logging_to: Callable[[Path], Path]) -> None:
    token = "Xy9-" + "a1B2_" * 8  # as long as 32 random bytes
    file = logging_to(tmp_path)

    secret = ValueError(f"Bearer {token}")
    logging.getLogger().error("asked with %s at http://127.0.0.1/enter/%s", token, "short", exc_info=secret)

    text = file.read_text()
    assert "asked with [redacted]" in text
    assert "ValueError" in text
    assert token not in text
    assert "/enter/short" not in text
