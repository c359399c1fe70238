"""The time since the last input, asked of a real X server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import desktop
import pytest
from hands import Hands
from waiting import until

from tracker.capture import choose_idle
from tracker.capture.idle import X11Idle


@pytest.fixture
def idle(display: str) -> Iterator[X11Idle]:
    idle = X11Idle(display)
    yield idle
    idle.close()


def ms(idle: X11Idle) -> int:
    found = idle.idle_ms()
    assert found is not None
    return found


def test_it_grows_in_silence_and_any_input_begins_it_anew(idle: X11Idle, hands: Hands) -> None:
    for do in (lambda: hands.press("a"), hands.click, hands.wheel, lambda: hands.move(7, 9)):
        silent = until(lambda: ms(idle) > 300 and ms(idle), "some silence")
        hands.move(3, 3)
        until(lambda: ms(idle) > 100, "a little silence")
        before = ms(idle)
        do()
        assert ms(idle) < before < silent


@pytest.mark.usefixtures("display_fails")
def test_a_display_that_vanishes_tells_nothing_any_more() -> None:
    with desktop.xvfb() as server:
        idle = X11Idle(server.name)
        assert idle.idle_ms() is not None
        server.vanish()
        assert idle.idle_ms() is None
        assert idle.idle_ms() is None
    idle.close()


def test_a_server_without_a_screen_saver_tells_nothing() -> None:
    with desktop.xvfb(options=["-extension", "MIT-SCREEN-SAVER"]) as server:
        idle = X11Idle(server.name)
        assert idle.idle_ms() is None
        idle.close()


def test_elsewhere_nothing_is_known(display: str) -> None:
    assert choose_idle({}) is None
    wayland = choose_idle({"DISPLAY": display, "WAYLAND_DISPLAY": "wayland-0"})
    assert wayland
    assert wayland.idle_ms() is None, "the X display beside it knows of its own windows only"


def test_on_x11_the_session_s_display_is_asked(display: str) -> None:
    idle = choose_idle({"DISPLAY": display})
    assert idle
    with closing(idle):
        assert idle.idle_ms() is not None
