"""The server's signed word that it holds a parcel."""

from __future__ import annotations

import msgspec

from tracker.wire.segment import Device, Id, Instant, Sha256, Uuid


class PictureReceipt(msgspec.Struct, frozen=True):
    """What the server says of one picture: `stored`, `rejected` or `destroyed`."""

    sha256: Sha256
    state: str


class ReceiptFacts(msgspec.Struct, frozen=True):
    """What a receipt says; its compact JSON, the fields in this order, is what the server signs."""

    segment: Uuid
    sha256: Sha256
    received_at: Instant
    contract: Id
    pictures: tuple[PictureReceipt, ...]
    server: str
    key: Device


class Receipt(msgspec.Struct, frozen=True):
    """A receipt: `key` is the id of the server's key (as a device's), `signature` Ed25519 in base64."""

    segment: Uuid
    sha256: Sha256
    received_at: Instant
    contract: Id
    pictures: tuple[PictureReceipt, ...]
    server: str
    key: Device
    signature: str

    @property
    def signed_bytes(self) -> bytes:
        """The bytes the signature stands for."""
        return msgspec.json.encode(
            ReceiptFacts(
                segment=self.segment,
                sha256=self.sha256,
                received_at=self.received_at,
                contract=self.contract,
                pictures=self.pictures,
                server=self.server,
                key=self.key,
            )
        )


class ServerInfo(msgspec.Struct, frozen=True):
    """Who the server is: name, id and public key (base64), its time, and how it spreads uploads."""

    name: str
    origin: str
    key: Device
    public_key: str
    former_keys: tuple[str, ...]
    time: Instant
    spread_s: int
    min_app: str
