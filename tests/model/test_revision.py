"""A segment as its later changes leave it, in whatever order they are told."""

from __future__ import annotations

from itertools import permutations

import pytest
from doubles import NINE
from hypothesis import given
from hypothesis import strategies as st
from worked import new_id, worked

from tracker.model.revision import Change, Revision, revised, revised_shots
from tracker.model.segment import Picture, Shot, ShotState
from tracker.model.slot import MINUTE

SHARP, FAINT, FAINTER = (Picture(letter * 64, 9, 0, 64, 36) for letter in "abc")
SHOT = Shot("shot", NINE + MINUTE, ShotState.KEPT, (SHARP,))
SEGMENT = worked(shots=(SHOT,), memo="Doors")


def change(kind: Change, at: int, memo: str = "", *pictures: Picture, shot: str = "shot") -> Revision:
    of = shot if kind in {Change.WITHHOLD, Change.BLUR} else ""
    return Revision(new_id(), SEGMENT.id, at, kind, memo, of, pictures)


def test_a_segment_without_revisions_is_as_it_was() -> None:
    assert revised(SEGMENT, []) == SEGMENT


def test_the_memo_that_was_said_last_counts() -> None:
    said = [change(Change.MEMO, at, memo) for at, memo in ((1, "a"), (3, "last"), (2, "b"))]
    for order in permutations(said):
        made = revised(SEGMENT, order)
        assert made is not None
        assert (made.memo, made.shots) == ("last", SEGMENT.shots)


def test_an_empty_memo_takes_the_words_back() -> None:
    made = revised(SEGMENT, [change(Change.MEMO, 1)])
    assert made is not None
    assert made.memo == ""


def test_a_blur_shows_other_pictures_and_a_later_one_its_own() -> None:
    both = [change(Change.BLUR, 1, "", FAINT), change(Change.BLUR, 2, "", FAINTER)]
    for order in permutations(both):
        made = revised(SEGMENT, order)
        assert made is not None
        assert [(shot.state, shot.pictures) for shot in made.shots] == [(ShotState.BLURRED, (FAINTER,))]


@pytest.mark.parametrize("at", [1, 3])
def test_what_was_withheld_stays_so_before_a_blur_and_after_it(at: int) -> None:
    made = revised(SEGMENT, [change(Change.BLUR, 2, "", FAINT), change(Change.WITHHOLD, at)])
    assert made is not None
    assert [(shot.state, shot.pictures) for shot in made.shots] == [(ShotState.WITHHELD, ())]


def test_a_shot_that_failed_has_nothing_to_blur_or_withhold() -> None:
    failed = Shot("shot", NINE, ShotState.FAILED, (), "black image")
    assert revised_shots([failed], [change(Change.BLUR, 1, "", FAINT), change(Change.WITHHOLD, 2)]) == (
        failed,
    )


def test_other_shots_and_other_segments_are_left_alone() -> None:
    elsewhere = Revision(new_id(), "another", 1, Change.DISCARD)
    assert revised(SEGMENT, [elsewhere, change(Change.WITHHOLD, 1, shot="another")]) == SEGMENT


@given(st.permutations([*Change, Change.MEMO]))
def test_what_is_discarded_is_gone_whatever_else_is_said(order: list[Change]) -> None:
    said = [
        change(kind, at, "x" if kind is Change.MEMO else "", *((FAINT,) if kind is Change.BLUR else ()))
        for at, kind in enumerate(order)
    ]
    assert revised(SEGMENT, said) is None


def test_all_but_a_memo_destroys_something() -> None:
    assert [kind for kind in Change if not change(kind, 1).destroys] == [Change.MEMO]
