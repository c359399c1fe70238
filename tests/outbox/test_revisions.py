"""What is changed after sealing: a signed revision says so, goes first, and is true here at once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from boxes import DEVICE, SERVER, Box
from doubles import NINE
from worked import receipt, taken, worked

from tracker.capture.base import EncodedPicture
from tracker.errors import NotDone
from tracker.evidence.signing import parse_signature
from tracker.model.revision import Change
from tracker.model.segment import ShotState
from tracker.model.slot import MINUTE, SLOT
from tracker.outbox.outbox import State
from tracker.wire.account import Account
from tracker.wire.revision import decode_revision
from tracker.wire.segment import decode_segment

if TYPE_CHECKING:
    from tracker.model.segment import Segment, Shot
    from tracker.outbox.parcel import Parcel

WHOLE = (NINE, NINE + SLOT)
LATER = NINE + SLOT + 5 * MINUTE
BLURRED = EncodedPicture(0, 64, 36, hashlib.sha256(b"nothing to be seen").hexdigest(), b"nothing to be seen")


def sealed(box: Box, *pictures: bytes) -> tuple[Segment, Shot]:
    shot, encoded = taken(*pictures or (b"a desk",))
    segment = worked(shots=(shot,))
    box.outbox.store_pictures(shot, encoded, segment=segment.id)
    box.outbox.put(segment, None)
    box.outbox.seal_due(NINE)
    return segment, shot


def due(box: Box) -> Parcel:
    found = box.outbox.oldest_due(LATER)
    assert found is not None
    return found


def deliver(box: Box) -> Parcel:
    parcel = due(box)
    box.outbox.delivered(parcel.id, receipt(parcel, SERVER))
    return parcel


def seen(box: Box) -> Segment:
    ((segment, _),) = box.outbox.segments(*WHOLE)
    return segment


@pytest.mark.parametrize("on_the_server", [False, True])
def test_a_new_memo_is_true_at_once_and_signed_as_the_next_link(box: Box, on_the_server: bool) -> None:
    segment, _ = sealed(box)
    first = deliver(box) if on_the_server else due(box)

    box.outbox.change_memo(segment.id, "Answering the client", LATER)

    assert seen(box).memo == "Answering the client"
    assert box.outbox.recent_memos("northbeam", 3) == ["Answering the client"]
    parcel = due(box)
    body = decode_revision(parcel.body)
    assert (parcel.kind, body.change, body.memo) == ("revision", Change.MEMO, "Answering the client")
    assert (body.seq, body.prev) == (2, first.sha256)
    before = decode_segment(first.body)
    target = body.segment
    assert (target.id, target.sha256, target.device, target.seq, target.start) == (
        *(segment.id, first.sha256, before.device, before.seq, before.start),
    )
    assert parse_signature(parcel.signature).of(DEVICE.public, parcel.body)


def test_the_same_memo_changes_nothing(box: Box) -> None:
    segment, _ = sealed(box)
    box.outbox.change_memo(segment.id, segment.memo, LATER)
    assert box.outbox.counts().waiting == 1


@pytest.mark.parametrize("on_the_server", [False, True])
def test_a_withheld_picture_is_gone_here_before_anybody_is_told(box: Box, on_the_server: bool) -> None:
    segment, shot = sealed(box)
    if on_the_server:
        deliver(box)

    box.outbox.withhold(segment.id, shot.id, LATER)

    with pytest.raises(NotDone):
        box.outbox.picture(shot.pictures[0].sha256)
    assert seen(box).shots[0].state is ShotState.WITHHELD
    with pytest.raises(NotDone, match="no picture"):
        box.outbox.withhold(segment.id, shot.id, LATER)
    assert deliver(box).kind == "revision"
    assert seen(box).shots[0].state is ShotState.WITHHELD
    if not on_the_server:
        parcel = deliver(box)
        assert (parcel.id, parcel.pictures) == (segment.id, ())
    assert box.outbox.entries() == []


def test_nothing_is_sent_of_which_something_was_taken_back_and_not_said_yet(box: Box) -> None:
    segment, shot = sealed(box)
    box.outbox.withhold(segment.id, shot.id, LATER)
    revision = due(box)

    box.outbox.postpone(revision.id, LATER + MINUTE, "no answer")
    assert box.outbox.oldest_due(LATER) is None
    box.outbox.refuse(due_at(box, LATER + MINUTE).id, "no")
    assert box.outbox.oldest_due(LATER + MINUTE) is None

    (waiting, refused) = box.outbox.entries()
    assert (waiting.id, waiting.state, waiting.problem) == (
        segment.id,
        State.WAITING,
        "It goes after what was taken back of it.",
    )
    assert (refused.state, refused.change, refused.segment) == (State.REFUSED, Change.WITHHOLD, segment.id)
    box.outbox.retry(refused.id)
    assert due_at(box, LATER + MINUTE).id == revision.id


def due_at(box: Box, now: int) -> Parcel:
    found = box.outbox.oldest_due(now)
    assert found is not None
    return found


def test_other_work_goes_on_meanwhile(box: Box) -> None:
    segment, shot = sealed(box)
    box.outbox.put(other := worked(NINE + SLOT), None)
    box.outbox.seal_due(LATER)
    box.outbox.withhold(segment.id, shot.id, LATER)
    box.outbox.postpone(due(box).id, LATER + MINUTE, "no answer")

    assert due(box).id == other.id


def test_a_blurred_picture_takes_the_place_of_the_other_and_goes_with_the_revision(box: Box) -> None:
    segment, shot = sealed(box)
    box.outbox.blur(segment.id, shot.id, [BLURRED], LATER)

    with pytest.raises(NotDone):
        box.outbox.picture(shot.pictures[0].sha256)
    (now,) = seen(box).shots
    assert (now.state, now.pictures[0].sha256, now.pictures[0].blurred) == (
        *(ShotState.BLURRED, BLURRED.sha256, 100),
    )
    parcel = due(box)
    assert (parcel.kind, parcel.pictures) == ("revision", (BLURRED.sha256,))
    assert box.outbox.picture(BLURRED.sha256) == BLURRED.data
    deliver(box)
    deliver(box)
    with pytest.raises(NotDone):
        box.outbox.picture(BLURRED.sha256)


@pytest.mark.parametrize("on_the_server", [False, True])
def test_the_picture_of_a_blur_is_kept_until_the_blur_is_delivered(box: Box, on_the_server: bool) -> None:
    segment, shot = sealed(box)
    on_its_way = deliver(box) if on_the_server else due(box)
    box.outbox.change_memo(segment.id, "Said before", LATER)
    box.outbox.blur(segment.id, shot.id, [BLURRED], LATER)
    box.outbox.delivered(on_its_way.id, receipt(on_its_way, SERVER))

    assert decode_revision(deliver(box).body).change is Change.MEMO
    assert box.outbox.picture(BLURRED.sha256) == BLURRED.data
    assert decode_revision(deliver(box).body).change is Change.BLUR
    with pytest.raises(NotDone):
        box.outbox.picture(BLURRED.sha256)


@pytest.mark.parametrize("change", [Change.WITHHOLD, Change.DISCARD])
def test_a_blur_goes_after_what_took_its_picture_back(box: Box, change: Change) -> None:
    segment, shot = sealed(box)
    deliver(box)
    box.outbox.blur(segment.id, shot.id, [BLURRED], LATER)
    if change is Change.WITHHOLD:
        box.outbox.withhold(segment.id, shot.id, LATER)
    else:
        box.outbox.discard(segment.id, LATER)

    sent = [decode_revision(deliver(box).body).change for _ in range(2)]
    assert sent == [change, Change.BLUR], "a server misses no picture of what it knows to be taken back"


def test_what_a_refused_blur_brought_is_taken_back_by_name_and_before_it(box: Box) -> None:
    segment, shot = sealed(box)
    again = EncodedPicture(0, 64, 36, hashlib.sha256(b"more").hexdigest(), b"more")
    box.outbox.blur(segment.id, shot.id, [BLURRED], LATER)
    deliver(box)
    box.outbox.blur(segment.id, shot.id, [again], LATER)
    refused = due(box)
    box.outbox.refuse(refused.id, "no")
    box.outbox.change_memo(segment.id, "A memo takes nothing back", LATER)
    assert decode_revision(deliver(box).body).gone == ()
    box.outbox.withhold(segment.id, shot.id, LATER)
    box.outbox.retry(refused.id)

    first = decode_revision(deliver(box).body)
    assert first.change is Change.WITHHOLD
    assert set(first.gone) == {BLURRED.sha256, again.sha256}
    assert deliver(box).id == refused.id


def test_a_discarded_segment_that_waits_is_never_sent(box: Box) -> None:
    segment, shot = sealed(box)
    on_its_way = due(box)

    box.outbox.discard(segment.id, LATER)

    assert box.outbox.segments(*WHOLE) == []
    with pytest.raises(NotDone):
        box.outbox.picture(shot.pictures[0].sha256)
    box.outbox.postpone(on_its_way.id, LATER, "the answer comes after the freelancer's word")
    box.outbox.delivered(on_its_way.id, receipt(on_its_way, SERVER))
    body = decode_revision(deliver(box).body)
    assert (body.change, body.segment.sha256) == (Change.DISCARD, on_its_way.sha256)
    assert box.outbox.oldest_due(LATER) is None


def test_a_delivered_segment_goes_when_the_server_has_destroyed_it(box: Box) -> None:
    segment, _ = sealed(box)
    deliver(box)
    box.outbox.discard(segment.id, LATER)

    assert box.outbox.segments(*WHOLE) == []
    assert box.outbox.tracked(*WHOLE) == {"northbeam": SLOT}, "its time is the server's until then"
    with pytest.raises(NotDone, match="discarded already"):
        box.outbox.change_memo(segment.id, "Something else", LATER)
    deliver(box)
    assert box.outbox.tracked(*WHOLE) == {}


def test_a_discard_that_is_refused_leaves_the_segment_as_it_is(box: Box) -> None:
    segment, _ = sealed(box)
    deliver(box)
    box.outbox.discard(segment.id, LATER)
    box.outbox.refuse(due(box).id, "The week is locked.")
    assert seen(box) == segment


def test_changes_keep_their_order_when_the_clock_is_set_back(box: Box) -> None:
    segment, _ = sealed(box)
    box.outbox.change_memo(segment.id, "The first word", LATER)
    box.outbox.change_memo(segment.id, "The last word", NINE)
    deliver_all(box)
    assert seen(box).memo == "The last word"


def deliver_all(box: Box) -> None:
    while box.outbox.oldest_due(LATER) is not None:
        deliver(box)


def test_what_was_changed_survives_a_crash(box: Box) -> None:
    segment, shot = sealed(box)
    box.outbox.withhold(segment.id, shot.id, LATER)
    box.crash()
    assert seen(box).shots[0].state is ShotState.WITHHELD
    assert due(box).kind == "revision"


def test_a_revision_belongs_to_an_account_as_its_segment_does(box: Box) -> None:
    segment, _ = sealed(box)
    box.outbox.change_memo(segment.id, "Answering the client", LATER)
    box.outbox.remember_account(Account("https://elsewhere.example", "me", "Me"))
    assert box.outbox.oldest_due(LATER) is None
    assert not box.outbox.waits()
    assert {entry.problem for entry in box.outbox.entries()} == {
        "It waits for the next sign-in at the diary on this computer."
    }


@pytest.mark.parametrize("wrong", ["no such segment", ""])
def test_what_is_not_here_is_not_changed(box: Box, wrong: str) -> None:
    sealed(box)
    for change in (
        lambda: box.outbox.change_memo(wrong, "Something", LATER),
        lambda: box.outbox.withhold(wrong, "shot", LATER),
        lambda: box.outbox.discard(wrong, LATER),
    ):
        with pytest.raises(NotDone, match="no segment"):
            change()
    assert box.outbox.counts().waiting == 1


def test_a_memo_has_its_length(box: Box) -> None:
    segment, _ = sealed(box)
    with pytest.raises(NotDone, match="500 characters"):
        box.outbox.change_memo(segment.id, "m" * 501, LATER)
