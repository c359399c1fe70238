"""The weekly limit: how high it is in a week, and which of the week's time is over it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.model.ranges import common, length, united, without
from tracker.model.week import WEEK, week_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tracker.model.ranges import Range, Ranges
    from tracker.model.segment import Segment

Place = tuple[int, str]  # a week's start, and a contract


@dataclass(frozen=True, slots=True)
class Agreed:
    """A weekly limit (None: none, 0: nothing allowed), and since when it is in force, until the next is."""

    since: int
    limit_ms: int | None


def limit_in(week: int, agreed: Iterable[Agreed]) -> int | None:
    """Return the highest limit in force at any moment of a week: raised at once, lowered next Monday.

    What was agreed first holds for what was before it, too; of two of the same moment, the later named.
    """
    steps = sorted(agreed, key=lambda one: one.since)
    if not steps:
        return None
    changes = [later.since for later in steps[1:]]
    spans = zip([week, *changes], [*changes, week + WEEK], steps, strict=True)
    inside = [one.limit_ms for begin, end, one in spans if max(begin, week) < min(end, week + WEEK)]
    highest = max((limit for limit in inside if limit is not None), default=None)
    return None if None in inside else highest


def over_limit(
    segments: Iterable[Segment],
    limits: Mapping[Place, int | None],
    used_ms: Mapping[Place, int] | None = None,
    overlaps: Mapping[str, Ranges] | None = None,
) -> dict[str, Ranges]:
    """Return by segment id what is beyond its week's limit, in the order in which the work was done.

    `used_ms` is what a week's contract had ahead of these segments; a place that is not named has no limit.
    Time that overlaps (by segment id) counts elsewhere and uses nothing up; beyond the limit it is over, too.
    """
    limited = [(one, (week_of(one.slot), one.key.contract)) for one in segments]
    limited = [(one, place) for one, place in limited if limits.get(place) is not None]
    doubled = overlaps or {}
    left = {place: (limits[place] or 0) - (used_ms or {}).get(place, 0) for _, place in limited}
    reached = {place: 0 for place, ms in left.items() if ms <= 0}
    over: dict[str, list[Range]] = defaultdict(list)
    pieces = (
        (begin, end, one.id, place)
        for one, place in limited
        for begin, end in without([(one.start, one.end)], doubled.get(one.id, ()))
    )
    for begin, end, id_, place in sorted(pieces):
        cut = min(end, begin + max(0, left[place]))
        over[id_].append((cut, end))
        left[place] -= end - begin
        if left[place] <= 0:
            reached.setdefault(place, cut)
    for one, place in limited:
        if place in reached:
            over[one.id] += common(doubled.get(one.id, ()), [(reached[place], one.end)])
    return {id_: united(ranges) for id_, ranges in over.items() if length(ranges)}
