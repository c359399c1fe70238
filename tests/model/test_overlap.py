"""A second is billed once: whoever came first, whosever clock is in doubt, and wherever it is moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tracker.model.overlap import Stretch, counted_here, discarded, movable, received
from tracker.model.ranges import length


@dataclass(frozen=True)
class Drawn:
    """Segments in the order in which they are received, and what is claimed after each (by number)."""

    stretches: list[Stretch]
    claims: list[list[int]]


@st.composite
def drawn(draw: st.DrawFn) -> Drawn:
    """Draw some short segments that lie over each other, and any claims."""
    number = draw(st.integers(1, 5))
    stretches = []
    for n in range(number):
        begin = draw(st.integers(0, 10))
        end = draw(st.integers(begin + 1, 12))
        stretches.append(Stretch(f"c{n % 2}", f"{n}", begin, end, draw(st.booleans())))
    claims = [draw(st.lists(st.integers(0, n), max_size=3)) for n in range(number)]
    return Drawn(stretches, claims)


class Table:
    """What a server keeps."""

    def __init__(self) -> None:
        self.kept: dict[str, Stretch] = {}

    def beside(self, one: Stretch) -> list[Stretch]:
        others = [other for other in self.kept.values() if other.id != one.id]
        return [other for other in others if other.begin < one.end and one.begin < other.end]

    def put(self, *changed: Stretch) -> None:
        self.kept |= {one.id: one for one in changed}

    def counting(self, at: int) -> list[Stretch]:
        """Return the segments in which a moment counts."""
        return [one for one in self.covering(at) if not any(b <= at < e for b, e in one.overlap)]

    def covering(self, at: int) -> list[Stretch]:
        return [one for one in self.kept.values() if one.begin <= at < one.end]

    def check(self) -> None:
        for at in range(13):
            covering, counting = self.covering(at), self.counting(at)
            assert len(counting) == min(1, len(covering))
            if any(not one.doubted for one in covering):
                assert not counting[0].doubted
        for one in self.kept.values():
            assert all(one.begin <= begin < end <= one.end for begin, end in one.overlap)


@given(drawn())
def test_every_moment_counts_once_whatever_is_received_and_claimed(given_: Drawn) -> None:
    table = Table()
    for new, claims in zip(given_.stretches, given_.claims, strict=True):
        table.put(*received(new, table.beside(new)))
        table.check()
        for claim in claims:
            before = dict(table.kept)
            one = table.kept[f"{claim}"]
            moved = movable(one, table.beside(one))
            table.put(*counted_here(one, table.beside(one)))
            table.check()
            changed = {id_ for id_ in table.kept if counted(before[id_]) != counted(table.kept[id_])}
            lost = sum(counted(before[id_]) - counted(table.kept[id_]) for id_ in changed - {one.id})
            assert counted(table.kept[one.id]) - counted(one) == length(moved) == lost
            assert not movable(table.kept[one.id], table.beside(one))


@given(drawn(), st.randoms(use_true_random=False))
def test_every_moment_that_is_left_counts_once_whatever_is_discarded(given_: Drawn, random: Random) -> None:
    table = Table()
    for new, claims in zip(given_.stretches, given_.claims, strict=True):
        table.put(*received(new, table.beside(new)))
        for claim in claims:
            one = table.kept[f"{claim}"]
            table.put(*counted_here(one, table.beside(one)))
    for id_ in random.sample(sorted(table.kept), len(table.kept)):
        gone = table.kept.pop(id_)
        table.put(*discarded(gone, table.beside(gone)))
        table.check()


def test_what_counted_in_a_discarded_one_counts_in_the_first_of_the_others() -> None:
    gone, first, second = Stretch("a", "1", 0, 10), Stretch("b", "2", 4, 12), Stretch("c", "3", 2, 9)
    doubted = Stretch("d", "4", 0, 10, doubted=True)
    (first,) = received(first, [gone])
    (second,) = received(second, [gone, first])
    (doubted,) = received(doubted, [gone, first, second])
    assert discarded(gone, [doubted, first, second]) == (
        replace(first, overlap=()),
        replace(second, overlap=((4, 9),)),
        replace(doubted, overlap=((2, 10),)),
    )


def counted(one: Stretch) -> int:
    return one.end - one.begin - length(one.overlap)


def test_the_later_received_gives_way_and_claims_it_back() -> None:
    first = Stretch("a", "1", 0, 10)
    (second,) = received(Stretch("b", "2", 4, 14), [first])

    assert second.overlap == ((4, 10),)
    assert counted_here(second, [first]) == (
        replace(second, overlap=()),
        replace(first, overlap=((4, 10),)),
    )


def test_one_in_doubt_gives_way_to_an_honest_one_also_if_it_came_first() -> None:
    doubted = Stretch("a", "1", 0, 10, doubted=True)
    honest, now = received(Stretch("b", "2", 4, 14), [doubted])

    assert honest.overlap == ()
    assert now == replace(doubted, overlap=((4, 10),))
    assert counted_here(now, [honest]) == (now,)
    assert received(replace(doubted, id="3"), [honest])[0].overlap == ((4, 10),)


def test_of_two_in_doubt_the_later_received_gives_way() -> None:
    first = Stretch("a", "1", 0, 10, doubted=True)
    second = Stretch("b", "2", 4, 14, doubted=True)

    assert received(second, [first]) == (replace(second, overlap=((4, 10),)),)
