"""Receipts: the server's word for just these bytes, and no one else's."""

from __future__ import annotations

import base64
import hashlib

import msgspec
import pytest
from doubles import NINE
from hypothesis import given
from hypothesis import strategies as st

from tracker.evidence.keys import SigningKey
from tracker.evidence.receipts import holds, issue
from tracker.model.slot import instant
from tracker.wire.receipt import PictureReceipt, Receipt, ReceiptFacts

SERVER, OTHER = SigningKey("5e" * 32), SigningKey("5f" * 32)
BODY = b'{"kind":"segment"}'
SEGMENT = "01936d4e-0000-7000-8000-000000000001"
FACTS = ReceiptFacts(
    segment=SEGMENT,
    sha256=hashlib.sha256(BODY).hexdigest(),
    received_at=instant(NINE),
    contract="northbeam",
    pictures=(PictureReceipt("ab" * 32, "stored"), PictureReceipt("cd" * 32, "rejected")),
    server="https://example.org",
    key=SERVER.id,
)


def good(receipt: Receipt, body: bytes = BODY, segment: str = SEGMENT, key: SigningKey = SERVER) -> bool:
    return holds(receipt, segment=segment, body=body, public=key.public)


def test_a_receipt_holds_for_its_segment_bytes_and_server() -> None:
    receipt = issue(FACTS, SERVER)

    assert good(receipt)
    assert not good(receipt, body=BODY + b" ")
    assert not good(receipt, segment=SEGMENT[:-1] + "2")
    assert not good(receipt, key=OTHER)


def test_a_receipt_survives_its_way_as_json() -> None:
    receipt = issue(FACTS, SERVER)

    assert good(msgspec.json.decode(msgspec.json.encode(receipt), type=Receipt))


def test_a_receipt_signed_by_another_server_in_this_one_s_name_does_not_hold() -> None:
    assert not good(issue(FACTS, OTHER))
    assert not good(issue(msgspec.structs.replace(FACTS, key=OTHER.id), OTHER))


@pytest.mark.parametrize(
    "change",
    [
        {"received_at": instant(NINE + 1)},
        {"contract": "fennel"},
        {"server": "https://example.com"},
        {"pictures": (PictureReceipt("ab" * 32, "stored"),)},
        {"pictures": (PictureReceipt("ab" * 32, "stored"), PictureReceipt("cd" * 32, "stored"))},
        {"signature": ""},
        {"signature": "no base64 at all"},
        {"signature": "ünïcödé"},
        {"signature": base64.b64encode(bytes(64)).decode()},
    ],
)
def test_no_word_of_a_receipt_can_be_changed(change: dict[str, object]) -> None:
    assert not good(msgspec.structs.replace(issue(FACTS, SERVER), **change))


@given(st.text(max_size=100))
def test_any_text_in_the_signature_s_place_is_a_no(text: str) -> None:
    assert not good(msgspec.structs.replace(issue(FACTS, SERVER), signature=text))


def test_the_spare_bits_of_the_signature_s_last_digit_cannot_be_changed_either() -> None:
    receipt = issue(FACTS, SERVER)
    for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/":
        text = f"{receipt.signature[:-3]}{other}=="
        assert good(msgspec.structs.replace(receipt, signature=text)) == (text == receipt.signature)
