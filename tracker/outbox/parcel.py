"""What leaves the outbox, and what it shows of itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

import msgspec

from tracker.model.segment import Segment
from tracker.wire.segment import decode_segment, segment_of

if TYPE_CHECKING:
    from tracker.model.revision import Change
    from tracker.model.segment import Key


class State(StrEnum):
    """Where a segment stands on its way."""

    HELD = "held"
    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a segment is not sealed yet, and until when it can still be changed in place."""

    why: Literal["notice", "silence"]
    until: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """A sealed segment or revision on its way: exactly these bytes are sent, after the pictures they name."""

    id: str
    key: Key
    start: int
    end: int
    body: bytes
    signature: str  # the header's text
    pictures: tuple[str, ...]
    attempts: int
    sha256: str
    kind: Literal["segment", "revision"] = "segment"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the server does not hold: what it waits for, what went wrong, when it is tried again.

    A revision says what it changes; its times are its segment's.
    """

    id: str
    contract: str
    start: int
    end: int
    state: State
    hold: Hold | None
    attempts: int
    next: int | None
    problem: str | None
    change: Change | None = None
    segment: str | None = None


def pack(segment: Segment) -> bytes:
    """Return a segment as it is stored before it is sealed."""
    return msgspec.json.encode(segment)


def unpack(facts: bytes) -> Segment:
    """Return the segment that was packed."""
    return msgspec.json.decode(facts, type=Segment)


def stored(facts: bytes | None, body: bytes) -> Segment:
    """Return the segment of a row: as it was packed, or once a server has read it, as it was signed."""
    return segment_of(decode_segment(body)) if facts is None else unpack(facts)
