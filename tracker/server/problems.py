"""Every error the server answers is an RFC 9457 problem with a stable type and a sentence for a person."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from tracker.wire.problem import PROBLEM_TYPE, Problem

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

log = logging.getLogger(__name__)


class Refusal(Exception):
    """The request cannot be granted, for the reason the problem names."""

    def __init__(self, problem: Problem, *, retry_after_s: int | None = None) -> None:
        super().__init__(problem.type)
        self.problem = problem
        self.retry_after_s = retry_after_s


def malformed(detail: str) -> Refusal:
    """Return the refusal of something that does not read as what it should be."""
    return Refusal(Problem("malformed", "The request is malformed.", 422, detail))


def too_large(limit: int) -> Refusal:
    """Return the refusal of a body that is longer than its limit."""
    return Refusal(Problem("too-large", f"It is larger than {limit:,} bytes.", 413))


def not_found(what: str = "Nothing") -> Refusal:
    """Return the refusal that a stranger's guess and a wrong address have in common."""
    return Refusal(Problem("not-found", f"{what} is here.", 404))


def unauthorized() -> Refusal:
    """Return the refusal of a request that says nobody's token."""
    return Refusal(
        Problem(
            "unauthorized",
            "A sign-in is needed.",
            401,
            "Open the diary from the tracker, or send a valid bearer token.",
        )
    )


def forbidden(kind: str, title: str, detail: str = "") -> Refusal:
    """Return the refusal of something that is understood, but not permitted here."""
    return Refusal(Problem(kind, title, 403, detail))


def answer(refusal: Refusal) -> Response:
    """Return the answer that carries the problem."""
    headers = {} if refusal.retry_after_s is None else {"Retry-After": str(refusal.retry_after_s)}
    if refusal.problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(
        msgspec.json.encode(refusal.problem), refusal.problem.status, headers, media_type=PROBLEM_TYPE
    )


def install(app: FastAPI) -> None:
    """Answer every error of the application with a problem."""

    @app.exception_handler(Refusal)
    async def refused(_request: Request, error: Refusal) -> Response:
        return answer(error)

    @app.exception_handler(ClientDisconnect)
    async def hung_up(_request: Request, _error: ClientDisconnect) -> Response:
        return Response(status_code=400)  # to nobody: a network that breaks is no fault here

    @app.exception_handler(HTTPException)
    async def http(_request: Request, error: HTTPException) -> Response:
        phrase = HTTPStatus(error.status_code).phrase
        kind = phrase.lower().replace(" ", "-")
        response = answer(Refusal(Problem(kind, f"{phrase}.", error.status_code)))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"][1:])
        return answer(malformed(f"{place}: {first['msg']}"))

    @app.exception_handler(DataError)
    async def unkept(_request: Request, _error: DataError) -> Response:
        return answer(malformed("It holds a character that cannot be kept."))

    @app.exception_handler(OperationalError)
    @app.exception_handler(OSError)
    async def storage(_request: Request, error: OperationalError | OSError) -> Response:
        log.error("storage failed: %s", error.orig if isinstance(error, OperationalError) else error.strerror)
        title = "The server cannot store anything just now."
        return answer(Refusal(Problem("storage-failed", title, 503), retry_after_s=60))

    @app.exception_handler(Exception)
    async def unexpected(_request: Request, _error: Exception) -> Response:
        return answer(Refusal(Problem("internal-error", "The server made a mistake.", 500)))
