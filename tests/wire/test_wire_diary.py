"""What the API answers and the tracker reads back is the same value."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from doubles import NINE
from hypothesis import given
from hypothesis import strategies as st
from worked import NORTHBEAM, ranges, taken, worked

from tracker.model.cell import cells
from tracker.model.contract import Contract, ContractState, Policy, Terms
from tracker.model.protection import Reason, Standing
from tracker.model.slot import MINUTE, instant
from tracker.wire.diary import (
    CellView,
    ContractView,
    cell_view,
    contract_of,
    contract_view,
    segment_of_view,
    standing_of_view,
)


@given(
    st.decimals(0, 100_000, places=2),
    st.none() | st.integers(0, 168 * 60 * MINUTE),
    st.sampled_from(ContractState),
    st.integers(0, 10),
    st.booleans(),
)
def test_a_contract_comes_back_whole(
    rate: Decimal, limit: int | None, state: ContractState, level: int, flag: bool
) -> None:
    policy = Policy(min_level=level, manual=flag, task_required=not flag)
    contract = Contract("northbeam", "Floor plans", "Northbeam", state, Terms(4, rate, "EUR", limit, policy))

    sent = msgspec.json.encode(contract_view(contract))

    assert contract_of(msgspec.json.decode(sent, type=ContractView)) == contract


@given(ranges(), st.integers(0, 60), st.none() | st.just("x11-record"))
def test_a_segment_comes_back_whole_from_its_cell(
    place: tuple[int, int], active_s: int, source: str | None
) -> None:
    shot, _ = taken(b"left", b"right", at=place[0])
    segment = worked(*place, active_s=active_s, source=source, shots=(shot,))
    (cell,) = cells([segment], {}, {})

    middle = (segment.start + segment.end) // 2
    known = Standing(((middle, segment.end),), ((segment.start, segment.end),), frozenset({Reason.LATE}))
    view = cell_view(cell, receipts={}, standings={segment.id: known}, url=lambda _: None)
    read = msgspec.json.decode(msgspec.json.encode(view), type=CellView)

    assert [segment_of_view(one, NORTHBEAM) for one in read.segments] == [segment]
    assert (read.slot, read.contract, read.level) == (instant(cell.slot), "northbeam", cell.level)
    assert read.segments[0].flags == (Reason.LATE,)
    assert [standing_of_view(one) for one in read.segments] == [known]


def test_a_picture_is_shown_with_the_place_where_it_lies() -> None:
    shot, _ = taken(b"left", b"right")
    (cell,) = cells([worked(NINE, shots=(shot,))], {}, {})

    view = cell_view(cell, receipts={}, standings={}, url=lambda picture: f"/at/{picture.monitor}")

    assert [picture.url for picture in view.segments[0].shots[0].pictures] == ["/at/0", "/at/1"]
