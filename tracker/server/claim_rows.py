"""The rows of what both sides said about a week: signed by the server, never changed."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import insert, select

from tracker.model.slot import instant, parse_instant
from tracker.model.week import week_name
from tracker.server.claims import Act, Claim
from tracker.server.tables import claim

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tracker.evidence.keys import SigningKey


class _Body(msgspec.Struct, frozen=True):
    """The signed bytes: who said what about which week of which contract, and when."""

    id: str
    contract: str
    week: str
    act: Act
    account: str
    at: str
    segments: tuple[str, ...]
    refers: str
    text: str
    server: str


def claims_of(connection: Connection, contract: str, week: int) -> tuple[Claim, ...]:
    """Return what was said about a week, in the order in which it was."""
    wanted = (
        select(claim.c.body)
        .where(claim.c.contract == contract, claim.c.week == week)
        .order_by(claim.c.at, claim.c.id)
    )
    return tuple(_claim(body) for body in connection.execute(wanted).scalars())


def keep(
    connection: Connection, contract: str, week: int, said: Claim, *, server: str, key: SigningKey
) -> None:
    """Sign and keep what somebody said."""
    body = msgspec.json.encode(
        _Body(
            id=said.id,
            contract=contract,
            week=week_name(week),
            act=said.act,
            account=said.account,
            at=instant(said.at),
            segments=said.segments,
            refers=said.refers,
            text=said.text,
            server=server,
        )
    )
    row = {"contract": contract, "id": said.id, "account": said.account, "week": week, "at": said.at}
    signature = base64.b64encode(key.sign(body)).decode()
    connection.execute(insert(claim), row | {"body": body, "signature": signature})


def _claim(data: bytes) -> Claim:
    body = msgspec.json.decode(data, type=_Body)
    return Claim(
        body.id, body.act, parse_instant(body.at), body.account, body.segments, body.refers, body.text
    )
