"""A parcel goes to the server and the account it belongs to from its first second, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from house import House
from worked import NORTHBEAM, worked

from tracker.model.segment import Segment
from tracker.model.slot import SLOT
from tracker.outbox.outbox import State
from tracker.sync.syncer import Report


def put(house: House, number: int, **key: str) -> Segment:
    """Let the outbox have time of another account, older than any other."""
    segment = worked(house.clock.wall - (10 - number) * SLOT, key=replace(NORTHBEAM, **key))
    house.outbox.put(segment, None)
    return segment


@pytest.mark.parametrize(
    ("key", "where"),
    [
        ({"server": "https://hours.example.org"}, "https://hours.example.org"),
        ({"account": "somebody"}, "the diary on this computer"),
    ],
    ids=["server", "account"],
)
@pytest.mark.parametrize("hourly", [True, False])
def test_what_belongs_elsewhere_is_sent_to_nobody_and_blocks_nobody(
    key: dict[str, str], where: str, hourly: bool, house: House
) -> None:
    house.build(hourly=hourly, spread_s=0)
    theirs = [put(house, number, **key) for number in range(3)]
    ours = [house.put(number) for number in range(3)]

    house.run(lambda: len(house.server.deliveries) == 3, hours=0.1)
    house.steps()

    assert house.server.deliveries == [one.id for one in ours]
    sent = b"".join(request.body for request in house.server.requests)
    assert not any(one.id.encode() in sent for one in theirs)
    for one in theirs:
        entry = house.entry(one)
        assert (entry.state, entry.attempts, entry.next) == (State.WAITING, 0, None)
        assert entry.problem == f"It waits for the next sign-in at {where}."


def test_sync_does_not_wait_for_what_it_cannot_deliver(house: House) -> None:
    put(house, 0, account="somebody")
    house.put(0)

    assert house.syncer.drain(600) == Report(delivered=1, held=0, waiting=1, refused=0)
    assert house.clock.waits == []


def test_it_is_delivered_once_its_own_account_signs_in(house: House) -> None:
    theirs = put(house, 0, account="somebody")
    house.steps()
    assert house.server.deliveries == []

    house.connection.close()
    house.server.account = "somebody"
    house.connection.open()  # as a sign-in does
    house.syncer.request()
    house.steps()

    assert house.server.deliveries == [theirs.id]
