"""Closed time is corrected and taken back from tracker to server, and both sides show the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import cast

import pytest
import serving
from boxes import DEVICE, Box
from device import webp
from doubles import NINE, FakeClock, FakeSecrets
from worked import taken, worked

from tracker import revising
from tracker.commands import Commands
from tracker.desktop.embedded import Started
from tracker.errors import BadValue, NotDone
from tracker.model.segment import Key, Segment, Shot
from tracker.model.slot import HOUR, SLOT
from tracker.sync.connection import Connection
from tracker.sync.syncer import Syncer
from tracker.wire.diary import DayView
from tracker.wire.request import NewContract

DATE = "2026-11-19"


@dataclass
class Desk:
    """A tracker without an app, and its own server."""

    box: Box
    clock: FakeClock
    connection: Connection
    syncer: Syncer
    key: Key

    @property
    def commands(self) -> Commands:
        needed = SimpleNamespace(
            outbox=self.box.outbox, syncer=self.syncer, session=None, now=lambda: self.clock.wall
        )
        return cast("Commands", needed)

    def track(self, number: int) -> tuple[Segment, Shot]:
        shot, pictures = taken(webp(number), at=NINE + number * SLOT + 60_000)
        segment = worked(NINE + number * SLOT, key=self.key, shots=(shot,))
        self.box.outbox.store_pictures(shot, pictures, segment=segment.id)
        self.box.outbox.put(segment, None)
        self.box.outbox.seal_due(self.clock.wall)
        return segment, shot

    def deliver(self) -> None:
        self.clock.advance(HOUR)
        assert self.syncer.drain().waiting == 0
        assert self.box.outbox.entries() == []

    def day(self) -> DayView:
        return self.connection.open().day(DATE, "UTC")

    def picture(self, shot: Shot) -> int:
        """Return how the server answers who asks for the shot's picture."""
        sha256 = shot.pictures[0].sha256
        backend = self.connection.open()
        return 404 if backend.picture(self.key.contract, sha256) is None else 200


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = FakeClock()
    with serving.embedded(tmp_path / "server") as server, Box(tmp_path) as box:
        started = Started(server.url, server.secret)
        connection = Connection(lambda: started, FakeSecrets(), box.outbox, DEVICE, "laptop", clock)
        contract = connection.open().add_contract(NewContract("Checkout", "Northbeam", "65", "USD"))
        account = connection.open().me()
        syncer = Syncer(box.outbox, connection, clock, Random(1), hourly=True)
        syncer.patience = clock
        yield Desk(box, clock, connection, syncer, Key(account.server, account.id, contract.id))
        connection.close()


def shown(day: DayView) -> list[tuple[str, list[str]]]:
    """Return memo and shot states of every segment of a day."""
    return [
        (one.memo, [str(shot.state) for shot in one.shots]) for cell in day.cells for one in cell.segments
    ]


@pytest.mark.parametrize("delivered", [False, True], ids=["waiting", "delivered"])
def test_a_memo_and_a_shot_are_changed_for_both_sides(desk: Desk, delivered: bool) -> None:
    segment, shot = desk.track(0)
    other, kept = desk.track(1)
    if delivered:
        desk.deliver()
        assert desk.picture(shot) == 200

    changed = revising.segment_memo(desk.commands, segment.id, "Answering the client")
    assert (changed.memo, changed.discarded) == ("Answering the client", False)
    changed = revising.shot_withhold(desk.commands, shot.id)
    assert [one.state for one in changed.shots] == ["withheld"]
    desk.deliver()

    assert shown(desk.day()) == [("Answering the client", ["withheld"]), (other.memo, ["kept"])]
    assert (desk.picture(shot), desk.picture(kept)) == (404, 200)
    assert desk.day().cells[0].segments[0].verdict.protected_ms == 0


@pytest.mark.parametrize("delivered", [False, True], ids=["waiting", "delivered"])
def test_a_blurred_shot_shows_that_there_was_one_and_no_more(desk: Desk, delivered: bool) -> None:
    _, shot = desk.track(0)
    if delivered:
        desk.deliver()

    changed = revising.shot_blur(desk.commands, shot.id)
    assert [one.state for one in changed.shots] == ["blurred"]
    desk.deliver()

    (segment,) = desk.day().cells[0].segments
    (shown,) = segment.shots
    assert (shown.state, [one.blurred for one in shown.pictures]) == ("blurred", [100])
    assert desk.picture(shot) == 404
    stripes = desk.connection.open().picture(desk.key.contract, shown.pictures[0].sha256)
    assert stripes is not None
    assert "shot-blurred" in segment.verdict.reasons


@pytest.mark.parametrize("delivered", [False, True], ids=["waiting", "delivered"])
def test_discarded_time_is_gone_for_both_sides(desk: Desk, delivered: bool) -> None:
    segment, shot = desk.track(0)
    desk.track(1)
    if delivered:
        desk.deliver()

    changed = revising.shot_discard(desk.commands, shot.id)
    assert (changed.segment, changed.discarded, changed.shots) == (segment.id, True, ())
    desk.deliver()

    assert len(shown(desk.day())) == 1
    assert desk.day().totals.tracked_ms == SLOT
    assert desk.picture(shot) == 404
    assert desk.box.outbox.tracked(NINE, NINE + HOUR) == {desk.key.contract: SLOT}


def test_an_id_is_typed_as_far_as_it_is_clear(desk: Desk) -> None:
    segment, shot = desk.track(0)
    desk.track(1)
    assert revising.segment_memo(desk.commands, segment.id[-6:], "Said by its end").memo == "Said by its end"
    assert revising.shot_withhold(desk.commands, shot.id.upper()).shots[0].state == "withheld"
    with pytest.raises(NotDone, match="several segments"):
        revising.segment_discard(desk.commands, segment.id[:8])
    with pytest.raises(NotDone, match="several shots"):
        revising.shot_discard(desk.commands, shot.id[:8])
    with pytest.raises(NotDone, match="no closed segment"):
        revising.segment_discard(desk.commands, "abcdef")
    for nonsense in ("", "%", "50%"):
        with pytest.raises(BadValue, match="no part of an id"):
            revising.segment_discard(desk.commands, nonsense)
    assert len(desk.box.outbox.segments(NINE, NINE + HOUR)) == 2
