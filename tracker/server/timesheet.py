"""A range of days as rows of a timesheet: exact sums by contract, day or memo, pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from tracker.model.protection import Reason
from tracker.model.segment import Origin
from tracker.model.slot import day_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from tracker.model.contract import Contract
    from tracker.server.diary import Day


class By(StrEnum):
    """What makes a row: all of a contract, its days, or the memos of its days."""

    MEMO = "memo"
    DAY = "day"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class Times:
    """Exact milliseconds; protected, over and unbilled are parts of tracked and manual."""

    tracked_ms: int = 0
    manual_ms: int = 0
    protected_ms: int = 0
    over_ms: int = 0
    unbilled_ms: int = 0  # over the limit, counted in another segment, or late and not accepted

    @property
    def billed_ms(self) -> int:
        """What is billed of it."""
        return self.tracked_ms + self.manual_ms - self.unbilled_ms

    def __add__(self, other: Self) -> Times:
        return Times(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Times)))


@dataclass(frozen=True, slots=True)
class Row:
    """One line: whose time, of which day and memo where these part the rows, and how much."""

    contract: Contract
    date: dt.date | None
    memo: str | None
    times: Times


def timesheet(day: Day, by: By) -> tuple[Row, ...]:
    """Return the rows of a range, in order of day, contract and first time; a row has some time."""
    sums: dict[tuple[dt.date | None, str, str | None], Times] = defaultdict(Times)
    for cell in day.cells:
        date = None if by is By.CONTRACT else day_of(cell.slot, day.window.zone)
        for segment in cell.segments:
            standing, manual = day.standings[segment.id], segment.origin is Origin.MANUAL
            memo = segment.memo.strip() if by is By.MEMO else None
            sums[date, cell.contract, memo] += Times(
                tracked_ms=0 if manual else segment.tracked_ms,
                manual_ms=segment.tracked_ms if manual else 0,
                protected_ms=cell.verdicts[segment.id].protected_ms,
                over_ms=standing.over_ms,
                unbilled_ms=segment.tracked_ms if Reason.LATE in standing.flags else standing.taken_ms,
            )
    order = {id_: place for place, id_ in enumerate(day.contracts)}
    placed = sorted(sums.items(), key=lambda one: (str(one[0][0] or ""), order[one[0][1]]))
    return tuple(Row(day.contracts[of], date, memo, times) for (date, of, memo), times in placed)


def total(rows: Iterable[Row]) -> Times:
    """Return the sum of rows."""
    return sum((row.times for row in rows), Times())
