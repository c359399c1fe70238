"""Segments of a day become cells, each with its verdict, and their totals: pure, without a clock."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tracker.model.cell import Cell, cells
from tracker.model.limit import Agreed, limit_in, over_limit
from tracker.model.overlap import Stretch
from tracker.model.protection import YIELDING, Reason, Standing
from tracker.model.ranges import length
from tracker.model.segment import Origin
from tracker.model.slot import HOUR, SLOT, day_bounds, instant
from tracker.model.week import WEEK, week_name, week_of
from tracker.wire.day import Around, day_view
from tracker.wire.diary import WeekView

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from tracker.model.contract import Contract
    from tracker.model.limit import Place
    from tracker.model.ranges import Ranges
    from tracker.model.revision import Revision
    from tracker.model.segment import Picture, Segment
    from tracker.wire.diary import DayView
    from tracker.wire.receipt import Receipt

STORED = "stored"  # the state of a picture, in a receipt, whose bytes the server holds


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """A segment the server holds, as revised: its receipt, its place in the chain, what else is known."""

    segment: Segment
    receipt: Receipt
    device: str
    seq: int
    overlap: Ranges = ()
    flags: frozenset[Reason] = frozenset()  # such as late, clock in doubt
    test: bool = False
    revisions: tuple[Revision, ...] = ()  # those that the segment shows already
    blurred: frozenset[str] = frozenset()  # the pictures that came with them and are held

    @property
    def held(self) -> frozenset[str]:
        """The hashes of its pictures that are held, by the server's own receipts."""
        return self.blurred | {one.sha256 for one in self.receipt.pictures if one.state == STORED}

    @property
    def stretch(self) -> Stretch:
        """The segment as far as others at the same time matter."""
        one, doubted = self.segment, not YIELDING.isdisjoint(self.flags)
        return Stretch(one.key.contract, one.id, one.start, one.end, doubted, self.overlap)


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
class Worked:
    """How much time some segments of a contract hold, and how much of it overlaps and counts elsewhere."""

    ms: int
    overlap_ms: int = 0


@dataclass(frozen=True, slots=True)
class Beyond:
    """What a day needs to know beyond its own segments, each by contract id."""

    before: Mapping[str, Worked] = field(default_factory=dict)  # from its first week's start to `around`
    week: Mapping[str, Worked] = field(default_factory=dict)  # the week that holds its noon
    agreed: Mapping[str, Sequence[Agreed]] = field(default_factory=dict)  # its limits over time
    own: frozenset[str] = frozenset()  # contracts whose freelancer the reader is
    missing: Mapping[str, int] = field(default_factory=dict)  # parcels the chains name and nobody delivered

    def agreed_of(self, contract: Contract) -> Sequence[Agreed]:
        """Return the contract's limits over time; where nothing is told, its terms' is the only one."""
        return self.agreed.get(contract.id) or [Agreed(0, contract.terms.weekly_limit_ms)]


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the diary: its cells in order of time, and all that is known of their segments."""

    window: Window
    cells: tuple[Cell, ...]
    stored: Mapping[str, StoredSegment]
    standings: Mapping[str, Standing]
    limits: Mapping[Place, int | None]
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

    def limit(self, contract: str, week: int | None = None) -> int | None:
        """Return a contract's limit in a week, that of the day's noon if nothing else is said."""
        return self.limits[self.window.week if week is None else week, contract]

    def only(self, contract: str) -> Day:
        """Return the same day with one contract's cells."""
        return replace(self, cells=tuple(cell for cell in self.cells if cell.contract == contract))

    def view(self, tz: str) -> DayView:
        """Return the day as the API answers it."""
        around = Around(
            receipts={id_: one.receipt for id_, one in self.stored.items()},
            standings=self.standings,
            week_ms={id_: worked.ms for id_, worked in self.beyond.week.items()},
            url=self._url,
            own=self.beyond.own,
        )
        return day_view(self.window.date.isoformat(), tz, self.cells, around, complete=True)

    def _url(self, contract: str, picture: Picture) -> str | None:
        return picture_url(contract, picture.sha256) if picture.sha256 in self.held else None


def day(when: Window, stored: Sequence[StoredSegment], contracts: Sequence[Contract], beyond: Beyond) -> Day:
    """Put together a day from the segments read around it."""
    known = {contract.id: contract for contract in contracts}
    segments = [one.segment for one in stored]
    weeks = {when.week, *(week_of(one.slot) for one in segments)}
    limits = {
        (week, id_): limit_in(week, beyond.agreed_of(contract))
        for id_, contract in known.items()
        for week in weeks
    }
    first_week = week_of(when.around[0])
    used_ms = {(first_week, id_): one.ms - one.overlap_ms for id_, one in beyond.before.items()}
    standings = _standings(stored, limits, used_ms)
    policies = {id_: contract.terms.policy for id_, contract in known.items()}
    made = cells(segments, policies, standings)
    return Day(
        window=when,
        cells=tuple(cell for cell in made if when.begin <= cell.slot < when.end),
        stored={one.segment.id: one for one in stored},
        standings=standings,
        limits=limits,
        contracts=known,
        beyond=beyond,
        held=frozenset(sha256 for one in stored for sha256 in one.held),
    )


def week_view(
    week: int, stored: Sequence[StoredSegment], contract: str, agreed: Sequence[Agreed]
) -> WeekView:
    """Return what one contract's segments of a week add up to, and which limit it has."""
    limit = limit_in(week, agreed)
    standings = _standings(stored, {(week, contract): limit}, {})
    manual = sum(one.segment.tracked_ms for one in stored if one.segment.origin is Origin.MANUAL)
    return WeekView(
        week=week_name(week),
        start=instant(week),
        end=instant(week + WEEK),
        tracked_ms=sum(one.segment.tracked_ms for one in stored) - manual,
        manual_ms=manual,
        limit_ms=limit,
        over_ms=sum(one.over_ms for one in standings.values()),
        overlap_ms=sum(one.overlap_ms for one in standings.values()),
    )


def _standings(
    stored: Sequence[StoredSegment], limits: Mapping[Place, int | None], used_ms: Mapping[Place, int]
) -> dict[str, Standing]:
    overlaps = {one.segment.id: one.overlap for one in stored}
    in_time, late = (
        [one.segment for one in stored if (Reason.LATE in one.flags) == is_late] for is_late in (False, True)
    )
    over = over_limit(in_time, limits, used_ms, overlaps)
    if late:  # whatever came after the lock leaves the verdicts on other time as they were
        over |= over_limit(late, limits, _used(in_time, used_ms, overlaps), overlaps)
    return {one.segment.id: Standing(over.get(one.segment.id, ()), one.overlap, one.flags) for one in stored}


def _used(
    some: Iterable[Segment], before_ms: Mapping[Place, int], overlaps: Mapping[str, Ranges]
) -> dict[Place, int]:
    """Return what of each limit is used up once some segments are counted."""
    used = Counter(before_ms)
    for one in some:
        used[week_of(one.slot), one.key.contract] += one.tracked_ms - length(overlaps[one.id])
    return used


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
