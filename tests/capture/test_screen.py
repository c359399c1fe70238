"""Frames of real monitors."""

from __future__ import annotations

import subprocess

import desktop
import paint
import pytest
from paint import BLUE, GREEN, RED

from tracker.capture.base import Frame
from tracker.capture.screen import MssScreen
from tracker.errors import CaptureUnavailable


def pixel(frame: Frame, x: int, y: int) -> int:
    """Return a frame's pixel as 0xRRGGBB."""
    at = 4 * (y * frame.width + x)
    return int.from_bytes(frame.bgra[at : at + 3], "little")


def split(display: str, *, monitors: int, width: int, height: int) -> None:
    """Divide the display into monitors, from left to right."""
    for number in range(monitors):
        place = f"{width}/500x{height}/300+{number * width}+0"
        command = ["xrandr", "--setmonitor", f"M{number}", place, "none" if number else "screen"]
        subprocess.run(command, env=desktop.environment(DISPLAY=display), check=True, capture_output=True)


def test_a_frame_shows_what_the_monitor_shows(display: str) -> None:
    paint.fill(display, GREEN)
    paint.fill(display, RED, (100, 50, 10, 10))
    (frame,) = MssScreen(display).grab()
    assert (frame.monitor, frame.width, frame.height, frame.scale) == (0, 1280, 800, 1.0)
    assert [pixel(frame, x, y) for x, y in ((99, 50), (100, 50), (109, 59), (110, 59))] == [
        GREEN,
        RED,
        RED,
        GREEN,
    ]


def test_two_monitors_are_two_frames() -> None:
    with desktop.xvfb("2000x700") as server:
        split(server.name, monitors=2, width=1000, height=700)
        paint.fill(server.name, RED)
        paint.fill(server.name, BLUE, (1000, 0, 1000, 700))
        frames = MssScreen(server.name).grab()
    assert [(f.monitor, f.width, f.height) for f in frames] == [(0, 1000, 700), (1, 1000, 700)]
    assert [pixel(f, 999, 699) for f in frames] == [RED, BLUE]
    assert [pixel(f, 0, 0) for f in frames] == [RED, BLUE]


def test_of_five_monitors_four_are_taken() -> None:
    with desktop.xvfb("2000x300") as server:
        split(server.name, monitors=5, width=400, height=300)
        assert [f.monitor for f in MssScreen(server.name).grab()] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("told", "scale"),
    [
        ("Xft.dpi: 192", 2.0),
        ("Xcursor.size: 24\nXft.dpi:\t144\n", 1.5),
        ("Xft.dpi: 72", 1.0),
        ("Xft.dpi: a lot", 1.0),
        ("Xft.dpi: 1.2.3", 1.0),
        ("Xft.hinting: 1", 1.0),
    ],
)
def test_the_scale_is_what_the_desktop_tells_x_programs(told: str, scale: float) -> None:
    with desktop.xvfb("640x480") as server:
        env = desktop.environment(DISPLAY=server.name)
        subprocess.run(["xrdb", "-nocpp", "-load", "-"], input=told, text=True, env=env, check=True)
        (frame,) = MssScreen(server.name).grab()
    assert frame.scale == scale
    assert (frame.width, frame.height) == (640, 480)


@pytest.mark.usefixtures("display_fails")
def test_a_display_that_is_gone_is_unavailable() -> None:
    with desktop.xvfb() as server:
        screen = MssScreen(server.name)
        assert screen.grab()
        server.vanish()
        with pytest.raises(CaptureUnavailable, match="cannot be read"):
            screen.grab()
