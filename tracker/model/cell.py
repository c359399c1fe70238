"""What the diary shows for a slot and a contract: its segments together, and their verdict."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.model.contract import DEFAULT_POLICY, Policy
from tracker.model.protection import Circumstances, Standing, Verdict, judge, level, together
from tracker.model.segment import ClosedBy
from tracker.model.slot import SLOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tracker.model.segment import Segment, Shot

_NO_SHOT_TAKEN = {ClosedBy.LOCK, ClosedBy.SLEEP, ClosedBy.AWAY, ClosedBy.CRASH}


@dataclass(frozen=True, slots=True)
class Cell:
    """A slot of one contract: its segments in order, the level they reach and the verdict on each."""

    slot: int
    contract: str
    segments: tuple[Segment, ...]
    level: int | None
    verdicts: Mapping[str, Verdict]

    @property
    def verdict(self) -> Verdict:
        """The verdict on the whole cell."""
        return together(self.verdicts.values())

    @property
    def tracked_ms(self) -> int:
        """All its time, manual time included."""
        return sum(segment.tracked_ms for segment in self.segments)

    @property
    def state(self) -> str:
        """Whether it is `protected`, `partly` or `not`."""
        verdict = self.verdict
        if verdict.protected:
            return "protected"
        return "partly" if verdict.protected_ms else "not"


def cells(
    segments: Iterable[Segment], policies: Mapping[str, Policy], standings: Mapping[str, Standing]
) -> tuple[Cell, ...]:
    """Put segments together to cells, in order of time, each judged by its contract's policy."""
    grouped: dict[tuple[int, str], list[Segment]] = defaultdict(list)
    for segment in sorted(segments, key=lambda one: (one.start, one.id)):
        grouped[segment.slot, segment.key.contract].append(segment)
    made = []
    for (slot, contract), members in sorted(grouped.items(), key=lambda item: item[1][0].start):
        around = Circumstances(
            policy=policies.get(contract, DEFAULT_POLICY),
            standings=standings,
            borrowed=borrowed(
                members,
                before=grouped.get((slot - SLOT, contract), ()),
                after=grouped.get((slot + SLOT, contract), ()),
            ),
        )
        made.append(Cell(slot, contract, tuple(members), level(members), judge(members, around)))
    return tuple(made)


def borrowed(
    members: Sequence[Segment], *, before: Sequence[Segment] = (), after: Sequence[Segment] = ()
) -> Shot | None:
    """Return the adjoining cell's shot where lock, sleep, away or crash left this cell without one."""
    if not any(segment.closed_by in _NO_SHOT_TAKEN for segment in members):
        return None
    earlier = ((s.end, s.start, s.shots[::-1]) for s in reversed(before))
    later = ((s.start, s.end, s.shots) for s in after)
    return _nearest(earlier, members[0].start) or _nearest(later, members[-1].end)


def _nearest(run: Iterable[tuple[int, int, tuple[Shot, ...]]], edge: int) -> Shot | None:
    """Return the nearest shot of an unbroken run of segments that begins at an edge."""
    for near, far, shots in run:
        if near != edge:
            return None
        if shots:
            return shots[0]
        edge = far
    return None
