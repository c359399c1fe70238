"""`sync`: everything that waits, now."""

from __future__ import annotations

import threading

import pytest
from house import House
from scripted import CUT, Reply, problem

from tracker.model.slot import HOUR, SECOND
from tracker.outbox.outbox import Hold
from tracker.sync.syncer import Report


def test_everything_that_waits_is_delivered_and_reported(house: House) -> None:
    for number in range(3):
        house.put(number)

    assert house.syncer.drain() == Report(delivered=3, held=0, waiting=0, refused=0)
    assert house.syncer.drain() == Report(delivered=0, held=0, waiting=0, refused=0)


def test_the_open_segment_stays_open(house: House) -> None:
    house.put(0)
    house.begin()

    assert house.syncer.drain().delivered == 1

    assert house.outbox.tracking


def test_running_notices_are_waited_for_and_the_timeout_begins_then(house: House) -> None:
    house.put(0, hold=Hold("notice", house.clock.wall + 15 * SECOND))
    house.put(1, hold=Hold("notice", house.clock.wall + 45 * SECOND))

    report = house.syncer.drain(10)

    assert report == Report(delivered=2, held=0, waiting=0, refused=0)
    assert house.clock.waits == [45.0]


def test_silence_is_not_waited_for(house: House) -> None:
    house.put(0)
    house.put(1, hold=Hold("silence", house.clock.wall + 600 * SECOND))

    report = house.syncer.drain()

    assert report == Report(delivered=1, held=1, waiting=0, refused=0)
    assert house.clock.waits == []


def test_before_the_diary_is_shown_notices_are_not_waited_for(house: House) -> None:
    house.put(0, hold=Hold("notice", house.clock.wall + 15 * SECOND))

    assert house.syncer.drain(10, notices=False) == Report(delivered=0, held=1, waiting=0, refused=0)
    assert house.clock.waits == []


def test_backoff_and_spread_are_ignored(house: House) -> None:
    house.server.spread_s = 120
    house.build(hourly=False)
    house.put(0)
    house.server.next("segment", Reply(429, b"", {"Retry-After": "3600"}))
    house.steps()
    house.put(1)

    assert house.syncer.drain(5) == Report(delivered=2, held=0, waiting=0, refused=0)
    assert house.clock.waits == []


def test_a_passing_trouble_is_waited_out(house: House) -> None:
    house.put(0)
    house.put(1)
    house.server.next("segment", CUT, CUT, Reply(500))

    assert house.syncer.drain(60) == Report(delivered=2, held=0, waiting=0, refused=0)
    assert 0 < sum(house.clock.waits) < 60


@pytest.mark.expects_log("refuses segment")
def test_what_is_refused_is_listed_and_no_longer_waits(house: House) -> None:
    house.put(0)
    house.put(1)
    house.server.next("segment", problem(403, "ended"))

    assert house.syncer.drain() == Report(delivered=1, held=0, waiting=0, refused=1)


@pytest.mark.expects_log("the server refuses revision")
def test_what_goes_after_a_refused_withholding_is_not_waited_for(house: House) -> None:
    segment = house.put(0, b"a desk")
    house.outbox.seal_due(house.clock.wall)
    house.outbox.withhold(segment.id, segment.shots[0].id, house.clock.wall)
    (revision,) = (entry for entry in house.outbox.entries() if entry.change is not None)
    house.server.poison[revision.id] = problem(403, "ended")

    assert house.syncer.drain(60) == Report(delivered=0, held=0, waiting=1, refused=1)
    assert house.clock.waits == []


def test_a_trouble_that_stays_ends_with_the_timeout(house: House) -> None:
    poison = house.put(0)
    house.put(1)
    house.server.poison[poison.id] = Reply(500)
    began = house.clock.boot

    assert house.syncer.drain(60) == Report(delivered=1, held=0, waiting=1, refused=0)
    assert 60 <= (house.clock.boot - began) / SECOND < 61


def test_a_server_that_is_away_is_not_waited_for(house: House) -> None:
    house.put(0)
    house.server.down()

    assert house.syncer.drain() == Report(delivered=0, held=0, waiting=1, refused=0)
    assert house.clock.waits == []


def test_a_server_that_wants_a_sign_in_is_not_waited_for(house: House) -> None:
    house.put(0)
    house.server.secret = None

    assert house.syncer.drain() == Report(delivered=0, held=0, waiting=1, refused=0)
    assert house.connection.state == "signed-out"


def test_after_the_server_is_back_a_drain_does_not_remember_its_absence(house: House) -> None:
    house.put(0)
    house.server.down()
    house.syncer.drain()
    house.server.up()

    assert house.syncer.drain().delivered == 1


def test_a_drain_beside_the_loop_delivers_each_once(house: House) -> None:
    for number in range(40):
        house.put(number)
    reports = []
    drains = [threading.Thread(target=lambda: reports.append(house.syncer.drain())) for _ in range(3)]
    for drain in drains:
        drain.start()
    while house.outbox.counts().waiting:
        house.syncer.step()
    for drain in drains:
        drain.join()

    assert len(house.server.deliveries) == len(set(house.server.deliveries)) == 40
    assert all(report.waiting == 0 for report in reports)


def test_closing_ends_a_drain(house: House) -> None:
    house.put(0, hold=Hold("notice", house.clock.wall + HOUR))
    house.syncer.close()

    assert house.syncer.drain() == Report(delivered=0, held=1, waiting=0, refused=0)
    assert house.clock.waits == []
