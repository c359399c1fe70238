"""A contract's weeks: read from the store, billed, and frozen when they lock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from tracker.model.limit import limit_in
from tracker.model.slot import SLOT
from tracker.model.week import WEEK, Phase, lock_of, phase_of, week_of
from tracker.server import contracts, statements
from tracker.server.billing import Statement, Work, statement, upwork_ms
from tracker.server.claim_rows import claims_of
from tracker.server.claims import Settled, settled
from tracker.server.contracts import FREELANCER
from tracker.server.diary import Beyond, Day, Window, day
from tracker.server.statements import Frozen
from tracker.server.tables import member
from tracker.wire.statement import ChargeView, FiguresView, LostView, RateView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.model.contract import Contract
    from tracker.server.billing import Dated
    from tracker.server.claims import Claim
    from tracker.server.database import Database
    from tracker.server.store import Store

_EVER = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Week:
    """A contract's week as it stands at an instant."""

    contract: Contract  # under the terms that the week is judged by
    start: int
    phase: Phase
    limit_ms: int | None
    day: Day  # all its cells
    claims: tuple[Claim, ...]
    now: FiguresView
    frozen: Frozen | None

    @property
    def figures(self) -> FiguresView:
        """The figures that count: those that were frozen, before the lock those so far."""
        return self.now if self.frozen is None else self.frozen.figures

    @property
    def adjustments(self) -> dict[str, Decimal]:
        """What is to be added to the frozen statement, by currency; nothing where it is right."""
        if self.frozen is None:
            return {}
        after, before = (
            {one.currency: Decimal(one.total) for one in figures.charges}
            for figures in (self.now, self.frozen.figures)
        )
        differences = {
            one: after.get(one, Decimal(0)) - before.get(one, Decimal(0)) for one in after | before
        }
        return {currency: amount for currency, amount in differences.items() if amount}


@dataclass(frozen=True, slots=True)
class _Facts:
    """A contract as a week sees it: the terms agreed before it locked, the last of them judge it."""

    contract: Contract
    terms: Sequence[Dated]
    freelancer: str


class Weeks:
    """Reads weeks, and freezes those that have locked; several processes may do so at once."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def week(self, contract: str, start: int, now: int) -> Week:
        """Return a contract's week; one that has locked and was not frozen yet is frozen first."""
        phase = phase_of(start, now)
        frozen = self._frozen(contract, start, now) if phase.locked else None
        facts = self._facts(contract, start)
        with self._database.read() as connection:
            said = claims_of(connection, contract, start)
        read = self._day(facts, start, _EVER)
        return Week(
            contract=facts.contract,
            start=start,
            phase=phase,
            limit_ms=limit_in(start, read.beyond.agreed_of(facts.contract)),
            day=read,
            claims=said,
            now=self._figures(facts, read, start, settled(said, now), _EVER),
            frozen=frozen,
        )

    def catch_up(self, now: int, contract: str | None = None) -> int:
        """Freeze what has locked and has no statement, of all or one's freelancer; return how many."""
        this = week_of(now)
        until = this if phase_of(this - WEEK, now).locked else this - WEEK
        with self._database.read() as connection:
            due = statements.due(connection, until, contract)
        for start, of in due:
            self._freeze(of, start, now)
        return len(due)

    def _frozen(self, contract: str, start: int, now: int) -> Frozen:
        with self._database.read() as connection:
            there = statements.frozen(connection, contract, start)
        if there is None:
            self.catch_up(now, contract)  # what it may be capped by comes first
            there = self._freeze(contract, start, now)
        return there

    def _freeze(self, contract: str, start: int, now: int) -> Frozen:
        """Keep what the week came to when it locked, unless somebody was faster; return what is kept."""
        facts, lock = self._facts(contract, start), lock_of(start)
        figures = self._figures(facts, self._day(facts, start, lock), start, Settled(), lock)
        made = Frozen(figures, now)
        return self._database.write(lambda connection: statements.freeze(connection, contract, start, made))

    def _facts(self, contract: str, start: int) -> _Facts:
        with self._database.read() as connection:
            known = contracts.contract_by_id(connection, contract)
            terms = contracts.dated_terms(connection, contract, lock_of(start))
            own = select(member.c.account).where(member.c.contract == contract, member.c.role == FREELANCER)
            freelancer = connection.execute(own).scalar_one()
        return _Facts(replace(known, terms=terms[-1].terms), terms, freelancer)

    def _day(self, facts: _Facts, start: int, until: int) -> Day:
        """Return the week's cells, from what came before an instant."""
        of, end = facts.contract.id, start + WEEK
        stored = self._store.segments(facts.freelancer, start - SLOT, end + SLOT, of, until=until)
        agreed = {of: self._store.agreed(facts.freelancer)[of]}
        window = Window(dt.date.min, dt.UTC, start, end)
        return day(window, stored, [facts.contract], Beyond(agreed=agreed, own=frozenset({of})))

    def _figures(self, facts: _Facts, read: Day, start: int, decided: Settled, until: int) -> FiguresView:
        of, policy = facts.contract.id, facts.contract.terms.policy
        work = [
            Work(
                one,
                read.standings[one.id],
                cell.verdicts[one.id],
                accepted=one.id in decided.accepted,
                fallen=one.id in decided.fallen,
                given_up=one.id in decided.given_up,
            )
            for cell in read.cells
            for one in cell.segments
        ]
        everything = self._store.segments(facts.freelancer, start, start + WEEK, until=until)
        own = [one.segment for one in everything if one.segment.key.account == facts.freelancer]
        theirs = upwork_ms(of, own, read.limit(of, start))
        with self._database.read() as connection:
            caps = statements.caps(
                connection,
                of,
                start,
                currency=facts.contract.terms.currency,
                rate=policy.rate_cap,
                relation=policy.relationship_cap,
            )
            gone = statements.discarded(connection, of, start, until)
        return figures_view(statement(work, facts.terms, caps=caps, upwork_ms=theirs), gone)


def figures_view(made: Statement, deletions: int) -> FiguresView:
    """Return a statement's figures as they are answered and kept."""
    return FiguresView(
        tracked_ms=made.tracked_ms,
        manual_ms=made.manual_ms,
        billed_tracked_ms=made.billed_tracked_ms,
        billed_manual_ms=made.billed_manual_ms,
        late_ms=made.late_ms,
        fallen_ms=made.fallen_ms,
        over_ms=made.over_ms,
        overlap_ms=made.overlap_ms,
        protected_ms=made.protected_ms,
        upwork_ms=made.upwork_ms,
        deletions=deletions,
        reasons=tuple(LostView(reason, ms) for reason, ms in made.reasons.items()),
        rates=tuple(
            RateView(one.number, str(one.rate), one.currency, one.tracked_ms, one.manual_ms)
            for one in made.rates
        ),
        charges=tuple(
            ChargeView(
                one.currency, *(str(sum_) for sum_ in (one.tracked, one.manual, one.total, one.protected))
            )
            for one in made.charges
        ),
    )
