"""The signature header: `device=<id>; ed25519=<base64>` over exactly the bytes that are sent."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.evidence.keys import verifies

if TYPE_CHECKING:
    from tracker.evidence.keys import SigningKey

HEADER = "Hourproof-Signature"
_FORM = re.compile(r"device=([0-9a-f]{32}); ed25519=([A-Za-z0-9+/]{86}==)")


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, and the 64 bytes of Ed25519."""

    device: str
    value: bytes

    @property
    def header(self) -> str:
        """The header's text."""
        return f"device={self.device}; ed25519={base64.b64encode(self.value).decode()}"

    def of(self, public: bytes, data: bytes) -> bool:
        """Say whether this is the key's signature for just these bytes."""
        return verifies(public, self.value, data)


def sign(data: bytes, key: SigningKey) -> Signature:
    """Sign the bytes as the device that holds the key."""
    return Signature(key.id, key.sign(data))


def parse_signature(header: str) -> Signature:
    """Return what a header says; raises ValueError where it says nothing."""
    text = header.strip(" \t\n")  # no other space: it would be kept, and is none in a bundle's ASCII
    found = _FORM.fullmatch(text)
    said = None if found is None else Signature(found[1], base64.b64decode(found[2]))
    # four bits of the last digit carry nothing: a changed one is no other signature, but is not what was sent
    if said is None or said.header != text:
        raise ValueError(f"{HEADER} reads 'device=<32 hex digits>; ed25519=<base64 of 64 bytes>'")
    return said
