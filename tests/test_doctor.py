"""The doctor looks at real desktops, and says what is true of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import desktop
import paint
import pytest
import wayland
from logind import Logind, logind
from patient import Machine
from sni import panel

from tracker import doctor
from tracker.capture.evdev import EvdevInput
from tracker.cli import report
from tracker.doctor import Finding
from tracker.errors import Offline
from tracker.outbox.quarantine import Damage

ORDER = ["input", "screen", "idle", "lock", "sleep", "tray", "keyring", "network", "clock", "disk"]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    return Machine(monkeypatch, tmp_path)


@pytest.fixture
def system(machine: Machine) -> Iterator[Logind]:
    """A logind on the machine, which knows its session."""
    with desktop.session_bus() as bus, logind(bus) as system:
        machine.has(DBUS_SYSTEM_BUS_ADDRESS=bus, XDG_SESSION_ID="c1")
        yield system


@pytest.mark.usefixtures("system", "tray_host")
def test_where_all_is_there_all_works(machine: Machine, display: str) -> None:
    machine.has(DISPLAY=display)
    paint.fill(display, paint.WHITE)
    paint.fill(display, paint.BLUE, (0, 0, 50, 50))

    found = machine.examined()

    assert [one.capability for one in found] == ORDER
    assert {one.capability: one.source for one in found if one.state == "works"} == {
        "input": "x11-record",
        "screen": "mss",
        "idle": "x11-record",
        "lock": "logind",
        "sleep": "logind",
        "tray": "XEmbed",
        "keyring": "keyring",
        "network": "Hourproof",
        "disk": str(machine._data),
    }


def test_a_source_that_misses_input_is_told_as_limited(machine: Machine, display: str) -> None:
    machine.has(DISPLAY=display)
    machine.hearing = doctor.Hearing(trouble="disagree")
    found = machine.finding("input")
    assert (found.state, found.source) == ("limited", "x11-record")
    assert "x11-record heard nothing" in found.why
    assert "HOURPROOF_INPUT=pynput" in found.advice


def test_who_opted_for_the_kernels_devices_is_told_what_that_means_and_what_lacks(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices = tmp_path / "input"
    devices.mkdir()
    monkeypatch.setattr(doctor, "choose_input", lambda *, wish: {"evdev": EvdevInput}[wish](devices))
    machine.hearing = doctor.Hearing("evdev")
    lacking = machine.finding("input")
    assert (lacking.state, lacking.advice) == ("missing", "hourproof settings set input desktop")
    os.mkfifo(devices / "event0")
    found = machine.finding("input")
    assert (found.state, found.source) == ("works", "evdev")
    assert "reads every key that you press" in found.why
    assert "settings set input desktop" in found.advice


def test_where_nothing_is_there_each_says_why_and_what_to_do(machine: Machine) -> None:
    machine.server.reached = False

    found = {one.capability: one for one in machine.examined()}

    assert list(found) == ORDER
    states = {name: one.state for name, one in found.items()}
    assert states == {
        **dict.fromkeys(("input", "screen", "lock", "tray", "network"), "missing"),
        **dict.fromkeys(("idle", "sleep"), "limited"),
        **dict.fromkeys(("keyring", "clock", "disk"), "works"),
    }
    assert all(one.why and one.advice for one in found.values() if one.state != "works")


def test_what_is_wrong_with_the_way_to_the_server_is_said_with_what_helps(machine: Machine) -> None:
    machine.server.reached = False
    machine.server.fault = Offline("The proxy 10.0.0.1:3128 does not answer.", advice="Correct https_proxy.")

    assert machine.finding("network") == Finding(
        "network", "missing", None, "The proxy 10.0.0.1:3128 does not answer.", "Correct https_proxy."
    )


def test_silence_means_away_where_input_is_counted(machine: Machine, display: str) -> None:
    machine.has(DISPLAY=display)
    assert machine.finding("idle") == Finding(
        "idle", "works", "x11-record", "Silence is noticed, to the second."
    )
    assert "idle limit" in machine.finding("lock").advice


@pytest.mark.parametrize(("version", "idle"), [(1, "limited"), (2, "works")])
def test_where_only_activity_is_told_counts_are_said_to_be_absent(
    machine: Machine, display: str, version: int, idle: str
) -> None:
    with wayland.idle_only(version) as desk:
        machine.has(DISPLAY=display, **desk.env)
        found = {one.capability: one for one in machine.examined()}
    told = found["input"]
    assert (told.state, told.source) == ("limited", "ext-idle")
    assert told.why.startswith("Active seconds only:")
    assert told.advice.startswith("Counts are absent, not zero.")
    assert "X11" in told.advice
    assert (found["idle"].state, found["idle"].source) == (idle, "ext-idle")
    assert ("a video" in told.why) == ("a video" in found["idle"].why) == (idle == "limited")


def test_on_wayland_without_anybody_who_tells_an_x_display_is_no_source(
    machine: Machine, display: str
) -> None:
    machine.has(DISPLAY=display, XDG_SESSION_TYPE="wayland")
    told = machine.finding("input")
    assert (told.state, told.source) == ("missing", None)
    assert told.why == "This desktop does not tell programs whether there is input."
    assert "without counts" in told.advice


@pytest.mark.usefixtures("system")
def test_without_input_only_lock_and_sleep_mean_away(machine: Machine) -> None:
    idle = machine.finding("idle")
    assert idle.state == "limited"
    assert idle.why == "Only lock and sleep mean away: nothing tells whether there is input."
    assert idle.advice == "Lock the screen or stop when you leave."


def test_without_lock_either_only_sleep_does(machine: Machine) -> None:
    assert machine.finding("idle").why.startswith("Only sleep means away")
    assert machine.finding("lock").advice == machine.finding("idle").advice == "Stop when you leave."


def test_the_session_is_found_without_its_name(machine: Machine, system: Logind) -> None:
    machine.lacks("XDG_SESSION_ID")
    system.be_strict()
    assert machine.finding("lock").state == "missing"
    system.alias("auto")
    assert machine.finding("lock") == Finding("lock", "works", "logind", "A locked screen is noticed.")


def test_outside_the_session_sleep_is_told_and_lock_is_not(machine: Machine, system: Logind) -> None:
    machine.has(XDG_SESSION_ID="c99")
    system.be_strict()
    lock = machine.finding("lock")
    assert (lock.state, lock.advice) == ("missing", "Start Hourproof inside the desktop session.")
    assert machine.finding("sleep").state == "works"


def test_without_logind_a_gap_of_the_clock_tells_of_sleep(machine: Machine, session_bus: str) -> None:
    machine.has(DBUS_SYSTEM_BUS_ADDRESS=session_bus)
    assert machine.finding("sleep").source == "clock gap"
    assert "no logind" in machine.finding("lock").why


def test_a_panel_on_the_bus_is_a_tray(machine: Machine, session_bus: str) -> None:
    machine.has(DBUS_SESSION_BUS_ADDRESS=session_bus)
    assert machine.finding("tray").state == "missing"
    with panel(session_bus):
        found = machine.finding("tray")
        assert (found.state, found.source) == ("works", "StatusNotifierItem")


def test_a_bus_is_looked_for_where_it_is_without_its_address(
    machine: Machine, session_bus: str, tmp_path: Path
) -> None:
    machine.lacks("DBUS_SESSION_BUS_ADDRESS")
    assert machine.finding("tray").state == "missing"
    socket = session_bus.removeprefix("unix:path=").split(",")[0]
    (tmp_path / "bus").symlink_to(socket)
    machine.has(XDG_RUNTIME_DIR=str(tmp_path))
    with panel(session_bus):
        assert machine.finding("tray").state == "works"


@pytest.mark.parametrize("address", ["", "disabled:", "tcp:host=localhost,port=1", "nonsense"])
def test_a_bus_that_cannot_be_reached_is_none(machine: Machine, address: str) -> None:
    machine.has(DBUS_SESSION_BUS_ADDRESS=address, DBUS_SYSTEM_BUS_ADDRESS=address or desktop.NOWHERE)
    assert [machine.finding(name).state for name in ("lock", "tray")] == ["missing", "missing"]


@pytest.mark.parametrize(
    ("offset", "state", "why"),
    [
        (None, "works", "No server elsewhere was asked yet."),
        (0, "works", "It agrees with the server's within 2 s."),
        (2_000, "works", "It agrees with the server's within 2 s."),
        (-2_000, "works", "It agrees with the server's within 2 s."),
        (2_001, "limited", "Your clock is 2 s behind the server's."),
        (-12_400, "limited", "Your clock is 12 s ahead of the server's."),
        (119_999, "limited", "Your clock is 119 s behind the server's."),
        (120_000, "limited", "Your clock is 2 min behind the server's."),
        (-7_200_000, "limited", "Your clock is 2 h ahead of the server's."),
        (31_536_000_000, "limited", "Your clock is 365 days behind the server's."),
    ],
)
def test_the_clock_is_measured_by_the_servers(
    machine: Machine, offset: int | None, state: str, why: str
) -> None:
    machine.server.reached = False
    machine.server.offset = offset
    clock = machine.finding("clock")
    assert (clock.state, clock.why) == (state, why)


def test_a_server_asked_just_now_tells_the_time(machine: Machine) -> None:
    assert machine.finding("clock").why == "Your clock is 12 s behind the server's."


def test_other_systems_tell_of_the_lock_themselves(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.is_no_linux()
    assert machine.finding("tray").state == "works"
    assert machine.finding("sleep").source == "clock gap"
    assert machine.finding("lock").why == "This system does not tell whether the screen is locked."
    monkeypatch.setattr(doctor, "is_locked", lambda: False)
    assert machine.finding("lock") == Finding("lock", "works", "system", "A locked screen is noticed.")


def test_people_read_a_finding_as_lines(capsys: pytest.CaptureFixture[str]) -> None:
    lock = {"capability": "lock", "state": "missing", "source": None, "why": "None.", "advice": "Stop."}
    disk = {"capability": "disk", "state": "works", "source": "/data", "why": "", "advice": ""}
    report.findings([lock, disk])
    assert capsys.readouterr().out.splitlines() == [
        "lock: missing",
        "  None.",
        "  Stop.",
        "disk: works, /data",
    ]


def test_a_damaged_file_is_told_as_long_as_it_lies_there(tmp_path: Path) -> None:
    kept = tmp_path / "outbox-damaged-2026-11-19T090000.db"
    kept.touch()
    damage = Damage(kept.name, ("the segment of 2026-11-19T09:00:00.000Z (10 min) for contract c1",))

    found = doctor._disk(tmp_path, (damage,))
    assert found.state == "limited"
    assert kept.name in found.why
    assert damage.lost[0] in found.why

    kept.unlink()
    assert doctor._disk(tmp_path, (damage,)).why.endswith("free")
