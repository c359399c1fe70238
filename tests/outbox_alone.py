"""An outbox that is worked with, and says after each call what it holds: its power is cut.

It begins without a file. With the word `careless` nothing that it keeps is synced when it says so.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from random import Random
from typing import Any

from boxes import SERVER, Box
from doubles import NINE
from worked import FENNEL, NORTHBEAM, receipt, taken, worked

from tracker.capture.base import EncodedPicture
from tracker.model.segment import Segment, Shot
from tracker.model.slot import MINUTE, SLOT
from tracker.outbox.database import Database
from tracker.outbox.outbox import Hold

PICTURE_BYTES = 20_000
DAY_OF_IT = 6  # segments; each is treated in another way
LATER = NINE + 10 * SLOT
_OF_DELIVERY = {"attempts", "next", "problem"}  # of which the last try may be forgotten


def held(box: Box) -> set[str]:
    """Return every row as its table, the first name in it, and its hash."""
    found = set()
    with box.database.reading() as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        for (table,) in connection.execute(query).fetchall():
            names = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})").fetchall()]
            columns = ", ".join(name for name in names if name not in _OF_DELIVERY)
            for row in connection.execute(f"SELECT {columns} FROM {table}"):
                name = next((one for one in row if isinstance(one, str)), "")
                found.add(f"{table} {name} {hashlib.sha256(repr(row).encode()).hexdigest()[:16]}")
    return found


class Worker:
    """Does what session and syncer do, one call after the other, and tells what came of each."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.chance = Random(1)
        self.now = NINE

    def tell(self, _done: Any = None) -> None:
        os.write(
            1, (json.dumps(sorted(held(self.box))) + "\n").encode()
        )  # in one piece: a line is said or not

    def track(self, number: int) -> tuple[Segment, Shot]:
        """Open a segment, take a shot, close it with a notice, let that pass."""
        outbox, key = self.box.outbox, (NORTHBEAM, FENNEL)[number % 2]
        shot, pictures = taken(self.chance.randbytes(PICTURE_BYTES), at=self.now + MINUTE)
        segment = worked(self.now, key=key)
        self.tell(self.box.draft.save(segment, durable=True))
        self.tell(outbox.store_pictures(shot, pictures, segment=segment.id))
        segment = worked(self.now, key=key, id=segment.id, shots=(shot,))
        self.now += SLOT
        self.tell(outbox.put(segment, Hold("notice", self.now + MINUTE)))
        return segment, shot

    def seal(self) -> None:
        self.tell(self.box.outbox.seal_due(self.now + 2 * MINUTE))

    def deliver(self) -> None:
        parcel = self.box.outbox.oldest_due(LATER)
        assert parcel is not None
        self.tell(self.box.outbox.delivered(parcel.id, receipt(parcel, SERVER)))

    def refuse(self) -> None:
        parcel = self.box.outbox.oldest_due(LATER)
        assert parcel is not None
        self.tell(self.box.outbox.postpone(parcel.id, LATER, "no answer"))
        self.tell(self.box.outbox.refuse(parcel.id, "no"))
        self.tell(self.box.outbox.retry(parcel.id))

    def blurred(self) -> EncodedPicture:
        data = self.chance.randbytes(PICTURE_BYTES // 4)
        return EncodedPicture(0, 64, 36, hashlib.sha256(data).hexdigest(), data)


def work(box: Box) -> None:
    worker, outbox = Worker(box), box.outbox
    worker.tell()
    for number in range(DAY_OF_IT):
        segment, shot = worker.track(number)
        if number == 0:
            worker.tell(outbox.change_memo(segment.id, "Said later", LATER))
        if number == 1:
            worker.tell(outbox.withhold(segment.id, shot.id, LATER))  # while it is held
        worker.seal()
        if number == 2:
            worker.tell(outbox.blur(segment.id, shot.id, [worker.blurred()], LATER))  # while it waits
            worker.deliver()
        if number == 3:
            worker.tell(outbox.discard(segment.id, LATER))  # never sent: only the revision is
            worker.deliver()
            continue
        worker.refuse()
        worker.deliver()
        if number == 4:
            worker.tell(outbox.change_memo(segment.id, "After all", LATER))  # at the server
            worker.tell(outbox.discard(segment.id, LATER + 1))
            worker.deliver()
            worker.deliver()


def main(folder: Path, *words: str) -> None:
    if "careless" in words:
        transaction = Database.transaction
        Database.transaction = lambda self, **_: transaction(self, durable=False)
    with Box(folder) as box:
        work(box)
        os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
