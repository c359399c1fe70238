"""Whatever hands do on an X display is counted exactly: no press more or less than a witness has seen."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from random import Random

from busy import LETTERS, Script, Stroke, pacing, presses
from hands import Hands
from listening import Ear
from waiting import until
from witness import Witness
from Xlib import X

from tracker.capture.x11 import X11Input
from tracker.clock import SystemClock
from tracker.model.counts import Counts

EVENTS = int(os.environ.get("HOURPROOF_EVENTS", "3000"))  # that count: 100,000 make the long run
PORTION = 400  # strokes sent at once
RATE, MOTION = 200, 8_000  # keys and moves a second
FAST = max(1, EVENTS // 3_000)  # seconds at that rate
HELD = 35  # repetitions of a key that is held for 2 s


def assert_exact(ear: Ear, watching: Witness, sent: Counts) -> None:
    """All three agree, at the latest once what is under way has arrived."""
    assert watching.seen() == replace(sent, active=False)
    assert ear.total(sent) == sent


def test_every_kind_of_event_counts_as_often_as_it_happens(own: Hands, ear: Ear, watching: Witness) -> None:
    strokes = Script(Random(5)).write(EVENTS).strokes
    for end in range(PORTION, len(strokes) + PORTION, PORTION):
        own.play(strokes[end - PORTION : end])
        # Not all at once: an X server loses reports of thousands a second while any client does not read.
        due = presses(strokes[:end])
        until(lambda due=due: ear.look() == due, "this portion")
    assert_exact(ear, watching, presses(strokes))


def test_at_8000_moves_and_200_keys_a_second_none_is_missed(own: Hands, ear: Ear, watching: Witness) -> None:
    script = Script(Random(6))
    while len(script.strokes) < 2 * RATE * FAST:
        script.roll()
    clock, pace = SystemClock(), threading.Event()
    begin = clock.now().awake
    strokes_a_second = 2 * RATE  # each key goes down and up
    for number, together in enumerate(pacing(script.strokes, MOTION // strokes_a_second)):
        own.play(together)
        pace.wait(number / strokes_a_second - (clock.now().awake - begin) / 1_000)
    assert_exact(ear, watching, presses(script.strokes))


def test_a_key_held_for_two_seconds_counts_once(own: Hands, ear: Ear, watching: Witness) -> None:
    own.hold_until_repeated("x", times=HELD)
    assert_exact(ear, watching, Counts(1, active=True))


def test_a_key_held_over_the_start_is_no_press_and_the_next_one_is(
    own: Hands, alone: str, watching: Witness
) -> None:
    with own.hold("x"):
        assert watching.seen().keys == 1
        ear = Ear(X11Input(alone))
        own.hold_until_repeated("y", times=3)  # the other one was repeated until then
    own.press("x")
    assert_exact(ear, watching, Counts(2, active=True))


def test_a_key_held_over_the_stop_was_pressed_once(own: Hands, ear: Ear, watching: Witness) -> None:
    with own.hold("x"):
        assert_exact(ear, watching, Counts(1, active=True))
    ear.start()
    own.press("x")
    assert watching.seen().keys == 1
    assert ear.total(Counts(2, active=True)).keys == 2


def test_all_letters_down_at_once_are_as_many_presses(own: Hands, ear: Ear, watching: Witness) -> None:
    own.play([Stroke(X.KeyPress, name) for name in LETTERS])
    own.play([Stroke(X.KeyRelease, name) for name in LETTERS])
    assert_exact(ear, watching, Counts(len(LETTERS), active=True))
