"""When parcels are delivered, and in which order."""

from __future__ import annotations

import pytest
from house import House
from scripted import CUT, PORTAL, Reply, problem

from tracker.model.slot import HOUR, MINUTE, SECOND
from tracker.outbox.outbox import Hold
from tracker.status import OutboxStatus

EMPTY = OutboxStatus(0, 0, 0)


def test_pictures_go_first_then_the_segment_and_then_it_is_ticked_off(house: House) -> None:
    segment = house.put(0, b"left", b"right")

    house.steps()

    kinds = [request.kind for request in house.server.requests if request.method == "PUT"]
    assert kinds == ["picture", "picture", "segment"]
    assert house.outbox.counts() == EMPTY
    ((_, receipt),) = house.outbox.segments(0, house.clock.wall + HOUR)
    assert receipt is not None
    assert receipt.segment == segment.id


def test_the_oldest_goes_first(house: House) -> None:
    ids = [house.put(number).id for number in (3, 1, 2)]

    house.steps()

    assert house.server.deliveries == [ids[1], ids[2], ids[0]]


def test_what_is_held_is_sealed_and_delivered_when_its_hold_ends(house: House) -> None:
    segment = house.put(0, b"shot", hold=Hold("notice", house.clock.wall + 15 * SECOND))

    wait = house.steps()

    assert wait == 15.0
    assert house.server.deliveries == []
    house.clock.advance(15 * SECOND)
    house.steps()
    assert house.server.deliveries == [segment.id]


def test_a_hold_that_another_thread_adds_is_found_within_a_minute(house: House) -> None:
    assert house.steps() == 60.0


def test_while_tracking_the_embedded_server_is_started_once_an_hour(house: House) -> None:
    house.put(0)
    house.steps()
    house.begin()
    for number in range(1, 13):
        house.clock.advance(10 * MINUTE)
        house.put(0)
        house.syncer.step()
        house.steps()
        expected = 1 + 6 * (number // 6)
        assert len(house.server.deliveries) == expected, f"after {number} slots"


def test_when_all_is_stopped_and_nothing_held_it_is_delivered_at_once(house: House) -> None:
    house.put(0)
    house.steps()
    running = house.begin()
    house.put(1)
    house.steps()
    assert len(house.server.deliveries) == 1

    house.outbox.put(running, Hold("notice", house.clock.wall + 15 * SECOND))
    assert house.steps() == 15.0
    assert len(house.server.deliveries) == 1

    house.clock.advance(15 * SECOND)
    house.steps()
    assert len(house.server.deliveries) == 3


def test_a_request_delivers_while_tracking(house: House) -> None:
    house.put(0)
    house.steps()
    house.begin()
    house.put(1)
    nudged = []
    house.syncer.nudge = lambda: nudged.append(1)

    house.syncer.request()
    house.steps()

    assert nudged == [1]
    assert len(house.server.deliveries) == 2


def test_another_server_gets_it_when_it_is_sealed_within_the_spread(house: House) -> None:
    house.server.spread_s = 120
    house.build(hourly=False)
    house.put(0)
    house.steps()
    moments = []
    for number in range(1, 30):
        house.put(number)
        began = house.clock.boot
        house.run(lambda number=number: len(house.server.deliveries) > number, hours=0.1)
        moments.append(house.clock.boot - began)

    assert max(moments) <= 120 * SECOND
    assert max(moments) > 90 * SECOND
    assert min(moments) < 30 * SECOND


def test_test_mode_overrides_the_spread(house: House) -> None:
    house.server.spread_s = 120
    house.build(hourly=False, spread_s=0)
    for number in range(3):
        house.put(number)
        house.steps()

        assert len(house.server.deliveries) == number + 1


def test_a_change_is_told(house: House) -> None:
    changes = []
    house.syncer.changed = lambda: changes.append(house.outbox.counts().waiting)
    house.put(0)
    house.server.next("segment", Reply(500))

    house.run(lambda: house.outbox.counts() == EMPTY)

    assert changes == [1, 0]


def test_no_secret_and_nothing_of_the_work_reaches_the_log(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    segment = house.put(0, b"what the screen shows")
    house.server.next("claim", CUT)
    house.server.next("segment", Reply(500), problem(401, "unauthorized"), PORTAL)

    house.run(lambda: house.outbox.counts() == EMPTY)

    assert "tried again" in caplog.text
    for private in ("the-token", "the-one-time-secret", segment.memo, "what the screen shows"):
        assert private not in caplog.text
