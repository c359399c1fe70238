"""Checks a bundle without any server: every byte of it, and whether it proves what it says."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from tracker.evidence.archive import CONTENTS, Archive, Fault, NotReadable
from tracker.evidence.bundle import (
    COMMENT_LENGTH,
    FORMAT,
    KEYS,
    MANIFEST,
    Manifest,
    belongs,
    in_order,
    picture_name,
    read_contents,
)
from tracker.evidence.proof import proven
from tracker.evidence.reading import Reading
from tracker.evidence.report import REPORT, report
from tracker.evidence.signing import Signature, parse_signature
from tracker.wire.receipt import Receipt

if TYPE_CHECKING:
    from collections.abc import Iterator

_PICTURE = "pictures/"


@dataclass(frozen=True, slots=True)
class Examined:
    """What is wrong with a bundle, and what it says; nothing where it cannot be read at all."""

    faults: tuple[Fault, ...]
    reading: Reading | None = None


def examine(file: BinaryIO, server_key: str | None = None) -> Examined:
    """Check a bundle; `server_key` (its id, or the key in base64) has to have signed all receipts."""
    try:
        archive = Archive(file, COMMENT_LENGTH)
        manifest = _manifest(archive)
    except NotReadable as error:
        return Examined((error.fault,))
    faults = [*_names(archive, manifest)]
    members: dict[str, bytes] = {}
    good = set()
    for name in archive.names:
        data = archive.read(name)
        found = [*_member(archive, name, data, manifest)]
        faults += found
        if not found:
            good.add(name)
        if not found and not name.startswith(_PICTURE):
            members[name] = data
    signature = _signature(archive.comment)
    if signature is None or signature.device != manifest.device:
        faults.append(Fault("the ZIP's comment", "the manifest's signature in it was changed"))
    if KEYS not in members:
        return Examined(tuple(faults))
    try:
        pictures = frozenset(name[9:73] for name in good if name.startswith(_PICTURE))
        reading = Reading(read_contents(manifest, members, pictures))
    except (ValueError, RecursionError) as error:
        return Examined((*faults, Fault(KEYS, f"keys or tombstones cannot be read: {error}")))
    if signature is not None:
        faults += _by_device(signature, archive.read(MANIFEST), reading)
    faults += _pinned(reading, server_key)
    if faults:  # of what is damaged nothing more can be said, and what hangs together with it neither
        return Examined(tuple(faults), reading)
    return Examined((*proven(reading), *_pictures(reading, archive), *_report(reading, members)), reading)


def _manifest(archive: Archive) -> Manifest:
    if MANIFEST not in archive.names:
        renamed = [name for name in archive.names if archive.called(name) == MANIFEST]
        fault = Fault(CONTENTS, f"it says {renamed[0]!a} for {MANIFEST}") if renamed else None
        raise NotReadable(fault or Fault(MANIFEST, "it is missing"))
    try:
        manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
    except (ValueError, RecursionError) as error:
        raise NotReadable(Fault(MANIFEST, f"it cannot be read: {error}")) from error
    if manifest.format != FORMAT:
        raise NotReadable(Fault(MANIFEST, f"it is of form {manifest.format}; this Hourproof knows {FORMAT}"))
    return manifest


def _names(archive: Archive, manifest: Manifest) -> Iterator[Fault]:
    names = archive.names
    for name in names:
        if name not in manifest.members and archive.called(name) in {*manifest.members, MANIFEST} - {name}:
            yield Fault(CONTENTS, f"it says {name!a} for {archive.called(name)}")
        elif not belongs(name):
            yield Fault(f"{name!a}", "it does not belong into a bundle")
        elif name not in manifest.members and name != MANIFEST:
            yield Fault(name, "the manifest does not name it")
    for name in manifest.members.keys() - set(names):
        yield Fault(name if belongs(name) else f"{name!a}", "it is missing")
    if names != in_order(names):
        yield Fault(CONTENTS, "the members are not in their order")


def _member(archive: Archive, name: str, data: bytes, manifest: Manifest) -> Iterator[Fault]:
    expected = manifest.members.get(name)
    sha256 = hashlib.sha256(data).hexdigest()
    if name != MANIFEST and expected is not None and sha256 != expected:
        yield Fault(name, "it was changed")
    elif name.startswith(_PICTURE) and picture_name(sha256) != name:
        yield Fault(name, "it is another picture than its name says")
    else:
        yield from archive.faults(name, data)


def _signature(comment: bytes) -> Signature | None:
    try:
        signature = parse_signature(comment.decode("ascii", "replace"))
    except ValueError:
        return None
    return signature if signature.header.encode() == comment else None


def _by_device(signature: Signature, manifest: bytes, reading: Reading) -> Iterator[Fault]:
    """Find out whether the device that wrote the bundle has signed its manifest."""
    said = reading.contents.manifest
    keys = {(one.account, one.id): one.public_key for one in reading.contents.keys.devices}
    public = keys.get((said.account, said.device))
    if public is None:
        yield Fault(KEYS, f"the key of device {said.device} is missing, which signed the manifest")
    elif not signature.of(public, manifest):
        yield Fault(MANIFEST, "it, or its signature in the ZIP's comment, was changed")


def _pinned(reading: Reading, server_key: str | None) -> Iterator[Fault]:
    """Find receipts' keys that are not the one that was given."""
    if server_key is None:
        return
    for one in reading.contents.keys.servers:
        if server_key not in {one.id, msgspec.json.encode(one.public_key).decode().strip('"')}:
            yield Fault(KEYS, f"{one.id} is not the server's key that was given")


def _pictures(reading: Reading, archive: Archive) -> Iterator[Fault]:
    """Find pictures that are missing without a reason, and those that nobody is to see any more."""
    present = reading.contents.pictures
    for sha256, named in reading.pictures.items():
        name = picture_name(sha256)
        for line, picture in named:
            if sha256 in present:
                if len(archive.read(name)) != picture.size:
                    yield Fault(name, f"segment {line.segment.id} names another size")
            elif not _accounted(sha256, line.segment.id, line.segment.key.contract, reading):
                yield Fault(name, f"it is missing: segment {line.segment.id} names it")
    for sha256 in sorted(present - reading.pictures.keys()):
        yield Fault(picture_name(sha256), "no segment shows it: it was withheld, or does not belong here")


def _accounted(sha256: str, segment: str, contract: str, reading: Reading) -> bool:
    """Say whether it is told why a picture is not here: by a receipt, or since then by the server."""
    if reading.away.get((contract, sha256)) == "destroyed":
        return True
    changes = {body.id for body in reading.revisions.values() if body.segment.id == segment}
    contents = reading.contents
    told = (
        *(one.receipt for one in contents.segments if one.id == segment),
        *(one.receipt for one in contents.revisions if one.id in changes),
    )
    return any(_says_it_is_away(receipt, sha256) for receipt in told if receipt is not None)


def _says_it_is_away(receipt: bytes, sha256: str) -> bool:
    try:
        told = msgspec.json.decode(receipt, type=Receipt).pictures
    except (ValueError, RecursionError):
        return False
    return any(one.sha256 == sha256 and one.state != "stored" for one in told)


def _report(reading: Reading, members: dict[str, bytes]) -> Iterator[Fault]:
    """Find a report that says something else than the evidence; one of another form cannot be compared."""
    if reading.contents.manifest.report == REPORT:
        for name, data in report(reading.contents).items():
            if members.get(name) != data:
                yield Fault(name, "it does not say what the evidence says")
