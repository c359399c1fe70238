"""Who asks, and what they may see: the one place where that is decided."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Path, Request

from tracker.server.contracts import FREELANCER
from tracker.server.parts import parts
from tracker.server.problems import forbidden, not_found, unauthorized
from tracker.server.store import Person
from tracker.server.tokens import BEARER, SESSION

if TYPE_CHECKING:
    from fastapi.responses import Response

    from tracker.server.settings import ServerSettings

_BEARER = "Bearer "


def reader(request: Request) -> Person:
    """Return whose token or session this request carries; refuses everyone else."""
    asked = parts(request)
    authorization = request.headers.get("Authorization", "")
    if authorization:
        word = authorization.removeprefix(_BEARER) if authorization.startswith(_BEARER) else ""
        account = asked.tokens.account(word, BEARER, asked.machine_now)
    else:
        word = request.cookies.get(cookie_name(asked.settings), "")
        account = asked.tokens.account(word, SESSION, asked.machine_now)
    person = asked.store.person(account) if account else None
    if person is None:
        raise unauthorized()
    return person


Reader = Annotated[Person, Depends(reader)]
ContractId = Annotated[str, Path(min_length=1, max_length=64)]


def seen_contract(request: Request, person: Reader, contract: ContractId) -> str:
    """Return the id of a contract the reader is a member of; to a stranger it is not there."""
    if parts(request).store.membership(person.id, contract) is None:
        raise not_found("No such contract")
    return contract


def worked_contract(request: Request, person: Reader, contract: ContractId) -> str:
    """Return the id of a contract the reader works for as its freelancer."""
    place = parts(request).store.membership(person.id, contract)
    if place is None:
        raise not_found("No such contract")
    if FREELANCER not in place.roles:
        raise forbidden("not-the-freelancer", "Only the contract's freelancer delivers time for it.")
    return contract


SeenContract = Annotated[str, Depends(seen_contract)]
WorkedContract = Annotated[str, Depends(worked_contract)]


def cookie_name(settings: ServerSettings) -> str:
    """Return a name by which the sessions of two servers on one machine don't overwrite each other."""
    suffix = hashlib.sha256(settings.origin.encode()).hexdigest()[:8]
    return f"__Host-hourproof-{suffix}" if settings.url.startswith("https:") else f"hourproof-{suffix}"


def begin_session(response: Response, settings: ServerSettings, word: str) -> None:
    """Let the browser carry the session; no script can read it, no other site can use it."""
    response.set_cookie(
        cookie_name(settings), word, httponly=True, samesite="lax", secure=settings.url.startswith("https:")
    )
