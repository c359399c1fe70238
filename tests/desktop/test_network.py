"""The network goes and returns, as a NetworkManager on a real bus tells it to a program of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import desktop
import pytest
from networkmanager import NetworkManager, networkmanager
from ui.child import Child
from waiting import until

_TESTS = Path(__file__).parents[1]


@contextmanager
def listening(bus: str, folder: Path, by: str = "bus") -> Iterator[Child]:
    """A program that listens; it must write nothing to standard error."""
    complaints = folder / "stderr"
    env = desktop.environment(PYTHONPATH=f"{_TESTS}:{_TESTS.parent}", DBUS_SYSTEM_BUS_ADDRESS=bus)
    with (
        complaints.open("w") as errors,
        subprocess.Popen(
            [sys.executable, str(_TESTS / "desktop" / "network_app.py"), by],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            child = Child(process)
            until(lambda: child.asked == ["listens"], "the program")
            yield child
        finally:
            process.kill()
    assert not complaints.read_text()


@pytest.fixture
def system(session_bus: str) -> Iterator[NetworkManager]:
    with networkmanager(session_bus) as system:
        yield system


@pytest.fixture
def child(system: NetworkManager, session_bus: str, tmp_path: Path) -> Iterator[Child]:
    with listening(session_bus, tmp_path) as child:
        system.lose()
        system.find()
        until(lambda: "returned" in child.asked, "its first word")
        settle(child)
        yield child


def settle(child: Child) -> list[str]:
    """Let all that was asked be answered; return what was said, and forget it."""
    for number in range(1, 6):
        child.tell("look")
        until(lambda number=number: child.asked.count("look") >= number, "a look")
    said = [word for word in child.asked if word == "returned"]
    child.asked.clear()
    return said


def test_a_network_that_is_there_again_is_told(child: Child, system: NetworkManager) -> None:
    system.lose()
    settle(child)

    system.find()

    until(lambda: "returned" in child.asked, "the network's return")


def test_a_page_that_was_logged_in_to_is_told(child: Child, system: NetworkManager) -> None:
    system.lose()
    system.find(portal=True)
    until(lambda: "returned" in child.asked, "the network's return")
    settle(child)

    system.log_in()

    until(lambda: "returned" in child.asked, "the way to be free")
    assert len(settle(child)) == 1


def test_another_network_is_told(child: Child, system: NetworkManager) -> None:
    system.find()

    until(lambda: "returned" in child.asked, "the other network")
    assert len(settle(child)) == 1


def test_what_brings_nothing_nearer_is_not_told(child: Child, system: NetworkManager) -> None:
    system.lose()
    system.say_something_else()

    assert settle(child) == []


def test_after_its_end_nothing_is_told(child: Child, system: NetworkManager) -> None:
    child.tell("close")
    until(lambda: "close" in child.asked, "its end")

    system.lose()
    system.find()

    assert settle(child) == []


def test_where_there_is_no_networkmanager_nothing_is_told(session_bus: str, tmp_path: Path) -> None:
    for bus in (session_bus, desktop.NOWHERE):
        with listening(bus, tmp_path) as child:
            assert settle(child) == []


def test_one_that_comes_later_is_heard(session_bus: str, tmp_path: Path) -> None:
    with listening(session_bus, tmp_path) as child, networkmanager(session_bus) as system:
        system.lose()
        settle(child)
        system.find()
        until(lambda: "returned" in child.asked, "the network's return")


def test_qt_tells_the_same_where_it_is_asked(
    system: NetworkManager, session_bus: str, tmp_path: Path
) -> None:
    system.lose()
    with listening(session_bus, tmp_path, "qt") as child:
        settle(child)
        system.find()
        until(lambda: "returned" in child.asked, "the network's return")
