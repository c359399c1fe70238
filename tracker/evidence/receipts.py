"""Receipts: made by the server's key, checked with it, kept for good."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import msgspec

from tracker.evidence.keys import key_id, verifies
from tracker.wire.receipt import Receipt, ReceiptFacts

if TYPE_CHECKING:
    from tracker.evidence.keys import SigningKey


def issue(facts: ReceiptFacts, key: SigningKey) -> Receipt:
    """Return the facts signed by the server."""
    signature = base64.b64encode(key.sign(msgspec.json.encode(facts))).decode()
    return Receipt(**msgspec.structs.asdict(facts), signature=signature)


def holds(receipt: Receipt, *, segment: str, body: bytes, public: bytes) -> bool:
    """Say whether the receipt is the server's word that it holds just these bytes as this segment."""
    return vouches(receipt, segment=segment, sha256=hashlib.sha256(body).hexdigest(), public=public)


def vouches(receipt: Receipt, *, segment: str, sha256: str, public: bytes) -> bool:
    """Say the same of bytes of which only the hash is left."""
    try:
        signature = base64.b64decode(receipt.signature, validate=True)
    except ValueError:
        return False
    same = receipt.segment == segment and receipt.sha256 == sha256
    same = same and base64.b64encode(signature).decode() == receipt.signature  # the last digit has spare bits
    return same and receipt.key == key_id(public) and verifies(public, signature, receipt.signed_bytes)
