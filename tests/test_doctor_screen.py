"""What the doctor says of the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import paint
import pytest
from patient import Machine
from PIL import Image
from portal import Portal, granted, portal
from sway import sway


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    return Machine(monkeypatch, tmp_path)


def test_a_desktop_that_lets_its_screen_be_copied_says_how_many_monitors_it_has(machine: Machine) -> None:
    with sway(monitors=2) as there:
        machine.has(**there.env)
        screen = machine.finding("screen")
    assert (screen.source, screen.why[:10]) == ("grim", "2 monitors")


def test_a_screen_of_one_colour_is_not_what_is_hoped_for(machine: Machine, display: str) -> None:
    machine.has(DISPLAY=display)
    paint.fill(display, paint.BLACK)
    screen = machine.finding("screen")
    assert (screen.state, screen.source) == ("limited", "mss")
    assert screen.why.startswith("1 monitor, but a single colour")


def test_monitors_that_come_as_one_picture_are_said_to(
    machine: Machine, session_bus: str, tmp_path: Path
) -> None:
    file = tmp_path / "shot.png"

    def answer() -> Any:
        picture = Image.new("RGB", (200, 100))
        picture.putpixel((7, 7), (255, 255, 255))
        picture.save(file)
        return granted(file.as_uri())

    machine.has(XDG_SESSION_TYPE="wayland", DBUS_SESSION_BUS_ADDRESS=session_bus)
    with portal(session_bus, Portal(answer)):
        screen = machine.finding("screen")
    assert (screen.state, screen.source) == ("limited", "portal")
    assert "one picture" in screen.why


def test_a_desktop_that_refuses_its_screen_is_said_to_with_what_helps(
    machine: Machine, session_bus: str
) -> None:
    machine.has(XDG_SESSION_TYPE="wayland", DBUS_SESSION_BUS_ADDRESS=session_bus)
    with portal(session_bus, Portal(lambda: ("ua{sv}", (2, {})))):
        screen = machine.finding("screen")
    assert (screen.state, screen.why) == ("missing", "The desktop refused the shot.")
    assert "settings" in screen.advice
