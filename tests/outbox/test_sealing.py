"""Sealing: numbered, chained and signed in one step, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from boxes import DEVICE, SERVER
from doubles import NINE
from worked import FENNEL, receipt, worked

from tracker.model.slot import MINUTE, SLOT
from tracker.outbox.outbox import Outbox
from tracker.status import OutboxStatus
from tracker.wire.segment import decode_segment

if TYPE_CHECKING:
    from boxes import Box

LATER = NINE + 20 * SLOT


def test_the_chain_numbers_each_contract_s_segments_in_the_order_of_sealing(box: Box) -> None:
    for slot in range(3):
        box.outbox.put(worked(NINE + slot * SLOT, 5 * MINUTE), None)
        box.outbox.put(worked(NINE + slot * SLOT + 5 * MINUTE, 5 * MINUTE, key=FENNEL), None)
    assert box.outbox.seal_due(LATER) == 6

    chains: dict[str, list[tuple[int, str | None, str]]] = {}
    for parcel in box.parcels(LATER):
        body = decode_segment(parcel.body)
        chains.setdefault(body.contract, []).append((body.seq, body.prev, parcel.sha256))

    assert set(chains) == {"northbeam", "fennel"}
    for links in chains.values():
        hashes = [sha256 for _, _, sha256 in links]
        assert [(seq, prev) for seq, prev, _ in links] == [(1, None), (2, hashes[0]), (3, hashes[1])]


def test_the_chain_goes_on_after_a_restart_and_after_its_head_is_delivered(box: Box) -> None:
    box.outbox.put(worked(), None)
    box.outbox.seal_due(LATER)
    first = box.outbox.oldest_due(LATER)
    box.outbox.delivered(first.id, receipt(first, SERVER))
    box.reopen()

    box.outbox.put(worked(NINE + SLOT), None)
    box.outbox.seal_due(LATER)

    body = decode_segment(box.outbox.oldest_due(LATER).body)
    assert (body.seq, body.prev) == (2, first.sha256)


def test_a_sealing_that_fails_leaves_the_segment_held_and_the_chain_as_it_was(box: Box) -> None:
    class Worn:  # a key that does not sign any more
        id = DEVICE.id

        def sign(self, _data: bytes) -> bytes:
            raise OSError("the key is gone")

    box.outbox.put(worked(), None)
    with pytest.raises(OSError, match="the key is gone"):
        Outbox(box.database, Worn(), app="hourproof 0", test=False).seal_due(LATER)

    assert box.outbox.counts() == OutboxStatus(held=1, waiting=0, refused=0)
    box.outbox.seal_due(LATER)
    assert decode_segment(box.outbox.oldest_due(LATER).body).seq == 1
