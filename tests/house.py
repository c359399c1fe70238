"""A tracker's delivery, put together over a real outbox, beside a server that answers by script."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from boxes import DEVICE, Box
from doubles import FakeClock, FakeSecrets
from scripted import ScriptedServer
from worked import taken, worked

from tracker.desktop.embedded import Started
from tracker.errors import Offline
from tracker.model.segment import Segment
from tracker.model.slot import SLOT
from tracker.outbox.outbox import Entry, Hold, Outbox
from tracker.sync.connection import Connection
from tracker.sync.syncer import Syncer


@dataclass
class House:
    """A tracker's delivery, put together, and its server."""

    server: ScriptedServer
    box: Box
    clock: FakeClock
    secrets: FakeSecrets
    starts: int = 0

    def __post_init__(self) -> None:
        self.build(hourly=True)

    def build(self, *, hourly: bool, spread_s: int | None = None, seed: int = 1) -> None:
        """Make connection and syncer, as a start of the app does."""
        self.connection = Connection(self._start, self.secrets, self.outbox, DEVICE, "laptop", self.clock)
        self.syncer = Syncer(
            self.outbox, self.connection, self.clock, Random(seed), hourly=hourly, spread_s=spread_s
        )
        self.syncer.patience = self.clock

    @property
    def outbox(self) -> Outbox:
        return self.box.outbox

    def put(self, number: int = 0, *pictures: bytes, hold: Hold | None = None) -> Segment:
        """Let the outbox have the segment of the n-th slot since nine o'clock."""
        shot, encoded = taken(*pictures) if pictures else (None, [])
        segment = worked(
            self.clock.wall - self.clock.wall % SLOT + number * SLOT, shots=(shot,) if shot else ()
        )
        if shot:
            self.outbox.store_pictures(shot, encoded, segment=segment.id)
        self.outbox.put(segment, hold)
        return segment

    def begin(self) -> Segment:
        """Open a segment, as its draft tells."""
        segment = worked(self.clock.wall - self.clock.wall % SLOT + 50 * SLOT)
        self.box.draft.save(segment, durable=True)
        return segment

    def entry(self, segment: Segment) -> Entry | None:
        """The segment's row, None once it is delivered."""
        return next((entry for entry in self.outbox.entries() if entry.id == segment.id), None)

    def steps(self) -> float:
        """Step until there is something to wait for; return for how long."""
        for _ in range(1_000):
            wait = self.syncer.step()
            if wait > 0:
                return wait
        raise AssertionError("the syncer never rests")

    def run(self, until: Callable[[], bool], *, hours: float = 12) -> None:
        """Let the loop go on, its waits passing at once, until the condition holds."""
        end = self.clock.boot + hours * 3_600_000
        while not until():
            assert self.clock.boot < end, "it did not come to that"
            self.clock.advance(round(self.syncer.step() * 1000))

    def _start(self) -> Started:
        self.starts += 1
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self.server.port)):
                raise Offline("The embedded server does not start: the test says so.")
        return Started(self.server.url, self.server.secret)
