"""The day's figures: six totals, always in the same order, and a line for each contract with its week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.model.segment import Origin
from tracker.server.words import hours, number

if TYPE_CHECKING:
    from tracker.model.contract import Contract
    from tracker.server.diary import Day, Sums

COLOURS = 8


@dataclass(frozen=True, slots=True)
class Figure:
    """One total: whole minutes, rounded down once, and what it means."""

    kind: str
    icon: str
    label: str
    parts: tuple[tuple[str, str], ...]
    note: str
    zero: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A contract's day and week."""

    contract: Contract
    sums: Sums
    week_ms: int
    limit_ms: int | None
    missing: int

    @property
    def share(self) -> int | None:
        """Percent of the weekly limit, at most 100; None without one."""
        return None if not self.limit_ms else min(100, self.week_ms * 100 // self.limit_ms)


def colour(day: Day, contract: str) -> int:
    """Return the contract's colour, 1 to 8: given in the order in which contracts were made."""
    return list(day.contracts).index(contract) % COLOURS + 1


def figures(day: Day) -> tuple[Figure, ...]:
    """Return the six totals of the day."""
    sums = day.sums()
    reasons = {r for cell in day.cells for r in cell.verdict.reasons}
    worked = len({cell.contract for cell in day.cells})
    cells = f"{number(len(day.cells), 'cell')}, {number(worked, 'contract')}"
    share = f"{sums.protected_ms * 100 // sums.tracked_ms} % of tracked" if sums.tracked_ms else ""
    over = _clients(
        day, {s.key.contract for c in day.cells for s in c.segments if day.standings[s.id].over_ms}
    )
    manual = {s.key.contract for c in day.cells for s in c.segments if s.origin is Origin.MANUAL}
    return (
        _figure("tracked", "clock", "Tracked", sums.tracked_ms, cells if day.cells else ""),
        _figure("ok", "shield-ok", "Protected", sums.protected_ms, share),
        _figure(
            "no",
            "shield-no",
            "Not protected",
            sums.unprotected_ms,
            number(len(reasons), "reason") if sums.unprotected_ms else "",
        ),
        _figure("over", "limit", "Over limit", sums.over_ms, f"{over}, billed 0" if over else ""),
        _figure("manual", "pencil", "Manual", sums.manual_ms, _clients(day, manual)),
        # it has not left the tracker: nobody else can say how much there is
        Figure("away", "question", "In question", (("–", ""),), "asked by the tracker", zero=True),
    )


def _figure(kind: str, icon: str, label: str, ms: int, note: str) -> Figure:
    return Figure(kind, icon, label, hours(ms), note, zero=not ms)


def _clients(day: Day, contracts: set[str]) -> str:
    return ", ".join(
        contract.client or contract.title for id_, contract in day.contracts.items() if id_ in contracts
    )


def lines(day: Day) -> tuple[Line, ...]:
    """Return a line for every contract with time on the day or in its week, or with parcels missing."""
    made = (
        Line(
            contract=contract,
            sums=day.sums(id_),
            week_ms=day.beyond.week[id_].ms if id_ in day.beyond.week else 0,
            limit_ms=day.limit(id_),
            missing=day.beyond.missing.get(id_, 0),
        )
        for id_, contract in day.contracts.items()
    )
    return tuple(line for line in made if line.sums.all_ms or line.week_ms or line.missing)
