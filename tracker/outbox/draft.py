"""The open segment, saved as it grows, so that a crash costs seconds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tracker.outbox.parcel import pack, unpack

if TYPE_CHECKING:
    from sqlite3 import Connection

    from tracker.model.segment import Segment, Shot
    from tracker.outbox.database import Database


class DraftStore:
    """Holds the open segment until the outbox has it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def save(self, segment: Segment, *, durable: bool) -> None:
        """Keep the segment as it is now; durable: over a power cut, else over a crash."""
        with self._db.transaction(durable=durable) as connection:
            write(connection, segment)

    def load(self) -> Segment | None:
        """Return the open segment as it was last saved, its stored shots included.

        After faults there may be several: each is the next one as soon as the outbox has the one before.
        """
        with self._db.reading() as connection:
            found = connection.execute("SELECT facts FROM draft ORDER BY begins LIMIT 1").fetchone()
        return None if found is None else unpack(found[0])


def write(connection: Connection, segment: Segment) -> None:
    """Save a draft inside a transaction."""
    connection.execute(
        "INSERT OR REPLACE INTO draft (id, contract, begins, facts) VALUES (?, ?, ?, ?)",
        (segment.id, segment.key.contract, segment.start, pack(segment)),
    )


def add_shot(connection: Connection, segment: str, shot: Shot) -> None:
    """Let a draft know of a shot whose pictures are being stored: a crash may follow."""
    found = connection.execute("SELECT facts FROM draft WHERE id = ?", (segment,)).fetchone()
    draft = None if found is None else unpack(found[0])
    if draft is not None and shot not in draft.shots:
        write(connection, replace(draft, shots=(*draft.shots, shot)))
