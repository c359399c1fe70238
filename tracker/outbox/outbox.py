"""The queue that loses nothing: a segment is held, then sealed and waiting, then delivered or refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tracker.model.slot import MINUTE
from tracker.outbox import draft, rows
from tracker.outbox.cargo import Cargo
from tracker.outbox.history import History
from tracker.outbox.memory import Memory
from tracker.outbox.parcel import Entry, Hold, Parcel, State
from tracker.outbox.questions import Questions
from tracker.outbox.queue import LONGEST_WAIT, Queue
from tracker.outbox.revisions import Revisions
from tracker.outbox.unsent import Evidence
from tracker.outbox.weeks import Weeks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.capture.base import EncodedPicture
    from tracker.evidence.keys import SigningKey
    from tracker.model.segment import Segment, Shot
    from tracker.outbox.database import Database

__all__ = ["LONGEST_WAIT", "Entry", "Hold", "Outbox", "Parcel", "State"]

LONGEST_NOTICE = 2 * MINUTE  # a shot's notice, and the shot's own time
# Holds are measured on the wall clock: where it was set back, they would last for
# so much longer.
# Silence has no end of its own: only the session knows what became of it.
_DUE = """
    SELECT id FROM segment WHERE state = 'held' AND why IS NOT 'silence'
    AND (coalesce(until, 0) <= :now OR until > :now + :longest)
"""


class Outbox(Memory, History, Questions, Weeks, Evidence, Queue, Revisions, Cargo):
    """Keeps every closed segment; what it has answered for survives a power cut."""

    def __init__(self, database: Database, signer: SigningKey, *, app: str, test: bool) -> None:
        """Raise OnlyInTestMode or NotDone where the home holds time of the other mode."""
        super().__init__(database)
        self._sealer = rows.Sealer(signer, app, test)
        self._keep_apart(test=test)
        with database.transaction() as connection:  # pictures whose segment did not outlive a crash
            connection.execute("""
                DELETE FROM picture
                WHERE segment NOT IN (SELECT id FROM segment) AND segment NOT IN (SELECT id FROM draft)
                AND segment NOT IN (SELECT id FROM question)
                AND segment NOT IN (SELECT segment FROM revision WHERE state <> 'delivered')
            """)

    @property
    def tracking(self) -> bool:
        """Whether there is an open segment, as far as its draft tells."""
        with self._db.reading() as connection:
            return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM draft)").fetchone()[0])

    # What the session hands over

    def put(self, segment: Segment, hold: Hold | None) -> None:
        """Take over a closed segment in its draft's place; without a hold the next sealing takes it."""
        with self._db.transaction() as connection:
            rows.insert(connection, segment)
            rows.hold(connection, segment.id, hold)
            connection.execute("DELETE FROM draft WHERE id = ?", (segment.id,))

    def enter(self, segments: Sequence[Segment]) -> None:
        """Take over time entered by hand, all of it or none; the next sealing takes it."""
        with self._db.transaction() as connection:
            for segment in segments:
                rows.insert(connection, segment)

    def store_pictures(self, shot: Shot, pictures: Sequence[EncodedPicture], *, segment: str) -> None:
        """Keep the pictures of a shot of the open segment, and the shot with its draft."""
        with self._db.transaction() as connection:
            draft.add_shot(connection, segment, shot)
            rows.store(connection, segment, shot, pictures)

    def add_shot(
        self, segment_id: str, shot: Shot, pictures: Sequence[EncodedPicture], hold: Hold | None
    ) -> None:
        """Give a held segment a shot that arrived after it closed, and a new hold unless silence holds it."""
        with self._db.transaction() as connection:
            segment = rows.held(connection, segment_id)
            rows.rewrite(connection, replace(segment, shots=(*segment.shots, shot)))
            if not rows.is_silent(connection, segment_id):
                rows.hold(connection, segment_id, hold)
            rows.store(connection, segment_id, shot, pictures)

    # What the syncer does

    def seal_due(self, now: int) -> int:
        """Seal every segment whose hold has passed, the oldest first; return how many."""
        with self._db.reading() as connection:
            values = {"now": now, "longest": LONGEST_NOTICE}
            due = connection.execute(f"{_DUE} ORDER BY begins", values).fetchall()
        return sum(self._seal(segment_id, now) for (segment_id,) in due)

    def _seal(self, segment_id: str, now: int) -> bool:
        """Seal a segment unless it was discarded or held anew since it was found due."""
        with self._db.transaction() as connection:
            values = {"id": segment_id, "now": now, "longest": LONGEST_NOTICE}
            due = connection.execute(f"{_DUE} AND id = :id", values).fetchone() is not None
            if due:
                self._sealer.seal(connection, rows.held(connection, segment_id))
        return due
