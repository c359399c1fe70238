"""Grabs, several keyboards, layouts that change, devices that go, other listeners: counts stay exact."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager

import desktop
import pytest
from hands import Hands
from keyboards import Keyboards
from listening import Ear
from waiting import until
from witness import Witness
from Xlib import XK, X
from Xlib.display import Display

from tracker.capture.x11 import X11Input
from tracker.model.counts import Counts

LAYOUTS = ("de", "fr", "us")


@pytest.fixture
def other(alone: str) -> Iterator[Display]:
    """Another program on the display."""
    with closing(Display(alone)) as link:
        yield link


@pytest.fixture
def keyboards(alone: str) -> Iterator[Keyboards]:
    with closing(Keyboards(alone)) as keyboards:
        yield keyboards


@contextmanager
def grabbed(other: Display, mode: int) -> Iterator[None]:
    """Let another program have all input for itself, as menus and lock screens do."""
    root = other.screen().root
    mask = X.ButtonPressMask | X.ButtonReleaseMask
    assert root.grab_keyboard(False, mode, mode, X.CurrentTime) == X.GrabSuccess
    assert root.grab_pointer(False, mask, mode, mode, X.NONE, X.NONE, X.CurrentTime) == X.GrabSuccess
    try:
        yield
    finally:
        other.ungrab_pointer(X.CurrentTime)
        other.ungrab_keyboard(X.CurrentTime)
        other.sync()


def assert_counted(ear: Ear, watching: Witness, keys: int, clicks: int = 0, scrolls: int = 0) -> None:
    seen = watching.seen()
    assert (seen.keys, seen.clicks, seen.scrolls) == (keys, clicks, scrolls)
    expected = Counts(keys, clicks, scrolls, active=True)
    assert ear.total(expected) == expected


@pytest.mark.parametrize("mode", [X.GrabModeAsync, X.GrabModeSync], ids=["async", "frozen"])
def test_what_another_program_grabs_is_counted(
    own: Hands, ear: Ear, watching: Witness, other: Display, mode: int
) -> None:
    with grabbed(other, mode):
        own.press("s", "e", times=5)
        own.click(times=4)
        own.wheel(notches=3)
    own.press("a")
    assert_counted(ear, watching, keys=11, clicks=4, scrolls=3)


def test_a_hotkey_of_another_program_works_and_is_counted(
    own: Hands, ear: Ear, watching: Witness, other: Display
) -> None:
    code = other.keysym_to_keycode(XK.XK_F5)
    other.screen().root.grab_key(code, X.AnyModifier, False, X.GrabModeAsync, X.GrabModeAsync)
    other.sync()
    own.press("F5", times=3)
    heard = [event.type for _ in range(other.pending_events()) if (event := other.next_event())]
    assert [kind for kind in heard if kind != X.MappingNotify] == [X.KeyPress, X.KeyRelease] * 3
    assert_counted(ear, watching, keys=3)


def test_another_listener_counts_the_same(own: Hands, ear: Ear, watching: Witness, alone: str) -> None:
    second = Ear(X11Input(alone))
    own.press("a", times=30)
    own.wheel(notches=7)
    expected = Counts(30, 0, 7, active=True)
    assert second.total(expected) == expected
    own.press("b")
    assert_counted(ear, watching, keys=31, scrolls=7)


def test_two_keyboards_that_hold_the_same_key_are_two_presses(
    keyboards: Keyboards, ear: Ear, watching: Witness
) -> None:
    one, two = keyboards.each
    for press, keyboard in ((True, one), (True, two), (False, one), (True, one), (False, two), (False, one)):
        keyboards.turn("a", keyboard, down=press)
    assert_counted(ear, watching, keys=3)


def test_one_keyboards_release_does_not_end_what_the_other_holds(
    keyboards: Keyboards, own: Hands, ear: Ear, watching: Witness
) -> None:
    one, two = keyboards.each
    keyboards.turn("a", one, down=True)
    keyboards.turn("a", two, down=True)
    keyboards.turn("a", two, down=False)
    for _ in range(5):  # looks, of which each finds the key up, as X adds keyboards together
        own.hold_until_repeated("x", times=5)
        ear.look()
    keyboards.turn("a", one, down=False)
    assert_counted(ear, watching, keys=7)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_that_changes_while_a_key_is_down_adds_no_press(
    own: Hands, ear: Ear, watching: Witness, alone: str, layout: str
) -> None:
    with own.hold("a"):
        subprocess.run(["setxkbmap", layout], env=desktop.environment(DISPLAY=alone), check=True)
        own.hold_until_repeated("x", times=5)
    own.press("b")
    assert_counted(ear, watching, keys=3)


def test_buttons_that_are_mapped_anew_count_as_what_they_are(
    own: Hands, ear: Ear, watching: Witness, other: Display
) -> None:
    rest = list(range(8, 1 + len(other.get_pointer_mapping())))
    other.set_pointer_mapping([3, 2, 1, 5, 4, 7, 6, *rest])  # for left hands, and natural scrolling
    own.click(times=2)
    own.wheel(notches=5)
    assert_counted(ear, watching, keys=0, clicks=2, scrolls=5)


def test_a_keyboard_that_goes_with_a_key_down_leaves_none_stuck(
    keyboards: Keyboards, ear: Ear, watching: Witness
) -> None:
    """As on a switch to another virtual terminal, and where a keyboard is pulled out."""
    keyboard = keyboards.each[1]
    keyboards.turn("a", keyboard, down=True)
    keyboards.enable(keyboard, on=False)
    keyboards.turn("a", keyboard, down=True)  # at another terminal
    keyboards.turn("a", keyboard, down=False)
    keyboards.enable(keyboard, on=True)
    keyboards.turn("a", keyboard, down=True)
    keyboards.turn("a", keyboard, down=False)
    assert_counted(ear, watching, keys=2)


def test_a_key_whose_release_was_never_told_counts_again_after_two_looks(
    own: Hands, keyboards: Keyboards, other: Display, alone: str
) -> None:
    source = X11Input(alone)
    ear = Ear(source)
    own.press("a")
    until(lambda: ear.look().keys == 1, "the key")
    assert source._hook
    code = other.keysym_to_keycode(XK.XK_a)
    source._hook._down |= {(keyboard, code) for keyboard in keyboards.each}  # as if that had been so
    ear.look()
    assert source._hook._down
    ear.look()
    assert not source._hook._down
    own.press("a")
    assert ear.total(Counts(2, active=True)).keys == 2
