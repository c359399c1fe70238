"""Keys and signatures: only the key's holder signs, and only just these bytes."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tracker.evidence.keys import SigningKey, key_id, verifies
from tracker.evidence.signing import parse_signature, sign

MINE = SigningKey("0d" * 32)
OTHER = SigningKey("0e" * 32)
# RFC 8032, section 7.1, test 2
RFC_SEED = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
RFC_PUBLIC = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
RFC_SIGNATURE = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_it_is_the_ed25519_of_the_standard() -> None:
    key = SigningKey(RFC_SEED)

    assert key.public.hex() == RFC_PUBLIC
    assert key.sign(b"\x72").hex() == RFC_SIGNATURE


def test_a_key_is_the_same_again_from_its_seed_and_two_new_ones_differ() -> None:
    key = SigningKey.new()

    assert SigningKey(key.seed).public == key.public
    assert len(key.seed) == 64
    assert SigningKey.new().id != key.id


def test_the_id_is_half_the_hash_of_the_public_key() -> None:
    assert MINE.id == key_id(MINE.public) == hashlib.sha256(MINE.public).hexdigest()[:32]


@given(st.binary(max_size=300))
def test_a_signature_survives_the_header_and_holds_for_these_bytes(data: bytes) -> None:
    signature = parse_signature(sign(data, MINE).header)

    assert signature.device == MINE.id
    assert signature.of(MINE.public, data)
    assert not signature.of(OTHER.public, data)


@given(st.binary(min_size=1, max_size=300), st.data())
def test_one_changed_byte_of_data_signature_or_key_is_found(data: bytes, choose: st.DataObject) -> None:
    parts = [MINE.public, MINE.sign(data), data]
    which = choose.draw(st.integers(0, 2))
    place = choose.draw(st.integers(0, len(parts[which]) - 1))
    flip = choose.draw(st.integers(1, 255))
    changed = bytearray(parts[which])
    changed[place] ^= flip
    parts[which] = bytes(changed)

    assert not verifies(*parts)


@given(st.binary(max_size=70), st.binary(max_size=70), st.binary(max_size=70))
def test_a_malformed_part_is_a_no(public: bytes, signature: bytes, data: bytes) -> None:
    assert not verifies(public, signature, data)


@given(st.text(max_size=200))
def test_a_header_that_says_nothing_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="Hourproof-Signature"):
        parse_signature(text)


@given(st.data())
def test_a_damaged_header_never_holds(choose: st.DataObject) -> None:
    header = sign(b"work", MINE).header
    place = choose.draw(st.integers(0, len(header) - 1))
    other = choose.draw(st.characters())
    assume(other != header[place])

    try:
        damaged = parse_signature(header[:place] + other + header[place + 1 :])
    except ValueError:
        return

    # the device's name is not signed, but it is another
    assert damaged.device != MINE.id or not damaged.of(MINE.public, b"work")


@pytest.mark.parametrize("space", ["\xa0", "\x85", "\x1f", "\u2003"])
def test_no_other_space_than_that_of_lines_stands_around_it(space: str) -> None:
    header = sign(b"work", MINE).header
    assert parse_signature(f" {header}\n").header == header
    for text in (header + space, space + header):
        with pytest.raises(ValueError, match="Hourproof-Signature"):
            parse_signature(text)


def test_the_spare_bits_of_the_last_digit_cannot_be_changed_either() -> None:
    header = sign(b"work", MINE).header
    last = header[-3]
    for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".replace(last, ""):
        try:
            damaged = parse_signature(f"{header[:-3]}{other}==")
        except ValueError:
            continue
        assert not damaged.of(MINE.public, b"work")
