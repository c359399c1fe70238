"""What a word lets its bearer do: one question to the database answers whose it is and what they may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, or_, select

from tracker.model.contract import ContractState
from tracker.server.contracts import FREELANCER
from tracker.server.prepared import Prepared
from tracker.server.problems import forbidden, not_found, unauthorized
from tracker.server.tables import account, contract, member, token

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Word:
    """The hash of what a request says to show whose it is, a bearer token or a session; and when it did."""

    kind: str
    hash: str
    at: int


@dataclass(frozen=True, slots=True)
class Person:
    """An account of this server."""

    id: str
    name: str
    role: str  # member or operator


@dataclass(frozen=True, slots=True)
class Place:
    """What an account is to a contract, and where that stands since when."""

    account: str
    roles: frozenset[str]
    state: ContractState
    since: int


_VALID = and_(
    token.c.hash == bindparam("hash"),
    token.c.kind == bindparam("kind"),
    or_(token.c.expires_at.is_(None), token.c.expires_at > bindparam("at")),
)
_PERSON = (
    select(account.c.id, account.c.name, account.c.role)
    .join(token, token.c.account == account.c.id)
    .where(_VALID)
)
_PLACE = Prepared(
    select(token.c.account, member.c.role, contract.c.state, contract.c.state_since)
    .select_from(
        token.outerjoin(
            member, and_(member.c.account == token.c.account, member.c.contract == bindparam("contract"))
        ).outerjoin(contract, contract.c.id == member.c.contract)
    )
    .where(_VALID)
)


def person(connection: Connection, word: Word) -> Person:
    """Return whose word it is; refuses nobody's."""
    row = connection.execute(_PERSON, {"hash": word.hash, "kind": word.kind, "at": word.at}).first()
    if row is None:
        raise unauthorized()
    return Person(row.id, row.name, row.role)


def place(connection: Connection, word: Word, contract_id: str) -> Place:
    """Return what the bearer is to a contract; to a stranger it is not there."""
    asked = {"hash": word.hash, "kind": word.kind, "at": word.at, "contract": contract_id}
    rows = _PLACE(connection, asked)
    if not rows:
        raise unauthorized()
    account_id, role, state, since = rows[0]
    if role is None:
        raise not_found("No such contract")
    return Place(account_id, frozenset(row[1] for row in rows), ContractState(state), since)


def freelancers_place(connection: Connection, word: Word, contract_id: str) -> Place:
    """Return what the freelancer is to a contract; refuses everyone else."""
    found = place(connection, word, contract_id)
    if FREELANCER not in found.roles:
        raise forbidden("not-the-freelancer", "Only the contract's freelancer delivers time for it.")
    return found
