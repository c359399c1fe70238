"""The signed body of a revision: what goes in comes out, and what is no body is a ValueError."""

from __future__ import annotations

import json
from typing import Any

import pytest
from doubles import NINE
from hypothesis import given
from hypothesis import strategies as st

from tracker.model.revision import Change, Revision
from tracker.model.segment import MEMO_MAX, Key, Picture
from tracker.model.slot import instant
from tracker.wire import SEGMENT_MAX
from tracker.wire.revision import Target, decode_revision, encode_revision, revision_of
from tracker.wire.segment import Seal, decode_segment

KEY = Key("embedded:home", "me", "northbeam")
SEAL = Seal(device="d0" * 16, seq=4, prev="ab" * 32, app="hourproof 0", salt="5a" * 16, test=False)
TARGET = Target("00000000-0000-7000-8000-0000000000aa", "cd" * 32, "d0" * 16, 3, instant(NINE))
ID = "00000000-0000-7000-8000-0000000000bb"
SHOT = "00000000-0000-7000-8000-0000000000cc"
FAINT = Picture("ef" * 32, 900, 0, 64, 36, 30)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=MEMO_MAX)


@st.composite
def revisions(draw: st.DrawFn) -> Revision:
    kind = draw(st.sampled_from(Change))
    hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)
    pictures = st.builds(
        Picture, hashes, st.integers(1, 1_048_576), st.integers(0, 3), st.just(64), st.just(36)
    )
    return Revision(
        id=draw(st.uuids().map(str)),
        segment=TARGET.id,
        at=draw(st.integers(0, 2 * NINE)),
        change=kind,
        memo=draw(texts) if kind is Change.MEMO else "",
        shot=draw(st.uuids().map(str)) if kind in {Change.WITHHOLD, Change.BLUR} else "",
        pictures=tuple(draw(st.lists(pictures, min_size=1, max_size=4))) if kind is Change.BLUR else (),
    )


@given(revisions())
def test_what_is_encoded_comes_back_whole(revision: Revision) -> None:
    data = encode_revision(revision, KEY, TARGET, SEAL)
    body = decode_revision(data)
    assert revision_of(body) == revision
    assert (body.server, body.account, body.contract) == (KEY.server, KEY.account, KEY.contract)
    assert (body.device, body.seq, body.prev, body.salt) == (SEAL.device, SEAL.seq, SEAL.prev, SEAL.salt)
    assert body.segment == TARGET
    assert len(data) < SEGMENT_MAX
    assert encode_revision(revision, KEY, TARGET, SEAL) == data


def test_a_revision_is_no_segment() -> None:
    with pytest.raises(ValueError, match="revision"):
        decode_segment(body_with())


def body_with(of: Change = Change.WITHHOLD, /, **changed: Any) -> bytes:
    """Return a body with other values in it; None takes the value out."""
    usual = {
        Change.MEMO: Revision(ID, TARGET.id, NINE, Change.MEMO, memo="Doors"),
        Change.WITHHOLD: Revision(ID, TARGET.id, NINE, Change.WITHHOLD, shot=SHOT),
        Change.BLUR: Revision(ID, TARGET.id, NINE, Change.BLUR, shot=SHOT, pictures=(FAINT,)),
        Change.DISCARD: Revision(ID, TARGET.id, NINE, Change.DISCARD),
    }
    body = json.loads(encode_revision(usual[of], KEY, TARGET, SEAL)) | changed
    return json.dumps({name: value for name, value in body.items() if value is not None}).encode()


@pytest.mark.parametrize("change", list(Change))
def test_the_usual_bodies_are_read(change: Change) -> None:
    assert decode_revision(body_with(change)).change is change


PICTURES = [json.loads(body_with(Change.BLUR))["pictures"][0]]


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        (Change.MEMO, {"memo": "x" * (MEMO_MAX + 1)}),
        (Change.MEMO, {"shot": SHOT}),
        (Change.MEMO, {"pictures": PICTURES}),
        (Change.MEMO, {"gone": ["a" * 64]}),
        (Change.WITHHOLD, {"gone": ["no hash"]}),
        (Change.DISCARD, {"gone": ["a" * 64] * 33}),
        (Change.WITHHOLD, {"shot": None}),
        (Change.WITHHOLD, {"shot": "shot"}),
        (Change.WITHHOLD, {"pictures": PICTURES}),
        (Change.WITHHOLD, {"memo": "a word that a discard would keep"}),
        (Change.BLUR, {"pictures": []}),
        (Change.BLUR, {"pictures": PICTURES * 5}),
        (Change.BLUR, {"shot": None}),
        (Change.DISCARD, {"shot": SHOT}),
        (Change.DISCARD, {"memo": "a word that a discard would keep"}),
        (Change.DISCARD, {"change": "forget"}),
        (Change.DISCARD, {"kind": "segment"}),
        (Change.DISCARD, {"id": ID + "\n"}),
        (Change.DISCARD, {"seq": 0}),
        (Change.DISCARD, {"at": "2026-02-30T09:00:00.000Z"}),
        (Change.DISCARD, {"segment": {"id": TARGET.id}}),
        *((Change.DISCARD, {name: None}) for name in ("id", "at", "segment", "device", "salt", "change")),
    ],
)
def test_a_body_that_cannot_be_is_refused_with_a_reason(change: Change, changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_revision(body_with(change, **changed))


@given(st.binary(max_size=400))
def test_any_bytes_are_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_revision(data)


@pytest.mark.parametrize("data", [b"", b"{}", b"[" * 100_000, b"null", b"\xff\xfe"])
def test_bytes_that_are_no_body_are_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_revision(data)
