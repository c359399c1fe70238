"""Which source reads which desktop; the kind of session decides before anything is tried."""

from __future__ import annotations

import pytest

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
def test_a_wayland_session_is_refused_though_it_has_an_x_display(environ: dict[str, str]) -> None:
    for choose in (choose_input, choose_screen):
        with pytest.raises(CaptureUnavailable, match="Wayland") as refusal:
            choose(environ)
        assert "X11" in refusal.value.advice


def test_without_a_display_nothing_can_be_read() -> None:
    for choose in (choose_input, choose_screen):
        with pytest.raises(CaptureUnavailable, match="no display") as refusal:
            choose({"XDG_SESSION_TYPE": "tty"})
        assert "DISPLAY" in refusal.value.advice


@pytest.mark.parametrize(("forced", "name"), [("x11", "x11-record"), ("pynput", "pynput")])
def test_a_source_can_be_forced_in_any_session(forced: str, name: str) -> None:
    assert choose_input(XWAYLAND[0] | {"HOURPROOF_INPUT": forced}).name == name


def test_an_unknown_source_is_refused_with_those_there_are() -> None:
    with pytest.raises(CaptureUnavailable, match="'evdev'") as refusal:
        choose_input(X11 | {"HOURPROOF_INPUT": "evdev"})
    assert "x11, pynput" in refusal.value.advice
