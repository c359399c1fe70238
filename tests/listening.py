"""A source at work: what it has counted so far, and why it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from waiting import until

from tracker.capture.tally import Tally
from tracker.model.counts import SILENCE, Counts, plus

if TYPE_CHECKING:
    from hands import Hands

    from tracker.capture.base import InputSource


class Ear:
    """Listens to a source from the beginning."""

    def __init__(self, source: InputSource) -> None:
        self.source = source
        self.seen = SILENCE
        self.losses: list[str] = []
        self.tally = Tally()
        self.start()

    def start(self) -> None:
        """Count on."""
        self.source.start(self.tally, self.losses.append)

    def look(self) -> Counts:
        """Return what has been counted so far."""
        self.source.poll()
        old, new = self.seen, self.tally.take()
        self.seen = Counts(
            plus(old.keys, new.keys),
            plus(old.clicks, new.clicks),
            plus(old.scrolls, new.scrolls),
            active=old.active or new.active,
        )
        return self.seen

    def total(self, expected: Counts) -> Counts:
        """Wait for as much as is expected, stop the source, and return all that was counted."""
        until(lambda: self.look() == expected, f"{expected}")
        self.source.stop()
        return self.look()

    def settle(self, hands: Hands) -> None:
        """Wait until keyboard and mouse are both listened to, and forget what that took."""
        with hands.hold("space"):  # repeated until it is noticed, then counted once
            until(lambda: self.look().keys, "the keyboard's hook")
        until(lambda: (hands.click(), self.look().clicks)[1], "the mouse's hook")
        hands.wheel()
        until(lambda: self.look().scrolls, "all of these clicks")
        self.seen = SILENCE
