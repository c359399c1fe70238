"""A week's evidence in one file that anyone can check: a ZIP of signed bytes, receipts, pictures and keys."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal

import msgspec

from tracker.evidence.archive import Writer
from tracker.wire.evidence import ChainView, DeviceKey, ServerKey, Tombstone
from tracker.wire.segment import Device, Id, Instant, Sha256, Uuid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tracker.evidence.signing import Signature

FORMAT = 1
MANIFEST, KEYS, CSV, HTML = "manifest.json", "keys.json", "report.csv", "report.html"
# the manifest's signature is the ZIP's comment, and always as long
COMMENT_LENGTH = len("device=; ed25519=") + 32 + 88
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NAME = re.compile(
    rf"(?:{MANIFEST}|{KEYS}|{CSV}|{HTML}|(?:segments|revisions)/{_UUID}\.(?:json|receipt|signature)"
    rf"|tombstones/{_UUID}\.json|pictures/[0-9a-f]{{64}}\.webp)"
)


class ContractFacts(msgspec.Struct, frozen=True):
    """A contract as people call it."""

    id: Id
    title: str
    client: str


class PictureFact(msgspec.Struct, frozen=True):
    """Why a picture that a segment names is not here: `destroyed`, `rejected` or `missing`."""

    contract: Id
    sha256: Sha256
    state: Literal["destroyed", "rejected", "missing"]


class Undelivered(msgspec.Struct, frozen=True):
    """What no server has signed for: sealed parcels, which are here, and held segments, which are not."""

    kind: Literal["segment", "revision"]
    id: str
    contract: Id
    start: Instant
    end: Instant
    state: Literal["held", "waiting", "refused"]


class Manifest(msgspec.Struct, frozen=True):
    """What the bundle holds: `device` signs this very text, and it names every other member's hash."""

    kind: Literal["hourproof-bundle"]
    format: int
    report: int  # the form of the report
    app: str
    made_at: Instant
    week: str
    server: str
    account: Id
    device: Device
    contracts: tuple[ContractFacts, ...]
    chains: tuple[ChainView, ...]
    pictures: tuple[PictureFact, ...]
    undelivered: tuple[Undelivered, ...]
    members: dict[str, Sha256] = {}


class Keys(msgspec.Struct, frozen=True):
    """The public keys, in base64; the id of each is the first half of its hash."""

    servers: tuple[ServerKey, ...]
    devices: tuple[DeviceKey, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """A segment or revision: its signed bytes, the signature's header, the receipt if there is one."""

    id: Uuid
    body: bytes
    signature: str
    receipt: bytes | None


@dataclass(frozen=True, slots=True)
class Contents:
    """All that a bundle holds but for the pictures' bytes."""

    manifest: Manifest
    keys: Keys
    segments: tuple[Bound, ...]
    revisions: tuple[Bound, ...]
    tombstones: tuple[Tombstone, ...]
    pictures: frozenset[str]


class Binder:
    """Writes a bundle to a file: the keys, then pictures as they come, then all that is known of the week."""

    def __init__(self, file: BinaryIO, keys: Keys) -> None:
        self._writer = Writer(file)
        self._keys = keys
        self._members: dict[str, str] = {}
        self._add(KEYS, msgspec.json.encode(keys))

    @property
    def pictures(self) -> frozenset[str]:
        """The hashes of the pictures that are in it so far."""
        return frozenset(name[9:73] for name in self._members if name.startswith("pictures/"))

    def picture(self, sha256: str, data: bytes) -> None:
        """Add a picture; they come in the order of their hashes."""
        self._add(picture_name(sha256), data)

    def finish(
        self,
        contents: Contents,
        report: Callable[[Contents], dict[str, bytes]],
        sign: Callable[[bytes], Signature],
    ) -> None:
        """Add all the rest: what the report says is made of the contents, and the manifest is signed."""
        for name, data in report(contents).items():
            self._add(name, data)
        for name, data in sorted(_parcels(contents)):
            self._add(name, data)
        manifest = msgspec.structs.replace(contents.manifest, members=self._members)
        text = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
        self._writer.add(MANIFEST, text)
        self._writer.finish(sign(text).header.encode())

    def _add(self, name: str, data: bytes) -> None:
        self._writer.add(name, data)
        self._members[name] = hashlib.sha256(data).hexdigest()


def belongs(name: str) -> bool:
    """Say whether a member may have this name."""
    return _NAME.fullmatch(name) is not None


def in_order(names: Iterable[str]) -> list[str]:
    """Return members' names in the one order they have: as the alphabet does, the manifest last."""
    return sorted(names, key=lambda name: (name == MANIFEST, name))


def picture_name(sha256: str) -> str:
    """Return the name of the member that is a picture."""
    return f"pictures/{sha256}.webp"


def _parcels(contents: Contents) -> Iterator[tuple[str, bytes]]:
    for kind, parcels in (("segments", contents.segments), ("revisions", contents.revisions)):
        for one in parcels:
            yield f"{kind}/{one.id}.json", one.body
            yield f"{kind}/{one.id}.signature", one.signature.encode()
            if one.receipt is not None:
                yield f"{kind}/{one.id}.receipt", one.receipt
    for stone in contents.tombstones:
        yield f"tombstones/{stone.id}.json", msgspec.json.encode(stone)


def read_contents(manifest: Manifest, members: dict[str, bytes], pictures: frozenset[str]) -> Contents:
    """Return what members stand for; raises ValueError where keys or tombstones do not read as such."""
    stones = (data for name, data in members.items() if name.startswith("tombstones/"))
    return Contents(
        manifest=manifest,
        keys=msgspec.json.decode(members[KEYS], type=Keys),
        segments=tuple(_bound("segments", members)),
        revisions=tuple(_bound("revisions", members)),
        tombstones=tuple(msgspec.json.decode(data, type=Tombstone) for data in stones),
        pictures=pictures,
    )


def _bound(kind: str, members: dict[str, bytes]) -> Iterator[Bound]:
    for name, body in members.items():
        if name.startswith(f"{kind}/") and name.endswith(".json"):
            stem = name.removesuffix(".json")
            signature = members.get(f"{stem}.signature", b"").decode("ascii", "replace")
            yield Bound(stem.partition("/")[2], body, signature, members.get(f"{stem}.receipt"))
