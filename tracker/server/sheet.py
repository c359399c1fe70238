"""The sheet of a day: ruled hours of six columns, memos in runs by the minute, and the day's strip."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracker.model.ranges import without
from tracker.model.segment import Origin
from tracker.model.slot import HOUR, MINUTE, SLOT
from tracker.server.words import clock, local

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.model.cell import Cell
    from tracker.model.segment import Segment
    from tracker.server.diary import Day, Window

COLUMNS = 6


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one memo within an hour, `left` and `right` in minutes of that hour."""

    contract: str
    memo: str
    origin: Origin
    begin: int
    end: int
    left: float
    right: float
    lane: int = 0  # runs that overlap, of two devices, lie below each other
    from_before: bool = False
    goes_on: bool = False
    named: bool = False  # the contract is another than that of the run before


@dataclass(frozen=True, slots=True)
class Hour:
    """A local hour: `begin` is the instant of its first column, also where the day has no such slot."""

    begin: int
    label: str
    columns: tuple[tuple[Cell, ...], ...]
    runs: tuple[Run, ...] = ()

    @property
    def tracked_ms(self) -> int:
        """All the time of its cells."""
        return sum(cell.tracked_ms for column in self.columns for cell in column)

    @property
    def lanes(self) -> int:
        """How many runs lie below each other at most."""
        return max((run.lane + 1 for run in self.runs), default=0)


@dataclass(frozen=True, slots=True)
class Gap:
    """Hours between worked ones in which nothing was tracked."""

    begin: str
    end: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of the strip, `left` and `width` in percent of it."""

    contract: str
    style: str  # plain, manual, over
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Tick:
    """An hour on the strip's axis."""

    label: str
    left: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the page draws of a day; empty where nothing was tracked."""

    heads: tuple[str, ...]
    rows: tuple[Hour | Gap, ...]
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]


def sheet(day: Day) -> Sheet:
    """Rule the hours of a day, put its cells and memos in their places, and draw its strip."""
    hours = _worked(_ruled(day))
    if not hours:
        return Sheet((), (), (), ())
    first = hours[0].begin
    zone = day.window.zone
    heads = tuple(f":{local(first + column * SLOT, zone):%M}" for column in range(COLUMNS))
    last = hours[-1].begin + HOUR
    bars = strip(day, first, last)
    ticks = [
        Tick(hour.label.split(":")[0].lstrip("0") or "0", _share(hour.begin, first, last)) for hour in hours
    ]
    step = -(-len(hours) // 12)
    return Sheet(heads, _with_gaps(_with_runs(hours), day.window), bars, tuple(ticks[::step]))


def _ruled(day: Day) -> list[Hour]:
    """Return every hour of the day with its cells; one that the clocks repeat is there twice."""
    zone = day.window.zone
    columns: dict[int, list[list[Cell]]] = {}
    slots = {at: _place(at, day.window) for at in range(day.window.begin, day.window.end, SLOT)}
    for begin, _ in slots.values():
        columns.setdefault(begin, [[] for _ in range(COLUMNS)])
    for cell in day.cells:
        begin, column = slots[cell.slot]
        columns[begin][column].append(cell)
    labels = [f"{local(begin, zone):%H}:00" for begin in columns]
    return [
        Hour(
            begin,
            label if labels.count(label) == 1 else f"{label} {local(begin, zone):%Z}",
            tuple(tuple(cells) for cells in columns[begin]),
        )
        for begin, label in zip(columns, labels, strict=True)
    ]


def _place(slot: int, when: Window) -> tuple[int, int]:
    """Return where a slot lies: the instant at which its hour's first column begins, and its column."""
    column = local(slot, when.zone).minute // 10
    return slot - column * SLOT, column


def _worked(hours: list[Hour]) -> list[Hour]:
    """Leave out the hours before the first with time and after the last."""
    worked = [index for index, hour in enumerate(hours) if any(hour.columns)]
    return hours[worked[0] : worked[-1] + 1] if worked else []


def _with_gaps(hours: Sequence[Hour], when: Window) -> tuple[Hour | Gap, ...]:
    """Collapse neighbouring hours without time to one line."""
    rows: list[Hour | Gap] = []
    for hour in hours:
        if any(hour.columns):
            rows.append(hour)
            continue
        begin, end = clock(hour.begin, when.zone), clock(hour.begin + HOUR, when.zone)
        if isinstance(rows[-1], Gap):
            rows[-1] = replace(rows[-1], end=end)
        else:
            rows.append(Gap(begin, end))
    return tuple(rows)


def _with_runs(hours: Sequence[Hour]) -> list[Hour]:
    """Give each hour the runs of its memos, which know whether they come from and go on into others."""
    pieces = [_pieces(hour) for hour in hours]
    ends = {(_same(run), run.end) for piece in pieces for run in piece}
    begins = {(_same(run), run.begin) for piece in pieces for run in piece}
    before, made = None, []
    for hour, piece in zip(hours, pieces, strict=True):
        runs, free = [], list[int]()
        for run in piece:
            lane = next((i for i, end in enumerate(free) if end <= run.begin), len(free))
            free[lane : lane + 1] = [run.end]
            runs.append(
                replace(
                    run,
                    lane=lane,
                    from_before=(_same(run), run.begin) in ends,
                    goes_on=(_same(run), run.end) in begins,
                    named=run.contract != before,
                )
            )
            before = run.contract
        made.append(replace(hour, runs=tuple(runs)))
    return made


def _pieces(hour: Hour) -> list[Run]:
    """Join the segments of an hour that touch and share contract, memo and origin."""
    open_runs: dict[tuple[str, str, Origin], Run] = {}
    done = []
    for segment in _segments(cell for column in hour.columns for cell in column):
        key = segment.key.contract, segment.memo, segment.origin
        run = open_runs.get(key)
        right = (segment.end - hour.begin) / MINUTE
        if run is not None and run.end == segment.start:
            open_runs[key] = replace(run, end=segment.end, right=right)
            continue
        if run is not None:
            done.append(run)
        open_runs[key] = Run(*key, segment.start, segment.end, (segment.start - hour.begin) / MINUTE, right)
    return sorted([*done, *open_runs.values()], key=lambda run: (run.begin, run.end))


def _same(run: Run) -> tuple[str, str, Origin]:
    return run.contract, run.memo, run.origin


def _segments(cells: Iterable[Cell]) -> list[Segment]:
    return sorted((s for cell in cells for s in cell.segments), key=lambda one: (one.start, one.id))


def strip(day: Day, first: int, last: int) -> tuple[Bar, ...]:
    """Draw the day's time between two instants; what touches and looks the same is one bar."""
    parts: list[tuple[str, str, int, int]] = []
    for segment in _segments(day.cells):
        contract = segment.key.contract
        over = day.standings[segment.id].over
        plain = "manual" if segment.origin is Origin.MANUAL else "plain"
        within = [(*one, plain) for one in without([(segment.start, segment.end)], over)]
        for begin, end, style in sorted([*within, *((*one, "over") for one in over)]):
            if parts and parts[-1][:2] == (contract, style) and parts[-1][3] == begin:
                begin = parts.pop()[2]  # noqa: PLW2901  # the bar before goes on
            parts.append((contract, style, begin, end))
    return tuple(
        Bar(contract, style, _share(begin, first, last), _share(first + end - begin, first, last))
        for contract, style, begin, end in parts
    )


def _share(at: int, first: int, last: int) -> float:
    return round((at - first) / (last - first) * 100, 3)
