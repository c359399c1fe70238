"""Frames of a real Wayland desktop whose compositor lets programs copy its screen."""

from __future__ import annotations

import os
import socket
import stat
import threading
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import desktop
import pytest
from cameras import camera
from sway import Sway, sway
from waiting import until

from tracker.capture import choose_screen, grim
from tracker.capture.base import Area, Frame
from tracker.capture.grim import GrimScreen
from tracker.capture.outputs import Layout, Output, layout
from tracker.capture.photographer import Photographer, ShotResult
from tracker.capture.picture import is_blank
from tracker.capture.screen import MssScreen
from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RED, GREEN, BLUE = b"\x00\x00\xff\x00", b"\x00\xff\x00\x00", b"\xff\x00\x00\x00"
GRIM = "/usr/bin/grim"


def screen(there: Sway, program: str = GRIM) -> GrimScreen:
    return GrimScreen(program, os.environ | there.env)


def paint(there: Sway, *colours: str) -> None:
    """Give each monitor its own colour, and wait until it shows."""
    for number, colour in enumerate(colours, 1):
        there.tell(f"output HEADLESS-{number} bg #{colour} solid_color")
    wanted = [bytes.fromhex(colour)[::-1] + b"\0" for colour in colours]
    until(lambda: [frame.bgra[:4] for frame in screen(there).grab()] == wanted, "the colours")


def shows(frame: Frame) -> tuple[int, int, float, Area | None]:
    return frame.width, frame.height, frame.scale, frame.area


@contextmanager
def compositor(folder: Path, *answers: bytes) -> Iterator[dict[str, str]]:
    """Stand in for a compositor that says this to whoever comes, and then no more."""
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(folder / "wayland-0"))
        door.listen()

        def serve() -> None:
            guest, _ = door.accept()
            with guest, suppress(OSError):  # who is not listened to any more
                for answer in answers:
                    guest.recv(4096)
                    guest.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield {"XDG_RUNTIME_DIR": str(folder)}
        thread.join(20)


def program(folder: Path, script: str) -> str:
    """Return a program that does this in the place of grim."""
    path = folder / "grim"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    path.chmod(stat.S_IRWXU)
    return str(path)


def test_each_monitor_is_a_frame_from_left_to_right() -> None:
    with sway(
        "output HEADLESS-1 pos 1280 0", "output HEADLESS-2 pos 0 -100 mode 800x600", monitors=2
    ) as there:
        there.tell("output HEADLESS-1 bg #ff0000 solid_color")
        there.tell("output HEADLESS-2 bg #0000ff solid_color")
        until(lambda: [frame.bgra[:4] for frame in screen(there).grab()] == [BLUE, RED], "the colours")
        frames = screen(there).grab()
    assert [frame.monitor for frame in frames] == [0, 1]
    assert [shows(frame) for frame in frames] == [
        (800, 600, 1.0, Area(0, -100, 800, 600)),
        (1280, 720, 1.0, Area(1280, 0, 1280, 720)),
    ]


@pytest.mark.parametrize(
    ("said", "size", "scale", "points"),
    [
        ("scale 2", (1280, 720), 2.0, (640, 360)),
        ("scale 1.25", (1280, 720), 1.25, (1024, 576)),
        ("transform 90", (720, 1280), 1.0, (720, 1280)),
        ("transform flipped-270 scale 2", (720, 1280), 2.0, (360, 640)),
        ("mode --custom 3840x2160 scale 2", (3840, 2160), 2.0, (1920, 1080)),
    ],
)
def test_scale_rotation_and_size_are_right(
    said: str, size: tuple[int, int], scale: float, points: tuple[int, int]
) -> None:
    with sway(f"output HEADLESS-1 {said}") as there:
        (frame,) = screen(there).grab()
    assert shows(frame) == (*size, scale, Area(0, 0, *points))
    assert len(frame.bgra) == 4 * size[0] * size[1]


def test_of_five_monitors_four_are_taken() -> None:
    with sway(monitors=5) as there:
        assert [frame.monitor for frame in screen(there).grab()] == [0, 1, 2, 3]


def test_a_monitor_that_is_plugged_in_is_in_the_next_shot() -> None:
    with sway() as there:
        assert len(screen(there).grab()) == 1
        there.tell("create_output")
        assert len(screen(there).grab()) == 2


def test_without_a_monitor_there_is_nothing_to_take() -> None:
    with sway(monitors=0) as there, pytest.raises(CaptureUnavailable, match="No monitor is on"):
        screen(there).grab()


@pytest.mark.parametrize("lies", [1, 2])
def test_a_monitor_that_goes_while_it_is_taken_is_left_out(
    lies: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the compositor is asked again; as this sway cannot unplug, a monitor is added to the list."""
    gone = [Output("HEADLESS-9", Area(1280, 0, 1280, 720))] * lies

    def look(environ: dict[str, str]) -> Layout:
        told = layout(environ)
        return replace(told, outputs=(*told.outputs, gone.pop())) if gone else told

    monkeypatch.setattr(grim, "layout", look)
    with sway() as there, pytest.raises(CaptureUnavailable) if lies > 1 else nullcontext():
        (frame,) = screen(there).grab()
        assert frame.area == Area(0, 0, 1280, 720)
    assert not gone


@pytest.mark.parametrize(
    "script",
    [
        "exit 1",
        "true",
        "printf 'P6\\n2 2\\n255\\n123'",
        "printf 'P5\\n1 1\\n255\\n123'",
        "printf 'P6\\n0 0\\n255\\n'",
        "printf 'P6\\n-1 -1\\n255\\n123'",
        "printf 'P6\\n99999 99999\\n255\\n123'",
        "printf 'P6\\nmany\\n255\\n123'",
        "cat /dev/zero",
        "cat /dev/zero & wait",
    ],
)
def test_a_grim_that_gives_no_picture_is_no_shot_and_says_what_to_do(tmp_path: Path, script: str) -> None:
    with sway() as there, pytest.raises(CaptureUnavailable, match="cannot be read") as refusal:
        screen(there, program(tmp_path, script)).grab()
    assert "Run grim" in refusal.value.advice


def test_a_grim_that_never_ends_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grim, "_PATIENCE", 0.1)
    with sway() as there, pytest.raises(CaptureUnavailable, match="cannot be read"):
        screen(there, program(tmp_path, "exec sleep 600")).grab()


def test_a_compositor_that_crashes_and_comes_back_is_found_again() -> None:
    with sway() as there:
        env = os.environ | there.env
        assert choose_screen(env).name == "grim"
        there.vanish()
        with pytest.raises(CaptureUnavailable, match="does not answer"):
            screen(there).grab()
        with pytest.raises(CaptureUnavailable):
            choose_screen(env | {"DBUS_SESSION_BUS_ADDRESS": desktop.NOWHERE}).grab()
    with sway() as there:
        assert len(choose_screen(os.environ | there.env).grab()) == 1


HEAD = bytes.fromhex("01000000")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0",
        bytes(100),
        HEAD + bytes.fromhex("0000ffff"),
        HEAD + bytes.fromhex("00000c00") + bytes(4),
        bytes.fromhex("020000000000200000000000ffffffff") + bytes(16),
        bytes.fromhex("0200000000001800")
        + bytes.fromhex("01000000")
        + bytes.fromhex("04000000ff")
        + bytes(7),
    ],
    ids=range(7),
)
def test_a_compositor_that_talks_nonsense_does_not_answer(tmp_path: Path, answer: bytes) -> None:
    with compositor(tmp_path, answer) as env, pytest.raises(CaptureUnavailable, match="does not answer"):
        layout(env)


def test_a_compositor_that_talks_for_ever_is_not_listened_to_for_ever(tmp_path: Path) -> None:
    one = bytes.fromhex("0900000000000800")
    with compositor(tmp_path, one * (1 << 18)) as env, pytest.raises(CaptureUnavailable):
        layout(env)


def test_without_grim_it_is_said_what_to_install() -> None:
    with sway() as there, pytest.raises(CaptureUnavailable, match="grim") as refusal:
        choose_screen(there.env | {"PATH": "/nowhere"})
    assert refusal.value.advice == "Install the package grim."


def test_beside_xwayland_no_black_shot_is_ever_taken() -> None:
    with sway("xwayland force") as there:
        display = there.x_display()
        paint(there, "00ff00")
        (black,) = MssScreen(display).grab()
        env = os.environ | there.env | {"DISPLAY": display}
        (green,) = choose_screen(env).grab()
        results: list[ShotResult] = []
        photographer = Photographer(camera(lambda: choose_screen(env | {"HOURPROOF_SCREEN": "mss"})).take)
        photographer.request("shot", results.append)
        photographer.close(20)
    assert is_blank(black)
    assert (black.bgra[:4], green.bgra[:4]) == (bytes(4), GREEN)
    assert [(one.pictures, bool(one.reason)) for one in results] == [((), True)]
