"""The rows of frozen statements, and what can be asked of them: which weeks lack one, what went before."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import and_, func, insert, or_, select

from tracker.model.slot import HOUR
from tracker.model.week import WEEK, week_of
from tracker.server.billing import Caps
from tracker.server.contracts import CLIENT, FREELANCER
from tracker.server.tables import contract, member, segment, statement, tombstone
from tracker.wire.statement import FiguresView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Select

CAP_MS = 50 * HOUR  # of a freelancer and a client together, under the policy's relationship cap
CAP = Fraction(2500)  # in the contract's currency


@dataclass(frozen=True, slots=True)
class Frozen:
    """What was kept when a week locked."""

    figures: FiguresView
    frozen_at: int


def frozen(connection: Connection, of: str, week: int) -> Frozen | None:
    """Return a week's frozen statement."""
    wanted = select(statement.c.body, statement.c.frozen_at).where(
        statement.c.contract == of, statement.c.week == week
    )
    row = connection.execute(wanted).first()
    return None if row is None else Frozen(msgspec.json.decode(row.body, type=FiguresView), row.frozen_at)


def freeze(connection: Connection, of: str, week: int, made: Frozen) -> Frozen:
    """Keep a week's statement, unless there is one; return what is kept."""
    there = frozen(connection, of, week)
    if there is not None:
        return there
    body = msgspec.json.encode(made.figures)
    row = {"contract": of, "week": week, "body": body, "frozen_at": made.frozen_at}
    connection.execute(insert(statement), row)
    return made


def due(connection: Connection, until: int, of: str | None = None) -> list[tuple[int, str]]:
    """Return the weeks that end until an instant, have time in them and no statement; in order.

    Of all contracts, or of one and those of the same freelancer. What came to a week before the last that
    has one came after its lock: such a week is frozen when somebody looks at it.
    """
    last = select(statement.c.contract, func.max(statement.c.week).label("week")).group_by(
        statement.c.contract
    )
    latest = last.subquery()
    wanted = select(contract.c.id, latest.c.week).outerjoin(latest, latest.c.contract == contract.c.id)
    if of is not None:
        theirs = select(member.c.contract).where(
            member.c.role == FREELANCER, member.c.account.in_(_accounts(of, FREELANCER))
        )
        wanted = wanted.where(contract.c.id.in_(theirs))
    found = [
        (week, id_)
        for id_, done in connection.execute(wanted).all()
        for week in _worked(connection, id_, 0 if done is None else done + WEEK, until)
    ]
    return sorted(found)


def _worked(connection: Connection, of: str, begin: int, until: int) -> Iterator[int]:
    """Return the weeks in which a contract has time, by one look into the index for each."""
    while begin < until:
        first = connection.execute(
            select(func.min(segment.c.start_at)).where(
                segment.c.contract == of, segment.c.start_at >= begin, segment.c.start_at < until
            )
        ).scalar()
        if first is None:
            return
        yield week_of(first)
        begin = week_of(first) + WEEK


def discarded(connection: Connection, of: str, week: int, until: int) -> int:
    """Return how many segments of a week were discarded before an instant."""
    wanted = select(func.count()).where(
        tombstone.c.contract == of,
        tombstone.c.kind == "segment",
        tombstone.c.start_at >= week,
        tombstone.c.start_at < week + WEEK,
        tombstone.c.received_at < until,
    )
    return connection.execute(wanted).scalar_one()


def usual_rate(connection: Connection, of: str, week: int, currency: str) -> Fraction | None:
    """Return what the freelancer's hours brought on average before a week; None while there are none."""
    mine = select(member.c.contract).where(
        member.c.role == FREELANCER, member.c.account.in_(_accounts(of, FREELANCER))
    )
    bodies = select(statement.c.body).where(statement.c.contract.in_(mine), statement.c.week < week)
    hours = amount = Fraction(0)
    for body in connection.execute(bodies).scalars():
        figures = msgspec.json.decode(body, type=FiguresView)
        for one in figures.rates:
            if one.currency == currency:
                hours += Fraction(one.tracked_ms, HOUR)
                amount += Fraction(one.rate) * Fraction(one.tracked_ms, HOUR)
    return amount / hours if hours else None


def relationship_left(connection: Connection, of: str, week: int, currency: str) -> tuple[int, Fraction]:
    """Return how many protected milliseconds and how much money the same two have left in a week."""
    same = select(contract.c.client).where(contract.c.id == of).scalar_subquery()
    theirs = (
        select(contract.c.id)
        .join(member, member.c.contract == contract.c.id)
        .where(member.c.role == FREELANCER, member.c.account.in_(_accounts(of, FREELANCER)))
        .where(contract.c.client == same)  # one account may be the client of many names: an embedded one is
        .where(
            contract.c.id.in_(
                select(member.c.contract).where(
                    member.c.role == CLIENT, member.c.account.in_(_accounts(of, CLIENT))
                )
            )
        )
    )
    before = or_(statement.c.week < week, and_(statement.c.week == week, statement.c.contract < of))
    ms, money = CAP_MS, CAP
    for body in connection.execute(
        select(statement.c.body).where(statement.c.contract.in_(theirs), before)
    ).scalars():
        figures = msgspec.json.decode(body, type=FiguresView)
        ms -= figures.protected_ms
        money -= sum(
            (Fraction(one.protected) for one in figures.charges if one.currency == currency), Fraction()
        )
    return max(0, ms), max(Fraction(), money)


def caps(
    connection: Connection, of: str, week: int, *, currency: str, rate: bool, relation: bool
) -> Caps | None:
    """Return what a policy lets be protected at most in a week; None where it has no caps."""
    if not rate and not relation:
        return None
    usual = usual_rate(connection, of, week, currency) if rate else None
    if not relation:
        return Caps(rate=usual)
    return Caps(usual, *relationship_left(connection, of, week, currency))


def _accounts(of: str, role: str) -> Select[tuple[str]]:
    return select(member.c.account).where(member.c.contract == of, member.c.role == role)
