"""What a server says of the week and of its clock reaches the home, and never hurts the delivery."""

from __future__ import annotations

from decimal import Decimal

import pytest
from doubles import NINE
from house import House
from scripted import CUT, PORTAL, Reply, problem

from tracker.errors import NotDone
from tracker.model.contract import Contract, ContractState, Terms
from tracker.model.slot import HOUR, MINUTE, SECOND, SLOT
from tracker.model.week import WEEK, week_of
from tracker.sync.syncer import Report
from tracker.wire.diary import contract_view

MONDAY = week_of(NINE)
HOSTED = "https://hours.example"


def contract(id_: str = "northbeam", *, limit_h: int | None = None, state: str = "active") -> Contract:
    limit = None if limit_h is None else limit_h * HOUR
    return Contract(id_, "Plans", "Ada", ContractState(state), Terms(1, Decimal(40), "USD", limit))


@pytest.fixture(autouse=True)
def _known(house: House) -> None:
    """The server knows one contract, which has two hours from elsewhere and a limit of ten."""
    house.server.contracts = [contract_view(contract(limit_h=10))]
    house.server.weeks = {"northbeam": (2 * HOUR, 10 * HOUR)}


def hosted(house: House) -> None:
    """Let the server be another machine."""
    house.server.origin = HOSTED
    house.build(hourly=False)


def names(house: House) -> list[str]:
    return [request.path for request in house.server.seen("week")]


def test_after_a_delivery_the_week_holds_what_other_devices_tracked(house: House) -> None:
    house.put(0)
    house.steps()
    house.put(1)

    assert house.outbox.week_ms("northbeam", MONDAY) == 2 * HOUR + 2 * SLOT
    assert house.outbox.weekly_limit(contract(), MONDAY) == 10 * HOUR
    assert names(house) == ["/api/v1/contracts/northbeam/weeks/2026-W47"]


def test_manual_time_counts_and_what_overlaps_counts_once(house: House) -> None:
    house.server.also = {"manual_ms": HOUR, "overlap_ms": MINUTE}
    house.put(0)

    house.steps()

    assert house.outbox.week_ms("northbeam", MONDAY) == SLOT + 2 * HOUR + HOUR - MINUTE


def test_it_is_asked_once_for_a_whole_round(house: House) -> None:
    for number in range(5):
        house.put(number)

    house.steps()
    house.steps()

    assert len(house.server.deliveries) == 5
    assert len(names(house)) == 1


def test_a_drain_asks_too(house: House) -> None:
    house.put(0)

    assert house.syncer.drain() == Report(delivered=1, held=0, waiting=0, refused=0)

    assert house.outbox.elsewhere_ms("northbeam", MONDAY) == 2 * HOUR


def test_the_embedded_server_is_never_woken_for_it(house: House) -> None:
    house.run(lambda: house.clock.boot > 5_000_000 + 9 * HOUR)

    assert house.starts == 0


def test_at_the_sign_in_to_another_server_it_is_asked_though_nothing_waits(house: House) -> None:
    hosted(house)

    house.steps()

    assert house.outbox.week_ms("northbeam", MONDAY) == 2 * HOUR
    house.clock.advance(HOUR)
    house.steps()
    assert (house.starts, len(names(house))) == (1, 1)


def test_a_server_that_is_away_at_the_start_is_asked_when_it_is_back(house: House) -> None:
    hosted(house)
    house.server.down()
    assert 0 < house.steps() <= 60
    house.server.up()

    house.run(lambda: bool(names(house)), hours=1)

    assert house.outbox.week_ms("northbeam", MONDAY) == 2 * HOUR


def test_a_new_sign_in_asks_anew(house: House) -> None:
    hosted(house)
    house.steps()
    house.server.weeks["northbeam"] = (3 * HOUR, 10 * HOUR)
    house.connection.close()
    house.connection.open()

    house.steps()

    assert house.outbox.week_ms("northbeam", MONDAY) == 3 * HOUR


@pytest.mark.parametrize("answer", [CUT, PORTAL, Reply(500), problem(404, "not-found"), problem(403, "no")])
def test_trouble_with_it_does_not_hurt_the_delivery(house: House, answer: Reply) -> None:
    house.put(0)
    house.server.next("week", *[answer] * 4)

    house.steps()

    assert house.outbox.counts().waiting == 0
    house.put(1)
    house.syncer.request()
    house.steps()
    assert len(house.server.deliveries) == 2


def test_only_active_contracts_with_time_or_a_limit_are_asked_about(house: House) -> None:
    known = [
        contract("northbeam"),
        contract("limited", limit_h=5),
        contract("untouched"),
        contract("ended", limit_h=5, state="ended"),
    ]
    house.server.contracts = [contract_view(one) for one in known]
    house.server.weeks = {one.id: (HOUR, one.terms.weekly_limit_ms) for one in known}
    house.put(0)

    house.steps()

    assert {path.split("/")[-3] for path in names(house)} == {"northbeam", "limited"}
    assert house.outbox.week_ms("limited", MONDAY) == HOUR


def test_a_lost_receipt_makes_no_time(house: House) -> None:
    """The server holds it, its answer was cut: until it is delivered again it is not counted twice."""
    house.put(0)
    house.steps()
    house.put(1)

    def takes_it_and_is_cut(request: object) -> Reply:
        house.server.usual(request)
        return CUT

    house.server.next("segment", *[takes_it_and_is_cut] * 2)
    house.put(2)
    house.syncer.request()
    house.steps()

    assert house.outbox.week_ms("northbeam", MONDAY) == 2 * HOUR + 3 * SLOT
    house.run(lambda: house.outbox.counts().waiting == 0)
    house.steps()
    assert house.outbox.week_ms("northbeam", MONDAY) == 2 * HOUR + 3 * SLOT


def test_a_limit_that_a_sign_in_lowers_holds_until_monday(house: House) -> None:
    house.server.weeks.clear()
    house.connection.open()
    house.server.contracts = [contract_view(contract(limit_h=5))]
    house.connection.close()

    house.connection.open()

    (lower,) = house.outbox.contracts()
    assert lower.terms.weekly_limit_ms == 5 * HOUR
    assert house.outbox.weekly_limit(lower, MONDAY) == 10 * HOUR
    assert house.outbox.weekly_limit(lower, MONDAY + WEEK) == 5 * HOUR


def test_another_machine_s_clock_is_compared_at_each_opening(house: House) -> None:
    house.server.origin = HOSTED
    house.server.time = NINE + 90 * SECOND

    def slow(request: object) -> Reply:
        answer = house.server.usual(request)
        house.clock.advance(4 * SECOND)
        return answer

    house.server.next("info", slow)
    house.connection.open()
    assert house.outbox.clock_offset == 88 * SECOND

    house.server.time = NINE - 7 * SECOND
    house.connection.open()
    assert house.outbox.clock_offset == -11 * SECOND


def test_an_answer_that_took_long_tells_nothing_of_the_clock(house: House) -> None:
    house.server.origin = HOSTED

    def late(request: object) -> Reply:
        house.clock.advance(MINUTE)
        return house.server.usual(request)

    house.server.next("info", late)
    house.connection.open()

    assert house.outbox.clock_offset is None


@pytest.mark.parametrize(("origin", "compares"), [(HOSTED, False), ("embedded:home", True)])
def test_test_time_and_this_machine_s_own_server_are_not_compared(
    house: House, origin: str, compares: bool
) -> None:
    house.server.origin = origin
    house.connection.compares_clocks = compares

    house.connection.open()

    assert house.outbox.clock_offset is None


def test_a_server_that_is_not_recognised_says_nothing_of_the_clock(house: House) -> None:
    house.server.origin = HOSTED
    house.server.next("me", problem(500, "broken"), *[PORTAL] * 3)

    with pytest.raises(NotDone):
        house.connection.open()

    assert house.outbox.clock_offset is None
