"""A work session on a table: its clock, hands and camera are the test's, its database is real."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from itertools import count
from random import Random

from doubles import NINE, FakeClock
from senses import FakeInput, FakePhotographer

from tracker.capture.base import IdleTime
from tracker.capture.tally import Tally
from tracker.evidence.keys import SigningKey
from tracker.keeper import Keeper
from tracker.model.contract import Contract, ContractState, Policy, Terms
from tracker.model.segment import Segment
from tracker.model.slot import SECOND, SLOT, next_midnight
from tracker.orders import Order
from tracker.outbox.database import Database
from tracker.outbox.draft import DraftStore
from tracker.outbox.outbox import Outbox
from tracker.recording.recorder import Recorder
from tracker.recording.shots import ShotPlan
from tracker.session import WorkSession
from tracker.snapshot import status_of
from tracker.status import ServerStatus, SourcesStatus, Status
from tracker.watch import Watch
from tracker.wire.account import Account


def contract(name: str, *, shots: int = 0, limit: int | None = None) -> Contract:
    terms = Terms(1, Decimal(65), "USD", limit, Policy(shots_per_slot=shots))
    return Contract(name, name.title(), "A client", ContractState.ACTIVE, terms)


NORTHBEAM, FENNEL, PICTURED = contract("northbeam"), contract("fennel"), contract("pictured", shots=1)


@dataclass
class Bench:
    """A session on a table: its clock, hands and camera are the test's."""

    clock: FakeClock
    hands: FakeInput
    camera: FakePhotographer
    outbox: Outbox
    draft: DraftStore
    session: WorkSession

    def do(self, order: Order) -> None:
        done = self.session.post(order)
        self.session.step()
        done.result(0)

    def work(self, ms: int, *, keys: int = 0) -> None:
        """Let time pass in steps of at most a second, typing in each."""
        while ms > 0:
            step = min(ms, SECOND)
            self.hands.type(keys)
            self.clock.advance(step)
            self.session.step()
            ms -= step

    @property
    def segments(self) -> list[Segment]:
        return [segment for segment, _ in self.outbox.segments(0, NINE + 100 * SLOT)]

    def status(self) -> Status:
        return status_of(
            self.outbox,
            self.session,
            ServerStatus(None, "online"),
            SourcesStatus(self.session.watch.source, "fake", self.session.watch.trouble),
            now=self.clock.wall,
            test=False,
        )


def bench_on(database: Database, clock: FakeClock, idle: IdleTime | None = None) -> Bench:
    outbox = Outbox(database, SigningKey("11" * 32), app="test", test=False)
    outbox.remember_account(Account("embedded:home", "me", "Me"))
    numbers = count(1)
    recorder = Recorder(
        ShotPlan(Random(3)), lambda: f"{clock.boot:012x}-{next(numbers)}", lambda at: next_midnight(at, UTC)
    )
    hands, camera, draft = FakeInput(), FakePhotographer(), DraftStore(database)
    keeper = Keeper(recorder, camera, outbox, draft, clock, notice_ms=15 * SECOND)  # type: ignore[arg-type]
    watch = Watch(clock.now(), Tally(), lambda: hands, lambda: idle)
    session = WorkSession(clock, recorder, keeper, outbox, watch)
    return Bench(clock, hands, camera, outbox, draft, session)
