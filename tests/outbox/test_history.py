"""What the tracker knows of the past, and what it remembers from run to run."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from boxes import DEVICE, SERVER, Box
from doubles import NINE
from worked import FENNEL, receipt, taken, worked

from tracker.errors import NotDone, OnlyInTestMode
from tracker.model.contract import Contract, ContractState, Policy, Terms
from tracker.model.slot import DAY, HOUR, MINUTE, SLOT, day_bounds
from tracker.outbox.outbox import Outbox
from tracker.wire.account import Account

NEPAL = timezone(timedelta(hours=5, minutes=45))


def deliver_oldest(box: Box) -> None:
    box.outbox.seal_due(NINE + DAY)
    parcel = box.outbox.oldest_due(NINE + DAY)
    box.outbox.delivered(parcel.id, receipt(parcel, SERVER))


def test_delivered_time_counts_as_tracked_as_any_other(box: Box) -> None:
    box.outbox.put(worked(), None)
    deliver_oldest(box)
    box.outbox.put(worked(NINE + SLOT, 5 * MINUTE), None)
    box.outbox.put(worked(NINE + SLOT + 5 * MINUTE, MINUTE, key=FENNEL), None)

    assert box.outbox.tracked(NINE, NINE + HOUR) == {"northbeam": SLOT + 5 * MINUTE, "fennel": MINUTE}
    assert [one.start for one in box.outbox.undelivered(NINE, NINE + HOUR)] == [
        NINE + SLOT,
        NINE + SLOT + 5 * MINUTE,
    ]
    assert [proof is None for _, proof in box.outbox.segments(NINE, NINE + HOUR)] == [False, True, True]


def test_a_segment_belongs_to_the_range_in_which_its_slot_starts(box: Box) -> None:
    begin, _ = day_bounds(date(2026, 11, 20), NEPAL)
    slot = begin - begin % SLOT  # midnight in Nepal lies inside it
    assert slot < begin
    box.outbox.put(worked(slot + 6 * MINUTE, MINUTE), None)

    assert box.outbox.tracked(begin, begin + DAY) == {}
    assert box.outbox.tracked(begin - DAY, begin) == {"northbeam": MINUTE}
    assert box.outbox.segments(begin, begin + DAY) == []
    assert len(box.outbox.segments(begin - DAY, begin)) == 1


def test_time_goes_on_where_the_last_segment_ends(box: Box) -> None:
    assert box.outbox.last_end() is None
    box.outbox.put(worked(NINE + SLOT, MINUTE), None)
    box.outbox.put(worked(NINE, MINUTE), None)

    assert box.outbox.last_end() == NINE + SLOT + MINUTE


def test_a_slot_s_shots_are_counted_by_contract_in_every_state(box: Box) -> None:
    for minute in (0, 2, 4):
        shot, pictures = taken(b"a desk")
        segment = worked(NINE + minute * MINUTE, MINUTE, shots=(shot,))
        box.outbox.store_pictures(shot, pictures, segment=segment.id)
        box.outbox.put(segment, None)
        if minute == 0:
            deliver_oldest(box)
    shot, _ = taken(b"next slot")
    box.outbox.put(worked(NINE + SLOT, shots=(shot,)), None)
    box.outbox.put(worked(NINE + 6 * MINUTE, MINUTE, key=FENNEL), None)

    assert box.outbox.shots_taken(NINE) == {"northbeam": 3, "fennel": 0}


def test_recent_memos_come_latest_first_and_once_each(box: Box) -> None:
    for number, memo in enumerate(["Plans", "", "Letters", "Plans", "Models"]):
        box.outbox.put(worked(NINE + number * SLOT, memo=memo), None)
    box.outbox.put(worked(NINE + 9 * SLOT, memo="Someone else's", key=FENNEL), None)

    assert box.outbox.recent_memos("northbeam", 10) == ["Models", "Plans", "Letters"]
    assert box.outbox.recent_memos("northbeam", 1) == ["Models"]
    assert box.outbox.recent_memos("nobody", 3) == []


def test_a_shots_own_picture_is_shown_and_no_other(box: Box) -> None:
    shots = []
    for data in (b"first", b"second"):
        shot, pictures = taken(data)
        box.outbox.store_pictures(shot, pictures, segment="open")
        shots.append(shot.id)

    assert [box.outbox.picture_of(one) for one in (*shots, "none")] == [b"first", b"second", None]


def contract(name: str, **terms: object) -> Contract:
    usual = {"number": 1, "rate": Decimal("42.50"), "currency": "EUR"} | terms
    return Contract(name, name.title(), "A client", ContractState.ACTIVE, Terms(**usual))


def test_contracts_are_remembered_in_full_the_most_recently_tracked_first(box: Box) -> None:
    never, fennel = contract("alder"), contract("fennel", weekly_limit_ms=0, policy=Policy(min_level=7))
    northbeam = contract("northbeam", weekly_limit_ms=20 * HOUR)
    box.outbox.remember_contracts([never, fennel, northbeam])
    assert box.outbox.contracts() == (never, fennel, northbeam)

    box.outbox.put(worked(NINE), None)
    box.outbox.put(worked(NINE + SLOT, key=FENNEL), None)
    box.reopen()
    assert box.outbox.contracts() == (fennel, northbeam, never)

    box.draft.save(worked(NINE + 2 * SLOT), durable=True)
    assert box.outbox.contracts() == (northbeam, fennel, never)


def test_a_contract_the_server_no_longer_names_is_forgotten(box: Box) -> None:
    box.outbox.remember_contracts([contract("northbeam"), contract("fennel")])
    box.outbox.remember_contracts([contract("fennel")])

    assert [one.id for one in box.outbox.contracts()] == ["fennel"]


def test_a_home_keeps_its_random_id(box: Box, tmp_path: Path) -> None:
    mine = box.outbox.home_id
    box.reopen()
    (tmp_path / "other").mkdir()
    with Box(tmp_path / "other") as other:
        assert len(mine) == 32
        assert box.outbox.home_id == mine
        assert other.outbox.home_id != mine


def test_account_and_server_key_are_remembered(box: Box) -> None:
    assert box.outbox.account is None
    assert box.outbox.pinned_key("https://example.org") is None
    me = Account("https://example.org", "me", "Ada")

    box.outbox.remember_account(Account("embedded:home", "local", "Me"))
    box.outbox.remember_account(me)
    box.outbox.pin("https://example.org", "a key")
    box.reopen()

    assert box.outbox.account == me
    assert box.outbox.pinned_key("https://example.org") == "a key"
    assert box.outbox.pinned_key("https://example.com") is None


def test_a_home_of_test_time_refuses_real_time(tmp_path: Path) -> None:
    with Box(tmp_path, test=True) as box:
        box.outbox.put(worked(), None)
        box.outbox.seal_due(NINE)
        assert b'"test":true' in box.outbox.oldest_due(NINE).body

        with pytest.raises(OnlyInTestMode):
            Outbox(box.database, DEVICE, app="hourproof 0", test=False)


def test_a_home_of_real_time_refuses_test_time(box: Box) -> None:
    box.outbox.put(worked(), None)

    with pytest.raises(NotDone, match="real time"):
        Outbox(box.database, DEVICE, app="hourproof 0", test=True)

    box.reopen()
    assert box.outbox.counts().held == 1


def test_an_unused_home_can_become_one_of_test_time(box: Box) -> None:
    box.outbox.remember_contracts([contract("northbeam")])

    tried = Outbox(box.database, DEVICE, app="hourproof 0", test=True)

    assert tried.contracts() == (replace(contract("northbeam")),)
