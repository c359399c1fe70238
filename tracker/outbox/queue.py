"""What waits for delivery, segments and revisions of them, and what became of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tracker.errors import NotDone
from tracker.model.revision import Change, Revision
from tracker.model.slot import HOUR, parse_instant
from tracker.outbox import rows
from tracker.outbox.entries import HELD_BACK, OURS, STUCK, revisions, segments
from tracker.outbox.parcel import Entry, Parcel, unpack
from tracker.status import OutboxStatus
from tracker.wire.revision import decode_revision

if TYPE_CHECKING:
    from collections.abc import Sequence
    from sqlite3 import Connection

    from tracker.model.segment import Key, Picture
    from tracker.outbox.database import Database
    from tracker.outbox.memory import Pause
    from tracker.wire.account import Account
    from tracker.wire.receipt import Receipt

LONGEST_WAIT = 6 * HOUR  # between two tries, however long a server asks for
_NOW = "(coalesce(next, 0) <= :now OR next > :now + :longest)"  # a clock set back must not prolong it
_TABLES = ("segment", "revision")
# the pictures of a segment, but for those of a blur that is still to be delivered
_LET_GO = """
    DELETE FROM picture WHERE segment = ? AND NOT EXISTS (
        SELECT 1 FROM revision AS r WHERE r.segment = picture.segment AND r.change = 'blur'
        AND r.state <> 'delivered' AND instr(CAST(r.facts AS TEXT), picture.sha256))
"""


class PictureGone(NotDone):
    """A picture is not kept here, or not any more."""

    advice = "Its segment may be delivered."


class Queue:
    """Parcels in the order in which they are sent: revisions first, then segments, each oldest first."""

    _db: Database

    @property
    def account(self) -> Account | None:
        """Whose parcels may be sent."""
        raise NotImplementedError

    @property
    def pause(self) -> Pause | None:
        """What keeps everything from being sent."""
        raise NotImplementedError

    def oldest_due(self, now: int) -> Parcel | None:
        """Return the next parcel of whoever is signed in that waits and may be tried."""
        values = self._owner() | {"now": now, "longest": LONGEST_WAIT}
        revision = f"""
            SELECT facts, body, signature, sha256, attempts FROM revision
            WHERE state = 'waiting' AND {_NOW} AND {OURS["revision"]}
            AND NOT {HELD_BACK["revision"]} ORDER BY made LIMIT 1
        """
        segment = f"""
            SELECT facts, body, signature, sha256, attempts FROM segment
            WHERE state = 'waiting' AND {_NOW} AND {OURS["segment"]} AND NOT {HELD_BACK["segment"]}
            ORDER BY begins LIMIT 1
        """
        with self._db.reading() as connection:
            found = connection.execute(revision, values).fetchone()
            if found is not None:
                return _revision_parcel(*found)
            found = connection.execute(segment, values).fetchone()
        return None if found is None else _segment_parcel(*found)

    def is_ours(self, key: Key) -> bool:
        """Say whether time belongs to whoever is signed in."""
        return self._owner() == {"server": key.server, "account": key.account}

    def waits(self) -> bool:
        """Say whether anything waits that whoever is signed in could deliver, now or later."""
        query = " OR ".join(
            f"EXISTS (SELECT 1 FROM {one} WHERE state = 'waiting' AND {OURS[one]} AND NOT {STUCK[one]})"
            for one in _TABLES
        )
        with self._db.reading() as connection:
            return bool(connection.execute(f"SELECT {query}", self._owner()).fetchone()[0])

    def picture(self, sha256: str) -> bytes:
        """Return the bytes of a picture that is not delivered yet; raises PictureGone."""
        query = "SELECT data FROM picture WHERE sha256 = ? LIMIT 1"
        with self._db.reading() as connection:
            found = connection.execute(query, (sha256,)).fetchone()
        if found is None:
            raise PictureGone("The picture is not kept here.")
        return bytes(found[0])

    def has_picture(self, sha256: str) -> bool:
        """Say whether a picture is kept here."""
        query = "SELECT EXISTS (SELECT 1 FROM picture WHERE sha256 = ?)"
        with self._db.reading() as connection:
            return bool(connection.execute(query, (sha256,)).fetchone()[0])

    def delivered(self, id_: str, receipt: Receipt) -> None:
        """Tick a parcel off: its pictures go; its bytes, signature and first receipt stay for good.

        With the receipt for its discard, a segment the server held goes here, too.
        """
        proof = msgspec.json.encode(receipt)
        segment = """
            SET state = 'delivered', facts = NULL, next = NULL, problem = NULL, receipt = coalesce(receipt, ?)
            WHERE state <> 'held'
        """
        revision = """
            SET state = 'delivered', next = NULL, problem = NULL, receipt = coalesce(receipt, ?) WHERE TRUE
        """
        with self._db.transaction() as connection:
            if rows.move(connection, "segment", id_, segment, proof):
                connection.execute(_LET_GO, (id_,))
            elif rows.move(connection, "revision", id_, revision, proof):
                _in_effect(connection, id_)
            else:
                _may_be_gone(connection, id_)

    def postpone(self, id_: str, until: int, problem: str) -> None:
        """Let a parcel wait after a trouble that will pass."""
        change = "SET attempts = attempts + 1, next = ?, problem = ? WHERE state = 'waiting'"
        self._move(id_, change, until, problem, durable=False)

    def refuse(self, id_: str, problem: str) -> None:
        """Set a parcel aside that the server does not accept; it blocks no other."""
        change = """
            SET state = 'refused', attempts = attempts + 1, next = NULL, problem = ? WHERE state = 'waiting'
        """
        self._move(id_, change, problem)

    def retry(self, id_: str) -> None:
        """Let a refused or waiting parcel be tried at once, as for the first time."""
        change = """
            SET state = 'waiting', attempts = 0, next = NULL, problem = NULL
            WHERE state IN ('waiting', 'refused')
        """
        self._move(id_, change)

    def next_change(self, now: int) -> int | None:
        """Return when the next hold or backoff ends; one that is over counts as now if it was a hold."""
        query = """
            SELECT min(at) FROM (
                SELECT max(coalesce(until, 0), ?1) AS at FROM segment
                WHERE state = 'held' AND why IS NOT 'silence'
                UNION ALL SELECT next FROM segment WHERE state = 'waiting' AND next > ?1
                UNION ALL SELECT next FROM revision WHERE state = 'waiting' AND next > ?1
            )
        """
        with self._db.reading() as connection:
            (at,) = connection.execute(query, (now,)).fetchone()
        return None if at is None else int(at)

    def counts(self) -> OutboxStatus:
        """Return how many segments and revisions the server does not hold, by their state."""
        query = """
            SELECT state, count(*) FROM (
                SELECT state FROM segment WHERE state IN ('held', 'waiting', 'refused')
                UNION ALL SELECT state FROM revision WHERE state IN ('waiting', 'refused')
            ) GROUP BY state
        """
        with self._db.reading() as connection:
            number = dict(connection.execute(query).fetchall())
        return OutboxStatus(number.get("held", 0), number.get("waiting", 0), number.get("refused", 0))

    def entries(self) -> list[Entry]:
        """Return what the server does not hold, the oldest first; what waits for a server says so."""
        own, pause = self._owner(), self.pause
        with self._db.reading() as connection:
            found = [*segments(connection, own, pause), *revisions(connection, own, pause)]
        return sorted(found, key=lambda one: (one.start, one.change is not None))

    def _owner(self) -> dict[str, str | None]:
        """Return who is signed in, as the queries name it."""
        account = self.account
        if account is None:
            return {"server": None, "account": None}
        return {"server": account.server, "account": account.id}

    def _move(self, id_: str, change: str, *values: object, durable: bool = True) -> None:
        with self._db.transaction(durable=durable) as connection:
            if not any(rows.move(connection, table, id_, change, *values) for table in _TABLES):
                _may_be_gone(connection, id_)


def _segment_parcel(facts: bytes, body: bytes, signature: str, sha256: str, attempts: int) -> Parcel:
    segment = unpack(facts)
    pictures = _hashes([picture for shot in segment.shots for picture in shot.pictures])
    return Parcel(
        segment.id, segment.key, segment.start, segment.end, body, signature, pictures, attempts, sha256
    )


def _revision_parcel(facts: bytes, body: bytes, signature: str, sha256: str, attempts: int) -> Parcel:
    revision, sealed = msgspec.json.decode(facts, type=Revision), decode_revision(body)
    key = rows.key_of(sealed)
    begin, pictures = parse_instant(sealed.segment.start), _hashes(revision.pictures)
    return Parcel(
        revision.id, key, begin, begin, body, signature, pictures, attempts, sha256, kind="revision"
    )


def _hashes(pictures: Sequence[Picture]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(picture.sha256 for picture in pictures))


def _in_effect(connection: Connection, id_: str) -> None:
    """Let go what the server knows of now: blurred pictures, or a segment with its time."""
    segment, change = connection.execute(
        "SELECT segment, change FROM revision WHERE id = ?", (id_,)
    ).fetchone()
    if change == Change.DISCARD:
        rows.erase(connection, segment)
    else:
        connection.execute(
            f"{_LET_GO} AND segment IN (SELECT id FROM segment WHERE state = 'delivered')", (segment,)
        )


def _may_be_gone(connection: Connection, id_: str) -> None:
    """Allow that a segment was discarded while it was on its way; raises NotDone for any other."""
    query = "SELECT EXISTS (SELECT 1 FROM revision WHERE segment = ? AND change = 'discard')"
    if not connection.execute(query, (id_,)).fetchone()[0]:
        raise NotDone(
            f"No parcel {id_} is at that point.", advice="'hourproof outbox' lists where each one is."
        )
