"""A contract's week as evidence: everything signed of it, verbatim, and the keys to check it with."""

from __future__ import annotations

from typing import Literal

import msgspec

from tracker.wire.receipt import PictureReceipt
from tracker.wire.segment import Device, Id, Instant, Sha256, Uuid


class KeptParcel(msgspec.Struct, frozen=True):
    """A segment or revision as it was received: signed bytes and the receipt's bytes (base64), verbatim."""

    id: Uuid
    body: bytes
    signature: str
    receipt: bytes


class Tombstone(msgspec.Struct, frozen=True):
    """What is left of a discarded segment, or another revision of it: a link of the chain, a receipt if any.

    `revision` is the one that discards, `start` the segment's, whichever of both it stands for.
    """

    contract: Id
    kind: Literal["segment", "revision"]
    id: Uuid
    account: Id
    device: Device
    seq: int
    sha256: Sha256
    start: Instant
    revision: Uuid
    received_at: Instant
    receipt: bytes | None


class DeviceKey(msgspec.Struct, frozen=True):
    """By which key (base64) a device of an account signs."""

    account: Id
    id: Device
    public_key: bytes


class ServerKey(msgspec.Struct, frozen=True):
    """By which key (base64) the server signs receipts, or did formerly."""

    id: Device
    public_key: bytes


class Link(msgspec.Struct, frozen=True):
    """A link of a chain: its number and the SHA-256 of its signed bytes."""

    seq: int
    sha256: Sha256


class ChainView(msgspec.Struct, frozen=True):
    """A device's chain around the week: which links belong to other weeks, and which nobody delivered.

    `absent` are half-open ranges of numbers; a number after the last link of the week may belong to it, too.
    """

    contract: Id
    device: Device
    top: int
    elsewhere: tuple[Link, ...]
    absent: tuple[tuple[int, int], ...]


class WeekEvidence(msgspec.Struct, frozen=True):
    """One page of a week; `next` is the cursor that asks for the following one, null at the end."""

    contract: Id
    week: str
    server: str
    segments: tuple[KeptParcel, ...]
    revisions: tuple[KeptParcel, ...]
    tombstones: tuple[Tombstone, ...]
    devices: tuple[DeviceKey, ...]
    keys: tuple[ServerKey, ...]
    chains: tuple[ChainView, ...]
    pictures: tuple[PictureReceipt, ...]  # what became of those that are named: stored, rejected, destroyed
    next: str | None
