"""Doubles for hands and camera: input and shots come when the test says so."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from tracker.capture.base import EncodedPicture
from tracker.capture.photographer import ShotResult
from tracker.capture.tally import Tally
from tracker.errors import CaptureUnavailable


@dataclass
class FakeInput:
    """An input source whose hands are the test's."""

    name: str = "fake"
    refuses: str = ""
    tally: Tally | None = None
    lose: Callable[[str], None] | None = None
    polls: int = 0

    def start(self, tally: Tally, lost: Callable[[str], None]) -> None:
        if self.refuses:
            raise CaptureUnavailable(self.refuses)
        self.tally, self.lose = tally, lost

    def poll(self) -> None:
        self.polls += 1

    def stop(self) -> None:
        self.tally = None

    def type(self, keys: int) -> None:
        if self.tally is not None:
            for _ in range(keys):
                self.tally.key()


@dataclass
class FakePhotographer:
    """Takes the shots it is told to take, when the test says so."""

    asked: list[tuple[str, Callable[[ShotResult], None]]] = field(default_factory=list)

    def request(self, shot: str, done: Callable[[ShotResult], None]) -> None:
        self.asked.append((shot, done))

    def deliver(self, reason: str = "") -> None:
        for shot, done in self.asked:
            done(ShotResult(shot, () if reason else (PICTURE,), reason))
        self.asked.clear()

    def close(self, timeout: float) -> None:
        """Nothing is under way in a test."""


PICTURE = EncodedPicture(0, 8, 8, hashlib.sha256(b"a picture").hexdigest(), b"a picture")
