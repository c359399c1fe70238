"""The queue that loses nothing: a segment is held, then sealed and waiting, then delivered or refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from tracker.errors import NotDone
from tracker.model.segment import ShotState
from tracker.model.slot import HOUR, MINUTE
from tracker.outbox import draft, rows
from tracker.outbox.history import History
from tracker.outbox.memory import Memory
from tracker.outbox.parcel import Entry, Hold, Parcel, State, unpack
from tracker.outbox.questions import Questions
from tracker.outbox.unsent import Evidence
from tracker.outbox.weeks import Weeks
from tracker.status import OutboxStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.capture.base import EncodedPicture
    from tracker.evidence.keys import SigningKey
    from tracker.model.segment import Segment, Shot
    from tracker.outbox.database import Database
    from tracker.wire.receipt import Receipt

__all__ = ["Entry", "Hold", "Outbox", "Parcel", "State"]

LONGEST_NOTICE = 2 * MINUTE  # a shot's notice, and the shot's own time
LONGEST_WAIT = 6 * HOUR  # between two tries, however long a server asks for
# Holds and tries are measured on the wall clock: where it was set back, they would last for so much longer.
# Silence has no end of its own: only the session knows what became of it.
_DUE = """
    SELECT id FROM segment WHERE state = 'held' AND why IS NOT 'silence'
    AND (coalesce(until, 0) <= :now OR until > :now + :longest)
"""


class Outbox(Memory, History, Questions, Weeks, Evidence):
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

    # What the freelancer may change while a segment is held

    def change_memo(self, segment_id: str, memo: str) -> None:
        """Give a held segment another memo."""
        with self._db.transaction() as connection:
            rows.rewrite(connection, replace(rows.held(connection, segment_id), memo=memo))

    def withhold(self, segment_id: str, shot_id: str) -> None:
        """Destroy the pictures of a held segment's shot; the time stays."""
        with self._db.transaction() as connection:
            segment = rows.held(connection, segment_id)
            if shot_id not in {shot.id for shot in segment.shots}:
                raise NotDone(f"The segment has no shot {shot_id}.", advice="See 'hourproof diary --json'.")
            shots = tuple(
                replace(shot, state=ShotState.WITHHELD, pictures=()) if shot.id == shot_id else shot
                for shot in segment.shots
            )
            rows.rewrite(connection, replace(segment, shots=shots))
            connection.execute("DELETE FROM picture WHERE segment = ? AND shot = ?", (segment_id, shot_id))
        self._db.forget_deleted()

    def discard(self, segment_id: str) -> None:
        """Destroy a held segment with its pictures and its time, as if it had never been."""
        with self._db.transaction() as connection:
            rows.held(connection, segment_id)
            connection.execute("DELETE FROM segment WHERE id = ?", (segment_id,))
            connection.execute("DELETE FROM picture WHERE segment = ?", (segment_id,))
        self._db.forget_deleted()

    # What the syncer does

    def seal_due(self, now: int) -> int:
        """Seal every segment whose hold has passed, the oldest first; return how many."""
        with self._db.reading() as connection:
            values = {"now": now, "longest": LONGEST_NOTICE}
            due = connection.execute(f"{_DUE} ORDER BY begins", values).fetchall()
        return sum(self._seal(segment_id, now) for (segment_id,) in due)

    def oldest_due(self, now: int) -> Parcel | None:
        """Return the oldest parcel that waits and may be tried."""
        query = """
            SELECT id, facts, body, signature, sha256, attempts FROM segment
            WHERE state = 'waiting' AND (coalesce(next, 0) <= :now OR next > :now + :longest)
            ORDER BY begins LIMIT 1
        """
        with self._db.reading() as connection:
            found = connection.execute(query, {"now": now, "longest": LONGEST_WAIT}).fetchone()
        if found is None:
            return None
        segment_id, facts, body, signature, sha256, attempts = found
        segment = unpack(facts)
        return Parcel(
            id=segment_id,
            key=segment.key,
            start=segment.start,
            end=segment.end,
            body=body,
            signature=signature,
            pictures=tuple(dict.fromkeys(p.sha256 for shot in segment.shots for p in shot.pictures)),
            attempts=attempts,
            sha256=sha256,
        )

    def picture(self, sha256: str) -> bytes:
        """Return the bytes of a picture that is not delivered yet."""
        query = "SELECT data FROM picture WHERE sha256 = ? LIMIT 1"
        with self._db.reading() as connection:
            found = connection.execute(query, (sha256,)).fetchone()
        if found is None:
            raise NotDone("The picture is not kept here.", advice="Its segment may be delivered.")
        return bytes(found[0])

    def delivered(self, segment_id: str, receipt: Receipt) -> None:
        """Tick a parcel off: its pictures go; its bytes, signature and first receipt stay for good."""
        change = """
            SET state = 'delivered', facts = NULL, next = NULL, problem = NULL, receipt = coalesce(receipt, ?)
            WHERE state <> 'held'
        """
        with self._db.transaction() as connection:
            rows.move(connection, segment_id, change, msgspec.json.encode(receipt))
            connection.execute("DELETE FROM picture WHERE segment = ?", (segment_id,))

    def postpone(self, segment_id: str, until: int, problem: str) -> None:
        """Let a parcel wait after a trouble that will pass."""
        change = "SET attempts = attempts + 1, next = ?, problem = ? WHERE state = 'waiting'"
        with self._db.transaction(durable=False) as connection:
            rows.move(connection, segment_id, change, until, problem)

    def refuse(self, segment_id: str, problem: str) -> None:
        """Set a parcel aside that the server does not accept; it blocks no other."""
        change = """
            SET state = 'refused', attempts = attempts + 1, next = NULL, problem = ? WHERE state = 'waiting'
        """
        with self._db.transaction() as connection:
            rows.move(connection, segment_id, change, problem)

    def retry(self, segment_id: str) -> None:
        """Let a refused or waiting parcel be tried at once, as for the first time."""
        change = """
            SET state = 'waiting', attempts = 0, next = NULL, problem = NULL
            WHERE state IN ('waiting', 'refused')
        """
        with self._db.transaction() as connection:
            rows.move(connection, segment_id, change)

    def next_change(self, now: int) -> int | None:
        """Return when the next hold or backoff ends; one that is over counts as now if it was a hold."""
        query = """
            SELECT min(at) FROM (
                SELECT max(coalesce(until, 0), ?1) AS at FROM segment
                WHERE state = 'held' AND why IS NOT 'silence'
                UNION ALL SELECT next FROM segment WHERE state = 'waiting' AND next > ?1
            )
        """
        with self._db.reading() as connection:
            (at,) = connection.execute(query, (now,)).fetchone()
        return None if at is None else int(at)

    def counts(self) -> OutboxStatus:
        """Return how many segments the server does not hold, by their state."""
        query = """
            SELECT state, count(*) FROM segment
            WHERE state IN ('held', 'waiting', 'refused') GROUP BY state
        """
        with self._db.reading() as connection:
            number = dict(connection.execute(query).fetchall())
        return OutboxStatus(number.get("held", 0), number.get("waiting", 0), number.get("refused", 0))

    def entries(self) -> list[Entry]:
        """Return the segments the server does not hold, the oldest first."""
        query = """
            SELECT id, contract, begins, ends, state, why, until, attempts, next, problem
            FROM segment WHERE state IN ('held', 'waiting', 'refused') ORDER BY begins
        """
        with self._db.reading() as connection:
            rows = connection.execute(query).fetchall()
        return [
            Entry(id_, contract, begins, ends, State(state), Hold(why, until) if why else None, *rest)
            for id_, contract, begins, ends, state, why, until, *rest in rows
        ]

    def _seal(self, segment_id: str, now: int) -> bool:
        """Seal a segment unless it was discarded or held anew since it was found due."""
        with self._db.transaction() as connection:
            values = {"id": segment_id, "now": now, "longest": LONGEST_NOTICE}
            due = connection.execute(f"{_DUE} AND id = :id", values).fetchone() is not None
            if due:
                self._sealer.seal(connection, rows.held(connection, segment_id))
        return due
