"""The short way for what everybody puts every minute: pictures, segments and revisions."""

import re
from typing import TYPE_CHECKING, Any

from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request

from tracker.evidence.signing import HEADER
from tracker.server.api.parcels import put_picture, put_segment
from tracker.server.api.revisions import put_revision
from tracker.wire import API

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ADDRESS = re.compile(
    rf"{API}/contracts/([^/\x00]{{1,64}})/(?:(pictures)/([0-9a-f]{{64}})|(segments|revisions)/({_UUID}))"
)


class Delivery:
    """Calls the same functions as the routes do, without the way through routes and their dependencies.

    An address that is not exactly right goes on to the routes, which say what is wrong with it.
    """

    def __init__(self, app: "ASGIApp", *, handlers: "Mapping[Any, Any]") -> None:
        self._app = app
        foreseen = {error: handler for error, handler in handlers.items() if error is not Exception}
        self._short = ExceptionMiddleware(_deliver, handlers=foreseen)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request, or pass it on."""
        put = scope["type"] == "http" and scope["method"] == "PUT"
        address = _ADDRESS.fullmatch(scope["path"]) if put else None
        if address is None:
            await self._app(scope, receive, send)
            return
        scope["path_params"] = dict(
            zip(("contract", "kind", "id"), filter(None, address.groups()), strict=True)
        )
        await self._short(scope, receive, send)


async def _deliver(scope: "Scope", receive: "Receive", send: "Send") -> None:
    answer = await _answer(Request(scope, receive), **scope["path_params"])
    await answer(scope, receive, send)


async def _answer(request: Request, contract: str, kind: str, id: str) -> "Response":  # noqa: A002  # as in the address
    if kind == "pictures":
        return await put_picture(request, contract, id)
    put = put_segment if kind == "segments" else put_revision
    return await put(request, contract, id, request.headers.get(HEADER, ""))
