"""A day of the time machine: the real tracker and the freelancer's own account of it, moved on together."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from random import Random
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize
from time_device import Asked, TimeDevice
from time_model import TimeModel
from time_pieces import HOUR, MINUTE, SECOND, SLOT
from time_truths import nobody_is_shown

from tracker.model.contract import Contract, ContractState, Policy, Terms
from tracker.orders import Begin, Call, ChangeMemo, Dismiss, End, Order, Presence

# A Thursday, Sunday nights before the week turns, the hour before an American clock is set back, a year's end
# and local midnights: in UTC, Kathmandu (18:15 UTC) and New York (5:00 UTC).
STARTS = {
    "UTC": [1_795_078_800_000, 1_795_391_100_000, 1_798_760_700_000],
    "Asia/Kathmandu": [1_795_078_800_000, 1_795_110_300_000, 1_795_391_400_000],
    "America/New_York": [1_793_510_700_000, 1_793_596_500_000, 1_795_063_500_000],
}
NAME = ["northbeam", "fennel", "osprey"]
MEMO = ["", "Checkout: error copy", "Review PR 412", "Fix PR 412"]
LIMITS = [60, 300, 600, 600, 1800, 3600]


class Life(RuleBasedStateMachine):
    """A tracker and the freelancer's own account of it, moved on together."""

    seen: ClassVar[Counter[str]] = Counter()

    @initialize(
        place=st.sampled_from([(zone, wall) for zone, walls in STARTS.items() for wall in walls]),
        late=st.integers(0, 20 * MINUTE),
        seed=st.integers(0, 1_000),
        camera=st.sampled_from(["prompt", "prompt", "slow", "broken"]),
    )
    def wake_up(self, place: tuple[str, int], late: int, seed: int, camera: str) -> None:
        zone, wall = place
        self.random, self.camera_is = Random(seed), camera
        self.device = TimeDevice(zone, wall + late, seed)
        self.model = TimeModel(zone)
        self.limit_ms: int | None = None  # of the running contract's week
        self.contract = ""  # that runs or ran last
        self.sealed: dict[str, bytes] = {}
        self.wanted: dict[tuple[str, int], int] = {}  # shots by contract and slot
        self.shots = 0  # that the running contract wants
        self.shown: dict[str, int] = {}  # shots by when the camera gave them
        self.jumped = -1
        self.seen["examples"] += 1

    def teardown(self) -> None:
        if hasattr(self, "device"):
            self.device.close()
            self.seen.update(self.model.seen)

    def live(
        self,
        awake: int = 0,
        *,
        slept: int = 0,
        keys: int = 0,
        moved: bool = False,
        order: Order | None = None,
    ) -> None:
        """Let time pass as told, then give an order."""
        device, model, clock = self.device, self.model, self.device.clock
        counts, since = device.bench.hands.tally is not None, model.run.upto if model.run else clock.wall
        clock.advance(awake)
        clock.sleep(slept)
        if model.run:
            self.wants(range(since // SLOT, (clock.boot + model.run.offset) // SLOT + 1))
        model.pass_time(clock.boot, slept=slept, keys=keys, active=moved or keys > 0, counts=counts)
        model.count_again(clock.awake, there=not device.bench.hands.refuses)
        there = model.presence()
        self.obey(order)
        nobody_is_shown(there, device.step(order, keys=keys, moved=moved))
        self.seen["steps"] += 1
        if self.camera_is != "slow" and self.device.asked:
            self.deliver(self.device.asked[0], "a black image" * (self.camera_is == "broken"))

    def start_of(self, name: str, memo: str | None, limit: int, shots: int, weekly: int | None) -> None:
        policy = Policy(shots_per_slot=shots, idle_limit_s=limit)
        terms = Terms(1, Decimal(65), "USD", weekly and weekly * HOUR, policy)
        order = Begin(Contract(name, name, "A client", ContractState.ACTIVE, terms), memo)
        self.seen[f"start while {self.model.state}"] += 1
        self.live(order=order)

    def track(self) -> None:
        """Start unless something is tracked."""
        if self.model.run is None:
            pick = self.random.choice
            self.start_of(pick(NAME), pick([None, *MEMO]), pick(LIMITS), pick(range(4)), pick([None, 0, 20]))

    def wants(self, slots: range) -> None:
        for slot in slots:
            place = (self.contract, slot * SLOT)
            self.wanted[place] = max(self.shots, self.wanted.get(place, 0))

    def obey(self, order: Order | None) -> None:
        """What an order makes of the model's account."""
        model, clock = self.model, self.device.clock
        match order:
            case Begin(contract, memo):
                fresh = model.run is None or model.run.open.contract != contract.id
                policy = contract.terms.policy
                source = not self.device.bench.hands.refuses
                terms = (policy.idle_limit_s * SECOND, source)
                model.begin(contract.id, memo, (clock.wall, clock.boot, clock.awake), terms)
                if fresh and model.run:
                    self.contract, self.shots = contract.id, policy.shots_per_slot
                    self.limit_ms = contract.terms.weekly_limit_ms
                    self.wants(range(model.run.upto // SLOT, model.run.upto // SLOT + 1))
            case ChangeMemo(memo):
                model.memo(memo)
            case End(why):
                model.end(why)
            case Call(until):
                model.call(None if until is None else until - clock.wall)
            case Presence(locked, asleep, sure):
                model.attend(clock.boot, locked=locked, asleep=asleep, sure=sure)
            case Dismiss():
                model.resume = None

    def deliver(self, shot: Asked, reason: str) -> None:
        self.device.deliver(shot, reason)
        self.shown[shot.id] = self.device.clock.boot
        self.seen["shot"] += 1
