"""A server that is away, busy, or wants a sign-in: nothing is lost, and nothing hammers it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from house import House
from scripted import Reply

from tracker.evidence.keys import SigningKey
from tracker.model.slot import HOUR, SECOND
from tracker.status import OutboxStatus
from tracker.sync.backoff import CAP

EMPTY = OutboxStatus(0, 0, 0)


def test_a_server_that_is_away_is_asked_ever_more_rarely_for_ever(house: House) -> None:
    for number in range(20):
        house.put(number)
    house.server.down()
    tries = []

    def away() -> bool:
        if len(tries) < house.starts:
            tries.append(house.clock.boot)
        return house.clock.boot > 5_000_000 + 48 * HOUR

    house.run(away, hours=72)

    waits = [later - earlier for earlier, later in pairwise(tries)]
    assert max(waits) <= CAP * SECOND + 1
    assert sum(waits[-50:]) / 50 > CAP * SECOND / 4
    assert 2 * 48 * 4 < len(tries) < 8 * 48 * 4
    house.server.up()
    house.run(lambda: house.outbox.counts() == EMPTY)
    assert len(house.server.deliveries) == 20


def test_the_wait_survives_a_restart_of_the_app(house: House) -> None:
    segment = house.put()
    house.server.next("segment", Reply(500))
    house.syncer.step()
    asked_until = house.entry(segment).next

    house.box.crash()

    assert house.entry(segment).next == asked_until


@pytest.mark.parametrize("status", [429, 503])
def test_the_server_s_wish_to_wait_is_a_floor(status: int, house: House) -> None:
    busy = Reply(status, b"", {"Retry-After": "600"})
    segment = house.put()
    house.server.next("segment", busy)
    house.server.next("info", house.server.usual, busy)

    house.syncer.step()

    assert house.entry(segment).next >= house.clock.wall + 600 * SECOND
    before = house.clock.boot
    house.run(lambda: house.entry(segment) is None)
    assert house.clock.boot - before >= 600 * SECOND


def test_nothing_else_is_asked_while_the_server_wants_rest(house: House) -> None:
    house.put(0)
    house.put(1)
    house.server.next("segment", Reply(429, b"", {"Retry-After": "600"}))
    house.syncer.step()

    house.clock.advance(599 * SECOND)
    house.syncer.step()

    assert len(house.server.seen("segment")) == 1


def test_a_drain_in_vain_does_not_forget_the_server_s_wish(house: House) -> None:
    house.build(hourly=False)
    house.put(0)
    house.put(1)
    house.server.next("segment", Reply(429, b"", {"Retry-After": "600"}))

    house.syncer.drain(5)
    house.syncer.step()

    assert len(house.server.seen("segment")) == 1
    assert house.server.seen("week") == []


def test_a_refused_token_costs_nothing_but_a_new_sign_in(house: House) -> None:
    house.put(0)
    house.steps()
    house.server.tokens.clear()
    house.server.secret = "the next start's"
    house.put(1)

    house.run(lambda: house.outbox.counts() == EMPTY)

    assert len(house.server.deliveries) == 2


def test_signed_out_everything_waits_until_it_is_signed_in_again(house: House) -> None:
    house.put(0)
    house.steps()
    house.server.tokens.clear()
    house.put(1)

    house.steps()

    assert house.connection.state == "signed-out"
    assert house.outbox.counts().waiting == 1
    house.server.tokens.add("the-token")
    house.syncer.request()
    house.steps()
    assert house.outbox.counts() == EMPTY


def test_a_server_with_another_key_gets_nothing(house: House) -> None:
    house.put(0)
    house.steps()
    house.server.key = SigningKey("bad0" * 16)
    house.put(1)

    house.run(lambda: house.clock.boot > 5_000_000 + HOUR)

    assert len(house.server.deliveries) == 1
    assert house.outbox.counts().waiting == 1
