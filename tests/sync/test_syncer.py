"""When parcels are delivered, and what becomes of each."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from itertools import pairwise

import pytest
from boxes import Box
from doubles import FakeClock, FakeSecrets
from house import House
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripted import CUT, PORTAL, Reply, ScriptedServer, problem

from tracker.evidence.keys import SigningKey
from tracker.model.slot import HOUR, MINUTE, SECOND, SLOT
from tracker.outbox.outbox import Hold, State
from tracker.status import OutboxStatus
from tracker.sync.backoff import CAP

EMPTY = OutboxStatus(0, 0, 0)
REFUSED = "the server refuses segment"


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


@dataclass(frozen=True)
class Case:
    """The one answer a segment gets at first, and where that leaves it."""

    reply: Reply
    left: str  # waiting: for its next try; refused; delivered: after a new sign-in at once


CASES = [
    *(Case(problem(status, "reason", "It says why."), "refused") for status in (400, 403, 404, 409, 410)),
    *(
        Case(problem(status, "reason", "It says why."), "refused")
        for status in (413, 415, 422, 423, 426, 451)
    ),
    *(Case(problem(status, "reason"), "waiting") for status in (401, 408, 425, 429, 500, 502, 503, 504, 507)),
    *(Case(Reply(status, b"<html>no</html>"), "waiting") for status in (302, 307, 401, 403, 404, 407, 511)),
    *(Case(reply, "waiting") for reply in (PORTAL, CUT, Reply(200, b"{}"), Reply(201, b'{"segment": 1}'))),
    Case(problem(403, "unknown-device"), "waiting"),
    Case(problem(422, "missing-pictures", pictures=("00" * 32,)), "delivered"),
]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            id=f"{case.reply.status}-{case.left}",
            marks=[pytest.mark.expects_log(REFUSED)] if case.left == "refused" else [],
        )
        for case in CASES
    ],
)
def test_no_answer_loses_a_parcel_or_holds_up_another(case: Case, house: House) -> None:
    first, second = house.put(0, b"picture"), house.put(1)
    house.server.next("segment", case.reply, *([case.reply] if case.reply is CUT else []))

    house.syncer.step()

    entry = house.entry(first)
    if case.left == "delivered":
        assert entry is None
    elif case.left == "refused":
        assert (entry.state, entry.problem) == (State.REFUSED, "It says why.")
    else:
        assert (entry.state, entry.attempts) == (State.WAITING, 1)
        assert entry.problem
        assert house.clock.wall < entry.next <= house.clock.wall + 2 * SECOND + 1

    house.run(lambda: house.entry(second) is None, hours=0.1)
    if case.left != "refused":
        house.run(lambda: house.entry(first) is None, hours=0.1)
        assert len(house.server.segments) == 2


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


PASSING = [
    CUT,
    PORTAL,
    Reply(429, b"", {"Retry-After": "30"}),
    Reply(500),
    Reply(503),
    Reply(302, b"", {"Location": "/"}),
    problem(401, "unauthorized"),
]
KINDS = st.sampled_from(["segment", "picture", "info", "me", "devices", "contracts"])
FAULTS = st.tuples(KINDS, st.sampled_from(PASSING)) | st.just(
    ("segment", problem(422, "missing-pictures", pictures=("00" * 32,)))
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parcels=st.lists(st.integers(0, 2), min_size=1, max_size=6),
    faults=st.lists(FAULTS, max_size=25),
    crash_after=st.integers(0, 30),
    seed=st.integers(0, 1_000),
)
def test_whatever_happens_on_the_way_everything_arrives_once(
    parcels: list[int],
    faults: list[tuple[str, Reply]],
    crash_after: int,
    seed: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with ScriptedServer() as server, Box(tmp_path_factory.mktemp("home")) as box:
        house = House(server, box, FakeClock(), FakeSecrets())
        house.build(hourly=False, spread_s=0, seed=seed)
        for number, pictures in enumerate(parcels):
            house.put(number, *(b"%d-%d" % (number, picture) for picture in range(pictures)))
        for kind, reply in faults:
            server.next(kind, reply)
        for _ in range(crash_after):
            house.clock.advance(round(house.syncer.step() * SECOND))
        house.connection.close()
        box.crash()
        house.build(hourly=False, spread_s=0, seed=seed)

        house.run(lambda: house.outbox.counts() == EMPTY, hours=200)

        house.connection.close()
        kept = house.outbox.segments(0, house.clock.wall + SLOT * 100)
        assert len(kept) == len(parcels) == len(server.segments)
        assert all(receipt is not None for _, receipt in kept)


def test_delivery_and_recording_threads_share_the_outbox(house: House) -> None:
    stop = threading.Event()

    def record() -> None:
        for number in range(50):
            house.put(number)
        stop.set()

    recorder = threading.Thread(target=record)
    recorder.start()
    while not stop.is_set():
        house.syncer.step()
    recorder.join()
    house.steps()

    assert len(house.server.deliveries) == 50
