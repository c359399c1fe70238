"""A week is the server's total and what is not delivered yet; its limit rises at once, falls on Monday."""

from __future__ import annotations

from decimal import Decimal

import pytest
from boxes import SERVER, Box
from doubles import NINE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worked import FENNEL, receipt, worked

from tracker.model.contract import Contract, ContractState, Terms
from tracker.model.slot import DAY, HOUR, MINUTE, SLOT
from tracker.model.week import WEEK, week_of

MONDAY = week_of(NINE)


def northbeam(limit_h: float | None, *, id_: str = "northbeam") -> Contract:
    limit = None if limit_h is None else round(limit_h * HOUR)
    return Contract(id_, "Floor plans", "Ada", ContractState.ACTIVE, Terms(1, Decimal(40), "USD", limit))


def put(box: Box, start: int, ms: int = SLOT, **facts: object) -> str:
    segment = worked(start, ms, **facts)
    box.outbox.put(segment, None)
    return segment.id


def seal(box: Box) -> None:
    box.outbox.seal_due(NINE + 2 * WEEK)


def deliver(box: Box, number: int) -> None:
    """Let the oldest be delivered."""
    seal(box)
    for _ in range(number):
        parcel = box.outbox.oldest_due(NINE + 2 * WEEK)
        assert parcel
        box.outbox.delivered(parcel.id, receipt(parcel, SERVER))


def test_without_a_server_a_week_is_what_this_device_has_tracked(box: Box) -> None:
    put(box, NINE)
    put(box, NINE + SLOT, MINUTE)
    put(box, NINE + 2 * SLOT, key=FENNEL)

    assert box.outbox.week_ms("northbeam", MONDAY) == SLOT + MINUTE
    assert box.outbox.week_ms(None, MONDAY) == 2 * SLOT + MINUTE
    assert box.outbox.week_ms("northbeam", MONDAY + WEEK) == 0


def test_the_server_s_total_and_what_is_not_delivered_make_the_week(box: Box) -> None:
    put(box, NINE)
    deliver(box, 1)

    box.outbox.learn_week("northbeam", MONDAY, SLOT + 3 * HOUR, None)
    put(box, NINE + SLOT, MINUTE)

    assert box.outbox.elsewhere_ms("northbeam", MONDAY) == 3 * HOUR
    assert box.outbox.week_ms("northbeam", MONDAY) == SLOT + 3 * HOUR + MINUTE
    assert box.outbox.week_ms(None, MONDAY) == SLOT + 3 * HOUR + MINUTE
    box.reopen()
    assert box.outbox.week_ms("northbeam", MONDAY) == SLOT + 3 * HOUR + MINUTE


def test_a_delivery_moves_time_and_makes_none(box: Box) -> None:
    put(box, NINE)
    deliver(box, 1)
    box.outbox.learn_week("northbeam", MONDAY, SLOT + HOUR, None)
    put(box, NINE + SLOT)
    before = box.outbox.week_ms("northbeam", MONDAY)

    deliver(box, 1)

    assert box.outbox.week_ms("northbeam", MONDAY) == before
    box.outbox.learn_week("northbeam", MONDAY, 2 * SLOT + HOUR, None)
    assert box.outbox.week_ms("northbeam", MONDAY) == before


def test_a_new_week_begins_at_nothing_also_offline(box: Box) -> None:
    box.outbox.learn_week("northbeam", MONDAY, 5 * HOUR, None)
    put(box, MONDAY + WEEK - SLOT)
    put(box, MONDAY + WEEK)

    assert box.outbox.week_ms("northbeam", MONDAY) == 5 * HOUR + SLOT
    assert box.outbox.week_ms("northbeam", MONDAY + WEEK) == SLOT


def test_time_the_server_no_longer_counts_is_no_longer_counted_here(box: Box) -> None:
    put(box, NINE)
    put(box, NINE + SLOT)
    deliver(box, 2)

    box.outbox.learn_week("northbeam", MONDAY, SLOT, None)

    assert box.outbox.week_ms("northbeam", MONDAY) == SLOT


@pytest.mark.parametrize("arrived", [True, False])
def test_a_lost_receipt_does_not_make_the_same_time_twice(box: Box, *, arrived: bool) -> None:
    put(box, NINE)
    deliver(box, 1)
    box.outbox.learn_week("northbeam", MONDAY, SLOT + 2 * HOUR, None)
    put(box, NINE + SLOT)
    seal(box)

    box.outbox.learn_week("northbeam", MONDAY, SLOT + 2 * HOUR + SLOT * arrived, None)

    assert box.outbox.week_ms("northbeam", MONDAY) == 2 * SLOT + 2 * HOUR


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.integers(0, 40 * HOUR),
    grown=st.integers(0, HOUR),
    waiting=st.lists(st.booleans(), max_size=3),
)
def test_whatever_waits_the_time_from_elsewhere_is_within_what_it_makes_unsure(
    box: Box, before: int, grown: int, waiting: list[bool]
) -> None:
    """`waiting`: for each segment that waits, whether the server holds it, its receipt lost."""
    with box.database.transaction() as connection:
        connection.execute("DELETE FROM segment")
        connection.execute("DELETE FROM week")
    put(box, NINE)
    deliver(box, 1)
    box.outbox.learn_week("northbeam", MONDAY, SLOT + before, None)
    for number, _ in enumerate(waiting, 1):
        put(box, NINE + number * SLOT)
    seal(box)

    box.outbox.learn_week("northbeam", MONDAY, SLOT + before + grown + SLOT * sum(waiting), None)

    found = box.outbox.elsewhere_ms("northbeam", MONDAY)
    true = before + grown
    assert before <= found
    assert true - SLOT * (len(waiting) - sum(waiting)) <= found <= true + SLOT * sum(waiting)
    deliver(box, len(waiting))
    box.outbox.learn_week("northbeam", MONDAY, SLOT + true + SLOT * len(waiting), None)
    assert box.outbox.elsewhere_ms("northbeam", MONDAY) == true


def hear(box: Box, limit_h: float | None, at: int = NINE) -> Contract:
    """Let the server say that the limit is this."""
    contract = northbeam(limit_h)
    box.outbox.learn_contracts([contract], at)
    box.outbox.remember_contracts([contract])
    return contract


@pytest.mark.parametrize(
    ("heard", "limit_h"),
    [
        ([10], 10),
        ([10, 20], 20),
        ([20, 10], 20),
        ([20, 10, 15], 20),
        ([10, None], None),
        ([None, 10], None),
        ([0], 0),
        ([0, 5], 5),
        ([5, 0], 5),
    ],
)
def test_a_limit_rises_at_once_and_falls_on_monday(
    box: Box, heard: list[float | None], limit_h: float | None
) -> None:
    for hours in heard:
        contract = hear(box, hours)

    assert box.outbox.weekly_limit(contract, MONDAY) == northbeam(limit_h).terms.weekly_limit_ms
    box.reopen()
    assert box.outbox.weekly_limit(contract, MONDAY) == northbeam(limit_h).terms.weekly_limit_ms
    assert box.outbox.weekly_limit(contract, MONDAY + WEEK) == contract.terms.weekly_limit_ms


def test_a_limit_lowered_after_a_quiet_turn_of_the_week_still_stands_in_that_week(box: Box) -> None:
    hear(box, 20)

    lower = hear(box, 10, NINE + WEEK)

    assert box.outbox.weekly_limit(lower, MONDAY + WEEK) == 20 * HOUR
    assert box.outbox.weekly_limit(lower, MONDAY + 2 * WEEK) == 10 * HOUR


def test_the_server_s_word_for_a_week_goes_before_what_was_noted(box: Box) -> None:
    lower = hear(box, 10, NINE - DAY)
    hear(box, 20)
    box.outbox.learn_week("northbeam", MONDAY, 0, 15 * HOUR)
    assert box.outbox.weekly_limit(lower, MONDAY) == 15 * HOUR

    hear(box, 30)

    assert box.outbox.weekly_limit(lower, MONDAY) == 30 * HOUR


def test_a_limit_heard_anew_leaves_the_time_from_elsewhere(box: Box) -> None:
    box.outbox.learn_week("northbeam", MONDAY, HOUR, 10 * HOUR)
    hear(box, 20)

    assert box.outbox.elsewhere_ms("northbeam", MONDAY) == HOUR


def test_of_a_contract_that_was_never_heard_of_the_given_terms_hold(box: Box) -> None:
    assert box.outbox.weekly_limit(northbeam(7), MONDAY) == 7 * HOUR
    hear(box, 20)
    assert box.outbox.weekly_limit(northbeam(7), MONDAY + WEEK) == 20 * HOUR


def test_what_was_told_is_remembered(box: Box) -> None:
    assert box.outbox.reminded() == {}
    box.outbox.remember_reminded({"2026-W47 limit-near northbeam": "told"})
    box.reopen()
    assert box.outbox.reminded() == {"2026-W47 limit-near northbeam": "told"}
