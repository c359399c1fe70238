"""Trackers, a server and a network that lies, at random: nothing is lost, nothing doubled.

A few hundred examples in the suite, always the same; `HOURPROOF_EXAMPLES=10000 pytest -s` for a long run.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import pytest
from delivery_site import CRASHES, FAULTS, ORIGIN, Network, Site
from delivery_tracker import Tracker, Work
from doubles import FakeClock
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from tracker.errors import StorageFailed
from tracker.model.segment import Key
from tracker.model.slot import HOUR, MINUTE
from tracker.server.tables import chain, revision, segment, tombstone
from tracker.sync.backend import Backend
from tracker.wire.request import NewContract

EXAMPLES = int(os.environ.get("HOURPROOF_EXAMPLES", "150"))
STEPS = int(os.environ.get("HOURPROOF_STEPS", "30"))
LONG_RUN = 1_000  # examples from which on nothing is made smaller: a find is replayed by its seed
TROUBLES = (
    *("silence ends", "late ones arrive", "tracker ends", "tracker ends before ticking off", "server ends"),
    *("tokens expire", "the tracker's disk is full"),
)
MEMORY = Path("/dev/shm")  # a crash is not a power cut: what the system has is all there is
ENOUGH = 400  # units in which everything that waits has arrived
COUNTED: Counter[str] = Counter()


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    """A server's folder with an account and its contracts."""
    with TemporaryDirectory() as folder:
        site = Site(Path(folder), FakeClock())
        network = Network(site)
        with network.spread():
            made = Backend("http://127.0.0.1:1")
            token = made.claim(site.secret or "").token
            backend = Backend("http://127.0.0.1:1", token)
            for title in ("Checkout", "Brand site"):
                backend.add_contract(NewContract(title, "Northbeam", "65", "USD"))
        site.close()
        yield Path(folder) / "server"


class DeliveryMachine(RuleBasedStateMachine):
    """What two devices of one account do, what becomes of it, and what may happen on the way."""

    template: Path

    @initialize()
    def begin(self) -> None:
        self.stack = ExitStack()
        self.folder = Path(mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.stack.callback(shutil.rmtree, self.folder)
        shutil.copytree(self.template, self.folder / "server")
        self.clock = FakeClock()
        self.site = Site(self.folder, FakeClock())
        self.stack.callback(self.site.close)
        self.network = Network(self.site)
        self.stack.enter_context(self.network.spread())
        account = self.site.parts.store.first_person()
        assert account is not None
        contracts = [Key(ORIGIN, account.id, one.id) for one in self.site.parts.store.contracts(account.id)]
        self.account = account.id
        self.trackers = [
            Tracker(self.folder / f"home-{seed}", seed, self.site, self.clock, contracts)
            for seed in ("11", "22")
        ]
        for tracker in self.trackers:
            self.stack.callback(tracker.close)
        self.numbers = 0

    def count(self, what: str) -> None:
        COUNTED[what] += 1

    def any_work(self, data: st.DataObject, tracker: Tracker) -> Work | None:
        there = sorted(id_ for id_, one in tracker.works.items() if not one.discarded)
        return tracker.works[data.draw(st.sampled_from(there))] if there else None

    @rule(
        which=st.integers(0, 1),
        contract=st.integers(0, 1),
        pictures=st.integers(0, 2),
        hold=st.sampled_from([None, None, None, "notice", "silence"]),
        number=st.integers(1, 3),
    )
    def put(self, which: int, contract: int, pictures: int, hold: str | None, number: int) -> None:
        for _ in range(number):
            self.count("put")
            self.trackers[which].work(contract, pictures, hold)

    @precondition(lambda self: self.trackers[0].works or self.trackers[1].works)
    @rule(data=st.data(), which=st.integers(0, 1), what=st.sampled_from(["memo", "withhold", "discard"]))
    def change(self, data: st.DataObject, which: int, what: str) -> None:
        tracker = self.trackers[which if self.trackers[which].works else 1 - which]
        one = self.any_work(data, tracker)
        if one is not None:
            self.count(what)
            self.numbers += 1
            tracker.change(one.id, what, self.numbers)

    @rule(
        which=st.integers(0, 1),
        number=st.integers(2, 8),
        weather=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=4),
    )
    def deliver_in_bad_weather(self, which: int, number: int, weather: list[str]) -> None:
        self.deliver(which, number, weather)

    def deliver(self, which: int, number: int, weather: list[str]) -> None:
        self.count("deliver")
        self.network.weather.extend(weather)
        self.trackers[which].step(number)
        self.network.weather.clear()

    @rule(which=st.integers(0, 1), weather=st.lists(st.sampled_from(CRASHES), min_size=1, max_size=2))
    def deliver_while_the_server_ends(self, which: int, weather: list[str]) -> None:
        self.deliver(which, 4, ["fine", *weather])

    @rule(which=st.integers(0, 1), number=st.integers(1, 8))
    def deliver_in_peace(self, which: int, number: int) -> None:
        self.deliver(which, number, [])

    @rule(which=st.integers(0, 1), what=st.sampled_from(TROUBLES))
    def trouble(self, which: int, what: str) -> None:
        self.count(what)
        tracker = self.trackers[which]
        match what:
            case "silence ends":
                tracker.end_silence()
            case "late ones arrive":
                self.network.late_ones_arrive()
            case "tracker ends":
                tracker.crash()
            case "tracker ends before ticking off":
                with tracker.ends_before_ticking_off():
                    tracker.step(2)
            case "server ends":
                self.site.restart()
            case "tokens expire":
                self.site.forget_tokens()
                self.site.restart()
            case "the tracker's disk is full":
                self.no_room(tracker)

    def no_room(self, tracker: Tracker) -> None:
        with tracker.full_disk(), pytest.raises(StorageFailed):
            tracker.work(0, 1, None)
        with tracker.full_disk(), suppress(StorageFailed):  # the loop tries again later
            tracker.step(2)

    @rule(by=st.sampled_from([MINUTE, 20 * MINUTE, 3 * HOUR]))
    def time_passes(self, by: int) -> None:
        self.clock.advance(by)
        self.site.clock.advance(by)

    @rule(whose=st.booleans(), by=st.sampled_from([-26 * HOUR, -MINUTE, HOUR, 26 * HOUR]))
    def clock_jumps(self, whose: bool, by: int) -> None:
        self.count("clock jumps")
        (self.clock if whose else self.site.clock).wall += by

    @precondition(lambda self: any(one.outbox.counts().refused for one in self.trackers))
    @rule()
    def refused_are_tried_again(self) -> None:
        self.count("retry")
        for tracker in self.trackers:
            tracker.retry_refused()

    def teardown(self) -> None:
        if not hasattr(self, "stack"):
            return
        with self.stack:
            self.check_on_the_way()
            self.heal()
            self.check_what_arrived()
            COUNTED["examples"] += 1
            COUNTED.update({f"network: {word}": n for word, n in self.network.seen.items()})

    def check_on_the_way(self) -> None:
        """Whatever is still under way: nothing is gone, and a receipt is the truth."""
        kept = self.at_the_server()
        for tracker in self.trackers:
            states = tracker.states()
            for one in tracker.works.values():
                assert one.discarded or one.id in states, f"lost: {one}"
                assert not one.silent or states.get(one.id, "held") == "held"
                assert states.get(one.id) != "held" or one.id not in kept, f"held, and sent: {one}"
            for id_, sha256 in tracker.proofs().items():
                assert kept.get(id_) == sha256, "a receipt for what the server does not hold"

    def at_the_server(self) -> dict[str, str]:
        """Return the hash of every segment, revision and tombstone by its id."""
        found: dict[str, str] = {}
        with self.site.parts.database.read() as connection:
            for table in (segment, revision, tombstone):
                found |= {
                    row.id: row.sha256 for row in connection.execute(select(table.c.id, table.c.sha256))
                }
        return found

    def heal(self) -> None:
        """Let the network be well, and everything that can be delivered arrive."""
        self.network.weather.clear()
        self.network.late_ones_arrive()
        for tracker in self.trackers:
            self.site.forget_tokens()
            self.site.restart()
            tracker.end_silence()
            tracker.retry_refused()
            for _ in range(ENOUGH):
                self.clock.advance(20 * MINUTE)
                tracker.step(1)
                counts = tracker.outbox.counts()
                if not counts.waiting and not counts.held:
                    break
            assert tracker.outbox.entries() == [], "it does not arrive"

    def check_what_arrived(self) -> None:
        works = [one for tracker in self.trackers for one in tracker.works.values()]
        standing = {one.id: one for one in works if not one.discarded}
        store, pictures = self.site.parts.store, self.site.parts.pictures
        found = store.segments(self.account, 0, 2**53)
        assert len(found) == len({one.segment.id for one in found}), "doubled"
        assert {one.segment.id for one in found} == set(standing), "lost, or back from the dead"
        COUNTED["arrived"] += len(found)
        for stored in found:
            one, held = standing[stored.segment.id], stored.segment
            assert (held.memo, held.start, held.end) == (one.memo, one.start, one.end)
            for shot in held.shots:
                there = {picture.sha256 for picture in shot.pictures}
                assert there == ({one.shots[shot.id]} if shot.id in one.shots else set())
        for one in works:
            for sha256 in one.shots.values():
                path = pictures.path(one.contract, sha256)
                assert path is not None, f"a picture is gone: {one}"
            for sha256 in one.taken_back:
                assert pictures.path(one.contract, sha256) is None, f"taken back, and still there: {one}"
        sums = sum(worked.ms for worked in store.tracked(self.account, 0, 2**53).values())
        assert sums == sum(one.end - one.start for one in standing.values())
        with self.site.parts.database.read() as connection:
            for row in connection.execute(select(chain)):
                assert row.top == row.held, "a link of a chain is missing"


def test_nothing_is_lost_or_doubled_whatever_happens_on_the_way(
    template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    COUNTED.clear()
    DeliveryMachine.template = template
    long = EXAMPLES >= LONG_RUN
    monkeypatch.setattr(logging.getLogger("tracker"), "handlers", [])  # troubles are told, and many here
    run_state_machine_as_test(
        DeliveryMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not long,
            database=None,
            phases=[Phase.generate] if long else [Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
    if long:
        rare = {*TROUBLES, "memo", "withhold", "discard", "retry", "clock jumps"}
        assert {*(f"network: {word}" for word in FAULTS), *rare} <= set(COUNTED), "not everything happened"
    sys.stdout.write(
        "\n" + "\n".join(f"{number:>10,} {what}" for what, number in sorted(COUNTED.items())) + "\n"
    )
    sys.stdout.write(f"{COUNTED['put']:,} segments, lost 0, doubled 0\n")
