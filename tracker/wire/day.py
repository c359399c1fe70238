"""Puts a day together as API and command line show it, from cells that are already judged."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from tracker.model.segment import Origin, Picture
from tracker.wire.diary import ContractTotals, DayView, Totals, cell_view

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tracker.model.cell import Cell
    from tracker.model.protection import Standing
    from tracker.wire.receipt import Receipt


def _nowhere(_contract: str, _picture: Picture) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Around:
    """What belongs to the cells: by segment id receipts and standings; where pictures lie; week totals."""

    receipts: Mapping[str, Receipt] = field(default_factory=dict)
    standings: Mapping[str, Standing] = field(default_factory=dict)
    week_ms: Mapping[str, int] = field(default_factory=dict)  # by contract
    url: Callable[[str, Picture], str | None] = _nowhere  # of a contract's picture
    own: frozenset[str] | None = None  # the contracts whose freelancer reads; None: all


def day_view(date: str, tz: str, cells: Sequence[Cell], around: Around, *, complete: bool) -> DayView:
    """Return the day with its totals; the sums are exact, nothing is rounded."""
    return DayView(
        date=date,
        tz=tz,
        complete=complete,
        cells=tuple(
            cell_view(
                cell,
                receipts=around.receipts,
                standings=around.standings,
                url=partial(around.url, cell.contract),
                own=around.own is None or cell.contract in around.own,
            )
            for cell in cells
        ),
        totals=totals(cells, around),
    )


def totals(cells: Sequence[Cell], around: Around) -> Totals:
    """Return the day's sums, over all and by contract in the order of their first cell."""
    grouped: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        grouped[cell.contract].append(cell)
    return Totals(
        tracked_ms=_ms(cells, Origin.TRACKED),
        manual_ms=_ms(cells, Origin.MANUAL),
        protected_ms=_protected(cells),
        over_ms=sum(
            around.standings[segment.id].over_ms
            for cell in cells
            for segment in cell.segments
            if segment.id in around.standings
        ),
        contracts=tuple(
            ContractTotals(
                contract=contract,
                tracked_ms=_ms(members, Origin.TRACKED),
                manual_ms=_ms(members, Origin.MANUAL),
                protected_ms=_protected(members),
                week_ms=around.week_ms.get(contract, 0),
            )
            for contract, members in grouped.items()
        ),
    )


def _ms(cells: Sequence[Cell], origin: Origin) -> int:
    return sum(s.tracked_ms for cell in cells for s in cell.segments if s.origin is origin)


def _protected(cells: Sequence[Cell]) -> int:
    return sum(cell.verdict.protected_ms for cell in cells)
