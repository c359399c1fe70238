"""When the shots come: uniform over what remains of a slot, each slot by itself.

Every check has a fixed seed and a literal critical value: chance alone exceeds it once in a thousand tries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count, pairwise, product
from random import Random

import pytest
from doubles import NINE

from tracker.model.counts import SILENCE, Counts
from tracker.model.segment import ClosedBy, Key
from tracker.model.slot import HOUR, SECOND, SLOT
from tracker.recording.events import Event, ShotDue
from tracker.recording.recorder import Recorder
from tracker.recording.run import Track
from tracker.recording.shots import ShotPlan

KOLMOGOROV = 1.950  # the greatest distance of two distributions, times the root of the sample's size
CHI_SQUARE_35 = 66.62  # 35 degrees of freedom
NORMAL = 3.291  # two-sided
SLOTS = 3_000
TYPING = Counts(keys=3, clicks=1, scrolls=2, active=True)


def distance(sample: Sequence[float]) -> float:
    """How far a sample between 0 and 1 is from uniform, after Kolmogorov and Smirnov."""
    n, ordered = len(sample), sorted(sample)
    assert 0 <= ordered[0] <= ordered[-1] <= 1
    return float(max(max((i + 1) / n - u, u - i / n) for i, u in enumerate(ordered)) * n**0.5)


def correlation(sample: Sequence[tuple[float, float]]) -> float:
    """How far two columns between 0 and 1 go together, in standard deviations of chance."""
    return sum((a - 0.5) * (b - 0.5) for a, b in sample) * 12 / len(sample) ** 0.5


def chi_square(sample: Sequence[tuple[float, float]], edge: int = 6) -> float:
    """How unevenly two columns between 0 and 1 fill a board of so many fields at each edge."""
    fields = dict.fromkeys(product(range(edge), repeat=2), 0)
    for a, b in sample:
        fields[int(a * edge), int(b * edge)] += 1
    due = len(sample) / edge**2
    return sum((found - due) ** 2 / due for found in fields.values())


def moments(
    plan: ShotPlan, slot: int, *, after: int = 0, contract: str = "northbeam", wanted: int = 1
) -> list[float]:
    """What a slot's moments are as parts of what remains after its first `after` ms, seen by the second."""
    plan.open(contract, slot + after, wanted=wanted, taken=0)
    found = []
    for at in range(slot + after + SECOND, slot + SLOT + 1, SECOND):
        middle = (at - SECOND // 2 - slot - after) / (SLOT - after)
        found += [middle] * plan.due(contract, at)
    assert len(found) == wanted
    return found


def slots() -> range:
    return range(NINE, NINE + SLOTS * SLOT, SLOT)


def test_the_measures_notice_what_is_not_uniform() -> None:
    dice = Random(47)
    even = [dice.random() for _ in range(SLOTS)]

    assert distance(even) < KOLMOGOROV
    assert distance([u * 0.95 for u in even]) > KOLMOGOROV, "a last half minute without shots"
    assert distance([u**1.1 for u in even]) > KOLMOGOROV, "a liking for the beginning"
    assert abs(correlation(list(pairwise(even)))) < NORMAL
    follows = [(a, (a + 0.3 * b) / 1.3) for a, b in pairwise(even)]
    assert abs(correlation(follows)) > NORMAL
    assert chi_square(list(pairwise(even))) < CHI_SQUARE_35
    assert chi_square([(a, (a + 0.5 * b) % 1) for a, b in pairwise(even)]) > CHI_SQUARE_35, "it turns round"


@pytest.mark.parametrize("after", [0, 90 * SECOND, 200 * SECOND, 500 * SECOND])
def test_a_moment_is_uniform_over_what_remains_of_the_slot(after: int) -> None:
    plan = ShotPlan(Random(after + 1))

    assert distance([moments(plan, slot, after=after)[0] for slot in slots()]) < KOLMOGOROV


@pytest.mark.parametrize("wanted", [2, 3])
def test_several_moments_of_a_slot_are_uniform_and_independent_of_each_other(wanted: int) -> None:
    plan = ShotPlan(Random(wanted))
    found = [moments(plan, slot, wanted=wanted) for slot in slots()]

    assert distance([u for some in found for u in some]) < KOLMOGOROV
    # of independent ones the last lies before u with the probability u to the power of their number
    assert distance([max(some) ** wanted for some in found]) < KOLMOGOROV
    assert distance([1 - (1 - min(some)) ** wanted for some in found]) < KOLMOGOROV


def test_a_slot_says_nothing_of_the_next_nor_a_contract_of_another() -> None:
    plan = ShotPlan(Random(5))
    ours, theirs = [], []
    for slot in slots():
        plan.open("fennel", slot, wanted=1, taken=0)
        ours += moments(plan, slot)
        (moment,) = plan._moments["fennel"]
        theirs.append((moment - slot) / SLOT)

    for sample in (pairwise(ours), zip(ours, ours[2:], strict=False), zip(ours, theirs, strict=True)):
        pairs = list(sample)
        assert abs(correlation(pairs)) < NORMAL
        assert chi_square(pairs) < CHI_SQUARE_35


def begun(random: Random) -> Recorder:
    numbers = count(1)
    one = Recorder(ShotPlan(random), lambda: f"s{next(numbers)}", lambda at: at + HOUR)
    return begin(one, "northbeam", 0)


def begin(one: Recorder, contract: str, second: int, *, cell_s: int = 0) -> Recorder:
    track = Track(Key("embedded:home", "me", contract), "", "x11-record", 1, HOUR)
    one.begin(NINE + second * SECOND, track, cell_ms=cell_s * SECOND, shots_taken=0)
    return one


def lived(one: Recorder, begin_s: int, end_s: int) -> list[Event]:
    return [e for s in range(begin_s, end_s) for e in one.advance(NINE + (s + 1) * SECOND, TYPING)]


def locked(one: Recorder) -> list[Event]:
    """Lock the screen at 200 s, and be back at 400: until 430 no shot is taken."""
    events = [*lived(one, 0, 200), *one.leave(ClosedBy.LOCK), *one.advance(NINE + 400 * SECOND, SILENCE)]
    return [*events, *lived(one, 400, 600)]


def elsewhere(one: Recorder) -> list[Event]:
    """Switch away after 50 s, too soon for a shot, and back at 350."""
    events = [*lived(one, 0, 50), *one.end(ClosedBy.SWITCH)]
    begin(one, "fennel", 50)
    lived(one, 50, 350)
    one.end(ClosedBy.SWITCH)
    begin(one, "northbeam", 350, cell_s=50)
    return [*events, *lived(one, 350, 600)]


@pytest.mark.parametrize(
    ("life", "left", "back"), [(locked, 200, 430), (elsewhere, 50, 350)], ids=["lock", "switch"]
)
def test_a_moment_missed_is_uniform_over_what_remains_on_coming_back(
    life: Callable[[Recorder], list[Event]], left: int, back: int
) -> None:
    random, sample = Random(left), []
    for _ in range(500):
        (due,) = (e for e in life(begun(random)) if isinstance(e, ShotDue) and e.segment != "s2")
        second = (due.at - NINE) / SECOND - 0.5
        # of all moments left/600 come before, and the others anywhere after
        share = left / 600
        sample.append(second / 600 if second < left else share + (1 - share) * (second - back) / (600 - back))

    assert distance(sample) < KOLMOGOROV
