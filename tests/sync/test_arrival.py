"""Whatever happens on the way, every parcel arrives, once."""

from __future__ import annotations

import threading

import pytest
from boxes import Box
from doubles import FakeClock, FakeSecrets
from house import House
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripted import CUT, PORTAL, Reply, ScriptedServer, problem

from tracker.model.slot import SECOND, SLOT
from tracker.status import OutboxStatus

EMPTY = OutboxStatus(0, 0, 0)


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
