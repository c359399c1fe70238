"""Contracts in the database: who may see them, and under which terms."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import func, insert, select, update

from tracker.model.contract import Contract, ContractState, Policy, Terms
from tracker.model.limit import Agreed
from tracker.server.billing import Dated
from tracker.server.tables import contract, member, terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row, Select

FREELANCER = "freelancer"
CLIENT = "client"


@dataclass(frozen=True, slots=True)
class NewMember:
    """The account that makes a contract, and the hash of the code by which it invites the other side."""

    account: str
    roles: tuple[str, ...]
    invitation: str | None


def contracts(connection: Connection, account: str) -> Sequence[Contract]:
    """Return the contracts the account may see, in the order in which they were made."""
    mine = select(member.c.contract).where(member.c.account == account)
    return [_contract(row) for row in connection.execute(_wanted().where(contract.c.id.in_(mine)))]


def agreed(connection: Connection, account: str) -> dict[str, list[Agreed]]:
    """Return by contract id the weekly limits that were ever agreed, each since when, in that order."""
    columns = (terms.c.contract, terms.c.since, terms.c.weekly_limit_ms)
    mine = terms.c.contract.in_(select(member.c.contract).where(member.c.account == account))
    rows = connection.execute(select(*columns).where(mine).order_by(terms.c.contract, terms.c.number))
    made: dict[str, list[Agreed]] = {}
    for id_, since, limit_ms in rows:
        made.setdefault(id_, []).append(Agreed(since, limit_ms))
    return made


def dated_terms(connection: Connection, id_: str, until: int) -> list[Dated]:
    """Return the terms that were agreed until an instant, in that order; the first ones in any case."""
    rows = connection.execute(select(terms).where(terms.c.contract == id_).order_by(terms.c.number)).all()
    found = [Dated(row.since, _terms(row)) for row in rows]
    return [one for place, one in enumerate(found) if not place or one.since < until]


def contract_by_id(connection: Connection, id_: str) -> Contract:
    """Return a contract that is known to exist."""
    return _contract(connection.execute(_wanted().where(contract.c.id == id_)).one())


def add_contract(connection: Connection, made: Contract, maker: NewMember, now: int) -> None:
    """Add a contract with its first terms, and its maker as its member."""
    connection.execute(
        insert(contract).values(
            id=made.id,
            title=made.title,
            client=made.client,
            state=made.state,
            state_since=now,
            invitation=maker.invitation,
            created_at=now,
        )
    )
    connection.execute(
        insert(terms).values(
            contract=made.id,
            number=made.terms.number,
            rate=str(made.terms.rate),
            currency=made.terms.currency,
            weekly_limit_ms=made.terms.weekly_limit_ms,
            policy=msgspec.json.encode(made.terms.policy).decode(),
            since=now,
        )
    )
    for role in maker.roles:
        connection.execute(insert(member).values(contract=made.id, account=maker.account, role=role))


def accept_invitation(connection: Connection, invitation: str, account: str, now: int) -> Contract | None:
    """Make the account the contract's other side, which makes it active; None where there is none."""
    id_ = connection.execute(select(contract.c.id).where(contract.c.invitation == invitation)).scalar()
    own = select(member.c.role).where(member.c.contract == id_, member.c.account == account)
    if id_ is None or connection.execute(own).first() is not None:
        return None
    taken = connection.execute(
        update(contract)
        .where(contract.c.id == id_, contract.c.invitation == invitation)
        .values(invitation=None, state=ContractState.ACTIVE, state_since=now)
    )
    if taken.rowcount != 1:
        return None
    connection.execute(insert(member).values(contract=id_, account=account, role=CLIENT))
    return contract_by_id(connection, id_)


def _wanted() -> Select[*tuple[Any, ...]]:
    """Ask for contracts with their newest terms."""
    newest = (
        select(func.max(terms.c.number))
        .where(terms.c.contract == contract.c.id)
        .correlate(contract)
        .scalar_subquery()
    )
    columns = (contract.c.id, contract.c.title, contract.c.client, contract.c.state)
    return (
        select(
            *columns, terms.c.number, terms.c.rate, terms.c.currency, terms.c.weekly_limit_ms, terms.c.policy
        )
        .join(terms, (terms.c.contract == contract.c.id) & (terms.c.number == newest))
        .order_by(contract.c.created_at, contract.c.id)
    )


def _contract(row: Row[*tuple[Any, ...]]) -> Contract:
    return Contract(
        id=row.id,
        title=row.title,
        client=row.client,
        state=ContractState(row.state),
        terms=_terms(row),
    )


def _terms(row: Row[*tuple[Any, ...]]) -> Terms:
    return Terms(
        number=row.number,
        rate=Decimal(row.rate),
        currency=row.currency,
        weekly_limit_ms=row.weekly_limit_ms,
        policy=msgspec.json.decode(row.policy, type=Policy),
    )
