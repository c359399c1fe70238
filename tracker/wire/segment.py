"""The signed body of a segment: encoded once, at sealing, and decoded once, at the server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from tracker.model.segment import (
    MEMO_MAX,
    ClockFact,
    ClosedBy,
    Key,
    Minute,
    Origin,
    Picture,
    Segment,
    Shot,
    ShotState,
)
from tracker.model.slot import MINUTE, instant, parse_instant

# A clock may be wrong, but by less than a millennium: every zone's calendar has room around these years.
_INSTANT = "^(19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$"
_SAFE = 2**53  # what every JSON reader keeps exactly

# With the length said, too: a pattern's end may be followed by a line break.
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", max_length=64)]
DHash = Annotated[str, Meta(pattern="^[0-9a-f]{16}$", max_length=16)]
Id = Annotated[str, Meta(min_length=1, max_length=64)]
Uuid = Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", max_length=36)]
Device = Annotated[str, Meta(pattern="^[0-9a-f]{32}$", max_length=32)]
Instant = Annotated[str, Meta(pattern=_INSTANT, max_length=24, description="RFC 3339, UTC, milliseconds")]
Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Text = Annotated[str, Meta(max_length=200)]


class PictureBody(msgspec.Struct, frozen=True):
    """One monitor's picture: its hash and size name the bytes that are put apart."""

    sha256: Sha256
    size: Annotated[int, Meta(ge=1, le=1_048_576)]
    monitor: Annotated[int, Meta(ge=0, le=3)]
    width: Annotated[int, Meta(ge=1, le=65_535)]
    height: Annotated[int, Meta(ge=1, le=65_535)]
    blurred: Annotated[int, Meta(ge=0, le=100, description="percent of its area")] = 0
    dhash: DHash | None = None


class ShotBody(msgspec.Struct, frozen=True):
    """A shot: its pictures, or why there is none."""

    id: Uuid
    taken_at: Instant
    state: ShotState
    pictures: Annotated[tuple[PictureBody, ...], Meta(max_length=4)] = ()
    reason: Text = ""


class MinuteBody(msgspec.Struct, frozen=True):
    """One UTC minute: milliseconds tracked, active seconds, counts (null: only activity can be known)."""

    t: Instant
    ms: Annotated[int, Meta(ge=0, le=MINUTE)]
    active_s: Annotated[int, Meta(ge=0, le=61)]
    keys: Count | None
    clicks: Count | None
    scrolls: Count | None


class ClockBody(msgspec.Struct, frozen=True):
    """A jump of the wall clock that was seen and moved nothing."""

    at: Instant
    moved_ms: Annotated[int, Meta(ge=-_SAFE, le=_SAFE)]


class SegmentBody(msgspec.Struct, frozen=True):
    """A sealed segment as it is signed, sent and kept."""

    kind: Literal["segment"]
    id: Uuid
    server: Annotated[str, Meta(min_length=1, max_length=300)]
    account: Id
    contract: Id
    device: Device
    seq: Annotated[int, Meta(ge=1, le=_SAFE)]
    prev: Sha256 | None
    start: Instant
    end: Instant
    memo: Annotated[str, Meta(max_length=MEMO_MAX)]
    task: Text
    minutes: Annotated[tuple[MinuteBody, ...], Meta(min_length=1, max_length=10)]
    shots: Annotated[tuple[ShotBody, ...], Meta(max_length=8)]
    source: Text | None
    closed_by: ClosedBy
    origin: Origin
    idle_kept: bool
    clock_facts: Annotated[tuple[ClockBody, ...], Meta(max_length=100)]
    app: Text
    salt: Annotated[str, Meta(pattern="^[0-9a-f]{32}$", max_length=32)]
    test: bool = False

    @property
    def pictures(self) -> tuple[PictureBody, ...]:
        """Every picture the segment names."""
        return tuple(picture for shot in self.shots for picture in shot.pictures)


@dataclass(frozen=True, slots=True)
class Seal:
    """What sealing adds to a segment: its place in the chain, the device, the app, salt, test mode."""

    device: str
    seq: int
    prev: str | None
    app: str
    salt: str
    test: bool


def encode_segment(segment: Segment, seal: Seal) -> bytes:
    """Return the bytes that are signed, sent and kept, the same everywhere."""
    body = SegmentBody(
        kind="segment",
        id=segment.id,
        server=segment.key.server,
        account=segment.key.account,
        contract=segment.key.contract,
        device=seal.device,
        seq=seal.seq,
        prev=seal.prev,
        start=instant(segment.start),
        end=instant(segment.end),
        memo=segment.memo,
        task=segment.task,
        minutes=tuple(minute_body(minute) for minute in segment.minutes),
        shots=tuple(shot_body(shot) for shot in segment.shots),
        source=segment.source,
        closed_by=segment.closed_by,
        origin=segment.origin,
        idle_kept=segment.idle_kept,
        clock_facts=tuple(ClockBody(instant(fact.at), fact.moved_ms) for fact in segment.clock_facts),
        app=seal.app,
        salt=seal.salt,
        test=seal.test,
    )
    return msgspec.json.encode(body)


def decode_segment(data: bytes) -> SegmentBody:
    """Return a checked body; raises ValueError that says what is wrong with the bytes."""
    try:
        body = msgspec.json.decode(data, type=SegmentBody)
        segment_of(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    return body


def segment_of(body: SegmentBody) -> Segment:
    """Return the value a body stands for; raises ValueError where its times cannot be."""
    return Segment(
        id=body.id,
        key=Key(body.server, body.account, body.contract),
        start=parse_instant(body.start),
        end=parse_instant(body.end),
        memo=body.memo,
        minutes=tuple(minute_of_body(minute) for minute in body.minutes),
        closed_by=body.closed_by,
        source=body.source,
        shots=tuple(shot_of_body(shot) for shot in body.shots),
        origin=body.origin,
        task=body.task,
        idle_kept=body.idle_kept,
        clock_facts=tuple(ClockFact(parse_instant(fact.at), fact.moved_ms) for fact in body.clock_facts),
    )


def minute_body(minute: Minute) -> MinuteBody:
    """Return a minute as it is sent and shown."""
    return MinuteBody(
        t=instant(minute.at),
        ms=minute.tracked_ms,
        active_s=minute.active_s,
        keys=minute.keys,
        clicks=minute.clicks,
        scrolls=minute.scrolls,
    )


def minute_of_body(body: MinuteBody) -> Minute:
    """Return the minute a body stands for."""
    return Minute(parse_instant(body.t), body.ms, body.active_s, body.keys, body.clicks, body.scrolls)


def shot_body(shot: Shot) -> ShotBody:
    """Return a shot as it is sent."""
    return ShotBody(
        id=shot.id,
        taken_at=instant(shot.taken_at),
        state=shot.state,
        pictures=tuple(picture_body(picture) for picture in shot.pictures),
        reason=shot.reason,
    )


def shot_of_body(body: ShotBody) -> Shot:
    """Return the shot a body stands for."""
    return Shot(
        id=body.id,
        taken_at=parse_instant(body.taken_at),
        state=body.state,
        pictures=tuple(picture_of_body(picture) for picture in body.pictures),
        reason=body.reason,
    )


def picture_body(picture: Picture) -> PictureBody:
    """Return a picture as it is named in what is sent."""
    return PictureBody(
        sha256=picture.sha256,
        size=picture.size,
        monitor=picture.monitor,
        width=picture.width,
        height=picture.height,
        blurred=picture.blurred,
        dhash=picture.dhash,
    )


def picture_of_body(body: PictureBody) -> Picture:
    """Return the picture a body stands for."""
    return Picture(body.sha256, body.size, body.monitor, body.width, body.height, body.blurred, body.dhash)
