"""A device that seals segments and revisions as the tracker does, without a tracker."""

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
from tracker.model.revision import Change, Revision
from tracker.model.segment import Key, Picture, Segment, Shot, ShotState
from tracker.model.slot import MINUTE, parse_instant
from tracker.wire import revision_path, segment_path
from tracker.wire.revision import Target, encode_revision
from tracker.wire.segment import Seal, SegmentBody, decode_segment, encode_segment

_OF_A_SHOT = (Change.WITHHOLD, Change.BLUR)


@dataclass(frozen=True)
class Sealed:
    """A segment, or a revision of one, as it goes over the wire."""

    id: str
    contract: str
    body: bytes
    signature: str
    pictures: dict[str, bytes]
    revises: str | None = None  # the id of the segment that is revised

    @property
    def path(self) -> str:
        return (revision_path if self.revises else segment_path)(self.contract, self.id)

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
        body = encode_segment(segment, self._seal(test=test))
        return self._signed(Sealed(segment.id, segment.key.contract, body, "", pictures))

    def revise(
        self, sealed: Sealed, change: Change, *pictures: bytes, test: bool = False, **facts: Any
    ) -> Sealed:
        """Return a revision of a sealed segment as the next link of the chain; a blur leaves these pictures.

        It is of the segment's first shot, and made a minute after its end, unless the facts say otherwise.
        """
        segment = decode_segment(sealed.body)
        named = {hashlib.sha256(data).hexdigest(): data for data in pictures}
        usual: dict[str, Any] = {
            "id": new_id(),
            "at": parse_instant(segment.end) + MINUTE,
            "shot": segment.shots[0].id if change in _OF_A_SHOT else "",
            "pictures": tuple(
                Picture(sha256, len(data), n, 64, 36, 30) for n, (sha256, data) in enumerate(named.items())
            ),
        }
        revision = Revision(segment=segment.id, change=change, **(usual | facts))
        key = Key(self.server, self.account, sealed.contract)
        body = encode_revision(revision, key, _target(sealed, segment), self._seal(test=test))
        return self._signed(Sealed(revision.id, sealed.contract, body, "", named, segment.id))

    def _seal(self, *, test: bool) -> Seal:
        seq, prev = following(self.head)
        return Seal(self.key.id, seq, prev, app="hourproof test", salt="00" * 16, test=test)

    def _signed(self, sealed: Sealed) -> Sealed:
        seq, _ = following(self.head)
        self.head = Head(seq, sealed.sha256)
        return replace(sealed, signature=sign(sealed.body, self.key).header)


def _target(sealed: Sealed, segment: SegmentBody) -> Target:
    return Target(sealed.id, sealed.sha256, segment.device, segment.seq, segment.start)


def webp(shade: int = 0, *, width: int = 64, height: int = 36) -> bytes:
    """Return a small picture; another shade is another picture."""
    out = BytesIO()
    Image.new("RGB", (width, height), (shade % 256, shade // 256 % 256, 90)).save(out, "WEBP", lossless=True)
    return out.getvalue()
