"""Frames of real monitors."""

from __future__ import annotations

from contextlib import nullcontext

import desktop
import mss
import paint
import pytest
from cameras import camera
from monitors import resources, set_monitor, split, xrandr
from paint import BLUE, GREEN, RED

from tracker.capture import choose_screen
from tracker.capture.base import Area, Frame
from tracker.capture.photographer import Photographer, ShotResult
from tracker.capture.screen import MssScreen
from tracker.errors import CaptureUnavailable

SMALL = "25 640 656 752 800 480 490 492 525"  # a monitor's timing for 640 x 480


def pixel(frame: Frame, x: int, y: int) -> int:
    """Return a frame's pixel as 0xRRGGBB."""
    at = 4 * (y * frame.width + x)
    return int.from_bytes(frame.bgra[at : at + 3], "little")


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


def test_monitors_that_stand_upright_or_overlap_are_their_own_part_of_the_desktop() -> None:
    with desktop.xvfb("1000x800") as server:
        set_monitor(server.name, "UPRIGHT", "400/300x800/500+0+0", "screen")
        set_monitor(server.name, "OVER", "500/500x500/300+300+200")
        paint.fill(server.name, RED)
        paint.fill(server.name, BLUE, (300, 200, 500, 500))
        upright, over = MssScreen(server.name).grab()
    assert (upright.area, over.area) == (Area(0, 0, 400, 800), Area(300, 200, 500, 500))
    assert (upright.width, upright.height, pixel(upright, 0, 799)) == (400, 800, RED)
    assert [pixel(upright, 399, 200), pixel(over, 0, 0), pixel(over, 499, 499)] == [BLUE] * 3


def test_a_monitor_that_repeats_another_is_taken_once() -> None:
    with desktop.xvfb("1000x800") as server:
        split(server.name, monitors=1, width=1000, height=800)
        set_monitor(server.name, "BEAMER", "1000/300x800/200+0+0")
        (frame,) = MssScreen(server.name).grab()
    assert frame.area == Area(0, 0, 1000, 800)


def test_of_a_monitor_that_reaches_beyond_the_desktop_that_part_is_left_out() -> None:
    with desktop.xvfb("1000x800") as server:
        set_monitor(server.name, "LARGE", "1000/300x800/200+600+400", "screen")
        (frame,) = MssScreen(server.name).grab()
    assert (frame.width, frame.height, frame.area) == (400, 400, Area(600, 400, 400, 400))


def test_a_4k_monitor_of_twice_the_density_is_taken_whole() -> None:
    with desktop.xvfb("3840x2160") as server:
        resources(server.name, "Xft.dpi: 192")
        (frame,) = MssScreen(server.name).grab()
    assert (frame.width, frame.height, frame.scale, len(frame.bgra)) == (3840, 2160, 2.0, 4 * 3840 * 2160)
    assert frame.area == Area(0, 0, 3840, 2160)


def test_a_monitor_that_is_unplugged_is_missing_from_the_next_shot() -> None:
    with desktop.xvfb("2000x700") as server:
        split(server.name, monitors=2, width=1000, height=700)
        screen = MssScreen(server.name)
        assert len(screen.grab()) == 2
        xrandr(server.name, "--delmonitor", "M1")
        assert [frame.area for frame in screen.grab()] == [Area(0, 0, 1000, 700)]
        set_monitor(server.name, "M1", "500/100x500/100+1000+0")
        assert [frame.width for frame in screen.grab()] == [1000, 500]


@pytest.mark.parametrize("times", [1, 2])
def test_monitors_that_change_while_they_are_taken_are_taken_again_once(
    times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugs = [["--delmonitor", "M1"], ["--setmonitor", "M2", "500/100x500/100+1000+0", "none"]][:times]
    grab = mss.MSS.grab

    def unplugging(desktop: mss.MSS, place: dict[str, int]) -> object:
        taken = grab(desktop, place)
        if plugs and not place["left"]:  # once each time
            xrandr(server.name, *plugs.pop(0))
        return taken

    with desktop.xvfb("2000x700") as server:
        split(server.name, monitors=2, width=1000, height=700)
        monkeypatch.setattr(mss.MSS, "grab", unplugging)
        with pytest.raises(CaptureUnavailable, match="changed") if times > 1 else nullcontext():
            assert [frame.area for frame in MssScreen(server.name).grab()] == [Area(0, 0, 1000, 700)]


def test_a_desktop_that_shrinks_while_it_is_taken_is_taken_as_it_is_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grab = mss.MSS.grab

    def shrinking(desktop: mss.MSS, place: dict[str, int]) -> object:
        xrandr(server.name, "--output", "screen", "--mode", "small", "--fb", "640x480")
        return grab(desktop, place)

    with desktop.xvfb("1280x800") as server:
        xrandr(server.name, "--newmode", "small", *SMALL.split())
        xrandr(server.name, "--addmode", "screen", "small")
        monkeypatch.setattr(mss.MSS, "grab", shrinking)
        (frame,) = MssScreen(server.name).grab()
    assert frame.area == Area(0, 0, 640, 480)


@pytest.mark.usefixtures("display_fails")
def test_shots_fail_with_a_reason_while_the_display_is_away_and_come_again_with_it() -> None:
    results: list[ShotResult] = []

    def shoot() -> ShotResult:
        photographer.request("shot", results.append)
        photographer.close(20)
        return results.pop()

    with desktop.xvfb() as server:
        photographer = Photographer(camera(lambda: choose_screen({"DISPLAY": server.name})).take)
        paint.fill(server.name, BLUE, (0, 0, 9, 9))
        assert len(shoot().pictures) == 1
        server.vanish()
        away = shoot()
        assert (away.pictures, away.reason[:25]) == ((), "The screen cannot be read")
        with desktop.xvfb(display=server.name):
            paint.fill(server.name, RED, (0, 0, 9, 9))
            assert len(shoot().pictures) == 1


@pytest.mark.usefixtures("display_fails")
def test_a_display_that_is_killed_and_started_again_is_read_again() -> None:
    with desktop.xvfb() as server:
        screen = MssScreen(server.name)
        assert screen.grab()
        server.vanish()
        with pytest.raises(CaptureUnavailable, match="cannot be read"):
            screen.grab()
        with desktop.xvfb("640x480", display=server.name):
            (frame,) = screen.grab()
    assert (frame.width, frame.height) == (640, 480)


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
        resources(server.name, told)
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
