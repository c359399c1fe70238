"""What speaks against one stored parcel: its row, its signed bytes and its receipt have to say the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from tracker.evidence.receipts import vouches
from tracker.evidence.signing import parse_signature
from tracker.model.protection import Reason
from tracker.model.ranges import length
from tracker.model.slot import parse_instant
from tracker.server.ledger import SEGMENT, ranges_of
from tracker.wire.receipt import Receipt
from tracker.wire.revision import RevisionBody, decode_revision
from tracker.wire.segment import SegmentBody, decode_segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tracker.evidence.keys import SigningKey

_FLAGS = frozenset(Reason)


@dataclass(frozen=True)
class Kept:
    """A segment or revision as it lies in the database, and the key of the device that should have signed."""

    kind: str
    row: Mapping[str, Any]
    public: bytes | None

    @property
    def name(self) -> str:
        """What it is called in front of people."""
        return f"{self.kind.capitalize()} {self.row['id']} of contract {self.row['contract']}"

    @cached_property
    def body(self) -> SegmentBody | RevisionBody | None:
        """What its signed bytes say, None where they cannot be read."""
        try:
            return (decode_segment if self.kind == SEGMENT else decode_revision)(self.row["body"])
        except ValueError:
            return None

    @cached_property
    def receipt(self) -> Receipt | None:
        """The receipt, None where it cannot be read or is spelt otherwise than the server does."""
        return read_receipt(self.row["receipt"])

    def faults(self, server: SigningKey) -> Iterator[str]:
        """Return a sentence for everything that is not as it was received and answered."""
        yield from (f"{self.name}: {why}." for why in self._signed())
        receipt, row = self.receipt, self.row
        good = receipt is not None and promised(receipt, row, server)
        if receipt is None or not good or parse_instant(receipt.received_at) != row["received_at"]:
            yield f"{self.name}: its receipt is not what the server has signed for it."

    def _signed(self) -> Iterator[str]:
        row, body = self.row, self.body
        if self.public is None:
            yield f"the key of device {row['device']} is missing, which signed it"
        elif not self._genuine(self.public):
            yield "it is not what its device has signed"
        if body is None:
            yield "it cannot be read"
            return
        said = {name: getattr(body, name) for name in ("id", "contract", "account", "device", "seq")}
        said["sha256"] = hashlib.sha256(row["body"]).hexdigest()
        if isinstance(body, SegmentBody):
            said |= {"start_at": parse_instant(body.start), "end_at": parse_instant(body.end)}
            said["test"] = body.test
            yield from _judged(row)
        else:
            said["segment"] = body.segment.id
        for name, value in said.items():
            if row[name] != value:
                yield f"its row has another {name}"

    def _genuine(self, public: bytes) -> bool:
        try:
            signature = parse_signature(self.row["signature"])
        except ValueError:
            return False
        exact = signature.header == self.row["signature"].strip() and signature.device == self.row["device"]
        return exact and signature.of(public, self.row["body"])


def _judged(row: Mapping[str, Any]) -> Iterator[str]:
    """Find what no server writes of overlaps and flags."""
    try:
        ranges = ranges_of(row["overlap"])
    except ValueError:
        ranges = ((0, 0),)
    inside = all(row["start_at"] <= begin < end <= row["end_at"] for begin, end in ranges)
    if not inside or length(ranges) != row["overlap_ms"]:
        yield "what its row says of overlaps cannot be"
    if not _FLAGS.issuperset(row["flags"].split()):
        yield "its row has a flag that there is not"


def read_receipt(data: bytes) -> Receipt | None:
    """Return a receipt as the server spells it; None for anything else."""
    try:
        receipt = msgspec.json.decode(data, type=Receipt)
        parse_instant(receipt.received_at)
    except ValueError:
        return None
    return receipt if msgspec.json.encode(receipt) == data else None


def promised(receipt: Receipt, row: Mapping[str, Any], server: SigningKey) -> bool:
    """Say whether a receipt is the server's word for what has this row's id, hash and contract."""
    good = vouches(receipt, segment=row["id"], sha256=row["sha256"], public=server.public)
    return good and receipt.contract == row["contract"]
