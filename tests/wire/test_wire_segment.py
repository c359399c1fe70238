"""The signed body: what goes in comes out, and what is no body is a ValueError and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from doubles import NINE
from hypothesis import given
from hypothesis import strategies as st
from worked import ranges, worked

from tracker.model.segment import (
    ClockFact,
    ClosedBy,
    Key,
    Minute,
    Origin,
    Picture,
    Segment,
    Shot,
    ShotState,
    segment_minutes,
)
from tracker.model.slot import MINUTE, SLOT
from tracker.wire.segment import Seal, decode_segment, encode_segment, segment_of

SEAL = Seal(device="d0" * 16, seq=3, prev="ab" * 32, app="hourproof 0", salt="5a" * 16, test=False)
CENTURY = 100 * 366 * 24 * 60 * MINUTE

hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)
ids = st.uuids().map(str)
counts = st.none() | st.integers(0, 1_000_000)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
instants = st.integers(NINE - CENTURY // 2, NINE + CENTURY)
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64)


@st.composite
def shots(draw: st.DrawFn) -> Shot:
    pictures = st.builds(
        Picture,
        hashes,
        st.integers(1, 1_048_576),
        st.integers(0, 3),
        st.integers(1, 65_535),
        st.integers(1, 65_535),
        st.integers(0, 100),
        st.none() | hashes.map(lambda value: value[:16]),
    )
    return Shot(
        draw(ids),
        draw(instants),
        draw(st.sampled_from(ShotState)),
        tuple(draw(st.lists(pictures, max_size=4))),
        draw(texts),
    )


@st.composite
def segments(draw: st.DrawFn) -> Segment:
    start, ms = draw(ranges())
    minutes = tuple(
        Minute(m.at, m.tracked_ms, draw(st.integers(0, 60)), draw(counts), draw(counts), draw(counts))
        for m in segment_minutes(start, start + ms)
    )
    facts = st.builds(ClockFact, instants, st.integers(-(2**53), 2**53))
    return Segment(
        id=draw(ids),
        key=draw(st.builds(Key, words, words, words)),
        start=start,
        end=start + ms,
        memo=draw(texts),
        minutes=minutes,
        closed_by=draw(st.sampled_from(ClosedBy)),
        source=draw(st.none() | texts),
        shots=tuple(draw(st.lists(shots(), max_size=4))),
        origin=draw(st.sampled_from(Origin)),
        task=draw(texts),
        idle_kept=draw(st.booleans()),
        clock_facts=tuple(draw(st.lists(facts, max_size=4))),
    )


@st.composite
def seals(draw: st.DrawFn) -> Seal:
    return Seal(
        device=draw(hashes)[:32],
        seq=draw(st.integers(1, 2**53)),
        prev=draw(st.none() | hashes),
        app=draw(texts),
        salt=draw(hashes)[:32],
        test=draw(st.booleans()),
    )


@given(segments(), seals())
def test_what_is_encoded_comes_back_whole(segment: Segment, seal: Seal) -> None:
    data = encode_segment(segment, seal)

    body = decode_segment(data)

    assert segment_of(body) == segment
    assert seal == Seal(body.device, body.seq, body.prev, body.app, body.salt, body.test)
    assert msgspec.json.encode(body) == data
    assert len(body.pictures) == sum(len(shot.pictures) for shot in segment.shots)


def body_with(**changed: Any) -> bytes:
    body = json.loads(encode_segment(worked(), SEAL))
    return json.dumps(body | changed).encode()


def minutes_with(place: int, **changed: Any) -> list[dict[str, Any]]:
    minutes = json.loads(encode_segment(worked(), SEAL))["minutes"]
    minutes[place] |= changed
    return minutes


def shot_with(**changed: Any) -> list[dict[str, Any]]:
    picture = {"sha256": "ab" * 32, "size": 9, "monitor": 0, "width": 64, "height": 36} | changed
    id_, at = "00000000-0000-7000-8000-000000000001", "2026-11-19T09:00:00.000Z"
    return [{"id": id_, "taken_at": at, "state": "kept", "pictures": [picture]}]


@pytest.mark.parametrize("changed", [{}, {"dhash": None}, {"dhash": "0123456789abcdef"}])
def test_what_a_picture_roughly_shows_need_not_be_said(changed: dict[str, str | None]) -> None:
    (picture,) = decode_segment(body_with(shots=shot_with(**changed))).pictures

    assert picture.dhash == changed.get("dhash")


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "revision"},
        {"id": "not-a-uuid"},
        {"id": "00000000-0000-7000-8000-000000000001\n"},
        {"id": "../../../etc/passwd"},
        {"server": ""},
        {"contract": ""},
        {"contract": "x" * 65},
        {"device": "D0" * 16},
        {"device": "d0" * 16 + "\n"},
        {"seq": 0},
        {"seq": 2**53 + 1},
        {"seq": "1"},
        {"prev": "ab"},
        {"start": "2026-11-19T09:00:00Z"},
        {"start": "2026-11-19T09:00:00.000+00:00"},
        {"start": "2026-13-19T09:00:00.000Z"},
        {"start": "2026-11-19T09:00:60.000Z"},
        {"start": "9999-12-31T23:50:00.000Z"},
        {"start": "\uff12\uff10\uff12\uff16-11-19T09:00:00.000Z"},
        {"end": "2026-11-19T09:00:00.000Z"},
        {"end": "2026-11-19T09:09:59.999Z"},
        {"end": "2026-11-19T09:10:00.001Z"},
        {"end": "2026-11-18T09:10:00.000Z"},
        {"memo": "x" * 501},
        {"memo": None},
        {"minutes": []},
        {"minutes": minutes_with(0, ms=59_999)},
        {"minutes": minutes_with(0, ms=60_001)},
        {"minutes": minutes_with(0, ms=-1)},
        {"minutes": minutes_with(0, keys=-1)},
        {"minutes": minutes_with(0, keys=1.5)},
        {"minutes": minutes_with(0, active_s=62)},
        {"minutes": minutes_with(0, t="2026-11-19T09:00:00.500Z")},
        {"minutes": minutes_with(0, t="2026-11-19T09:01:00.000Z")},
        {"minutes": minutes_with(0)[::-1]},
        {"minutes": minutes_with(0) + minutes_with(0)[:1]},
        {"shots": [{"id": "x", "taken_at": "2026-11-19T09:00:00.000Z", "state": "kept"}]},
        {"shots": [{"id": SEAL.salt, "taken_at": "soon", "state": "kept"}]},
        {"shots": shot_with(dhash="")},
        {"shots": shot_with(dhash="0" * 15)},
        {"shots": shot_with(dhash="0" * 17)},
        {"shots": shot_with(dhash="0" * 15 + "A")},
        {"shots": shot_with(dhash="0" * 16 + "\n")},
        {"shots": shot_with(dhash="-" + "0" * 15)},
        {"shots": shot_with(dhash=0)},
        {"closed_by": "boredom"},
        {"origin": "guessed"},
        {"idle_kept": 1},
        {"clock_facts": [{"at": "2026-11-19T09:00:00.000Z", "moved_ms": 2**60}]},
        {"salt": ""},
        {"test": "no"},
    ],
)
def test_a_body_that_cannot_be_is_refused_with_a_reason(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_segment(body_with(**changed))


@pytest.mark.parametrize("field", ["kind", "id", "start", "minutes", "salt", "memo", "source"])
def test_a_body_without_a_part_is_refused(field: str) -> None:
    body = json.loads(encode_segment(worked(), SEAL))
    del body[field]

    with pytest.raises(ValueError, match=field):
        decode_segment(json.dumps(body).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b'"\\ud800"',
        b'{"kind":"segment","memo":"\xed\xa0\x80"}',
        b'{"kind":"segment","more":' + b"[" * 100_000,
        b'{"kind":"segment","more":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"seq":' + b"9" * 10_000 + b"}",
        b'{"seq":1e400}',
        encode_segment(worked(), SEAL)[:-1],
        encode_segment(worked(), SEAL) + b"x",
    ],
    ids=range(12),
)
def test_bytes_that_are_no_body_are_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_segment(data)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_segment(data)


@given(segments(), st.data())
def test_a_damaged_body_is_a_value_error_or_another_body(segment: Segment, choose: st.DataObject) -> None:
    data = bytearray(encode_segment(segment, SEAL))
    place = choose.draw(st.integers(0, len(data) - 1))
    data[place] ^= choose.draw(st.integers(1, 255))

    try:
        body = decode_segment(bytes(data))
    except ValueError:
        return

    assert isinstance(segment_of(body), Segment)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
FIELDS = sorted(json.loads(encode_segment(worked(), SEAL)))


@given(st.sampled_from(FIELDS), json_values)
def test_any_value_in_any_place_is_read_or_a_value_error(field: str, value: Any) -> None:
    try:
        body = decode_segment(body_with(**{field: value}))
    except ValueError:
        return

    assert segment_of(body).tracked_ms > 0


def test_the_longest_segment_there_can_be_fits_the_limit_of_the_server() -> None:
    from tracker.wire import SEGMENT_MAX  # noqa: PLC0415  # the figure this test is about

    picture = Picture("ab" * 32, 1_048_576, 3, 65_535, 65_535, 100, "ab" * 8)
    shot = Shot("00000000-0000-7000-8000-000000000000", NINE, ShotState.KEPT, (picture,) * 4, "\x00" * 200)
    segment = replace(
        worked(memo="\x00" * 500, task="\x00" * 200, source="\x00" * 200),
        shots=(shot,) * 8,
        clock_facts=(ClockFact(NINE, -(2**53)),) * 100,
    )

    assert len(encode_segment(segment, SEAL)) < SEGMENT_MAX


def test_a_slot_has_ten_minutes_at_most() -> None:
    assert len(decode_segment(encode_segment(worked(NINE + 1, SLOT - 1), SEAL)).minutes) == 10
