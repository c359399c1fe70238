"""The signed body of a revision: a link of the same chain as the segments, and sent by the same road."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta

from tracker.model.revision import Change, Revision
from tracker.model.segment import MEMO_MAX
from tracker.model.slot import instant, parse_instant
from tracker.wire.segment import (
    Device,
    Id,
    Instant,
    PictureBody,
    Sha256,
    Text,
    Uuid,
    picture_body,
    picture_of_body,
)

if TYPE_CHECKING:
    from tracker.model.segment import Key
    from tracker.wire.segment import Seal

_SAFE = 2**53  # what every JSON reader keeps exactly


class Target(msgspec.Struct, frozen=True):
    """The segment that is changed: by its id, and by the bytes and the link of its chain that it was then."""

    id: Uuid
    sha256: Sha256
    device: Device
    seq: Annotated[int, Meta(ge=1, le=_SAFE)]
    start: Instant


class RevisionBody(msgspec.Struct, frozen=True):
    """A revision as it is signed, sent and kept."""

    kind: Literal["revision"]
    id: Uuid
    server: Annotated[str, Meta(min_length=1, max_length=300)]
    account: Id
    contract: Id
    device: Device
    seq: Annotated[int, Meta(ge=1, le=_SAFE)]
    prev: Sha256 | None
    segment: Target
    at: Instant
    change: Change
    app: Text
    salt: Annotated[str, Meta(pattern="^[0-9a-f]{32}$", max_length=32)]
    memo: Annotated[str, Meta(max_length=MEMO_MAX)] = ""
    shot: Uuid | None = None
    pictures: Annotated[tuple[PictureBody, ...], Meta(max_length=4)] = ()
    gone: Annotated[tuple[Sha256, ...], Meta(max_length=32)] = ()  # pictures it takes back: sent or not
    test: bool = False


def encode_revision(revision: Revision, key: Key, target: Target, seal: Seal) -> bytes:
    """Return the bytes that are signed, sent and kept, the same everywhere."""
    body = RevisionBody(
        kind="revision",
        id=revision.id,
        server=key.server,
        account=key.account,
        contract=key.contract,
        device=seal.device,
        seq=seal.seq,
        prev=seal.prev,
        segment=target,
        at=instant(revision.at),
        change=revision.change,
        app=seal.app,
        salt=seal.salt,
        memo=revision.memo,
        shot=revision.shot or None,
        pictures=tuple(picture_body(picture) for picture in revision.pictures),
        gone=revision.gone,
        test=seal.test,
    )
    return msgspec.json.encode(body)


def decode_revision(data: bytes) -> RevisionBody:
    """Return a checked body; raises ValueError that says what is wrong with the bytes."""
    try:
        body = msgspec.json.decode(data, type=RevisionBody)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    parse_instant(body.at)
    parse_instant(body.segment.start)
    if (body.shot is not None) != (body.change in {Change.WITHHOLD, Change.BLUR}):
        raise ValueError("a shot is named where it is withheld or blurred, and nowhere else")
    if bool(body.pictures) != (body.change is Change.BLUR):
        raise ValueError("pictures come with a blur, and with nothing else")
    if body.gone and body.change is Change.MEMO:
        raise ValueError("a memo takes no picture back")
    if body.memo and body.change is not Change.MEMO:
        raise ValueError("words come with a memo, and with nothing else")
    return body


def revision_of(body: RevisionBody) -> Revision:
    """Return the revision a body stands for."""
    return Revision(
        id=body.id,
        segment=body.segment.id,
        at=parse_instant(body.at),
        change=body.change,
        memo=body.memo,
        shot=body.shot or "",
        pictures=tuple(picture_of_body(picture) for picture in body.pictures),
        gone=body.gone,
    )
