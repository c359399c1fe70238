"""Segments of a day become cells, each with its verdict, and their totals: pure, without a clock."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tracker.model.cell import Cell, cells
from tracker.model.protection import Standing
from tracker.model.segment import Origin
from tracker.model.slot import HOUR, SLOT, day_bounds
from tracker.model.week import week_of
from tracker.wire.day import Around, day_view

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from tracker.model.contract import Contract
    from tracker.model.protection import Reason
    from tracker.model.segment import Picture, Segment
    from tracker.wire.diary import DayView
    from tracker.wire.receipt import Receipt

STORED = "stored"  # the state of a picture, in a receipt, whose bytes the server holds


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """A segment the server holds: its receipt, its place in the chain, and what is known beyond it."""

    segment: Segment
    receipt: Receipt
    device: str
    seq: int
    overlap_ms: int = 0
    flags: frozenset[Reason] = frozenset()  # such as late, clock in doubt
    test: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """The slots of one day in one zone: those that start from `begin` to before `end`."""

    date: dt.date
    zone: dt.tzinfo
    begin: int
    end: int

    @property
    def around(self) -> tuple[int, int]:
        """What to read for it: a slot more on each side, because a neighbour may lend its shot."""
        return self.begin - SLOT, self.end + SLOT

    @property
    def week(self) -> int:
        """The start of the UTC week that holds its noon."""
        return week_of(self.begin + 12 * HOUR)


def window(date: dt.date, zone: dt.tzinfo) -> Window:
    """Return a day's slots: a slot over midnight belongs to the day in which it starts."""
    begin, end = (-(-edge // SLOT) * SLOT for edge in day_bounds(date, zone))
    return Window(date, zone, begin, end)


@dataclass(frozen=True, slots=True)
class Sums:
    """Exact milliseconds; tracked and manual are apart, protected and unprotected are parts of tracked."""

    tracked_ms: int = 0
    manual_ms: int = 0
    protected_ms: int = 0
    unprotected_ms: int = 0
    over_ms: int = 0  # what of tracked is left, and manual time beyond the limit

    @property
    def all_ms(self) -> int:
        """Tracked and manual time together."""
        return self.tracked_ms + self.manual_ms


@dataclass(frozen=True, slots=True)
class Beyond:
    """What a day needs to know beyond its own segments, each by contract id."""

    before_ms: Mapping[str, int] = field(default_factory=dict)  # from its first week's start to `around`
    week_ms: Mapping[str, int] = field(default_factory=dict)  # of the week that holds its noon
    missing: Mapping[str, int] = field(default_factory=dict)  # parcels the chains name and nobody delivered


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the diary: its cells in order of time, and all that is known of their segments."""

    window: Window
    cells: tuple[Cell, ...]
    stored: Mapping[str, StoredSegment]
    standings: Mapping[str, Standing]
    contracts: Mapping[str, Contract]  # in the order in which they were made
    beyond: Beyond
    held: frozenset[str]  # the hashes of the pictures whose bytes the server has, by its own receipts

    @property
    def test(self) -> bool:
        """Whether all of it was tracked in test mode."""
        return bool(self.stored) and all(one.test for one in self.stored.values())

    def sums(self, contract: str | None = None) -> Sums:
        """Return the exact totals of one contract, or of all."""
        return add_up([cell for cell in self.cells if contract in {None, cell.contract}], self.standings)

    def only(self, contract: str) -> Day:
        """Return the same day with one contract's cells."""
        return replace(self, cells=tuple(cell for cell in self.cells if cell.contract == contract))

    def view(self, tz: str) -> DayView:
        """Return the day as the API answers it."""
        around = Around(
            receipts={id_: one.receipt for id_, one in self.stored.items()},
            standings=self.standings,
            week_ms=self.beyond.week_ms,
            url=self._url,
        )
        return day_view(self.window.date.isoformat(), tz, self.cells, around, complete=True)

    def _url(self, contract: str, picture: Picture) -> str | None:
        return picture_url(contract, picture.sha256) if picture.sha256 in self.held else None


def day(when: Window, stored: Sequence[StoredSegment], contracts: Sequence[Contract], beyond: Beyond) -> Day:
    """Put together a day from the segments read around it."""
    known = {contract.id: contract for contract in contracts}
    segments = [one.segment for one in stored]
    first_week = week_of(when.around[0])
    over = over_limit(segments, known, {(first_week, id_): ms for id_, ms in beyond.before_ms.items()})
    standings = {
        one.segment.id: Standing(over.get(one.segment.id, 0), one.overlap_ms, one.flags) for one in stored
    }
    policies = {id_: contract.terms.policy for id_, contract in known.items()}
    made = cells(segments, policies, standings)
    return Day(
        window=when,
        cells=tuple(cell for cell in made if when.begin <= cell.slot < when.end),
        stored={one.segment.id: one for one in stored},
        standings=standings,
        contracts=known,
        beyond=beyond,
        held=frozenset(p.sha256 for one in stored for p in one.receipt.pictures if p.state == STORED),
    )


def over_limit(
    segments: Iterable[Segment], contracts: Mapping[str, Contract], used_ms: Mapping[tuple[int, str], int]
) -> dict[str, int]:
    """Return by segment id the milliseconds beyond the weekly limit, in the order the work was done.

    `used_ms` is what a week's contract had ahead of these segments, by the week's start and contract id.
    """
    used = defaultdict(int, used_ms)
    over = {}
    for segment in sorted(segments, key=lambda one: (one.start, one.id)):
        contract = contracts.get(segment.key.contract)
        limit = None if contract is None else contract.terms.weekly_limit_ms
        place = week_of(segment.slot), segment.key.contract
        used[place] += segment.tracked_ms
        if limit is not None and used[place] > limit:
            over[segment.id] = min(segment.tracked_ms, used[place] - limit)
    return over


def add_up(some: Iterable[Cell], standings: Mapping[str, Standing]) -> Sums:
    """Return the exact totals of some cells; what is over the limit is no longer called unprotected."""
    tracked = manual = protected = unprotected = over = 0
    for segment, verdict in ((s, cell.verdicts[s.id]) for cell in some for s in cell.segments):
        beyond = standings[segment.id].over_ms
        over += beyond
        if segment.origin is Origin.MANUAL:
            manual += segment.tracked_ms
        else:
            tracked += segment.tracked_ms
            protected += verdict.protected_ms
            unprotected += segment.tracked_ms - verdict.protected_ms - beyond
    return Sums(tracked, manual, protected, unprotected, over)


def picture_url(contract: str, sha256: str) -> str:
    """Return where a page finds a picture the server holds."""
    return f"/contracts/{contract}/pictures/{sha256}"
