"""How segments and pictures change in the file, each inside a transaction of its caller."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracker.errors import NotDone
from tracker.evidence.chain import Head, following
from tracker.evidence.signing import sign
from tracker.model.segment import ShotState
from tracker.outbox.parcel import State, pack, unpack
from tracker.wire.segment import Seal, encode_segment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from sqlite3 import Connection

    from tracker.capture.base import EncodedPicture
    from tracker.evidence.keys import SigningKey
    from tracker.model.segment import Segment, Shot
    from tracker.outbox.parcel import Hold


@dataclass(frozen=True, slots=True)
class Sealer:
    """Who signs: the device's key, the app and its version, and whether this is test time."""

    key: SigningKey
    app: str
    test: bool

    def seal(self, connection: Connection, segment: Segment) -> None:
        """Number, chain, encode and sign a held segment: from then on it waits and never changes."""
        device, contract = self.key.id, segment.key.contract
        head = connection.execute(
            "SELECT seq, sha256 FROM chain WHERE device = ? AND contract = ?", (device, contract)
        ).fetchone()
        seq, prev = following(Head(*head) if head else None)
        body = encode_segment(segment, Seal(device, seq, prev, self.app, secrets.token_hex(16), self.test))
        sha256 = hashlib.sha256(body).hexdigest()
        connection.execute(
            "UPDATE segment SET state = 'waiting', why = NULL, until = NULL, body = ?,"
            " signature = ?, sha256 = ? WHERE id = ?",
            (body, sign(body, self.key).header, sha256, segment.id),
        )
        connection.execute(
            "INSERT OR REPLACE INTO chain (device, contract, seq, sha256) VALUES (?, ?, ?, ?)",
            (device, contract, seq, sha256),
        )


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


def move(connection: Connection, segment_id: str, change: str, *values: object) -> None:
    """Change a sealed segment: `SET … WHERE …` with the id last; raises NotDone where none is that far."""
    changed = connection.execute(f"UPDATE segment {change} AND id = ?", (*values, segment_id))
    if not changed.rowcount:
        raise NotDone(
            f"No parcel {segment_id} is at that point.", advice="'hourproof outbox' lists where each one is."
        )
