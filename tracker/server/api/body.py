"""Bodies: read up to their limit, and as the structures that app and server agree on."""

from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

import msgspec
from fastapi import Request
from fastapi.responses import Response

from tracker.server.problems import Refusal, malformed
from tracker.wire.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

SMALL = 16_384  # bytes, of everything but parcels


def bytes_up_to(limit: int) -> "Callable[[Request], Awaitable[bytes]]":
    """Return a dependency that reads the body, and refuses a longer one as soon as that is known."""

    async def body(request: Request) -> bytes:
        too_large = Refusal(
            Problem("too-large", f"More than {limit:,} bytes.", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        )
        if int(request.headers.get("Content-Length") or 0) > limit:
            raise too_large
        data = bytearray()
        async for chunk in request.stream():
            data += chunk
            if len(data) > limit:
                raise too_large
        return bytes(data)

    return body


def struct_of(kind: type[T]) -> "Callable[[Request], Awaitable[T]]":
    """Return a dependency that reads the body as this structure."""
    read = bytes_up_to(SMALL)

    async def body(request: Request) -> T:
        try:
            return msgspec.json.decode(await read(request), type=kind)
        except ValueError as error:
            raise malformed(str(error)) from error

    return body


def answer(value: object, status: int = HTTPStatus.OK) -> Response:
    """Return a structure as JSON."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")
