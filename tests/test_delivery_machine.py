"""Trackers, a server and a network that lies, at random: nothing is lost, nothing doubled.

A few hundred examples in the suite, always the same; `HOURPROOF_EXAMPLES=10000 pytest -s` for a long run.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp

import pytest
from delivery_network import ENDS, HIT, LIES, WEATHER, Network, settled
from delivery_site import ORIGIN, Site
from delivery_tracker import Tracker
from delivery_truths import (
    everything_arrives,
    everything_has_arrived,
    may_be_sent,
    nothing_is_gone,
    pictures_are_right,
)
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

from tracker.model.segment import Key
from tracker.model.slot import DAY, HOUR, MINUTE

EXAMPLES = int(os.environ.get("HOURPROOF_EXAMPLES", "150"))
STEPS = int(os.environ.get("HOURPROOF_STEPS", "30"))
LONG_RUN = 1_000  # examples from which on nothing is made smaller: a find is replayed by its seed
CHANGES = ("memo", "withhold", "blur", "discard")
TROUBLES = (
    *("silence ends", "late ones arrive", "tracker ends", "tracker ends before ticking off", "server ends"),
    *("server is away for weeks", "tokens expire", "the network returns", "carried by hand"),
)
MEMORY = Path("/dev/shm")  # a crash is not a power cut: what the system has is all there is
NUMBERS = st.integers(0, 50)  # of one of some segments
MOMENTS = st.integers(1, 9)  # of a tracker's work
COUNTED: Counter[str] = Counter()


class DeliveryMachine(RuleBasedStateMachine):
    """What two devices of one account do, what becomes of it, and what may happen on the way."""

    template: tuple[Path, list[str]]

    @initialize(hourly=st.tuples(st.booleans(), st.booleans()), late=st.booleans())
    def begin(self, hourly: tuple[bool, bool], late: bool) -> None:
        self.stack = ExitStack()
        self.folder = Path(mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.stack.callback(shutil.rmtree, self.folder)
        shutil.copytree(self.template[0], self.folder / "server")
        self.clock = FakeClock()
        self.site = Site(self.folder, FakeClock())
        self.stack.callback(self.site.close)
        self.network = Network(self.site)
        self.network.watch = lambda kind, name: may_be_sent(self.sender, kind, name)
        self.stack.enter_context(self.network.spread())
        account = self.site.parts.store.first_person()
        assert account is not None
        contracts = [Key(ORIGIN, account.id, one.id) for one in self.site.parts.store.contracts(account.id)]
        self.account = account.id
        self.trackers = [
            Tracker(self.folder / f"home-{n}", f"{n}{n}", self.site, self.clock, contracts, token)
            for n, token in enumerate(self.template[1], 1)
        ]
        for tracker, rhythm in zip(self.trackers, hourly, strict=True):
            tracker.hourly = rhythm
            tracker.crash()
            self.stack.callback(tracker.close)
        self.late = late
        self.numbers = 0
        self.sender: Tracker | None = None
        self.may_be_gone: set[tuple[str, str]] = set()  # pictures that stand, but were taken back elsewhere
        for tracker in self.trackers:
            for contract in (0, 1):
                COUNTED["put"] += 1
                tracker.work(contract, 1, None)

    @rule(
        which=st.integers(0, 1),
        contract=st.integers(0, 1),
        pictures=st.integers(0, 2),
        hold=st.sampled_from([None, None, None, "notice", "silence"]),
        number=st.integers(1, 3),
        same=st.booleans(),
    )
    def put(
        self, which: int, contract: int, pictures: int, hold: str | None, number: int, same: bool
    ) -> None:
        for _ in range(number):
            COUNTED["put"] += 1
            self.trackers[which].work(contract, pictures, hold, same=same)

    @rule(which=st.integers(0, 1), moment=MOMENTS, full=st.booleans(), hold=st.sampled_from([None, "notice"]))
    def put_in_trouble(self, which: int, moment: int, full: bool, hold: str | None) -> None:
        tracker = self.trackers[which]
        with tracker.until(moment, full=full):
            tracker.work(0, 2, hold)
        COUNTED["put, the disk is full" if full else "put, tracker ends"] += 1

    @rule(number=NUMBERS, which=st.integers(0, 1), what=st.sampled_from(CHANGES))
    def change(self, number: int, which: int, what: str) -> None:
        self.changed(self.trackers[which], number, what, {"held", "waiting", "delivered", "refused"})

    @rule(number=NUMBERS, which=st.integers(0, 1), what=st.sampled_from(CHANGES))
    def change_what_is_sealed(self, number: int, which: int, what: str) -> None:
        self.changed(self.trackers[which], number, what, {"waiting", "delivered", "refused"})

    @rule(
        number=NUMBERS,
        which=st.integers(0, 1),
        what=st.sampled_from(CHANGES),
        moment=st.integers(1, 3),
        full=st.booleans(),
    )
    def change_in_trouble(self, number: int, which: int, what: str, moment: int, full: bool) -> None:
        with self.trackers[which].until(moment, full=full):
            self.changed(self.trackers[which], number, what, {"held", "waiting", "delivered", "refused"})

    def changed(self, tracker: Tracker, number: int, what: str, among: set[str]) -> None:
        """Change one of a tracker's segments."""
        states = tracker.states()
        there = sorted(id_ for id_ in tracker.works if states.get(id_) in among)
        if not there:
            return
        one = tracker.works[there[number % len(there)]]
        COUNTED[f"{what}, {states[one.id]}"] += 1
        self.numbers += 1
        there.remove(one.id)
        others = [tracker.works[id_] for id_ in there if states[id_] == "delivered"]
        held_by_others = {sha256 for other in others for sha256 in other.shots.values()}
        self.may_be_gone |= {(one.contract, sha256) for sha256 in {*one.shots.values()} - held_by_others}
        tracker.change(one.id, what, self.numbers)

    @rule(which=st.integers(0, 1), number=st.integers(2, 8), weather=WEATHER, asked=st.booleans())
    def deliver_in_bad_weather(
        self, which: int, number: int, weather: list[tuple[str, str]], asked: bool
    ) -> None:
        self.network.weather.extend(weather)
        self.deliver(which, number, asked=asked)

    @rule(which=st.integers(0, 1), hit=HIT, end=st.sampled_from(ENDS))
    def deliver_while_the_server_ends(self, which: int, hit: str, end: str) -> None:
        self.network.weather.append((hit, end))
        self.deliver(which, 4)

    @rule(which=st.integers(0, 1), number=st.integers(1, 8), asked=st.booleans())
    def deliver_in_peace(self, which: int, number: int, asked: bool) -> None:
        self.deliver(which, number, asked=asked)

    @rule(which=st.integers(0, 1), moment=MOMENTS, full=st.booleans())
    def deliver_in_trouble(self, which: int, moment: int, full: bool) -> None:
        COUNTED["deliver, the disk is full" if full else "deliver, tracker ends"] += 1
        self.deliver(which, 4, moment=moment, full=full)

    @rule(which=st.integers(0, 1), notices=st.booleans(), weather=st.one_of(st.just([]), WEATHER))
    def drain(self, which: int, notices: bool, weather: list[tuple[str, str]]) -> None:
        self.network.weather.extend(weather)
        self.deliver(which, None, notices=notices)

    def deliver(
        self,
        which: int,
        number: int | None,
        *,
        asked: bool = True,
        notices: bool = False,
        moment: int | None = None,
        full: bool = False,
    ) -> None:
        COUNTED["drain" if number is None else "deliver"] += 1
        self.sender = tracker = self.trackers[which]
        with tracker.until(moment, full=full):
            if number is None:
                tracker.syncer.drain(notices=notices)
            else:
                tracker.step(number, asked=asked)
        self.sender = None
        self.network.weather.clear()

    @rule(which=st.integers(0, 1), what=st.sampled_from(TROUBLES))
    def trouble(self, which: int, what: str) -> None:
        COUNTED[what] += 1
        tracker = self.trackers[which]
        match what:
            case "silence ends":
                tracker.end_silence()
            case "late ones arrive":
                self.network.late_ones_arrive(2)
            case "tracker ends":
                tracker.crash()
            case "tracker ends before ticking off":
                with tracker.until(None), tracker.ends_before_ticking_off():
                    tracker.step(2)
            case "server ends":
                self.site.restart()
            case "server is away for weeks":
                self.site.restart_after_weeks()
            case "tokens expire":
                self.site.forget_tokens()
                self.site.restart()
            case "the network returns":
                tracker.syncer.wake()
            case "carried by hand":
                tracker.carry_to(self.trackers[1 - which])

    @rule(by=st.sampled_from([MINUTE, 20 * MINUTE, 3 * HOUR]), asleep=st.booleans())
    def time_passes(self, by: int, asleep: bool) -> None:
        (self.clock.sleep if asleep else self.clock.advance)(by)
        self.site.clock.advance(by)

    @rule(
        whose=st.booleans(),
        by=st.sampled_from([-40 * DAY, -26 * HOUR, -MINUTE, HOUR, 26 * HOUR, 40 * DAY]),
    )
    def clock_jumps(self, whose: bool, by: int) -> None:
        COUNTED["clock jumps"] += 1
        (self.clock if whose else self.site.clock).wall += by

    @precondition(lambda self: any(one.outbox.counts().refused for one in self.trackers))
    @rule()
    def refused_are_tried_again(self) -> None:
        COUNTED["retry"] += 1
        for tracker in self.trackers:
            tracker.retry_refused()

    def teardown(self) -> None:
        if not hasattr(self, "stack"):
            return
        with self.stack:
            nothing_is_gone(self.trackers, self.site)
            if not self.late:
                self.network.late_ones_arrive()
            everything_arrives(self.trackers, self.site)
            self.check()
            if self.late:
                self.network.late_ones_arrive()
                self.check()
            self.site.restart_after_weeks()
            works = [one for tracker in self.trackers for one in tracker.works.values()]
            pictures_are_right(works, self.site, self.may_be_gone)
            COUNTED["examples"] += 1
            COUNTED.update({f"network: {word}": n for word, n in self.network.seen.items()})
            COUNTED.update({f"server ends: {word}": n for word, n in self.site.ended.items()})
            for tracker in self.trackers:
                COUNTED.update({f"tracker ends: {word}": n for word, n in tracker.ended.items()})

    def check(self) -> None:
        COUNTED["arrived"] += everything_has_arrived(self.trackers, self.site, self.account)
        nothing_is_gone(self.trackers, self.site)
        works = [one for tracker in self.trackers for one in tracker.works.values()]
        pictures_are_right(works, self.site, self.may_be_gone)


@pytest.mark.timeout(0)
def test_nothing_is_lost_or_doubled_whatever_happens_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    COUNTED.clear()
    with settled() as DeliveryMachine.template:
        live(monkeypatch)


def live(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have all that happen, and see that it did."""
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
    seen = {what.removeprefix("network: ").split(", ")[0] for what in COUNTED}
    wanted = {*LIES, *ENDS, *TROUBLES, "retry", "clock jumps"}
    assert not long or wanted <= seen, f"it never happened: {wanted - seen}"
    told = [f"{number:>10,} {what}" for what, number in sorted(COUNTED.items())]
    sys.stdout.write("\n".join(["", *told, f"{COUNTED['put']:,} segments, lost 0, doubled 0", ""]))
