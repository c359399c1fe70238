"""A script of busy hands: everything that keyboards and mice do, by chance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from random import Random
from typing import NamedTuple

from Xlib import X

from tracker.model.counts import Counts

LETTERS = "abcdefghijklmnopqrstuvwxyz"
MODIFIERS = ("Shift_L", "Shift_R", "Control_L", "Control_R", "Alt_L", "Super_L")
BUTTONS = (1, 2, 3, 8, 9)
WHEEL = (4, 5, 6, 7)
SCREEN = (1280, 800)


class Stroke(NamedTuple):
    """One event as XTest takes it; a key is named, a button numbered."""

    kind: int
    what: str | int = 0
    x: int = 0
    y: int = 0


@dataclass
class Script:
    """Strokes, written scene by scene."""

    chance: Random
    strokes: list[Stroke] = field(default_factory=list)

    def write(self, events: int) -> Script:
        """Go on until there are at least so many that count."""
        scenes: tuple[Callable[[], None], ...] = (
            self._type,
            self.roll,
            self._combine,
            self._shift,
            self._click,
            self._drag,
            self._turn,
        )
        while events > 0:
            before = len(self.strokes)
            self.chance.choice(scenes)()
            events -= sum(one.kind in {X.KeyPress, X.ButtonPress} for one in self.strokes[before:])
            self._point()
        return self

    def _key(self, *names: str) -> None:
        """Put keys down one after the other, and up again in any order."""
        self.strokes += [Stroke(X.KeyPress, name) for name in names]
        self.strokes += [Stroke(X.KeyRelease, name) for name in self.chance.sample(names, len(names))]

    def _type(self) -> None:
        for name in self.chance.choices(LETTERS, k=12):
            self._key(name)

    def roll(self) -> None:
        """Put down some letters before the first is up."""
        self._key(*self.chance.sample(LETTERS, self.chance.randint(2, 8)))

    def _combine(self) -> None:
        self._key(*self.chance.sample(MODIFIERS, self.chance.randint(1, 3)), self.chance.choice(LETTERS))

    def _shift(self) -> None:
        self._key("Shift_L", "Shift_R")

    def _click(self) -> None:
        for button in self.chance.choices(BUTTONS, k=3):
            self.strokes += [Stroke(X.ButtonPress, button), Stroke(X.ButtonRelease, button)]

    def _drag(self) -> None:
        """Move with two buttons down, typing meanwhile."""
        self.strokes += [Stroke(X.ButtonPress, 1), Stroke(X.ButtonPress, 3)]
        self._point()
        self._key("a")
        self.strokes += [Stroke(X.ButtonRelease, 1), Stroke(X.ButtonRelease, 3)]

    def _turn(self) -> None:
        direction = self.chance.choice(WHEEL)
        for _ in range(5):
            self.strokes += [Stroke(X.ButtonPress, direction), Stroke(X.ButtonRelease, direction)]

    def _point(self) -> None:
        width, height = SCREEN
        self.strokes += [
            Stroke(X.MotionNotify, 0, self.chance.randrange(width), self.chance.randrange(height))
            for _ in range(4)
        ]


def presses(strokes: Sequence[Stroke]) -> Counts:
    """Return how many keys, clicks and notches are in some strokes."""
    keys = [one for one in strokes if one.kind == X.KeyPress]
    notches = [one for one in strokes if one.kind == X.ButtonPress and one.what in WHEEL]
    clicks = [one for one in strokes if one.kind == X.ButtonPress and one.what not in WHEEL]
    return Counts(len(keys), len(clicks), len(notches), active=True)


def pacing(keys: list[Stroke], moves_a_key: int) -> Iterator[list[Stroke]]:
    """Return for each stroke what is sent with it: as many moves of the pointer."""
    width, height = SCREEN
    places = cycle((x, 7 * x % height) for x in range(width))
    for stroke in keys:
        yield [Stroke(X.MotionNotify, 0, x, y) for x, y in islice(places, moves_a_key)] + [stroke]
