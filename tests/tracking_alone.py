"""A program that tracks on a bench and says each second how far it has come, for tests that cut its power.

It tracks in the file of a `Box`, switches, changes memos, takes shots, ends, starts again, and ends in the
middle of it. With the word `careless` nothing that it keeps is synced when it says so; with `away` nobody is
at the desk for a while.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from random import Random
from typing import Any

from boxes import Box
from doubles import NINE, FakeClock
from workbench import FENNEL, NORTHBEAM, Bench, bench_on, contract

from tracker.capture.base import EncodedPicture
from tracker.capture.photographer import ShotResult
from tracker.model.segment import ClosedBy
from tracker.model.slot import SECOND
from tracker.orders import Begin, ChangeMemo, End, Order
from tracker.outbox.database import Database

PICTURED = contract("pictured", shots=3)
PICTURE_BYTES = 40_000
Stretch = tuple[Order, int, int]

# What is ordered, and then for how many seconds it is worked, with how many keys in each.
MORNING: tuple[Stretch, ...] = (
    (Begin(NORTHBEAM, None), 75, 3),
    (ChangeMemo("Measuring the hall"), 130, 3),
    (ChangeMemo("Drawing the floor plan"), 62, 3),
    (Begin(PICTURED, "Drawing the front"), 400, 3),
    (Begin(FENNEL, ""), 65, 3),
    (ChangeMemo("Colours of the logo"), 3, 3),
)
AFTERNOON: tuple[Stretch, ...] = (
    (Begin(PICTURED, "Drawing the back"), 150, 3),
    (Begin(FENNEL, "The second logo"), 100, 3),
)
WITH_A_VISIT: tuple[Stretch, ...] = (
    (Begin(PICTURED, "Drawing the back"), 150, 3),
    (Begin(PICTURED, None), 760, 0),  # the last minutes of it are away
    (Begin(FENNEL, "The second logo"), 100, 3),
)


class Teller:
    """Works on a bench and says what it has been answered for."""

    def __init__(self, bench: Bench, earlier_ms: int) -> None:
        self.bench = bench
        self._earlier_ms = earlier_ms  # of the runs that are over
        self._chance = Random(bench.clock.wall)
        self._told: set[str] = {segment.id for segment in bench.segments}

    @property
    def ms(self) -> int:
        """So much has been tracked, or is in question."""
        return self._earlier_ms + self.bench.session.at - self.bench.session.began

    def do(self, plan: tuple[Stretch, ...]) -> None:
        for order, seconds, keys in plan:
            names_time = isinstance(order, ChangeMemo) and not self.bench.status().memo
            self.bench.do(order)
            self.say(**({"memo": order.memo} if names_time else {}))
            for _ in range(seconds):
                self.bench.work(SECOND, keys=keys)
                self._take_shots()
                self.say()

    def withhold(self) -> None:
        """Destroy the pictures of a shot, which takes them out of the journal, too."""
        segment, shot = next((s, s.shots[0]) for s in self.bench.segments if s.shots)
        (picture,) = shot.pictures
        self.say(withholding=picture.sha256)
        self.bench.outbox.withhold(segment.id, shot.id, NINE)
        self.say(withheld=picture.sha256)

    def say(self, **facts: Any) -> None:
        held = self.bench.outbox.entries()
        silent = {entry.id for entry in held if entry.hold and entry.hold.why == "silence"}
        closed = [
            {"id": s.id, "start": s.start, "end": s.end, "contract": s.key.contract, "memo": s.memo}
            for s in self.bench.segments
            if s.id not in self._told | silent  # the end of silence may yet come to be in question
        ]
        self._told |= {one["id"] for one in closed}
        line = json.dumps({"ms": self.ms, "closed": closed, **facts}) + "\n"
        os.write(1, line.encode())  # in one piece: a line is said or not

    def _take_shots(self) -> None:
        for shot, done in self.bench.camera.asked:
            data = self._chance.randbytes(PICTURE_BYTES)
            sha256 = hashlib.sha256(data).hexdigest()
            done(ShotResult(shot, (EncodedPicture(0, 8, 8, sha256, data),), ""))
            self.bench.session.step()
            self.say(picture=sha256)
        self.bench.camera.asked.clear()


def main(folder: Path, *words: str) -> None:
    if "careless" in words:
        transaction = Database.transaction
        Database.transaction = lambda self, **_: transaction(self, durable=False)
    clock = FakeClock(wall=NINE + 17_300)
    with Box(folder) as box:
        morning = Teller(bench_on(box.database, clock), 0)
        morning.do(MORNING)
        morning.withhold()
        morning.bench.do(End(ClosedBy.STOP))
        morning.say()
    clock.advance(3600 * SECOND)  # a long lunch
    with Box(folder) as box:
        afternoon = WITH_A_VISIT if "away" in words else AFTERNOON
        Teller(bench_on(box.database, clock), morning.ms).do(afternoon)
        os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
