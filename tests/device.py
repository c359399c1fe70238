"""A device that seals segments as the tracker does, without a tracker."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

from doubles import NINE
from PIL import Image
from worked import new_id, worked

from tracker.evidence.chain import Head, following
from tracker.evidence.keys import SigningKey
from tracker.evidence.signing import sign
from tracker.model.segment import Key, Picture, Segment, Shot, ShotState
from tracker.model.slot import MINUTE
from tracker.wire.segment import Seal, encode_segment


@dataclass(frozen=True)
class Sealed:
    """A segment as it goes over the wire."""

    id: str
    contract: str
    body: bytes
    signature: str
    pictures: dict[str, bytes]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    def altered(self, **changes: Any) -> Sealed:
        return replace(self, **changes)


@dataclass
class Device:
    """Signs for one account at one server; the chain goes on from segment to segment."""

    server: str
    account: str
    contract: str
    key: SigningKey = field(default_factory=lambda: SigningKey("11" * 32))
    head: Head | None = None

    def work(self, start: int = NINE, *pictures: bytes, test: bool = False, **facts: Any) -> Sealed:
        """Return a sealed slot of work with a shot of these pictures, a monitor each."""
        named = {hashlib.sha256(data).hexdigest(): data for data in pictures}
        shots = ()
        if named:
            shown = tuple(
                Picture(sha256, len(data), n, 64, 36) for n, (sha256, data) in enumerate(named.items())
            )
            shots = (Shot(new_id(), start + MINUTE, ShotState.KEPT, shown),)
        key = Key(self.server, self.account, self.contract)
        return self.seal(worked(start, **({"key": key, "shots": shots} | facts)), named, test=test)

    def seal(self, segment: Segment, pictures: dict[str, bytes], *, test: bool = False) -> Sealed:
        """Return the segment sealed as the next link of the chain."""
        seq, prev = following(self.head)
        seal = Seal(self.key.id, seq, prev, app="hourproof test", salt="00" * 16, test=test)
        body = encode_segment(segment, seal)
        self.head = Head(seq, hashlib.sha256(body).hexdigest())
        return Sealed(segment.id, segment.key.contract, body, sign(body, self.key).header, pictures)


def webp(shade: int = 0, *, width: int = 64, height: int = 36) -> bytes:
    """Return a small picture; another shade is another picture."""
    out = BytesIO()
    Image.new("RGB", (width, height), (shade % 256, shade // 256 % 256, 90)).save(out, "WEBP", lossless=True)
    return out.getvalue()
