"""Time entered by hand goes the whole road: free seconds only, in its own class, never protected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import cast

import pytest
import serving
from boxes import DEVICE, Box
from doubles import NINE, FakeClock, FakeSecrets
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils import uuid7
from worked import worked

from tracker.commands import Commands
from tracker.desktop.embedded import Started
from tracker.errors import BadValue, NotDone
from tracker.manual import manual
from tracker.model.contract import Contract, ContractState, Policy, Terms
from tracker.model.segment import Key, Origin, by_hand
from tracker.model.slot import DAY, HOUR, MINUTE, SLOT, instant
from tracker.model.week import WEEK
from tracker.sync.connection import Connection
from tracker.sync.syncer import Syncer
from tracker.wire.account import Account
from tracker.wire.request import NewContract

KEY = Key("embedded:home", "me", "c")


def new_id() -> str:
    return str(uuid7())


@dataclass
class Desk:
    """A tracker without an app at four in the afternoon, and its own server."""

    box: Box
    clock: FakeClock
    connection: Connection
    syncer: Syncer
    contract: Contract

    @property
    def commands(self) -> Commands:
        needed = SimpleNamespace(
            outbox=self.box.outbox,
            syncer=self.syncer,
            now=lambda: self.clock.wall,
            find=lambda _: self.contract,
            status=lambda: None,
        )
        return cast("Commands", needed)

    def enter(self, begin: int, end: int, memo: str = "Call about the launch") -> tuple[str, ...]:
        return manual(self.commands, "Checkout", instant(begin), instant(end), memo).segments


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Desk]:
    """The same without a server, whose contract was heard of before."""
    clock = FakeClock()
    clock.advance(7 * HOUR)
    terms = Terms(1, Decimal(65), "USD", None, Policy(manual=True))
    contract = Contract(KEY.contract, "Checkout", "Northbeam", ContractState.ACTIVE, terms)
    with Box(tmp_path) as box:
        box.outbox.remember_account(Account(KEY.server, KEY.account, "Ada"))
        silent = SimpleNamespace(request=lambda: None)
        yield Desk(box, clock, cast("Connection", None), cast("Syncer", silent), contract)


@pytest.fixture(params=[True], ids=["allowed"])
def desk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    clock = FakeClock()
    with (
        serving.embedded(tmp_path / "server", "embedded:home", "--accept-test") as server,
        Box(tmp_path) as box,
    ):
        started = Started(server.url, server.secret)
        connection = Connection(lambda: started, FakeSecrets(), box.outbox, DEVICE, "laptop", clock)
        new = NewContract("Checkout", "Northbeam", "65", "USD", manual=request.param)
        contract = connection.open().add_contract(new)
        syncer = Syncer(box.outbox, connection, clock, Random(1), hourly=True)
        syncer.patience = clock
        clock.advance(7 * HOUR)
        yield Desk(box, clock, connection, syncer, contract)
        connection.close()


def test_it_is_delivered_signed_and_shown_in_its_own_class(desk: Desk) -> None:
    ids = desk.enter(NINE + 5 * MINUTE, NINE + 25 * MINUTE)
    assert desk.syncer.drain().waiting == 0

    day = desk.connection.open().day("2026-11-19", "UTC")
    found = [one for cell in day.cells for one in cell.segments]
    assert [one.id for one in found] == list(ids)
    assert [one.tracked_ms for one in found] == [5 * MINUTE, 10 * MINUTE, 5 * MINUTE]
    assert {(one.origin, one.memo, one.source) for one in found} == {
        ("manual", "Call about the launch", None)
    }
    assert all("manual" in one.verdict.reasons and one.verdict.protected_ms == 0 for one in found)
    assert all(one.receipt and one.minutes[0].keys is None for one in found)
    assert (day.totals.manual_ms, day.totals.tracked_ms) == (20 * MINUTE, 0)


def test_what_is_tracked_or_entered_is_not_free(alone: Desk) -> None:
    key = alone.box.outbox.key_of(alone.contract.id)
    alone.box.outbox.put(worked(NINE, key=key), None)
    alone.enter(NINE + HOUR, NINE + HOUR + SLOT)
    alone.box.draft.save(worked(NINE + 5 * HOUR, key=key), durable=True)
    before = len(alone.box.outbox.entries())

    for begin, end, told in (
        (NINE + SLOT - 1, NINE + 2 * SLOT, "09:09 to 09:10 UTC"),
        (NINE + HOUR - 1, NINE + 2 * HOUR, "10:00 to 10:10 UTC"),
        (NINE + 6 * HOUR, NINE + 7 * HOUR, "15:00 to 16:00 UTC"),
    ):
        with pytest.raises(NotDone, match=told):
            alone.enter(begin, end)
    assert len(alone.box.outbox.entries()) == before
    alone.enter(NINE + SLOT, NINE + HOUR)


@pytest.mark.expects_log("the server refuses segment")
@pytest.mark.parametrize("desk", [False], indirect=True, ids=["not-allowed"])
def test_a_contract_that_takes_none_says_so_here_and_at_the_server(desk: Desk) -> None:
    with pytest.raises(NotDone, match="takes no time entered by hand"):
        desk.enter(NINE, NINE + SLOT)
    desk.box.outbox.enter(
        by_hand(desk.box.outbox.key_of(desk.contract.id), NINE, NINE + SLOT, "All the same", new_id)
    )
    desk.syncer.drain()
    (entry,) = desk.box.outbox.entries()
    assert (entry.state, "no time entered by hand" in (entry.problem or "")) == ("refused", True)


def test_tracked_time_that_arrives_later_counts_and_what_was_entered_gives_way(desk: Desk) -> None:
    desk.enter(NINE, NINE + SLOT)
    desk.syncer.drain()
    tracked = worked(NINE, key=desk.box.outbox.key_of(desk.contract.id))
    desk.box.outbox.put(tracked, None)  # as of another device
    desk.syncer.drain()

    week = desk.connection.open().week(desk.contract.id, "2026-W47")
    assert (week.tracked_ms, week.manual_ms, week.overlap_ms) == (SLOT, SLOT, SLOT)
    (cell,) = desk.connection.open().day("2026-11-19", "UTC").cells
    assert {one.origin: one.overlap_ms for one in cell.segments} == {"tracked": 0, "manual": SLOT}


@pytest.mark.parametrize(
    ("begin", "end", "memo"),
    [
        (NINE + HOUR, NINE, "Call"),
        (NINE, NINE, "Call"),
        (NINE + 6 * HOUR, NINE + 7 * HOUR + 1, "Call"),
        (NINE - DAY, NINE + 1, "Call"),
        (NINE, NINE + HOUR, "   "),
    ],
)
def test_what_cannot_be_meant_is_refused(alone: Desk, begin: int, end: int, memo: str) -> None:
    with pytest.raises(BadValue):
        alone.enter(begin, end, memo)
    assert alone.box.outbox.entries() == []


def test_a_locked_week_takes_none(alone: Desk) -> None:
    with pytest.raises(NotDone, match="locked"):
        alone.enter(NINE - WEEK, NINE - WEEK + HOUR)


def test_a_time_of_day_is_todays(alone: Desk) -> None:
    local = datetime.fromtimestamp(NINE / 1000).astimezone()
    entered = manual(alone.commands, "Checkout", f"{local:%H:%M}", instant(NINE + HOUR), "Call")
    assert (entered.begin, entered.end) == (instant(NINE), instant(NINE + HOUR))


@given(st.integers(NINE, NINE + HOUR), st.integers(1, 3 * HOUR))
def test_a_range_is_cut_at_the_slots_and_nowhere_else(begin: int, length: int) -> None:
    made = by_hand(KEY, begin, begin + length, "Call", new_id)
    assert sum(one.tracked_ms for one in made) == length
    assert all(one.end == two.start and two.start % SLOT == 0 for one, two in pairwise(made))
    assert {one.origin for one in made} == {Origin.MANUAL}
    assert len({one.slot for one in made}) == len(made)
