"""Sleep, lock and other users, as a logind on a real bus tells them to a program of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import desktop
import pytest
from logind import Logind, logind
from ui.child import Child
from waiting import until

HELD = [("sleep", "Hourproof", "Close the segment before the computer sleeps.", "delay")]
NEVER = 60_000  # ms, longer than any test
_TESTS = Path(__file__).parents[1]


class Desk:
    """A program that listens to logind; it must write nothing to standard error."""

    def __init__(self, bus: str, folder: Path) -> None:
        self.bus = bus
        self._complaints = folder / "stderr"

    @contextmanager
    def listening(self, *, limit: int = NEVER, session: str | None = "c1") -> Iterator[Child]:
        named = {} if session is None else {"XDG_SESSION_ID": session}
        path = f"{_TESTS}:{_TESTS.parent}"
        env = desktop.environment(PYTHONPATH=path, DBUS_SYSTEM_BUS_ADDRESS=self.bus, **named)
        with (
            self._complaints.open("w") as errors,
            subprocess.Popen(
                [sys.executable, str(_TESTS / "desktop" / "power_app.py"), str(limit)],
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            ) as process,
        ):
            try:
                yield Child(process)
            finally:
                process.kill()
        assert not self._complaints.read_text()

    @contextmanager
    def following(self, *, limit: int = NEVER) -> Iterator[Child]:
        with self.listening(limit=limit) as child:
            until(lambda: child.asked == ["follows"], "the session")
            child.asked.clear()
            yield child


@pytest.fixture
def desk(session_bus: str, tmp_path: Path) -> Desk:
    return Desk(session_bus, tmp_path)


@pytest.fixture
def system(session_bus: str) -> Iterator[Logind]:
    with logind(session_bus) as system:
        yield system


def heard(child: Child, *lines: str) -> None:
    """Wait until exactly this was told since the last time."""
    until(lambda: len(child.asked) >= len(lines), f"{lines}, not {child.asked}")
    assert child.asked == list(lines)
    child.asked.clear()


def holds(system: Logind, *inhibitors: tuple[str, ...]) -> None:
    until(lambda: system.inhibitors() == list(inhibitors), f"{inhibitors} to be held")


def test_the_computer_waits_until_the_segment_is_closed(desk: Desk, system: Logind) -> None:
    with desk.following() as child:
        holds(system, *HELD)
        system.sleep()
        heard(child, "asleep")
        system.hint(locked=True)  # as desktops do on the way; told after whatever sleep brought about
        heard(child, "locked surely")
        assert system.inhibitors() == HELD

        child.tell("saved")

        holds(system)


def test_awake_again_it_asks_the_next_sleep_to_wait(desk: Desk, system: Logind) -> None:
    with desk.following() as child:
        system.sleep()
        heard(child, "asleep")
        child.tell("saved")
        holds(system)

        system.wake()

        heard(child, "awake")
        holds(system, *HELD)


def test_one_who_never_is_done_keeps_no_computer_awake(desk: Desk, system: Logind) -> None:
    with desk.following(limit=50) as child:
        holds(system, *HELD)
        system.sleep()
        heard(child, "asleep")
        holds(system)

        system.wake()  # and the next sleep is waited for, whenever the first is done

        heard(child, "awake")
        holds(system, *HELD)
        child.tell("saved")
        system.lock()
        heard(child, "locked perhaps")
        assert system.inhibitors() == HELD


def test_what_is_told_twice_counts_once(desk: Desk, system: Logind) -> None:
    with desk.following() as child:
        for tell in (system.wake, system.unlock, system.sleep, system.sleep, system.lock, system.lock):
            tell()
        heard(child, "asleep", "locked perhaps")
        for tell in (system.wake, system.wake, system.unlock, system.unlock, system.sleep):
            tell()
        heard(child, "awake", "unlocked surely", "asleep")


def test_a_lock_is_sure_once_the_locker_says_so(desk: Desk, system: Logind) -> None:
    with desk.following() as child:
        system.lock()
        heard(child, "locked perhaps")
        system.hint(locked=True)
        heard(child, "locked surely")
        system.hint(locked=False)
        heard(child, "unlocked surely")


def test_a_locker_that_is_asked_to_unlock_is_believed_until_it_locks_anew(desk: Desk, system: Logind) -> None:
    with desk.following() as child:
        system.hint(locked=True)
        heard(child, "locked surely")
        system.unlock()
        heard(child, "unlocked surely")
        system.hint(locked=False)
        for tell, told in ((system.sleep, "asleep"), (system.wake, "awake")):  # by then it has looked
            tell()
            heard(child, told)
        system.hint(locked=True)
        heard(child, "locked surely")


def test_another_user_in_front_is_a_lock(desk: Desk, system: Logind) -> None:
    with desk.following() as child:
        system.switch(active=False)
        heard(child, "locked surely")
        system.lock()
        system.unlock()  # the screen behind the other user's
        system.switch(active=True)
        heard(child, "unlocked surely")


def test_a_screen_locked_before_the_start_is_told(desk: Desk, system: Logind) -> None:
    system.hint(locked=True)
    with desk.listening() as child:
        until(lambda: "follows" in child.asked, "the session")
        heard(child, "locked surely", "follows")


def test_a_start_behind_another_user_is_told(desk: Desk, system: Logind) -> None:
    system.switch(active=False)
    with desk.listening() as child:
        heard(child, "locked surely", "follows")


@pytest.mark.parametrize("alias", ["auto", "self"])
@pytest.mark.parametrize("named", [None, "c99"])
def test_the_session_is_found_without_its_name(
    desk: Desk, system: Logind, alias: str, named: str | None
) -> None:
    system.be_strict()
    system.alias(alias)
    with desk.listening(session=named) as child:
        heard(child, "follows")
        system.lock()
        heard(child, "locked perhaps")


def test_outside_every_session_only_sleep_is_heard(desk: Desk, system: Logind) -> None:
    system.be_strict()
    with desk.listening(session=None) as child:
        holds(system, *HELD)
        system.lock()  # of somebody's screen
        system.hint(locked=True)
        system.sleep()
        heard(child, "asleep")


def test_a_logind_that_starts_again_is_asked_again(desk: Desk, system: Logind) -> None:
    with desk.following() as child:
        system.sleep()
        heard(child, "asleep")
        system.crash()
        with logind(desk.bus) as again:
            heard(child, "awake")  # who else would say so
            holds(again, *HELD)
            again.lock()
            heard(child, "locked perhaps")
            again.sleep()
            heard(child, "asleep")


def test_a_logind_that_comes_later_is_met(desk: Desk) -> None:
    with desk.listening() as child, logind(desk.bus) as late:
        holds(late, *HELD)
        late.sleep()
        until(lambda: "asleep" in child.asked, "the sleep")


def test_closed_it_holds_nothing_and_tells_nothing(desk: Desk, system: Logind) -> None:
    with desk.following() as child:
        holds(system, *HELD)
        child.tell("close")
        heard(child, "closed")
        holds(system)
        system.sleep()
        system.hint(locked=True)
        child.tell("close")
        heard(child, "closed")


def test_without_logind_nothing_happens(desk: Desk) -> None:
    with desk.listening() as child:
        child.tell("close")
        heard(child, "closed")


def test_without_a_bus_nothing_happens(desk: Desk, tmp_path: Path) -> None:
    desk.bus = f"unix:path={tmp_path}/none"
    with desk.listening() as child:
        child.tell("close")
        heard(child, "closed")
