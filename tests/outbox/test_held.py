"""While a segment is held, the freelancer changes it in place; afterwards nobody does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from boxes import DEVICE
from doubles import NINE
from worked import taken, worked

from tracker.errors import NotDone
from tracker.model.segment import Segment, ShotState
from tracker.model.slot import MINUTE, SECOND, SLOT
from tracker.outbox.outbox import Hold
from tracker.wire.segment import decode_segment, segment_of

if TYPE_CHECKING:
    from boxes import Box

    from tracker.model.segment import Shot

NOTICE = Hold("notice", NINE + 15 * SECOND)
WHOLE = (NINE, NINE + SLOT)


def held(box: Box, *pictures: bytes) -> tuple[Segment, Shot]:
    shot, encoded = taken(*pictures)
    segment = worked(shots=(shot,))
    box.outbox.store_pictures(shot, encoded, segment=segment.id)
    box.outbox.put(segment, NOTICE)
    return segment, shot


def test_a_held_segment_takes_a_new_memo_which_is_what_is_sealed(box: Box) -> None:
    segment, _ = held(box, b"a desk")

    box.outbox.change_memo(segment.id, "Answering the client", NINE)

    box.outbox.seal_due(NOTICE.until)
    assert decode_segment(box.outbox.oldest_due(NOTICE.until).body).memo == "Answering the client"
    assert box.outbox.recent_memos("northbeam", 5) == ["Answering the client"]


def test_withholding_destroys_the_pictures_and_keeps_the_time(box: Box) -> None:
    segment, shot = held(box, b"a private desk", b"a private wall")

    box.outbox.withhold(segment.id, shot.id, NINE)

    box.outbox.seal_due(NOTICE.until)
    parcel = box.outbox.oldest_due(NOTICE.until)
    sealed = segment_of(decode_segment(parcel.body))
    assert parcel.pictures == ()
    assert (sealed.tracked_ms, sealed.minutes) == (segment.tracked_ms, segment.minutes)
    assert [(one.id, one.state, one.pictures) for one in sealed.shots] == [(shot.id, ShotState.WITHHELD, ())]
    for picture in shot.pictures:
        with pytest.raises(NotDone):
            box.outbox.picture(picture.sha256)


def test_withholding_one_shot_leaves_the_other(box: Box) -> None:
    segment, shot = held(box, b"a private desk")
    second, pictures = taken(b"a public desk", at=NINE + 5 * MINUTE)
    box.outbox.add_shot(segment.id, second, pictures, NOTICE)

    box.outbox.withhold(segment.id, shot.id, NINE)

    ((kept, _),) = box.outbox.segments(*WHOLE)
    assert [one.state for one in kept.shots] == [ShotState.WITHHELD, ShotState.KEPT]
    assert box.outbox.picture(second.pictures[0].sha256) == b"a public desk"


def test_withholding_needs_a_shot_of_that_segment(box: Box) -> None:
    segment, _ = held(box, b"a desk")

    with pytest.raises(NotDone):
        box.outbox.withhold(segment.id, "another", NINE)

    assert box.outbox.shots_taken(NINE) == {"northbeam": 1}


def test_a_discarded_segment_leaves_nothing_and_no_gap_in_the_chain(box: Box) -> None:
    segment, _ = held(box, b"a private desk")
    following = worked(NINE + SLOT)
    box.outbox.put(following, NOTICE)

    box.outbox.discard(segment.id, NINE)

    with box.database.reading() as connection:
        for table in ("segment", "picture", "draft"):
            column = "id" if table != "picture" else "segment"
            found = connection.execute(f"SELECT count(*) FROM {table} WHERE {column} = ?", (segment.id,))
            assert found.fetchone() == (0,), table
    assert box.outbox.tracked(*WHOLE) == {}
    box.outbox.seal_due(NOTICE.until)
    body = decode_segment(box.outbox.oldest_due(NOTICE.until).body)
    assert (body.id, body.seq, body.prev, body.device) == (following.id, 1, None, DEVICE.id)


def test_a_shot_that_arrives_after_its_segment_closed_belongs_to_it_and_sets_its_hold(box: Box) -> None:
    segment = worked()
    box.outbox.put(segment, Hold("notice", NINE + MINUTE))
    shot, pictures = taken(b"a desk")

    box.outbox.add_shot(segment.id, shot, pictures, NOTICE)

    assert [entry.hold for entry in box.outbox.entries()] == [NOTICE]
    assert [kept.shots for kept, _ in box.outbox.segments(*WHOLE)] == [(shot,)]
    assert box.outbox.picture(shot.pictures[0].sha256) == b"a desk"


def test_a_shot_for_a_discarded_segment_is_not_kept(box: Box) -> None:
    segment, _ = held(box, b"a desk")
    box.outbox.discard(segment.id, NINE)
    shot, pictures = taken(b"a late desk")

    with pytest.raises(NotDone):
        box.outbox.add_shot(segment.id, shot, pictures, NOTICE)

    with pytest.raises(NotDone):
        box.outbox.picture(shot.pictures[0].sha256)


def test_the_signed_bytes_of_a_sealed_segment_take_no_late_shot(box: Box) -> None:
    segment, shot = held(box, b"a desk")
    box.outbox.seal_due(NOTICE.until)
    before = box.outbox.oldest_due(NOTICE.until)
    late, pictures = taken(b"too late")

    with pytest.raises(NotDone, match="sealed"):
        box.outbox.add_shot(segment.id, late, pictures, None)

    assert box.outbox.oldest_due(NOTICE.until) == before
    assert box.outbox.picture(shot.pictures[0].sha256) == b"a desk"


def test_what_is_withheld_or_discarded_is_not_even_in_the_journal(box: Box) -> None:
    held(box, b"something else")
    segment, shot = held(box, b"a private desk" * 4000)
    size = len(box.files())

    box.outbox.withhold(segment.id, shot.id, NINE)

    # encrypted, its bytes cannot be looked for; but the journal that could hold a copy is empty
    assert not box.path.with_name("outbox.db-wal").stat().st_size
    assert len(box.files()) < size
