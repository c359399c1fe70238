"""The outbox: what is put comes out sealed, in order, once, and goes only when the server has it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec
import pytest
from boxes import DEVICE, SERVER
from doubles import NINE
from worked import receipt, taken, worked

from tracker.errors import NotDone
from tracker.evidence.receipts import holds
from tracker.evidence.signing import parse_signature
from tracker.model.segment import ShotState
from tracker.model.slot import MINUTE, SECOND, SLOT
from tracker.outbox.outbox import Hold
from tracker.status import OutboxStatus
from tracker.wire.segment import decode_segment, segment_of

if TYPE_CHECKING:
    from boxes import Box

LATER = NINE + 20 * SLOT
NOTICE = Hold("notice", NINE + 15 * SECOND)


def test_without_a_hold_the_next_sealing_takes_a_segment(box: Box) -> None:
    segment = worked()

    box.outbox.put(segment, None)

    assert box.outbox.counts() == OutboxStatus(held=1, waiting=0, refused=0)
    assert box.outbox.seal_due(NINE) == 1
    assert box.outbox.counts() == OutboxStatus(held=0, waiting=1, refused=0)
    assert box.outbox.oldest_due(NINE).id == segment.id


def test_a_hold_ends_at_its_instant_and_not_before(box: Box) -> None:
    box.outbox.put(worked(), NOTICE)

    assert box.outbox.seal_due(NOTICE.until - 1) == 0
    assert box.outbox.oldest_due(LATER) is None
    assert box.outbox.seal_due(NOTICE.until) == 1


def test_a_parcel_is_the_segment_signed_by_the_device(box: Box) -> None:
    shot, pictures = taken(b"left", b"right")
    segment = worked(shots=(shot,))
    box.outbox.store_pictures(shot, pictures, segment=segment.id)
    box.outbox.put(segment, None)
    box.outbox.seal_due(NINE)

    parcel = box.outbox.oldest_due(NINE)

    body = decode_segment(parcel.body)
    assert segment_of(body) == segment
    assert (body.device, body.seq, body.prev, body.app, body.test) == (
        DEVICE.id,
        1,
        None,
        "hourproof 0",
        False,
    )
    assert parse_signature(parcel.signature).of(DEVICE.public, parcel.body)
    assert parcel.sha256 == hashlib.sha256(parcel.body).hexdigest()
    assert (parcel.key, parcel.start, parcel.end) == (segment.key, segment.start, segment.end)
    assert [box.outbox.picture(sha256) for sha256 in parcel.pictures] == [b"left", b"right"]


def test_two_segments_of_the_same_facts_do_not_have_the_same_bytes_beyond_their_ids(box: Box) -> None:
    one, other = worked(), worked(NINE + SLOT)
    box.outbox.put(one, None)
    box.outbox.put(other, None)
    box.outbox.seal_due(LATER)

    salts = {decode_segment(parcel.body).salt for parcel in box.parcels(LATER)}

    assert len(salts) == 2


def test_the_oldest_parcel_comes_first_whenever_it_was_put(box: Box) -> None:
    younger, older = worked(NINE + SLOT), worked(NINE)
    for segment in (younger, older):
        box.outbox.put(segment, None)
        box.outbox.seal_due(LATER)

    assert [parcel.id for parcel in box.parcels(LATER)] == [older.id, younger.id]


def test_a_delivered_parcel_loses_its_pictures_and_keeps_its_bytes_and_receipt(box: Box) -> None:
    shot, pictures = taken(b"a desk")
    segment = worked(shots=(shot,))
    box.outbox.store_pictures(shot, pictures, segment=segment.id)
    box.outbox.put(segment, None)
    box.outbox.seal_due(NINE)
    parcel = box.outbox.oldest_due(NINE)

    box.outbox.delivered(parcel.id, receipt(parcel, SERVER))

    assert box.outbox.oldest_due(LATER) is None
    assert box.outbox.entries() == []
    with pytest.raises(NotDone):
        box.outbox.picture(parcel.pictures[0])
    ((kept, proof),) = box.outbox.segments(NINE, NINE + SLOT)
    assert kept == segment
    assert holds(proof, segment=segment.id, body=parcel.body, public=SERVER.public)


def test_the_same_answer_twice_keeps_the_first_receipt(box: Box) -> None:
    box.outbox.put(worked(), None)
    box.outbox.seal_due(NINE)
    parcel = box.outbox.oldest_due(NINE)
    first = receipt(parcel, SERVER)

    box.outbox.delivered(parcel.id, first)
    box.outbox.delivered(parcel.id, msgspec.structs.replace(first, received_at="2026-11-20T00:00:00.000Z"))

    assert [proof for _, proof in box.outbox.segments(NINE, NINE + SLOT)] == [first]


def test_a_postponed_parcel_waits_and_lets_the_others_go(box: Box) -> None:
    poor, other = worked(), worked(NINE + SLOT)
    for segment in (poor, other):
        box.outbox.put(segment, None)
    box.outbox.seal_due(LATER)

    box.outbox.postpone(poor.id, LATER + 8 * SECOND, "no answer")

    assert box.outbox.oldest_due(LATER).id == other.id
    again = box.outbox.oldest_due(LATER + 8 * SECOND)
    assert (again.id, again.attempts) == (poor.id, 1)
    assert box.outbox.next_change(LATER) == LATER + 8 * SECOND
    entry = box.outbox.entries()[0]
    assert (entry.state, entry.attempts, entry.next, entry.problem) == (
        "waiting",
        1,
        LATER + 8 * SECOND,
        "no answer",
    )


def test_a_refused_parcel_is_set_aside_with_its_reason_until_it_is_retried(box: Box) -> None:
    shot, pictures = taken(b"a desk")
    segment = worked(shots=(shot,))
    box.outbox.store_pictures(shot, pictures, segment=segment.id)
    box.outbox.put(segment, None)
    box.outbox.seal_due(NINE)

    box.outbox.refuse(segment.id, "the contract has ended")

    assert box.outbox.oldest_due(LATER) is None
    assert box.outbox.counts() == OutboxStatus(held=0, waiting=0, refused=1)
    assert box.outbox.entries()[0].problem == "the contract has ended"
    box.outbox.retry(segment.id)
    parcel = box.outbox.oldest_due(NINE)
    assert (parcel.attempts, box.outbox.picture(parcel.pictures[0])) == (0, b"a desk")
    assert box.outbox.entries()[0].problem is None


def test_what_is_held_cannot_be_delivered_refused_postponed_or_retried(box: Box) -> None:
    segment = worked()
    box.outbox.put(segment, NOTICE)

    for move in (
        lambda: box.outbox.refuse(segment.id, "no"),
        lambda: box.outbox.postpone(segment.id, LATER, "no"),
        lambda: box.outbox.retry(segment.id),
    ):
        with pytest.raises(NotDone):
            move()
    assert box.outbox.counts() == OutboxStatus(held=1, waiting=0, refused=0)


def test_an_id_that_was_never_put_is_told_with_advice(box: Box) -> None:
    with pytest.raises(NotDone) as told:
        box.outbox.retry("nothing")
    assert "hourproof outbox" in told.value.advice


def test_the_next_change_is_the_earliest_end_of_a_hold_or_backoff(box: Box) -> None:
    assert box.outbox.next_change(NINE) is None
    box.outbox.put(worked(), Hold("silence", NINE + MINUTE))
    box.outbox.put(worked(NINE + SLOT), NOTICE)

    assert box.outbox.next_change(NINE) == NOTICE.until
    assert box.outbox.next_change(LATER) == LATER
    box.outbox.seal_due(LATER)
    assert box.outbox.next_change(LATER) is None


def test_a_parcel_no_server_would_read_is_sent_and_shown_like_any_other(box: Box) -> None:
    poison = worked(memo="x" * 501)  # more than a body may hold
    box.outbox.put(poison, None)
    box.outbox.put(worked(NINE + SLOT), None)
    box.outbox.seal_due(LATER)

    assert box.outbox.oldest_due(LATER).id == poison.id
    box.outbox.refuse(poison.id, "malformed")

    assert box.outbox.oldest_due(LATER).start == NINE + SLOT
    assert poison in box.outbox.undelivered(NINE, LATER)


def test_a_shot_whose_pictures_could_not_be_kept_has_failed_and_the_time_goes_on(box: Box) -> None:
    shot, _ = taken(b"never stored")
    segment = worked(shots=(shot,))

    box.outbox.put(segment, None)

    box.outbox.seal_due(NINE)
    parcel = box.outbox.oldest_due(NINE)
    (failed,) = segment_of(decode_segment(parcel.body)).shots
    assert (failed.id, failed.state, failed.pictures) == (shot.id, ShotState.FAILED, ())
    assert failed.reason
    assert parcel.pictures == ()


def test_pictures_of_a_shot_that_the_segment_does_not_name_are_not_kept(box: Box) -> None:
    shot, pictures = taken(b"nobody's")
    segment = worked()
    box.outbox.store_pictures(shot, pictures, segment=segment.id)

    box.outbox.put(segment, None)

    with pytest.raises(NotDone):
        box.outbox.picture(pictures[0].sha256)


def test_two_monitors_that_show_the_same_are_two_pictures_of_the_same_bytes(box: Box) -> None:
    shot, pictures = taken(b"black", b"black")
    segment = worked(shots=(shot,))
    box.outbox.store_pictures(shot, pictures, segment=segment.id)
    box.outbox.put(segment, None)
    box.outbox.seal_due(NINE)

    parcel = box.outbox.oldest_due(NINE)

    assert len(segment_of(decode_segment(parcel.body)).shots[0].pictures) == 2
    assert [box.outbox.picture(sha256) for sha256 in parcel.pictures] == [b"black"]


def test_one_of_two_segments_with_the_same_picture_keeps_it_when_the_other_is_delivered(box: Box) -> None:
    for start in (NINE, NINE + SLOT):
        shot, pictures = taken(b"an idle screen", at=start)
        segment = worked(start, shots=(shot,))
        box.outbox.store_pictures(shot, pictures, segment=segment.id)
        box.outbox.put(segment, None)
    box.outbox.seal_due(LATER)

    first = box.outbox.oldest_due(LATER)
    box.outbox.delivered(first.id, receipt(first, SERVER))

    assert box.outbox.picture(first.pictures[0]) == b"an idle screen"
    assert box.outbox.picture_of(shot.id) == b"an idle screen"
