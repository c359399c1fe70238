"""What rules hide is in no shot of a real sway, title bars and tabs included."""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from cameras import camera
from panes import CYAN, MAGENTA, share
from sway import Sway, sway
from waiting import until

from tracker.capture import choose_screen, choose_windows
from tracker.capture.base import Area, Window
from tracker.capture.camera import BLIND, BY_RULE
from tracker.capture.photographer import ShotResult
from tracker.capture.sway_windows import SwayWindows
from tracker.errors import CaptureUnavailable
from tracker.settings import Rule, Settings

TITLE = "Tresor"
BARS = f"client.unfocused #{MAGENTA:06x} #{MAGENTA:06x} #{MAGENTA:06x}"


@pytest.fixture
def there() -> Iterator[Sway]:
    focused = BARS.replace("unfocused", "focused")
    with sway(
        "xwayland force", "default_border normal 3", BARS, focused, f"output * bg #{CYAN:06x} solid_color"
    ) as made:
        made.x_display()
        made.tell(f"exec xterm -T {TITLE} -bg '#{MAGENTA:06x}' -fg '#{MAGENTA:06x}'")
        until(lambda: shown(made), "the window")
        yield made


@pytest.fixture
def tiled(there: Sway) -> Sway:
    there.tell("workspace 1")
    there.tell(f'[title="{TITLE}"] floating disable, layout splith, focus')
    return there


def shown(there: Sway) -> list[Window]:
    return [one for one in SwayWindows(there.env).look().shown if one.title == TITLE]


def take(there: Sway, *rules: Rule) -> ShotResult:
    env = os.environ | there.env
    settings = Settings(rules=rules)
    return camera(partial(choose_screen, env), partial(choose_windows, env), settings).take("s1")


@pytest.mark.parametrize("rule", [Rule("blur", app="xterm"), Rule("blur", title="tresor")])
def test_a_floating_window_is_blurred_with_its_bar(tiled: Sway, rule: Rule) -> None:
    tiled.tell(f'[title="{TITLE}"] floating enable, resize set 400 300, move position 100 100')

    def settled() -> float:
        """Return the window's share of the screen, bar included, once both agree."""
        area, seen = shown(tiled)[-1].area, share(take(tiled).pictures[0], MAGENTA)
        told = 100 * area.width * (area.height + 27) / (1280 * 720)
        return seen if area.left == 100 and abs(seen - told) < 2 else 0  # a program may choose its own size

    seen = until(settled, "the screen to follow")
    (hidden,) = take(tiled, rule).pictures
    assert share(hidden, MAGENTA) == 0
    assert share(hidden, CYAN) > 96 - seen
    assert seen - 2 < hidden.blurred < seen + 4


def test_an_excluded_window_withholds_the_shot(tiled: Sway) -> None:
    assert take(tiled, Rule("exclude", app="xterm")) == ShotResult("s1", reason=BY_RULE, withheld=True)


def test_on_another_workspace_it_is_not_on_the_screen(tiled: Sway) -> None:
    tiled.tell("workspace 2")
    assert SwayWindows(tiled.env).look().active == Area(0, 0, 1280, 720)
    assert not shown(tiled)


def test_the_tab_of_a_window_behind_another_goes_with_it(tiled: Sway) -> None:
    tiled.tell("layout tabbed")
    tiled.tell(f"exec xterm -T Minutes -bg '#{CYAN:06x}'")
    until(lambda: len(shown(tiled)) == 1 and shown(tiled)[0].area.height < 50, "the tab")
    (picture,) = take(tiled, Rule("blur", title=TITLE)).pictures
    tiled.tell('[title="Minutes"] kill')
    assert 0 < picture.blurred < 5


def test_a_scaled_monitor_has_it_in_the_same_place(tiled: Sway) -> None:
    tiled.tell("output HEADLESS-1 scale 2")
    try:
        until(lambda: shown(tiled)[-1].area.width == 640, "the scale")
        assert share(take(tiled, Rule("blur", app="xterm")).pictures[0], MAGENTA) == 0
    finally:
        tiled.tell("output HEADLESS-1 scale 1")
        until(lambda: shown(tiled)[-1].area.width == 1280, "the scale")


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(tmp_path / "s"))
        made.listen()
        yield made


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense of some length",
        struct.pack("=6sII", b"i3-ipc", 1 << 30, 4),
        struct.pack("=6sII", b"i3-ipc", 2, 4) + b"{}",
        struct.pack("=6sII", b"i3-ipc", 2, 4) + b"[]",
        struct.pack("=6sII", b"i3-ipc", 40, 4) + b'{"nodes": [{"nodes": [{"name": "Tresor"',
    ],
)
def test_nonsense_is_no_permission(listener: socket.socket, answer: bytes) -> None:
    def tell() -> None:
        link, _ = listener.accept()
        with link:
            link.recv(100)
            link.sendall(answer)

    thread = threading.Thread(target=tell)
    thread.start()
    env = {"WAYLAND_DISPLAY": "x", "SWAYSOCK": listener.getsockname()}
    with pytest.raises(CaptureUnavailable) as refusal:
        choose_windows(env).look()
    thread.join()
    assert TITLE not in repr(refusal.value)
    assert refusal.value.__cause__ is None


def test_a_sway_that_is_gone_is_no_permission(there: Sway) -> None:
    env = os.environ | there.env | {"SWAYSOCK": "/nowhere"}
    assert (
        camera(partial(choose_screen, env), partial(choose_windows, env), Settings()).take("s1").reason
        == BLIND
    )
