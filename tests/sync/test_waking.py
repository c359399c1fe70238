"""When the network returns, or the computer wakes up, what waited for that is tried at once."""

from __future__ import annotations

import pytest
from house import House
from scripted import CUT, Reply, problem

from tracker.model.slot import HOUR, MINUTE, SECOND
from tracker.outbox.outbox import State
from tracker.status import OutboxStatus

EMPTY = OutboxStatus(0, 0, 0)


@pytest.fixture
def house(house: House) -> House:
    """Of a server elsewhere: no round has to begin for a delivery."""
    house.build(hourly=False, spread_s=0)
    return house


def away_for_long(house: House) -> None:
    """Put a segment, and let tries fail until the next is minutes away."""
    house.put(0)
    house.server.down()
    house.run(lambda: (house.outbox.pause.until if house.outbox.pause else 0) > house.clock.wall + 3 * MINUTE)
    house.server.up()


def test_the_network_s_return_is_used_at_once(house: House) -> None:
    away_for_long(house)
    nudged = []
    house.syncer.nudge = lambda: nudged.append(1)

    house.syncer.wake()
    house.steps()

    assert nudged == [1]
    assert house.outbox.counts() == EMPTY
    assert house.outbox.pause is None


def test_without_it_nothing_is_tried_before_its_time(house: House) -> None:
    away_for_long(house)

    house.clock.advance(MINUTE)
    house.steps()

    assert house.outbox.counts().waiting == 1


@pytest.mark.parametrize(("asleep", "left"), [(HOUR, 0), (5 * SECOND, 1)])
def test_a_sleep_is_noticed_without_anybody_s_word(asleep: int, left: int, house: House) -> None:
    house.put(0)
    house.server.down()
    house.run(lambda: bool(house.outbox.pause and house.outbox.pause.until > house.clock.wall + MINUTE))
    house.server.up()
    until = house.outbox.pause.until - house.clock.wall

    house.clock.sleep(min(asleep, until - 10 * SECOND))
    house.steps()

    assert house.outbox.counts().waiting == left


def test_a_parcel_the_broken_network_held_up_is_tried_with_it(house: House) -> None:
    poison = house.put(0)
    house.server.poison[poison.id] = CUT
    house.run(lambda: house.entry(poison).attempts > 8)
    house.server.poison.clear()
    assert house.entry(poison).next > house.clock.wall

    house.syncer.wake()
    house.steps()

    assert house.outbox.counts() == EMPTY


@pytest.mark.parametrize("status", [429, 503])
def test_what_the_server_asked_for_stands(status: int, house: House) -> None:
    segment = house.put(0)
    house.server.next("segment", Reply(status, b"", {"Retry-After": "600"}))
    house.syncer.step()
    until = house.entry(segment).next

    house.syncer.wake()
    house.clock.sleep(5 * MINUTE)
    house.steps()

    assert (house.entry(segment).next, house.entry(segment).attempts) == (until, 1)
    assert len(house.server.seen("segment")) == 1


def test_a_server_that_lets_nobody_in_for_now_is_not_asked_either(house: House) -> None:
    house.put(0)
    house.server.next("info", Reply(503, b"", {"Retry-After": "600"}))
    house.syncer.step()

    house.syncer.wake()
    house.steps()

    assert len(house.server.requests) == 1


@pytest.mark.expects_log("the server refuses segment")
def test_what_was_refused_stays_so(house: House) -> None:
    segment = house.put(0)
    house.server.next("segment", problem(403, "ended"))
    house.steps()

    house.syncer.wake()
    house.steps()

    assert house.entry(segment).state is State.REFUSED


def test_what_the_server_asked_for_outlives_a_restart(house: House) -> None:
    house.put(0)
    house.server.next("segment", Reply(429, b"", {"Retry-After": "600"}))
    house.steps()
    asked = house.clock.boot

    house.box.crash()
    house.clock.boot -= 4_000_000  # another boot
    house.clock.awake -= 4_000_000
    house.build(hourly=False, spread_s=0)
    house.put(1)

    wait = house.steps()
    assert len(house.server.seen("segment")) == 1
    assert 0 < wait <= 60
    asked -= 4_000_000
    house.run(lambda: house.outbox.counts() == EMPTY)
    assert house.clock.boot - asked >= 600 * SECOND


def test_a_parcel_s_own_wait_outlives_a_restart(house: House) -> None:
    segment = house.put(0)
    house.server.poison[segment.id] = Reply(500)
    house.run(lambda: house.entry(segment).attempts > 8)
    until, attempts = house.entry(segment).next, house.entry(segment).attempts

    house.box.crash()
    house.build(hourly=False, spread_s=0)
    house.server.poison.clear()
    house.steps()

    assert (house.entry(segment).next, house.entry(segment).attempts) == (until, attempts)
    house.run(lambda: house.entry(segment) is None, hours=0.3)
    assert house.clock.wall >= until


def test_a_start_tries_a_server_that_was_away_at_once(house: House) -> None:
    away_for_long(house)

    house.box.crash()
    house.build(hourly=False, spread_s=0)
    house.steps()

    assert house.outbox.counts() == EMPTY
