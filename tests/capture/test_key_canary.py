"""A secret that is typed leaves nothing in what counts it: all that tally and hook hold is walked through."""

from __future__ import annotations

import gc
import sys
import threading
from collections import Counter
from types import FrameType, FunctionType, ModuleType

from hands import Hands
from listening import Ear
from waiting import until
from witness import Witness
from Xlib import XK
from Xlib.display import Display

from tracker.capture.tally import Tally
from tracker.capture.x11 import X11Input
from tracker.model.counts import Counts

SECRET = "correcthorsebatterystaple"
SHARED = (ModuleType, type, FunctionType, Ear, Hands, Witness)  # what all of a program has in common


def held(*roots: object) -> list[object]:
    """Return everything that these refer to, at any depth, and what the hook's thread is about."""
    found: dict[int, object] = {}
    waiting = list(roots)
    waiting += [frame for frame in sys._current_frames().values() if _of_the_hook(frame)]
    while waiting:
        one = waiting.pop()
        if id(one) in found or isinstance(one, SHARED) or one is gc or one is found:
            continue
        found[id(one)] = one
        waiting += _locals(one) if isinstance(one, FrameType) else gc.get_referents(one)
    return list(found.values())


def _of_the_hook(frame: FrameType) -> bool:
    names = []
    last: FrameType | None = frame
    while last is not None:
        names.append(last.f_code.co_filename)
        last = last.f_back
    return any(name.endswith("capture/x11.py") for name in names) and frame.f_code.co_name != "held"


def _locals(frame: FrameType) -> list[object]:
    return [*frame.f_locals.values(), *([frame.f_back] if frame.f_back else [])]


def codes_in(things: list[object], codes: set[int], first: int) -> Counter[str]:
    """Count what may tell of one of the keys: its code in a pair, or an event's bytes; much else may, too."""
    events = [bytes([kind, code]) for code in codes for kind in (first + 1, first + 2)]
    told: Counter[str] = Counter()
    for one in things:
        pair = isinstance(one, tuple) and len(one) == 2 and all(type(part) is int for part in one)
        if pair and one[1] in codes:  # type: ignore[index]  # of two numbers, as was looked
            told["a pair with its code"] += 1
        if isinstance(one, bytes | bytearray) and any(event in one for event in events):
            told[f"{len(one)} bytes"] += 1
        if isinstance(one, str) and SECRET in one and one is not SECRET:
            told["a word"] += 1
    return told


def test_what_was_typed_is_nowhere_in_tally_and_hook(own: Hands, alone: str) -> None:
    source = X11Input(alone)
    ear = Ear(source)
    hook = source._hook
    assert hook
    link = Display(alone)
    codes = {link.keysym_to_keycode(XK.string_to_keysym(letter)) for letter in SECRET}
    link.close()
    before = codes_in(held(ear.tally, hook), codes, hook._first)
    own.press(*SECRET)
    until(lambda: ear.look().keys == len(SECRET), "the keys")
    assert codes_in(held(ear.tally, hook), codes, hook._first) - before == Counter()

    with own.hold("c"):
        until(lambda: ear.look().keys == len(SECRET) + 1, "the key that is held")
        assert codes_in(held(ear.tally, hook), codes, hook._first) - before
    until(lambda: not hook._down, "its release")
    assert codes_in(held(ear.tally, hook), codes, hook._first) - before == Counter()
    assert ear.total(Counts(len(SECRET) + 1, active=True)).keys == len(SECRET) + 1


def test_no_kind_of_key_reaches_a_tally(own: Hands, alone: str, watching: Witness) -> None:
    class Told(Tally):
        def __getattribute__(self, name: str) -> object:
            asked.add(name)
            return super().__getattribute__(name)

    asked: set[str] = set()
    source, tally = X11Input(alone), Told()
    source.start(tally, lambda _reason: None)
    own.press("s", "Shift_L", "Escape")
    own.click()
    own.wheel()
    until(lambda: {"key", "click", "scroll"} <= asked, "the calls")
    source.stop()
    assert watching.seen().keys == 3
    assert {name for name in asked if not name.startswith("_")} == {"key", "click", "scroll"}
    assert threading.active_count() >= 1
