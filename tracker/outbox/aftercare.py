"""Makes what was salvaged hang together again: the chains, whose time it is, and shots without pictures."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from tracker.evidence.chain import Head
from tracker.model.revision import Change
from tracker.model.segment import ShotState
from tracker.outbox.parcel import State, pack, unpack
from tracker.wire.account import Account
from tracker.wire.revision import RevisionBody, decode_revision
from tracker.wire.segment import SegmentBody, decode_segment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection

    from tracker.model.segment import Key, Segment, Shot

_EMBEDDED = "embedded:"
_GONE = "the picture could not be read"


def repair(connection: Connection) -> list[str]:
    """Bring what follows from the segments in line with them; return what is missing, as a person says it."""
    bodies = [*_bodies(connection)]
    _mend_chains(connection, bodies)
    _mend_memory(connection, bodies)
    return [*_mend_shots(connection)]


def _bodies(connection: Connection) -> Iterator[tuple[SegmentBody | RevisionBody, str]]:
    """Return what was sealed, the oldest first, each with its hash."""
    both = (
        ("SELECT body FROM segment WHERE body IS NOT NULL ORDER BY begins", decode_segment),
        ("SELECT body FROM revision ORDER BY made", decode_revision),
    )
    for query, decode in both:
        for (body,) in connection.execute(query):
            with suppress(ValueError):
                yield decode(body), hashlib.sha256(body).hexdigest()


def _mend_chains(connection: Connection, bodies: list[tuple[SegmentBody | RevisionBody, str]]) -> None:
    """Let every chain of this device go on behind the highest link that is known."""
    highest: dict[tuple[str, str], Head] = {}

    def saw(device: str, contract: str, head: Head) -> None:
        known = highest.get((device, contract))
        if known is None or known.seq < head.seq:
            highest[device, contract] = head

    for body, sha256 in bodies:
        saw(body.device, body.contract, Head(body.seq, sha256))
        if isinstance(body, RevisionBody) and body.change is Change.DISCARD:
            saw(body.segment.device, body.contract, Head(body.segment.seq, body.segment.sha256))
    others = {device for (device,) in connection.execute("SELECT id FROM device")}
    connection.executemany(
        """
        INSERT INTO chain (device, contract, seq, sha256) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET seq = excluded.seq, sha256 = excluded.sha256 WHERE excluded.seq > seq
        """,
        [(*of, head.seq, head.sha256) for of, head in highest.items() if of[0] not in others],
    )


def _mend_memory(connection: Connection, bodies: list[tuple[SegmentBody | RevisionBody, str]]) -> None:
    """Find in the segments what the home no longer knows of itself: whose it is, and which one."""
    segments = [segment for _, segment in _with_facts(connection)]
    keys: list[Key] = [one.key for one in segments]
    of = [(body.server, body.account) for body, _ in bodies] + [(key.server, key.account) for key in keys]
    home = next((server for server, _ in reversed(of) if server.startswith(_EMBEDDED)), None)
    known = {"home": home.removeprefix(_EMBEDDED) if home else secrets.token_hex(16)}
    if of:
        known["account"] = msgspec.json.encode(Account(*of[-1], name="")).decode()
    if any(body.test for body, _ in bodies):
        known["test"] = "1"
    connection.executemany("INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)", list(known.items()))


def _mend_shots(connection: Connection) -> Iterator[str]:
    """Mark the shots of held segments whose pictures are gone as failed; name the sealed ones' pictures."""
    there = set(connection.execute("SELECT segment, sha256 FROM picture"))
    for state, segment in _with_facts(connection):
        gone = [shot for shot in segment.shots if not _complete(segment, shot, there)]
        if gone:
            yield f"pictures of the segment {segment.id} for contract {segment.key.contract}"
        if gone and state == State.HELD:
            shots = tuple(_failed(shot) if shot in gone else shot for shot in segment.shots)
            values = (pack(replace(segment, shots=shots)), segment.id)
            connection.execute("UPDATE segment SET facts = ? WHERE id = ?", values)


def _complete(segment: Segment, shot: Shot, there: set[tuple[str, str]]) -> bool:
    return all((segment.id, picture.sha256) in there for picture in shot.pictures)


def _failed(shot: Shot) -> Shot:
    return replace(shot, state=ShotState.FAILED, pictures=(), reason=_GONE)


def _with_facts(connection: Connection) -> list[tuple[str, Segment]]:
    """Return the segments no server holds, the oldest first, each with its state."""
    query = "SELECT state, facts FROM segment WHERE facts IS NOT NULL ORDER BY begins"
    found = []
    for state, facts in connection.execute(query).fetchall():
        with suppress(ValueError):
            found.append((state, unpack(facts)))
    return found
