"""Segments come together to cells, and every millisecond is in exactly one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from doubles import NINE
from hypothesis import given
from hypothesis import strategies as st
from worked import FENNEL, NORTHBEAM, ranges, taken, worked

from tracker.model.cell import cells
from tracker.model.contract import Policy
from tracker.model.protection import Reason, Standing
from tracker.model.segment import ClosedBy, Segment, ShotState
from tracker.model.slot import MINUTE, SLOT

NO_SHOTS = {"northbeam": Policy(shots_per_slot=0), "fennel": Policy(shots_per_slot=0)}


@given(st.lists(st.tuples(ranges(), st.sampled_from([NORTHBEAM, FENNEL])), max_size=12))
def test_every_segment_is_in_the_cell_of_its_slot_and_contract(
    drawn: list[tuple[tuple[int, int], object]],
) -> None:
    segments = [worked(*place, key=key) for place, key in drawn]

    made = cells(segments, {}, {})

    assert sorted(one.id for cell in made for one in cell.segments) == sorted(one.id for one in segments)
    assert len({(cell.slot, cell.contract) for cell in made}) == len(made)
    for cell in made:
        assert {(one.slot, one.key.contract) for one in cell.segments} == {(cell.slot, cell.contract)}
        assert [one.start for one in cell.segments] == sorted(one.start for one in cell.segments)
        assert set(cell.verdicts) == {one.id for one in cell.segments}
    assert sum(cell.tracked_ms for cell in made) == sum(one.tracked_ms for one in segments)
    assert [cell.segments[0].start for cell in made] == sorted(cell.segments[0].start for cell in made)


@pytest.mark.parametrize(("over_ms", "state"), [(0, "protected"), (MINUTE, "partly"), (SLOT, "not")])
def test_a_cell_is_protected_partly_or_not(over_ms: int, state: str) -> None:
    segment = worked()
    over = ((segment.end - over_ms, segment.end),) if over_ms else ()

    (cell,) = cells([segment], NO_SHOTS, {segment.id: Standing(over=over)})

    assert cell.state == state
    assert cell.verdict.protected_ms == SLOT - over_ms


def test_one_segment_without_a_memo_makes_its_cell_partly_protected() -> None:
    one, other = worked(NINE, 5 * MINUTE), worked(NINE + 5 * MINUTE, 5 * MINUTE, memo="")

    (cell,) = cells([one, other], NO_SHOTS, {})

    assert cell.state == "partly"
    assert cell.verdict.reasons == (Reason.MEMO_MISSING,)
    assert cell.verdict.protected_ms == 5 * MINUTE


def test_each_contract_is_judged_by_its_own_policy() -> None:
    one = worked(NINE, 5 * MINUTE, memo="Short")
    other = worked(NINE + 5 * MINUTE, 5 * MINUTE, memo="Short", key=FENNEL)

    made = cells([one, other], {**NO_SHOTS, "fennel": Policy(shots_per_slot=0, memo_min=3)}, {})

    assert [(cell.contract, cell.state) for cell in made] == [("northbeam", "not"), ("fennel", "protected")]


def run_of_two(*, first: dict[str, object], second: dict[str, object]) -> list[Segment]:
    """Two whole slots; the first with facts of its own, the second likewise."""
    return [worked(NINE, **first), worked(NINE + SLOT, 5 * MINUTE, **second)]


@pytest.mark.parametrize("why", [ClosedBy.LOCK, ClosedBy.SLEEP, ClosedBy.AWAY, ClosedBy.CRASH])
def test_where_no_shot_could_be_taken_the_adjoining_cell_s_counts(why: ClosedBy) -> None:
    shot, _ = taken(b"a desk")
    made = cells(run_of_two(first={"shots": (shot,)}, second={"closed_by": why}), {}, {})

    assert [cell.state for cell in made] == ["protected", "protected"]


@pytest.mark.parametrize("why", [ClosedBy.STOP, ClosedBy.SWITCH, ClosedBy.QUIT, ClosedBy.SLOT_END])
def test_where_a_shot_was_due_none_is_borrowed(why: ClosedBy) -> None:
    shot, _ = taken(b"a desk")
    made = cells(run_of_two(first={"shots": (shot,)}, second={"closed_by": why}), {}, {})

    assert made[1].verdict.reasons == (Reason.NO_SHOT,)


def test_the_shot_after_counts_for_a_crash_before_it() -> None:
    shot, _ = taken(b"a desk", at=NINE + SLOT + MINUTE)
    segments = run_of_two(first={"closed_by": ClosedBy.CRASH}, second={"shots": (shot,)})

    assert [cell.state for cell in cells(segments, {}, {})] == ["protected", "protected"]


def test_a_shot_before_a_change_of_memo_in_the_adjoining_cell_counts() -> None:
    shot, _ = taken(b"a desk")
    segments = [
        worked(NINE, 5 * MINUTE, shots=(shot,), closed_by=ClosedBy.MEMO),
        worked(NINE + 5 * MINUTE, 5 * MINUTE, memo="Said anew, at length"),
        worked(NINE + SLOT, 5 * MINUTE, closed_by=ClosedBy.LOCK),
    ]

    assert [cell.state for cell in cells(segments, {}, {})] == ["protected", "protected"]


def test_a_shot_of_another_run_or_contract_is_not_borrowed() -> None:
    shot, _ = taken(b"a desk")
    locked = worked(NINE + SLOT, 5 * MINUTE, closed_by=ClosedBy.LOCK)
    stopped_before = worked(NINE, SLOT - MINUTE, shots=(shot,), closed_by=ClosedBy.STOP)
    other_contract = worked(NINE, shots=(shot,), key=FENNEL)
    run_before = [
        worked(NINE, 3 * MINUTE, shots=(shot,), closed_by=ClosedBy.STOP),
        worked(NINE + 5 * MINUTE, 5 * MINUTE),
    ]

    for before in ([stopped_before], [other_contract], run_before):
        made = {(cell.slot, cell.contract): cell for cell in cells([*before, locked], {}, {})}
        assert made[NINE + SLOT, "northbeam"].verdict.reasons == (Reason.NO_SHOT,)


def test_a_borrowed_shot_that_was_withheld_does_not_protect() -> None:
    shot, _ = taken(b"a desk")
    withheld = replace(shot, state=ShotState.WITHHELD, pictures=())
    segments = run_of_two(first={"shots": (withheld,)}, second={"closed_by": ClosedBy.CRASH})

    made = cells(segments, {}, {})

    assert [cell.verdict.reasons for cell in made] == [(Reason.SHOT_WITHHELD,)] * 2


def test_no_segments_make_no_cells() -> None:
    assert cells([], {}, {}) == ()
