"""Who asks: what a request carries to say so, and how a browser comes to carry it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Path, Request

from tracker.server import access
from tracker.server.access import Person, Word
from tracker.server.parts import parts
from tracker.server.tokens import BEARER, SESSION, digest

if TYPE_CHECKING:
    from fastapi.responses import Response

    from tracker.server.settings import ServerSettings

_BEARER = "Bearer "


def word_of(request: Request) -> Word:
    """Return what the request says to show whose it is: a bearer token, else the browser's session."""
    asked = parts(request)
    authorization = request.headers.get("Authorization", "")
    if authorization:
        word = authorization.removeprefix(_BEARER) if authorization.startswith(_BEARER) else ""
        return Word(BEARER, digest(word), asked.machine_now)
    return Word(SESSION, digest(request.cookies.get(cookie_name(asked.settings), "")), asked.machine_now)


def reader(request: Request) -> Person:
    """Return whose token or session this request carries; refuses everyone else."""
    with parts(request).database.read() as connection:
        return access.person(connection, word_of(request))


# no NUL: PostgreSQL cannot even be asked for one
ContractId = Annotated[str, Path(max_length=64, pattern=r"^[^\x00]+$")]
SegmentId = Annotated[str, Path(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


def seen_contract(request: Request, contract: ContractId) -> str:
    """Return the id of a contract the reader is a member of; to a stranger it is not there."""
    with parts(request).database.read() as connection:
        access.place(connection, word_of(request), contract)
    return contract


Reader = Annotated[Person, Depends(reader)]
SeenContract = Annotated[str, Depends(seen_contract)]


def cookie_name(settings: ServerSettings) -> str:
    """Return a name by which the sessions of two servers on one machine don't overwrite each other."""
    suffix = hashlib.sha256(settings.origin.encode()).hexdigest()[:8]
    return f"__Host-hourproof-{suffix}" if settings.url.startswith("https:") else f"hourproof-{suffix}"


def begin_session(response: Response, settings: ServerSettings, word: str) -> None:
    """Let the browser carry the session; no script can read it, no other site can use it."""
    response.set_cookie(
        cookie_name(settings), word, httponly=True, samesite="lax", secure=settings.url.startswith("https:")
    )
