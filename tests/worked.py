"""Work as it comes out of the Recorder, made to measure; and a server's word that it has it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from doubles import NINE
from hypothesis import strategies as st

from tracker.capture.base import EncodedPicture
from tracker.evidence.keys import SigningKey
from tracker.evidence.receipts import issue
from tracker.model.segment import ClosedBy, Key, Picture, Segment, Shot, ShotState, segment_minutes
from tracker.model.slot import MINUTE, SECOND, SLOT, instant
from tracker.outbox.parcel import Parcel
from tracker.wire.receipt import PictureReceipt, Receipt, ReceiptFacts

NORTHBEAM = Key("embedded:home", "me", "northbeam")
FENNEL = Key("embedded:home", "me", "fennel")
_numbers = count(1)


def new_id() -> str:
    """An id that no other call returns, in the form of a UUID."""
    return f"00000000-0000-7000-8000-{next(_numbers):012x}"


def worked(start: int = NINE, ms: int = SLOT, *, active_s: int = 40, **facts: Any) -> Segment:
    """A segment with the same input in each of its minutes; the rest as told."""
    minutes = (
        replace(minute, active_s=active_s, keys=3 * active_s, clicks=active_s, scrolls=2)
        for minute in segment_minutes(start, start + ms)
    )
    usual: dict[str, Any] = {
        "id": new_id(),
        "key": NORTHBEAM,
        "memo": "Drawing the floor plan",
        "minutes": tuple(minutes),
        "closed_by": ClosedBy.SLOT_END,
        "source": "x11-record",
    }
    return Segment(start=start, end=start + ms, **(usual | facts))


def active(*minutes: int, of: int = 10, last_ms: int = MINUTE) -> Segment:
    """A segment of so many minutes, with input in those named; the last one may be short."""
    segment = worked(NINE, (of - 1) * MINUTE + last_ms, active_s=0, shots=(taken(b"a desk")[0],))
    return replace(
        segment,
        minutes=tuple(replace(m, active_s=int(n in minutes)) for n, m in enumerate(segment.minutes)),
    )


def taken(*pictures: bytes, at: int = NINE + MINUTE) -> tuple[Shot, list[EncodedPicture]]:
    """A shot of these pictures, a monitor each, and the pictures themselves."""
    encoded = [
        EncodedPicture(monitor, 64, 36, hashlib.sha256(data).hexdigest(), data)
        for monitor, data in enumerate(pictures)
    ]
    named = tuple(Picture(one.sha256, len(one.data), one.monitor, 64, 36) for one in encoded)
    return Shot(new_id(), at, ShotState.KEPT, named), encoded


def receipt(parcel: Parcel, key: SigningKey, *, pictures: Sequence[str] | None = None) -> Receipt:
    """What a server answers that has stored the parcel."""
    stored = parcel.pictures if pictures is None else pictures
    facts = ReceiptFacts(
        segment=parcel.id,
        sha256=parcel.sha256,
        received_at=instant(parcel.end + SECOND),
        contract=parcel.key.contract,
        pictures=tuple(PictureReceipt(sha256, "stored") for sha256 in stored),
        server=parcel.key.server,
        key=key.id,
    )
    return issue(facts, key)


def ranges(begin: int = NINE - NINE % SLOT) -> st.SearchStrategy[tuple[int, int]]:
    """Ranges inside one slot, as (start, length)."""
    return st.tuples(st.integers(0, 6 * 24 * 7), st.integers(0, SLOT - 1)).flatmap(
        lambda place: st.integers(1, SLOT - place[1]).map(lambda ms: (begin + place[0] * SLOT + place[1], ms))
    )
