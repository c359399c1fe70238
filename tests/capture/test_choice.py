"""Which source reads which desktop; the kind of session decides before anything is tried."""

from __future__ import annotations

import os

import pytest
from sway import sway

from tracker.capture import choose_input, choose_screen
from tracker.errors import CaptureUnavailable

X11 = {"DISPLAY": ":5"}
XWAYLAND = [
    {"DISPLAY": ":5", "XDG_SESSION_TYPE": "wayland"},
    {"DISPLAY": ":5", "WAYLAND_DISPLAY": "wayland-0"},
    {"WAYLAND_DISPLAY": "wayland-0"},
]


@pytest.mark.parametrize(
    "environ", [X11, X11 | {"XDG_SESSION_TYPE": "x11"}, X11 | {"XDG_SESSION_TYPE": "tty"}]
)
def test_an_x11_session_is_read_by_record_and_mss(environ: dict[str, str]) -> None:
    assert (choose_input(environ).name, choose_screen(environ).name) == ("x11-record", "mss")


@pytest.mark.parametrize("environ", XWAYLAND)
def test_a_wayland_session_s_x_display_is_never_looked_at(environ: dict[str, str]) -> None:
    assert choose_screen(environ).name == "portal"


def test_a_compositor_that_lets_its_screen_be_copied_is_read_by_grim() -> None:
    with sway() as there:
        assert choose_screen(os.environ | there.env | {"DISPLAY": ":5"}).name == "grim"


@pytest.mark.parametrize(
    ("forced", "environ"),
    [
        ("mss", XWAYLAND[0]),
        ("grim", X11 | {"PATH": os.environ["PATH"]}),
        ("portal", X11),
    ],
)
def test_what_takes_the_screen_can_be_forced_in_any_session(forced: str, environ: dict[str, str]) -> None:
    assert choose_screen(environ | {"HOURPROOF_SCREEN": forced}).name == forced


def test_an_unknown_taker_is_refused_with_those_there_are() -> None:
    with pytest.raises(CaptureUnavailable, match="'xwd'") as refusal:
        choose_screen(X11 | {"HOURPROOF_SCREEN": "xwd"})
    assert "mss, grim, portal" in refusal.value.advice


def test_without_a_display_nothing_can_be_read() -> None:
    for choose in (choose_input, choose_screen):
        with pytest.raises(CaptureUnavailable, match="no display") as refusal:
            choose({"XDG_SESSION_TYPE": "tty"})
        assert "DISPLAY" in refusal.value.advice


@pytest.mark.parametrize(
    ("forced", "name"),
    [("x11", "x11-record"), ("pynput", "pynput"), ("evdev", "evdev"), ("ext-idle", "ext-idle")],
)
def test_a_source_can_be_forced_in_any_session(forced: str, name: str) -> None:
    assert choose_input(XWAYLAND[0] | {"HOURPROOF_INPUT": forced}).name == name


def test_an_unknown_source_is_refused_with_those_there_are() -> None:
    with pytest.raises(CaptureUnavailable, match="'xev'") as refusal:
        choose_input(X11 | {"HOURPROOF_INPUT": "xev"})
    assert "x11, pynput, evdev, mutter-idle" in refusal.value.advice
