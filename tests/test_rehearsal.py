"""A rehearsal counts what a real display tells, from its first look, and forgets it in the end."""

from __future__ import annotations

import desktop
from hands import Hands
from waiting import until

from tracker.capture.x11 import X11Input
from tracker.errors import CaptureUnavailable
from tracker.rehearsal import Heard, Rehearsal


def test_it_counts_from_the_first_look_and_forgets_in_the_end(display: str) -> None:
    rehearsal = Rehearsal(lambda: X11Input(display))
    with Hands(display) as hands:
        hands.press("a", times=2)
        assert rehearsal.look() == Heard(0, 0, 0, 0)
        hands.press("a", times=3)
        hands.click()
        until(lambda: rehearsal.look()[:3] == (3, 1, 0), "what was typed to be counted")
        rehearsal.end()
        hands.press("a")
        assert rehearsal.look() == Heard(0, 0, 0, 0)
        rehearsal.end()


def test_a_display_that_vanishes_ends_it_with_the_reason() -> None:
    with desktop.xvfb() as server:
        rehearsal = Rehearsal(lambda: X11Input(server.name))
        rehearsal.look()
        server.vanish()

        def gone() -> bool:
            try:
                rehearsal.look()
            except CaptureUnavailable as error:
                return server.name in error.title
            return False

        until(gone, "the loss to be told")
