"""How segments and pictures change in the file, each inside a transaction of its caller."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from tracker.errors import NotDone
from tracker.evidence.chain import Head, following
from tracker.evidence.signing import sign
from tracker.model.segment import Key, Picture, ShotState
from tracker.outbox.parcel import State, pack, unpack
from tracker.wire.revision import encode_revision
from tracker.wire.segment import Seal, encode_segment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from sqlite3 import Connection

    from tracker.capture.base import EncodedPicture
    from tracker.evidence.keys import SigningKey
    from tracker.model.revision import Revision
    from tracker.model.segment import Segment, Shot
    from tracker.outbox.parcel import Hold
    from tracker.wire.revision import RevisionBody, Target


@dataclass(frozen=True, slots=True)
class Sealer:
    """Who signs: the device's key, the app and its version, and whether this is test time."""

    key: SigningKey
    app: str
    test: bool

    def seal(self, connection: Connection, segment: Segment) -> None:
        """Number, chain, encode and sign a held segment: from then on it waits and never changes."""
        seal = self._next(connection, segment.key.contract)
        body = encode_segment(segment, seal)
        connection.execute(
            "UPDATE segment SET state = 'waiting', why = NULL, until = NULL, body = ?,"
            " signature = ?, sha256 = ? WHERE id = ?",
            (body, *self._chain(connection, segment.key.contract, seal, body), segment.id),
        )

    def seal_revision(self, connection: Connection, revision: Revision, key: Key, target: Target) -> None:
        """Number, chain, encode and sign a revision: it waits from then on."""
        seal = self._next(connection, key.contract)
        body = encode_revision(revision, key, target, seal)
        connection.execute(
            """
            INSERT INTO revision (id, segment, contract, change, made, state, facts, body, signature, sha256)
            VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?, ?, ?)
            """,
            (
                *(revision.id, revision.segment, key.contract, revision.change, revision.at),
                *(msgspec.json.encode(revision), body),
                *self._chain(connection, key.contract, seal, body),
            ),
        )

    def _next(self, connection: Connection, contract: str) -> Seal:
        """Return the next link of this device's chain for a contract."""
        query = "SELECT seq, sha256 FROM chain WHERE device = ? AND contract = ?"
        head = connection.execute(query, (self.key.id, contract)).fetchone()
        seq, prev = following(Head(*head) if head else None)
        return Seal(self.key.id, seq, prev, self.app, secrets.token_hex(16), self.test)

    def _chain(self, connection: Connection, contract: str, seal: Seal, body: bytes) -> tuple[str, str]:
        """Note what was sealed as the last link; return its signature and its hash."""
        sha256 = hashlib.sha256(body).hexdigest()
        connection.execute(
            "INSERT OR REPLACE INTO chain (device, contract, seq, sha256) VALUES (?, ?, ?, ?)",
            (self.key.id, contract, seal.seq, sha256),
        )
        return sign(body, self.key).header, sha256


def insert(connection: Connection, segment: Segment) -> None:
    """Hold a segment, and of its pictures those it names; a shot whose pictures are not there has failed."""
    query = "SELECT DISTINCT sha256 FROM picture WHERE segment = ?"
    there = {sha256 for (sha256,) in connection.execute(query, (segment.id,))}
    shots = tuple(
        shot
        if there.issuperset(picture.sha256 for picture in shot.pictures)
        else replace(shot, state=ShotState.FAILED, pictures=(), reason="the picture could not be kept")
        for shot in segment.shots
    )
    segment = replace(segment, shots=shots)
    connection.execute(
        "INSERT INTO segment (id, contract, begins, ends, memo, state, facts)"
        " VALUES (?, ?, ?, ?, ?, 'held', ?)",
        (segment.id, segment.key.contract, segment.start, segment.end, segment.memo, pack(segment)),
    )
    named = {picture.sha256 for shot in shots for picture in shot.pictures}
    connection.executemany(
        "DELETE FROM picture WHERE segment = ? AND sha256 = ?",
        [(segment.id, sha256) for sha256 in there - named],
    )


def held(connection: Connection, segment_id: str) -> Segment:
    """Return a segment that can still be changed in place; raises NotDone where it cannot."""
    query = "SELECT state, facts FROM segment WHERE id = ?"
    found = connection.execute(query, (segment_id,)).fetchone()
    if found is None:
        raise NotDone(f"There is no segment {segment_id}.", advice="'hourproof outbox' lists what is here.")
    state, facts = found
    if state != State.HELD:
        raise NotDone(
            "The segment is sealed and can no longer be changed here.",
            advice="Only what 'hourproof outbox' shows as held can be changed.",
        )
    return unpack(facts)


def rewrite(connection: Connection, segment: Segment) -> None:
    """Store a held segment as it is now."""
    connection.execute(
        "UPDATE segment SET ends = ?, memo = ?, facts = ? WHERE id = ?",
        (segment.end, segment.memo, pack(segment), segment.id),
    )


def hold(connection: Connection, segment_id: str, why: Hold | None) -> None:
    """Give a held segment this hold in the place of any other."""
    values = (None, None) if why is None else (why.why, why.until)
    connection.execute("UPDATE segment SET why = ?, until = ? WHERE id = ?", (*values, segment_id))


def is_silent(connection: Connection, segment_id: str) -> bool:
    """Say whether a segment is held because nobody knows yet whether its silence was work."""
    query = "SELECT EXISTS (SELECT 1 FROM segment WHERE id = ? AND why = 'silence')"
    return bool(connection.execute(query, (segment_id,)).fetchone()[0])


def store(connection: Connection, segment_id: str, shot: Shot, pictures: Sequence[EncodedPicture]) -> None:
    """Store a shot's pictures; two monitors that show the same share one."""
    connection.executemany(
        "INSERT OR IGNORE INTO picture (segment, shot, sha256, data) VALUES (?, ?, ?, ?)",
        [(segment_id, shot.id, picture.sha256, picture.data) for picture in pictures],
    )


def named(pictures: Sequence[EncodedPicture]) -> tuple[Picture, ...]:
    """Return pictures that are blurred as a whole as a shot names them."""
    return tuple(Picture(p.sha256, len(p.data), p.monitor, p.width, p.height, 100, p.dhash) for p in pictures)


def erase(connection: Connection, segment_id: str) -> None:
    """Let a segment go with its pictures."""
    connection.execute("DELETE FROM segment WHERE id = ?", (segment_id,))
    connection.execute("DELETE FROM picture WHERE segment = ?", (segment_id,))


def key_of(body: RevisionBody) -> Key:
    """Return where a sealed revision belongs."""
    return Key(body.server, body.account, body.contract)


def move(connection: Connection, table: str, id_: str, change: str, *values: object) -> bool:
    """Change a sealed segment or revision: `SET … WHERE …`; say whether one is that far."""
    return bool(connection.execute(f"UPDATE {table} {change} AND id = ?", (*values, id_)).rowcount)
