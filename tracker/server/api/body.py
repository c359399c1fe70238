"""Bodies: read up to their limit, and as the structures that app and server agree on."""

from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

import msgspec
from fastapi import Request
from fastapi.responses import Response

from tracker.server.problems import malformed, too_large

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

SMALL = 16_384  # bytes, of everything but parcels


async def read_up_to(limit: int, request: Request) -> bytes:
    """Return the body; of a longer one no more than shows that it is longer."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > limit:
            break
    return bytes(data)


def struct_of(kind: type[T]) -> "Callable[[Request], Awaitable[T]]":
    """Return a dependency that reads the body as this structure."""

    async def body(request: Request) -> T:
        data = await read_up_to(SMALL, request)
        if len(data) > SMALL:
            raise too_large(SMALL)
        try:
            return msgspec.json.decode(data, type=kind)
        except ValueError as error:
            raise malformed(str(error)) from error

    return body


def answer(value: object, status: int = HTTPStatus.OK) -> Response:
    """Return a structure as JSON."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")
