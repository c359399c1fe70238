"""The real session, from its clock to its file, against the freelancer's own account of the day.

HOURPROOF_EXAMPLES is how many days are lived, other ones each time; each has at least fifty steps.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Literal

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from time_life import LIMITS, MEMO, NAME, Life
from time_pieces import HOUR, MINUTE, SECOND, SLOT
from time_truths import (
    nothing_left_early,
    shots_are_few,
    the_status_tells_it,
    time_is_exact,
)

from tracker.errors import NotDone
from tracker.model.segment import ClosedBy, Key
from tracker.orders import Answer, Call, ChangeMemo, Dismiss, End, Presence
from tracker.status import TakeBack

EXAMPLES = int(os.environ.get("HOURPROOF_EXAMPLES", "200"))  # in fewer, the rare may not happen
STEPS = int(os.environ.get("HOURPROOF_STEPS", "70"))
YEAR = 365 * 24 * HOUR
RARE = (
    "left: away",
    "left: lock",
    "left: sleep",
    "left: away in a call",
    "run out: an hour",
    "run out: midnight",
    "came back",
    "keep",
    "discard",
    "move",
    "crash while away",
    "crash while tracking",
    "start while away",
    "input lost",
    "input back",
    "shot",
    "withhold a shot",
    "blur a shot",
    "discard a shot",
    "sealed",
)
LENGTHS = st.one_of(
    st.integers(1, 3 * SECOND),
    st.integers(1, 3 * MINUTE),
    st.integers(1, 25 * MINUTE),
    st.sampled_from([SECOND, 5 * SECOND, MINUTE, 10 * MINUTE, HOUR, 3 * HOUR]),
)


class TimeMachine(Life):
    """Lives a day however it comes, and asks after every step where each millisecond went."""

    # The freelancer

    @rule(seconds=st.integers(1, 40), keys=st.integers(0, 3))
    def work(self, seconds: int, keys: int) -> None:
        self.track()
        for _ in range(seconds):
            self.live(SECOND, keys=keys, moved=True)

    @rule(ms=LENGTHS, keys=st.integers(0, 2), moved=st.booleans())
    def tick(self, ms: int, keys: int, moved: bool) -> None:
        self.live(ms, keys=keys, moved=moved)

    @rule(
        past=st.sampled_from([-1, 0, 1, SECOND, 5 * MINUTE, 49 * MINUTE, HOUR, 5 * HOUR]),
        steps=st.sampled_from([1, 1, 2, 7, 60]),
        back=st.booleans(),
    )
    def be_silent(self, past: int, steps: int, back: bool) -> None:
        self.track()
        run = self.model.run
        ms = max(steps, (run.heard + run.limit - run.upto if run else MINUTE) + past)
        for step in range(steps):
            self.live(ms * (step + 1) // steps - ms * step // steps)
        if back:
            self.live(700, keys=1)

    @rule(
        edge=st.sampled_from(["slot", "slot", "minute", "midnight", "midnight"]),
        off=st.sampled_from([-MINUTE, -40 * SECOND, -1, 0, 1, SECOND]),
        keys=st.integers(0, 1),
    )
    def come_to_an_edge(self, edge: str, off: int, keys: int) -> None:
        self.track()
        at = self.model.run.upto if self.model.run else self.device.clock.wall
        away = {
            "slot": SLOT - at % SLOT,
            "minute": MINUTE - at % MINUTE,
            "midnight": self.model.midnight(at) - at,
        }[edge]
        ms = (away if away < 2 * HOUR else SLOT - at % SLOT) + off
        while ms > 0:
            self.live(min(ms, 5 * MINUTE), keys=keys)
            ms -= 5 * MINUTE

    @rule(
        name=st.sampled_from(NAME),
        memo=st.one_of(st.none(), st.sampled_from(MEMO)),
        limit=st.sampled_from(LIMITS),
        shots=st.integers(0, 3),
        weekly=st.sampled_from([None, 0, 20]),
    )
    def start(self, name: str, memo: str | None, limit: int, shots: int, weekly: int | None) -> None:
        self.start_of(name, memo, limit, shots, weekly)

    @precondition(lambda self: self.model.run)
    @rule(memo=st.sampled_from(MEMO))
    def tag(self, memo: str) -> None:
        self.live(order=ChangeMemo(memo))

    @rule(minutes=st.sampled_from([None, None, 1, 5, 30, 90]))
    def call(self, minutes: int | None) -> None:
        self.track()
        self.seen["call"] += 1
        self.live(order=Call(None if minutes is None else self.device.clock.wall + minutes * MINUTE))

    @precondition(lambda self: self.model.asked())
    @rule(data=st.data(), answer=st.sampled_from(["keep", "discard", "move"]), name=st.sampled_from(NAME))
    def answer(self, data: st.DataObject, answer: Literal["keep", "discard", "move"], name: str) -> None:
        asked = self.device.bench.outbox.questions()
        number = data.draw(st.sampled_from([*range(len(asked)), len(asked) - 1]))
        question = self.model.asked()[number]
        order = Answer(asked[number].id, answer, Key("embedded:home", "me", name))
        self.seen[answer + " while away" * question[2]] += 1
        if self.model.answer(question, answer, name):
            self.live(order=order)
        else:
            with pytest.raises(NotDone):  # nothing was in question after all
                self.live(order=order)

    @rule()
    def dismiss(self) -> None:
        self.live(order=Dismiss())

    # The machine

    @rule(ms=st.integers(0, 2 * SECOND), sure=st.booleans())
    def lock(self, ms: int, sure: bool) -> None:
        self.track()
        self.live(ms, order=Presence(locked=True, sure=sure))

    @precondition(lambda self: self.model.locked)
    @rule(ms=LENGTHS, keys=st.integers(0, 1))
    def unlock(self, ms: int, keys: int) -> None:
        self.live(ms, keys=keys)
        self.live(order=Presence(locked=False))

    @rule(
        awake=st.integers(0, 2 * SECOND),
        keys=st.integers(0, 1),
        ms=st.one_of(
            st.integers(SECOND, 2 * MINUTE), st.integers(SECOND, 20 * MINUTE), st.integers(HOUR, 100 * HOUR)
        ),
        told=st.sampled_from(["", "before", "after", "both"]),
    )
    def sleep(self, awake: int, keys: int, ms: int, told: str) -> None:
        if told in {"before", "both"}:
            self.live(awake, keys=keys * (awake > 0), order=Presence(asleep=True))
            self.live(awake, slept=ms)
        else:
            self.live(awake, keys=keys * (awake > 0), slept=ms)
        if told in {"after", "both"}:
            self.live(order=Presence(asleep=False))

    @rule(
        ms=st.one_of(st.integers(1, 5 * SECOND), st.integers(1, HOUR), st.integers(1, 3 * YEAR)),
        sign=st.sampled_from([-1, 1]),
        noticed=st.booleans(),
    )
    def set_the_clock(self, ms: int, sign: int, noticed: bool) -> None:
        clock = self.device.clock
        if YEAR < (clock.wall + sign * ms) % (100 * YEAR) < 90 * YEAR:
            clock.wall += sign * ms
            self.jumped = clock.boot
        if noticed:
            self.live(1)

    @rule(how=st.sampled_from(["absent", "there", "lost"]))
    def input_source(self, how: str) -> None:
        hands = self.device.bench.hands
        self.device.refuses = "There is no display." if how == "absent" else ""
        hands.refuses = self.device.refuses
        if how == "lost" and hands.tally is not None and hands.lose is not None and self.model.run:
            hands.lose("the display is gone")
            self.live()
            self.model.lose_input(self.device.clock.awake)

    @precondition(lambda self: self.device.asked)
    @rule(data=st.data(), fails=st.booleans())
    def camera(self, data: st.DataObject, fails: bool) -> None:
        shot = data.draw(st.sampled_from(self.device.asked))
        self.deliver(shot, "the screen gave a black image" if fails else "")
        self.live()

    @rule(data=st.data(), how=st.sampled_from(["withhold", "blur", "discard"]))
    def take_a_shot_back(self, data: st.DataObject, how: TakeBack) -> None:
        self.track()
        for _ in range(8):
            if self.device.growing_shots():
                break
            self.live(55 * SECOND, keys=1)
        shots = self.device.growing_shots()
        away = self.model.run is not None and self.model.run.away is not None
        if not shots or (away and how == "discard"):  # that goes by an answer
            return
        shot = data.draw(st.sampled_from(shots))
        self.seen[f"{how} a shot" + " while away" * away] += 1
        self.model.take_back(how)
        self.device.take_back(shot, how)

    # The app

    @precondition(lambda self: self.model.run)
    @rule(how=st.sampled_from(["stop", "crash", "crash", "quit"]), ms=st.integers(0, 2 * MINUTE))
    def end(self, how: str, ms: int) -> None:
        self.seen[f"{how} while {self.model.state}"] += 1
        if how == "crash":
            clock, run = self.device.clock, self.model.run
            if run and run.offset + clock.boot != clock.wall:  # what is left knows of its timeline only
                self.jumped = clock.boot
            self.model.crash(self.device.saved())
            self.device.crash()
            self.live(ms)
            return
        self.live(ms % (2 * SECOND), keys=ms % 2)
        if self.model.run:
            self.live(order=End(ClosedBy(how)))
        if how == "quit":
            for shot in list(self.device.asked) * (ms % 2):  # the camera is waited for
                self.deliver(shot, "")
            self.live()
            self.start_anew()

    @precondition(lambda self: not self.model.run)
    @rule()
    def start_anew(self) -> None:
        """End without a run, and start the app again."""
        self.model.start_anew()
        self.device.crash()

    @rule()
    def seal(self) -> None:
        self.seen["sealed"] += self.device.bench.outbox.seal_due(self.device.clock.wall)

    @invariant()
    def count(self) -> None:
        self.seen["rules"] += 1

    @invariant()
    def everything_is_true(self) -> None:
        if hasattr(self, "device"):
            time_is_exact(self.device, self.model)
            the_status_tells_it(self.device, self.model, self.limit_ms)
            shots_are_few(self.device, self.wanted)
            nothing_left_early(self.device, self.model, self.sealed, self.shown, self.jumped)


@pytest.fixture(autouse=True, scope="module")
def _what_happened() -> Iterator[None]:
    """A machine whose rules never fire proves nothing: print how often each did, and ask that all did."""
    yield
    seen = TimeMachine.seen
    print(  # noqa: T201  # the promise prints its counts
        "\n" + "".join(f"{number:9,} {what}\n" for what, number in sorted(seen.items()))
    )
    assert seen["rules"] >= 50 * seen["examples"]
    assert all(seen[what] for what in RARE), seen


TestTimeMachine = pytest.mark.expects_log(
    "a shot came after its time|input cannot be counted|input is no longer counted"
)(pytest.mark.timeout(0)(TimeMachine.TestCase))
TestTimeMachine.settings = settings(
    max_examples=EXAMPLES,
    derandomize="HOURPROOF_EXAMPLES" not in os.environ,  # the same days each time, unless many are lived
    stateful_step_count=STEPS,
    deadline=None,
    report_multiple_bugs=False,
    phases=set(Phase) if EXAMPLES < 1_000 else {Phase.generate},  # minutes go into making a long day short
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
