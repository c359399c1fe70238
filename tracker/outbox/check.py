"""Looks at every row that matters, and names whatever is not what was sealed, signed or received."""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec

from tracker.evidence.archive import Fault
from tracker.evidence.keys import key_id
from tracker.evidence.receipts import vouches
from tracker.evidence.signing import parse_signature
from tracker.model.question import Question
from tracker.model.revision import Change, Revision, revised
from tracker.model.segment import Segment
from tracker.outbox.links import Link, chained
from tracker.outbox.parcel import State, pack, unpack
from tracker.wire.receipt import Receipt
from tracker.wire.revision import RevisionBody, decode_revision, revision_of
from tracker.wire.segment import SegmentBody, decode_segment, segment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection

Body = SegmentBody | RevisionBody

_PINNED = "key of "  # how the names begin under which servers' keys are remembered
_SEGMENTS = """
    SELECT id, contract, begins, ends, memo, state, sha256, signature, receipt, facts, body FROM segment
    ORDER BY begins
"""
_REVISIONS = """
    SELECT id, segment, contract, change, made, state, sha256, signature, receipt, facts, body FROM revision
    ORDER BY made
"""


@dataclass
class _Known:
    """What was found so far, against which the rest is checked."""

    devices: dict[str, bytes]
    servers: dict[str, bytes]
    revisions: dict[str, list[tuple[Revision, str]]] = field(default_factory=lambda: defaultdict(list))
    targets: list[tuple[str, RevisionBody]] = field(default_factory=list)
    segments: dict[str, tuple[SegmentBody, str]] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    shown: dict[tuple[str, str, str], int] = field(default_factory=dict)  # owner, shot, hash: size

    def show(self, owner: str, what: Segment | Question | None) -> None:
        """Note the pictures that have to be here."""
        for shot in what.shots if what is not None else ():
            self.shown |= {(owner, shot.id, picture.sha256): picture.size for picture in shot.pictures}


def faults(connection: Connection, device: tuple[str, bytes]) -> Iterator[Fault]:
    """Find what is wrong, in a transaction of the caller; `device` is this one's id and public key."""
    for (told,) in connection.execute("PRAGMA integrity_check(20)").fetchall():
        if told != "ok":
            yield Fault("the file", " ".join(told.split()))
    known = _Known(dict([device]), {})
    yield from _keys(connection, known)
    for row in _rows(connection, _REVISIONS):
        yield from _revision(row, known)
    for row in _rows(connection, _SEGMENTS):
        yield from (_held if row["state"] == State.HELD else _segment)(row, known)
    yield from _targets(known)
    yield from chained(connection, known.links, device[0])
    yield from _open(connection, known)
    yield from _pictures(connection, known)


def _rows(connection: Connection, query: str) -> Iterator[dict[str, Any]]:
    found = connection.execute(query)
    names = [column[0] for column in found.description]
    for row in found:
        yield dict(zip(names, row, strict=True))


def _keys(connection: Connection, known: _Known) -> Iterator[Fault]:
    for id_, text in connection.execute("SELECT id, public_key FROM device").fetchall():
        public = _decoded(text)
        if public is None or key_id(public) != id_:
            yield Fault(f"device {id_}", "its key was changed")
        else:
            known.devices[id_] = public
    query = "SELECT name, value FROM meta WHERE substr(name, 1, ?) = ?"
    for name, text in connection.execute(query, (len(_PINNED), _PINNED)).fetchall():
        public = _decoded(text)
        if public is None:
            yield Fault(f"the {name}", "it was changed")
        else:
            known.servers[name.removeprefix(_PINNED)] = public


def _decoded(text: str) -> bytes | None:
    try:
        public = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return public if base64.b64encode(public).decode() == text else None


def _revision(row: dict[str, Any], known: _Known) -> Iterator[Fault]:
    name = f"revision {row['id']}"
    try:
        body = decode_revision(row["body"])
    except ValueError as error:
        yield Fault(name, f"its signed bytes cannot be read: {error}")
        return
    revision = revision_of(body)
    said = (body.id, body.contract, body.segment.id, body.change, revision.at)
    if said != tuple(row[column] for column in ("id", "contract", "segment", "change", "made")):
        yield Fault(name, "its row does not say what was signed")
    if row["facts"] != msgspec.json.encode(revision):
        yield Fault(name, "its facts are not what was signed")
    yield from _sealed(name, row, body, known)
    known.revisions[body.segment.id].append((revision, row["state"]))
    known.targets.append((name, body))


def _segment(row: dict[str, Any], known: _Known) -> Iterator[Fault]:
    name = f"segment {row['id']}"
    try:
        body = decode_segment(row["body"])
    except ValueError as error:
        yield Fault(name, f"its signed bytes cannot be read: {error}")
        return
    signed = segment_of(body)
    made = known.revisions[signed.id]
    now = revised(signed, [one for one, _ in made]) or signed
    if not _fits(row, signed) and not _fits(row, now):
        yield Fault(name, "its row does not say what was signed")
    if row["facts"] is not None and row["facts"] not in {pack(signed), pack(now)}:
        yield Fault(name, "its facts are not what was signed")
    if row["facts"] is None:  # pictures that blur what the server has wait with their revision
        blurred = {one.shot for one, state in made if one.pictures and state != State.DELIVERED}
        now = replace(now, shots=tuple(shot for shot in now.shots if shot.id in blurred))
    known.show(signed.id, now)
    yield from _sealed(name, row, body, known)
    known.segments[signed.id] = body, hashlib.sha256(row["body"]).hexdigest()


def _fits(row: dict[str, Any], segment: Segment) -> bool:
    said = (segment.id, segment.key.contract, segment.start, segment.end, segment.memo)
    return said == tuple(row[column] for column in ("id", "contract", "begins", "ends", "memo"))


def _sealed(name: str, row: dict[str, Any], body: Body, known: _Known) -> Iterator[Fault]:
    """Find what speaks against signed bytes: their hash, their signature, their receipt."""
    sha256 = hashlib.sha256(row["body"]).hexdigest()
    known.links.append(Link(name, body.contract, body.device, body.seq, body.prev, sha256))
    if sha256 != row["sha256"]:
        yield Fault(name, "its signed bytes, or the hash that is noted, were changed")
    try:
        signature = parse_signature(row["signature"])
    except ValueError:
        signature = None
    public = known.devices.get(body.device)
    if signature is None or signature.header != row["signature"] or signature.device != body.device:
        yield Fault(name, "its signature was changed")
    elif public is None:
        yield Fault(name, f"device {body.device}, which signed it, is not known here")
    elif not signature.of(public, row["body"]):
        yield Fault(name, "its signed bytes or their signature were changed")
    if row["receipt"] is not None:
        yield from _receipt(name, row, body, known)
    if (row["receipt"] is not None) != (row["state"] == State.DELIVERED):
        yield Fault(name, f"it is {row['state']}, which does not fit its receipt")


def _receipt(name: str, row: dict[str, Any], body: Body, known: _Known) -> Iterator[Fault]:
    try:
        receipt = msgspec.json.decode(row["receipt"], type=Receipt)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        yield Fault(name, f"its receipt cannot be read: {error}")
        return
    public = known.servers.get(body.server)
    sha256 = hashlib.sha256(row["body"]).hexdigest()
    if public is None:
        yield Fault(name, f"the key of {body.server}, which signed its receipt, is not known here")
    elif not vouches(receipt, segment=body.id, sha256=sha256, public=public):
        yield Fault(name, "its receipt is not the server's word for these bytes")
    elif (receipt.contract, receipt.server) != (body.contract, body.server):
        yield Fault(name, "its receipt is of another contract or server")
    if msgspec.json.encode(receipt) != row["receipt"]:
        yield Fault(name, "its receipt was changed")


def _held(row: dict[str, Any], known: _Known) -> Iterator[Fault]:
    segment = _unpacked(row["facts"], Segment)
    if segment is None or not _fits(row, segment):
        yield Fault(f"segment {row['id']}", "it is held, and its facts or its row were changed")
    known.show(row["id"], segment)


def _open(connection: Connection, known: _Known) -> Iterator[Fault]:
    """Find what is wrong with the open segment, and with time in question."""
    for id_, contract, begins, facts in connection.execute("SELECT * FROM draft").fetchall():
        draft = _unpacked(facts, Segment)
        if draft is None or (draft.id, draft.key.contract, draft.start) != (id_, contract, begins):
            yield Fault(f"segment {id_}", "it is open, and its facts or its row were changed")
        known.show(id_, draft)
    query = "SELECT id, contract, begins, facts FROM question"
    for id_, contract, begins, facts in connection.execute(query).fetchall():
        asked = _unpacked(facts, Question)
        if asked is None or (asked.id, asked.key.contract, asked.begin) != (id_, contract, begins):
            yield Fault(f"question {id_}", "its facts or its row were changed")
        known.show(id_, asked)


def _unpacked(facts: bytes, type_: type[Any]) -> Any:
    """Return what was packed, None where these are not just the bytes that packing it gives."""
    try:
        found = unpack(facts) if type_ is Segment else msgspec.json.decode(facts, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        return None
    return found if msgspec.json.encode(found) == facts else None


def _targets(known: _Known) -> Iterator[Fault]:
    """Find revisions of another segment than the one that is here; a discarded one leaves its link."""
    for name, body in known.targets:
        target = body.segment
        if target.id in known.segments:
            segment, sha256 = known.segments[target.id]
            said = (target.sha256, target.device, target.seq, target.start)
            if said != (sha256, segment.device, segment.seq, segment.start):
                yield Fault(name, f"it changes another segment than the {target.id} that is here")
        elif body.change is Change.DISCARD:
            link = (body.contract, target.device, target.seq, None, target.sha256)
            known.links.append(Link("", *link))


def _pictures(connection: Connection, known: _Known) -> Iterator[Fault]:
    missing = dict(known.shown)
    owners = known.segments.keys() | {owner for owner, _, _ in known.shown}
    for owner, shot, sha256, data in connection.execute("SELECT segment, shot, sha256, data FROM picture"):
        name = f"picture {sha256} of segment {owner}"
        size = missing.pop((owner, shot, sha256), None)
        if hashlib.sha256(data).hexdigest() != sha256:
            yield Fault(name, "it was changed")
        elif size is None and owner in owners:
            yield Fault(name, "its segment does not name it")
        elif size is not None and size != len(data):
            yield Fault(name, "its segment names another size")
    for owner, _, sha256 in missing:
        yield Fault(f"picture {sha256} of segment {owner}", "it is missing")
