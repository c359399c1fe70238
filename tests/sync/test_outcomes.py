"""What becomes of a parcel, by what the server answers."""

from __future__ import annotations

import pytest
from house import House
from scripted import CUT, PORTAL, Reply, problem

from tracker.outbox.outbox import State
from tracker.status import OutboxStatus

EMPTY = OutboxStatus(0, 0, 0)
REFUSED = "the server refuses segment"


@pytest.mark.parametrize(
    "reply",
    [
        CUT,
        PORTAL,
        Reply(500),
        Reply(503, b"", {"Retry-After": "5"}),
        Reply(429),
        problem(401, "unauthorized"),
    ],
    ids=["cut", "portal", "500", "503", "429", "401"],
)
def test_a_parcel_that_never_gets_through_stands_in_nobody_s_way(reply: Reply, house: House) -> None:
    poison = house.put(0)
    others = [house.put(number) for number in range(1, 8)]
    house.server.poison[poison.id] = reply

    house.run(lambda: not any(house.entry(other) for other in others), hours=1)

    assert house.entry(poison).state is State.WAITING
    house.server.poison.clear()
    house.run(lambda: house.entry(poison) is None, hours=1)


@pytest.mark.expects_log(REFUSED)
def test_a_refused_parcel_is_set_aside_and_delivered_when_it_is_tried_again(house: House) -> None:
    segment = house.put()
    house.server.next("segment", problem(403, "ended", "The contract has ended."))
    house.steps()
    assert house.outbox.counts() == OutboxStatus(held=0, waiting=0, refused=1)

    house.outbox.retry(segment.id)
    house.steps()

    assert house.outbox.counts() == EMPTY


def test_only_the_pictures_that_are_missing_are_sent_again(house: House) -> None:
    house.put(0, b"left", b"right")
    left, right = (
        picture.sha256 for picture in house.outbox.segments(0, house.clock.wall + 1)[0][0].shots[0].pictures
    )
    house.server.next("segment", problem(422, "missing-pictures", pictures=(right, "ff" * 32)))

    house.steps()

    assert [request.name for request in house.server.seen("picture")] == [left, right, right]
    assert house.outbox.counts() == EMPTY


def test_after_a_lost_answer_nothing_is_sent_twice_but_the_segment(house: House) -> None:
    house.put(0, b"left", b"right")
    house.server.next("segment", lambda request: Reply(200, house.server.usual(request).body, cut=20))
    house.server.next("segment", lambda request: Reply(200, house.server.usual(request).body, cut=20))

    house.run(lambda: house.outbox.counts() == EMPTY)

    assert len(house.server.seen("picture")) == 2
    assert len(house.server.segments) == 1


@pytest.mark.parametrize("status", [413, 415, 422])
def test_a_picture_the_server_does_not_take_never_costs_the_time(status: int, house: House) -> None:
    segment = house.put(0, b"no image")
    house.server.next("picture", problem(status, "not-an-image"))
    house.server.next("segment", lambda request: Reply(201, house.server.receipt(request)))

    house.steps()

    assert house.entry(segment) is None


def test_a_picture_that_is_not_kept_here_any_more_never_costs_the_time(house: House) -> None:
    segment = house.put(0, b"left", b"right")
    with house.box.database.transaction() as connection:
        connection.execute("DELETE FROM picture WHERE data = ?", (b"left",))
    house.server.next("segment", lambda request: Reply(201, house.server.receipt(request)))

    house.steps()

    assert house.entry(segment) is None
    assert len(house.server.pictures) == 1


def test_a_picture_that_cannot_be_read_makes_only_its_own_segment_wait(house: House) -> None:
    broken, sound = house.put(0, b"shot"), house.put(1)
    with house.box.database.transaction() as connection:
        connection.execute("ALTER TABLE picture RENAME TO elsewhere")

    house.syncer.step()
    entry = house.entry(broken)
    with house.box.database.transaction() as connection:
        connection.execute("ALTER TABLE elsewhere RENAME TO picture")
    house.syncer.step()

    assert (entry.state, entry.attempts) == (State.WAITING, 1)
    assert house.server.deliveries == [sound.id]


@pytest.mark.expects_log(REFUSED)
def test_a_server_that_takes_neither_the_picture_nor_the_segment_without_it_says_so(house: House) -> None:
    segment = house.put(0, b"no image")
    house.server.next("picture", *[problem(415, "not-an-image")] * 2)

    house.steps()

    assert house.entry(segment).state is State.REFUSED
    assert "picture" in house.entry(segment).problem


def test_a_picture_that_keeps_missing_is_tried_again_later(house: House) -> None:
    segment = house.put(0, b"shot")
    (sha256,) = (p.sha256 for p in house.outbox.segments(0, house.clock.wall + 1)[0][0].shots[0].pictures)
    house.server.next("segment", *[problem(422, "missing-pictures", pictures=(sha256,))] * 4)

    house.syncer.step()

    assert house.entry(segment).state is State.WAITING
    house.run(lambda: house.entry(segment) is None)
