"""What waits here, to be carried by hand to another device; and what was carried here."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

from tracker.errors import FileDamaged, NotDone
from tracker.evidence.archive import Fault
from tracker.model.revision import Revision, revised
from tracker.outbox import rows
from tracker.outbox.check import faults
from tracker.outbox.parcel import State, pack
from tracker.wire.revision import RevisionBody, decode_revision, revision_of
from tracker.wire.segment import SegmentBody, decode_segment, segment_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from sqlite3 import Connection

    from tracker.outbox.database import Database
    from tracker.outbox.rows import Sealer

Body = SegmentBody | RevisionBody
PictureOf = Callable[["Carried", str], bytes]

_SEALED = "SELECT id, {}, body, signature FROM {} WHERE state IN ('waiting', 'refused') ORDER BY {}"


class DeviceKey(msgspec.Struct, frozen=True):
    """A device: its id, its public key in base64, and what it is called."""

    id: str
    public_key: str
    name: str


@dataclass(frozen=True, slots=True)
class Carried:
    """A sealed segment or revision on its way by hand, and the pictures that go with it."""

    body: bytes
    signature: str
    device: DeviceKey
    pictures: tuple[str, ...]

    @property
    def kind(self) -> Literal["segment", "revision"]:
        """Which of both it is."""
        return "revision" if isinstance(self.sealed, RevisionBody) else "segment"

    @property
    def sealed(self) -> Body:
        """What the signed bytes say; raises ValueError."""
        return decoded(self.body)

    @property
    def sha256(self) -> str:
        """The hash of the signed bytes."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def start(self) -> str:
        """When the segment begins that it is, or changes."""
        sealed = self.sealed
        return sealed.segment.start if isinstance(sealed, RevisionBody) else sealed.start


def decoded(body: bytes) -> Body:
    """Return what signed bytes say; raises ValueError that says what is wrong with them."""
    try:
        kind = msgspec.json.decode(body, type=_Kind).kind
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error
    return decode_revision(body) if kind == "revision" else decode_segment(body)


class _Kind(msgspec.Struct):
    kind: Literal["segment", "revision"]


class Cargo:
    """Hands out what no server holds, takes in what another device handed out, and checks all of it."""

    _db: Database
    _sealer: Sealer

    @property
    def is_test(self) -> bool:
        """Whether time of the test mode is kept here, and no other."""
        return self._sealer.test

    def check(self) -> list[Fault]:
        """Return everything that is not as it was sealed, signed or received."""
        own = self._sealer.key.id, self._sealer.key.public
        found: list[Fault] = []
        try:
            with self._db.reading() as connection:
                connection.execute("BEGIN")
                try:
                    found += faults(connection, own)
                finally:
                    if connection.in_transaction:  # a disk that cannot be read has ended it already
                        connection.execute("ROLLBACK")
        except FileDamaged as error:
            found.append(Fault("the file", f"{error.title} {error.advice}"))
        return found

    def devices(self) -> list[DeviceKey]:
        """Return the devices whose parcels were carried here."""
        with self._db.reading() as connection:
            found = connection.execute("SELECT id, public_key, name FROM device ORDER BY id").fetchall()
        return [DeviceKey(*row) for row in found]

    def to_carry(self, name: str) -> Iterator[Carried | Fault]:
        """Return what is sealed and no server holds, the oldest first; `name` is this device's.

        What is damaged, or was signed by nobody who is known here, is named instead.
        """
        keys = {one.id: one for one in self.devices()}
        public = base64.b64encode(self._sealer.key.public).decode()
        keys[self._sealer.key.id] = DeviceKey(self._sealer.key.id, public, name)
        broken = {fault.what: fault for fault in self.check()}
        found: list[tuple[str, str, bytes, str]] = []
        with self._db.reading() as connection:
            for owner, table, order in (("segment", "revision", "made"), ("id", "segment", "begins")):
                sealed_rows = connection.execute(_SEALED.format(owner, table, order)).fetchall()
                found += [(f"{table} {id_}", *row) for id_, *row in sealed_rows]
            there = connection.execute("SELECT segment, sha256 FROM picture").fetchall()
        whole = {f"picture {sha256} of segment {owner}" for owner, sha256 in there} - broken.keys()
        for what, owner, body, signature in found:
            if what in broken:
                yield broken[what]
                continue
            sealed = decoded(body)
            if sealed.device not in keys:
                yield Fault(what, f"device {sealed.device}, which signed it, is not known here")
                continue
            named = {one.sha256: f"picture {one.sha256} of segment {owner}" for one in sealed.pictures}
            yield from (broken[picture] for picture in named.values() if picture in broken)
            kept = tuple(sha256 for sha256, picture in named.items() if picture in whole)
            yield Carried(body, signature, keys[sealed.device], kept)

    def take_in(self, parcels: Sequence[Carried], picture_of: PictureOf) -> int:
        """Let checked parcels wait here with their own signatures, all or none; return how many are new.

        What is here already, was delivered, or was discarded stays as it is. Raises NotDone.
        """
        new = 0
        with self._db.transaction() as connection:
            for one in sorted(parcels, key=lambda parcel: parcel.kind):  # what is changed comes first
                if not _is_here(connection, one):
                    self._insert(connection, one)
                    new += 1
                _keep_pictures(connection, one, picture_of)
            for segment_id in dict.fromkeys(_segment_of(one.sealed) for one in parcels):
                _apply(connection, segment_id)
        return new

    def _insert(self, connection: Connection, one: Carried) -> None:
        sealed = one.sealed
        own = sealed.device == self._sealer.key.id
        if isinstance(sealed, RevisionBody):
            _insert_revision(connection, one, sealed)
        else:
            _insert_segment(connection, one, sealed, own=own)
        if own:  # as where an outbox was damaged: its chain goes on behind what comes back
            connection.execute(
                """
                INSERT INTO chain (device, contract, seq, sha256) VALUES (?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET seq = excluded.seq, sha256 = excluded.sha256
                WHERE excluded.seq > seq
                """,
                (sealed.device, sealed.contract, sealed.seq, one.sha256),
            )
        else:
            device = (one.device.id, one.device.public_key, one.device.name)
            connection.execute("INSERT OR IGNORE INTO device VALUES (?, ?, ?)", device)


def _is_here(connection: Connection, one: Carried) -> bool:
    """Say whether a parcel needs no taking in; raises NotDone where something else has its id."""
    sealed = one.sealed
    for table in ("segment", "revision"):
        query = f"SELECT sha256 FROM {table} WHERE id = ?"  # noqa: S608  # our own names
        found = connection.execute(query, (sealed.id,)).fetchone()
        if found is not None and found[0] == one.sha256:
            return True
        if found is not None:
            raise NotDone(
                f"Another {one.kind} than {sealed.id} of the folder has its id here.",
                advice="Nothing was taken over. 'hourproof outbox check' tells whether that one is sound.",
            )
    query = "SELECT EXISTS (SELECT 1 FROM revision WHERE segment = ? AND change = 'discard')"
    return one.kind == "segment" and bool(connection.execute(query, (sealed.id,)).fetchone()[0])


def _keep_pictures(connection: Connection, one: Carried, picture_of: PictureOf) -> None:
    """Keep the pictures of what is not delivered; those that were lost here are back then, too."""
    sealed = one.sealed
    query = f"SELECT EXISTS (SELECT 1 FROM {one.kind} WHERE id = ? AND state IN ('waiting', 'refused'))"  # noqa: S608
    if connection.execute(query, (sealed.id,)).fetchone()[0]:
        for shot, sha256 in _places(sealed):
            if sha256 in one.pictures:
                values = (_segment_of(sealed), shot, sha256, picture_of(one, sha256))
                connection.execute("INSERT OR IGNORE INTO picture VALUES (?, ?, ?, ?)", values)


def _insert_segment(connection: Connection, one: Carried, sealed: SegmentBody, *, own: bool) -> None:
    segment = segment_of(sealed)
    connection.execute(
        """
        INSERT INTO segment (id, contract, begins, ends, memo, state, sha256, signature, facts, body, doubted)
        VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?, ?, ?, ?)
        """,
        (
            *(segment.id, segment.key.contract, segment.start, segment.end, segment.memo),
            *(one.sha256, one.signature, pack(segment), one.body),
            not own,  # nothing tracked here needs to begin after it
        ),
    )


def _insert_revision(connection: Connection, one: Carried, sealed: RevisionBody) -> None:
    revision = revision_of(sealed)
    connection.execute(
        """
        INSERT INTO revision (id, segment, contract, change, made, state, sha256, signature, facts, body)
        VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?, ?, ?)
        """,
        (
            *(revision.id, revision.segment, sealed.contract, revision.change, revision.at),
            *(one.sha256, one.signature, msgspec.json.encode(revision), one.body),
        ),
    )


def _apply(connection: Connection, segment_id: str) -> None:
    """Let a sealed segment that is here show what its revisions make of it, refused or not."""
    query = "SELECT state, body FROM segment WHERE id = ? AND body IS NOT NULL"
    found = connection.execute(query, (segment_id,)).fetchone()
    if found is None:
        return
    query = "SELECT facts FROM revision WHERE segment = ?"
    made = [
        msgspec.json.decode(facts, type=Revision) for (facts,) in connection.execute(query, (segment_id,))
    ]
    now = revised(segment_of(decode_segment(found[1])), made)
    delivered = found[0] == State.DELIVERED
    if now is None and not delivered:
        rows.erase(connection, segment_id)
    elif now is not None:
        values = (now.memo, None if delivered else pack(now), segment_id)
        connection.execute("UPDATE segment SET memo = ?, facts = ? WHERE id = ?", values)
    if now is not None and not delivered:
        kept = {picture.sha256 for shot in now.shots for picture in shot.pictures}
        there = connection.execute("SELECT DISTINCT sha256 FROM picture WHERE segment = ?", (segment_id,))
        gone = [(segment_id, sha256) for (sha256,) in there.fetchall() if sha256 not in kept]
        connection.executemany("DELETE FROM picture WHERE segment = ? AND sha256 = ?", gone)


def _segment_of(sealed: Body) -> str:
    return sealed.segment.id if isinstance(sealed, RevisionBody) else sealed.id


def _places(sealed: Body) -> list[tuple[str, str]]:
    """Return the shot and the hash of each picture that signed bytes name."""
    if isinstance(sealed, RevisionBody):
        return [(sealed.shot or "", picture.sha256) for picture in sealed.pictures]
    return [(shot.id, picture.sha256) for shot in sealed.shots for picture in shot.pictures]
