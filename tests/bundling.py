"""A small bundle put together by hand: work, revisions, receipts and pictures as a server tells of them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from device import Device, Sealed, webp
from doubles import NINE

from tracker.evidence.archive import Archive, Writer
from tracker.evidence.bundle import (
    COMMENT_LENGTH,
    FORMAT,
    MANIFEST,
    Binder,
    Bound,
    Contents,
    ContractFacts,
    Keys,
    Manifest,
    in_order,
)
from tracker.evidence.keys import SigningKey
from tracker.evidence.receipts import issue
from tracker.evidence.report import REPORT, report
from tracker.evidence.signing import sign
from tracker.evidence.verify import Examined, examine
from tracker.model.revision import Change
from tracker.model.slot import HOUR, instant
from tracker.wire.evidence import ChainView, DeviceKey, ServerKey
from tracker.wire.receipt import PictureReceipt, ReceiptFacts

ORIGIN = "https://hours.example.org"
SERVER = SigningKey("5e" * 32)
WEEK = "2026-W47"


@dataclass
class Desk:
    """A freelancer's device and what it has delivered so far."""

    device: Device = field(default_factory=lambda: Device(ORIGIN, "ada", "northbeam"))
    segments: list[Bound] = field(default_factory=list)
    revisions: list[Bound] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)

    def deliver(self, sealed: Sealed, state: str = "stored") -> Sealed:
        """Have the server sign for a parcel."""
        made = Bound(sealed.id, sealed.body, sealed.signature, receipt_of(sealed, state))
        (self.revisions if sealed.revises else self.segments).append(made)
        self.pictures |= sealed.pictures
        return sealed

    def work(self, place: int = 0, *pictures: bytes, **facts: Any) -> Sealed:
        return self.deliver(self.device.work(NINE + place * HOUR, *pictures, **facts))

    def contents(self, **facts: Any) -> Contents:
        """Return all of it, but for what the facts say otherwise of the manifest."""
        manifest = Manifest(
            kind="hourproof-bundle",
            format=FORMAT,
            report=REPORT,
            app="hourproof test",
            made_at=instant(NINE + 10 * HOUR),
            week=WEEK,
            server=ORIGIN,
            account="ada",
            device=self.device.key.id,
            contracts=(ContractFacts("northbeam", "Checkout", "Northbeam"),),
            chains=(ChainView("northbeam", self.device.key.id, 9, (), ()),),
            pictures=(),
            undelivered=(),
        )
        keys = Keys(
            servers=(ServerKey(SERVER.id, SERVER.public),),
            devices=(DeviceKey("ada", self.device.key.id, self.device.key.public),),
        )
        return Contents(
            msgspec.structs.replace(manifest, **facts),
            keys,
            tuple(self.segments),
            tuple(self.revisions),
            (),
            frozenset(self.pictures),
        )

    def bundle(self, contents: Contents | None = None) -> bytes:
        return bind(contents or self.contents(), self.pictures, self.device.key)


def bind(contents: Contents, pictures: dict[str, bytes], key: SigningKey) -> bytes:
    """Return the bundle's bytes."""
    file = io.BytesIO()
    binder = Binder(file, contents.keys)
    for sha256, data in sorted(pictures.items()):
        binder.picture(sha256, data)
    binder.finish(contents, report, lambda text: sign(text, key))
    return file.getvalue()


def receipt_of(sealed: Sealed, state: str = "stored") -> bytes:
    """Return a receipt by which all pictures are in this state."""
    told = tuple(PictureReceipt(name, state) for name in sealed.pictures)
    facts = ReceiptFacts(
        segment=sealed.id,
        sha256=sealed.sha256,
        received_at=instant(NINE + 5 * HOUR),
        contract=sealed.contract,
        pictures=told,
        server=ORIGIN,
        key=SERVER.id,
    )
    return msgspec.json.encode(issue(facts, SERVER))


def check(bundle: bytes, server_key: str | None = None) -> Examined:
    return examine(io.BytesIO(bundle), server_key)


def found(bundle: bytes) -> list[str]:
    """Return every fault as one line."""
    return [f"{one.what}: {one.why}" for one in check(bundle).faults]


def rewritten(bundle: bytes, key: SigningKey, change: dict[str, bytes | None]) -> bytes:
    """Return the bundle with other members, and a manifest made anew and signed: a forger's work."""
    archive = Archive(io.BytesIO(bundle), COMMENT_LENGTH)
    members: dict[str, bytes | None] = {name: archive.read(name) for name in archive.names} | change
    kept = {name: data for name, data in members.items() if data is not None and name != MANIFEST}
    manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in kept.items()}
    text = msgspec.json.encode(msgspec.structs.replace(manifest, members=hashes))
    return zipped([(name, (kept | {MANIFEST: text})[name]) for name in in_order([*kept, MANIFEST])], key)


def zipped(members: Iterable[tuple[str, bytes]], key: SigningKey) -> bytes:
    """Return these members in the form of a bundle, the last one signed."""
    file = io.BytesIO()
    writer = Writer(file)
    last = b""
    for name, last in members:
        writer.add(name, last)
    writer.finish(sign(last, key).header.encode())
    return file.getvalue()


def small() -> Desk:
    """Return a desk with one segment of a short minute with a picture, and another memo for it."""
    desk = Desk()
    sealed = desk.deliver(desk.device.work(NINE, webp(width=1, height=1), ms=30_000))
    desk.deliver(desk.device.revise(sealed, Change.MEMO, memo="Checkout: error copy"))
    return desk
