"""Stretches of time as half-open pairs of instants: put together, cut out of each other, and measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Range = tuple[int, int]
Ranges = tuple[Range, ...]


def united(ranges: Iterable[Range]) -> Ranges:
    """Return the same time in order, every instant once; ranges that touch become one, empty ones none."""
    made: list[Range] = []
    for begin, end in sorted(ranges):
        if made and begin <= made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        elif begin < end:
            made.append((begin, end))
    return tuple(made)


def common(one: Iterable[Range], other: Iterable[Range]) -> Ranges:
    """Return the time that is in both."""
    beside = united(other)
    return united((max(a, c), min(b, d)) for a, b in one for c, d in beside if max(a, c) < min(b, d))


def without(one: Iterable[Range], other: Iterable[Range]) -> Ranges:
    """Return the time of the first that is not in the other."""
    left = united(one)
    for begin, end in united(other):
        left = tuple(
            (low, high) for a, b in left for low, high in ((a, min(b, begin)), (max(a, end), b)) if low < high
        )
    return left


def length(ranges: Iterable[Range]) -> int:
    """Return how many milliseconds they hold, one that several hold once."""
    return sum(end - begin for begin, end in united(ranges))
