"""The draft: a crash costs what was not saved, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from doubles import NINE
from hypothesis import given
from hypothesis import strategies as st
from worked import FENNEL, ranges, taken, worked

from tracker.errors import NotDone
from tracker.model.segment import ClockFact, ClosedBy, ShotState
from tracker.model.slot import MINUTE, SLOT
from tracker.outbox.parcel import pack, unpack

if TYPE_CHECKING:
    from boxes import Box


@pytest.mark.parametrize("durable", [True, False])
def test_a_saved_draft_is_found_after_a_crash(box: Box, durable: bool) -> None:
    open_segment = worked(ms=90_500, closed_by=ClosedBy.CRASH)

    box.draft.save(open_segment, durable=durable)
    box.crash()

    assert box.draft.load() == open_segment
    assert box.outbox.tracking


def test_a_later_save_takes_the_place_of_the_earlier(box: Box) -> None:
    early = worked(ms=MINUTE, closed_by=ClosedBy.CRASH)
    late = worked(ms=2 * MINUTE, closed_by=ClosedBy.CRASH, id=early.id, memo="Said meanwhile")

    box.draft.save(early, durable=False)
    box.draft.save(late, durable=False)

    assert box.draft.load() == late


def test_without_a_draft_there_is_nothing_to_recover(box: Box) -> None:
    assert box.draft.load() is None
    assert not box.outbox.tracking


def test_putting_the_segment_clears_its_draft_in_the_same_moment(box: Box) -> None:
    segment = worked()
    box.draft.save(segment, durable=True)

    box.outbox.put(segment, None)
    box.crash()

    assert box.draft.load() is None
    assert [one.id for one in box.outbox.undelivered(NINE, NINE + SLOT)] == [segment.id]


def test_a_put_that_fails_keeps_the_draft(box: Box) -> None:
    segment = worked()
    box.draft.save(segment, durable=True)
    impossible = replace(segment, memo="\ud800")  # no text that a file can hold

    with pytest.raises(UnicodeEncodeError):
        box.outbox.put(impossible, None)

    assert box.draft.load() == segment
    assert box.outbox.entries() == []


def test_another_segment_s_put_leaves_the_draft(box: Box) -> None:
    open_segment = worked(NINE + SLOT, MINUTE)
    box.draft.save(open_segment, durable=True)

    box.outbox.put(worked(), None)

    assert box.draft.load() == open_segment


def test_a_draft_that_could_not_be_put_is_not_written_over_by_the_next(box: Box) -> None:
    stranded, running = worked(), worked(NINE + SLOT, MINUTE)
    box.draft.save(stranded, durable=True)
    box.draft.save(running, durable=True)
    box.crash()

    assert box.draft.load() == stranded
    box.outbox.put(stranded, None)
    assert box.draft.load() == running


def test_a_crash_right_after_a_shot_leaves_the_segment_with_its_pictures(box: Box) -> None:
    open_segment = worked(ms=2 * MINUTE, closed_by=ClosedBy.CRASH)
    shot, pictures = taken(b"left", b"right")
    box.draft.save(open_segment, durable=False)
    box.outbox.store_pictures(shot, pictures, segment=open_segment.id)
    box.crash()  # before the draft was saved again

    recovered = box.draft.load()
    assert recovered == replace(open_segment, shots=(shot,))
    box.outbox.put(recovered, None)
    box.outbox.seal_due(NINE)
    parcel = box.outbox.oldest_due(NINE)
    assert [box.outbox.picture(sha256) for sha256 in parcel.pictures] == [b"left", b"right"]


def test_a_shot_the_draft_knows_already_is_not_added_again(box: Box) -> None:
    shot, pictures = taken(b"a desk")
    open_segment = worked(shots=(shot,))
    box.draft.save(open_segment, durable=True)

    box.outbox.store_pictures(shot, pictures, segment=open_segment.id)

    assert box.draft.load() == open_segment


def test_pictures_of_a_segment_that_did_not_outlive_the_crash_are_swept(box: Box) -> None:
    shot, pictures = taken(b"a desk")
    box.outbox.store_pictures(shot, pictures, segment="never saved")

    box.crash()

    with pytest.raises(NotDone):
        box.outbox.picture(pictures[0].sha256)


def test_pictures_of_a_draft_are_not_swept(box: Box) -> None:
    open_segment = worked(ms=MINUTE)
    shot, pictures = taken(b"a desk")
    box.draft.save(open_segment, durable=True)
    box.outbox.store_pictures(shot, pictures, segment=open_segment.id)

    box.crash()

    assert box.outbox.picture(pictures[0].sha256) == b"a desk"


@given(
    ranges(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=500),
    st.lists(st.integers(-(2**40), 2**40), max_size=3),
    st.sampled_from(ShotState),
)
def test_packing_loses_nothing(place: tuple[int, int], memo: str, jumps: list[int], state: ShotState) -> None:
    start, ms = place
    shot, _ = taken(b"a desk", at=start)
    segment = worked(
        start,
        ms,
        key=FENNEL,
        memo=memo,
        source=None,
        shots=(replace(shot, state=state, reason=memo[:200]),),
        clock_facts=tuple(ClockFact(start, jump) for jump in jumps),
        idle_kept=True,
    )

    assert unpack(pack(segment)) == segment
