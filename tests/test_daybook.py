"""A day put together on this device: what is over the limit there, and what the server said stays said."""

from __future__ import annotations

from datetime import UTC, date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from boxes import Box
from doubles import NINE
from worked import NORTHBEAM, worked

from tracker.daybook import local_day, undelivered, with_undelivered
from tracker.model.contract import Contract, ContractState, Policy, Terms
from tracker.model.slot import HOUR, MINUTE, SLOT, instant, parse_instant
from tracker.model.week import week_of
from tracker.server.diary import Beyond, StoredSegment, Worked, day, window
from tracker.wire.receipt import Receipt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracker.model.ranges import Ranges
    from tracker.model.segment import Segment
    from tracker.wire.diary import DayView

DATE, MONDAY = "2026-11-19", week_of(NINE)


def northbeam(limit_ms: int | None) -> Contract:
    policy = Policy(shots_per_slot=0)
    return Contract(
        "northbeam", "Floor plans", "N", ContractState.ACTIVE, Terms(1, Decimal(1), "EUR", limit_ms, policy)
    )


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    with Box(tmp_path) as box:
        box.outbox.remember_contracts([northbeam(HOUR)])
        yield box


def over(view: DayView) -> dict[str, int]:
    """Return by segment id how much of it the limit takes."""
    return {
        one.id: sum(parse_instant(part.end) - parse_instant(part.begin) for part in one.over)
        for cell in view.cells
        for one in cell.segments
    }


def served(*pieces: Segment, overlap: Ranges = (), limit_ms: int = HOUR) -> DayView:
    """Return the day as the server tells it, which holds these pieces."""
    stored = [StoredSegment(one, _receipt(one), "c" * 32, 1, overlap) for one in pieces]
    beyond = Beyond(
        own=frozenset({"northbeam"}), week={"northbeam": Worked(sum(one.tracked_ms for one in pieces))}
    )
    return day(window(date(2026, 11, 19), UTC), stored, [northbeam(limit_ms)], beyond).view("UTC")


def test_without_the_server_the_limit_takes_what_comes_last_in_the_week(box: Box) -> None:
    box.outbox.put(worked(NINE - 24 * HOUR, SLOT), None)
    today = [worked(NINE + n * SLOT) for n in range(6)]
    for one in today:
        box.outbox.put(one, None)

    view = local_day(box.outbox, DATE, "UTC", None)

    assert list(over(view).values()) == [0] * 5 + [SLOT]
    assert view.totals.over_ms == SLOT
    assert view.cells[-1].segments[0].verdict.protected_ms == 0
    assert view.totals.contracts[0].week_ms == 70 * MINUTE


def test_time_from_elsewhere_uses_the_limit_up_too(box: Box) -> None:
    box.outbox.learn_week("northbeam", MONDAY, 55 * MINUTE, HOUR)
    box.outbox.put(worked(NINE), None)

    assert list(over(local_day(box.outbox, DATE, "UTC", None)).values()) == [5 * MINUTE]


def test_a_limit_that_was_lowered_holds_from_the_next_week_on(box: Box) -> None:
    box.outbox.learn_week("northbeam", MONDAY, 0, 2 * HOUR)
    for n in range(7):
        box.outbox.put(worked(NINE + n * SLOT), None)

    assert local_day(box.outbox, DATE, "UTC", None).totals.over_ms == 0


def test_what_waits_here_and_what_the_server_holds_share_one_limit(box: Box) -> None:
    theirs = [worked(NINE + n * SLOT) for n in range(6)]
    box.outbox.learn_week("northbeam", MONDAY, HOUR, HOUR)
    mine = worked(NINE - SLOT)
    box.outbox.put(mine, None)

    view = with_undelivered(served(*theirs), box.outbox, None)

    assert over(view) == {mine.id: 0} | {one.id: 0 for one in theirs[:-1]} | {theirs[-1].id: SLOT}
    assert view.totals.contracts[0].week_ms == 70 * MINUTE


def test_what_overlaps_by_the_server_s_word_stays_so_and_uses_nothing_up(box: Box) -> None:
    theirs = worked(NINE, SLOT)
    doubled = ((NINE, NINE + 4 * MINUTE),)
    box.outbox.learn_week("northbeam", MONDAY, 46 * MINUTE + SLOT, HOUR)
    box.outbox.put(worked(NINE + SLOT), None)

    view = with_undelivered(served(theirs, overlap=doubled), box.outbox, None)

    first, second = (cell.segments[0] for cell in view.cells)
    assert (first.overlap_ms, first.verdict.protected_ms) == (4 * MINUTE, 6 * MINUTE)
    assert over(view) == {first.id: 0, second.id: 2 * MINUTE}


def test_what_is_over_by_the_server_s_word_stays_over(box: Box) -> None:
    theirs = worked(NINE, SLOT)
    box.outbox.put(worked(NINE + SLOT, MINUTE), None)

    view = with_undelivered(served(theirs, limit_ms=MINUTE), box.outbox, None)

    assert over(view)[theirs.id] == 9 * MINUTE


def test_what_is_delivered_while_the_server_is_asked_is_in_the_day_all_the_same(box: Box) -> None:
    theirs, mine = worked(NINE), worked(NINE + SLOT)
    box.outbox.put(mine, None)
    before = undelivered(box.outbox, DATE, "UTC", None)
    asked = served(theirs)
    box.outbox.discard(mine.id, NINE)  # as far as this device's undelivered work goes, gone

    view = with_undelivered(asked, box.outbox, None, before)

    assert [cell.segments[0].id for cell in view.cells] == [theirs.id, mine.id]


def test_what_was_changed_here_is_shown_before_the_server_knows_of_it(box: Box) -> None:
    pieces = [worked(NINE + n * SLOT) for n in range(3)]
    for one in pieces:
        box.outbox.put(one, None)
    box.outbox.seal_due(NINE)
    while (parcel := box.outbox.oldest_due(NINE)) is not None:
        box.outbox.delivered(parcel.id, _receipt(next(one for one in pieces if one.id == parcel.id)))
    box.outbox.change_memo(pieces[0].id, "Said later", NINE)
    box.outbox.discard(pieces[1].id, NINE)

    view = with_undelivered(served(*pieces), box.outbox, None)

    shown = [(one.id, one.memo) for cell in view.cells for one in cell.segments]
    assert shown == [(pieces[0].id, "Said later"), (pieces[2].id, pieces[2].memo)]
    assert view.totals.tracked_ms == 2 * SLOT


def _receipt(one: Segment) -> Receipt:
    return Receipt(one.id, "b" * 64, instant(one.end), "northbeam", (), NORTHBEAM.server, "c" * 32, "")
