"""Stands before every route: who is addressed, whether another site drives the browser, and safe headers."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from tracker.server.problems import Refusal, answer, forbidden
from tracker.wire.problem import Problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from tracker.server.lifetime import Lifetime

_PORT = re.compile(r":\d*$")
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "font", "connect")),
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), display-capture=()",
    "Cache-Control": "no-store",
}

_RAW = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]


class Guard:
    """Refuses a strange Host and requests that another site makes, and gives every answer its headers."""

    def __init__(self, app: ASGIApp, *, hosts: tuple[str, ...], lifetime: Lifetime) -> None:
        self._app = app
        self._hosts = hosts
        self._lifetime = lifetime

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope["method"], Headers(scope=scope))
        app = self._app if refusal is None else answer(refusal)
        welcome = page = False

        async def send_safely(message: Message) -> None:
            nonlocal welcome, page
            if message["type"] == "http.response.start":
                said = dict(message["headers"])
                message["headers"] += [(name, value) for name, value in _RAW if name not in said]
                welcome = message["status"] < HTTPStatus.BAD_REQUEST
                page = welcome and said.get(b"content-type", b"").startswith(b"text/html")
            await send(message)

        self._lifetime.begin()
        try:
            await app(scope, receive, send_safely)
        finally:
            self._lifetime.finish(welcome=welcome, page=page)

    def _refusal(self, method: str, headers: Headers) -> Refusal | None:
        host = headers.get("Host", "")
        # a page of another site whose name was made to point here would say that name
        if self._hosts and _PORT.sub("", host).strip("[]").lower() not in self._hosts:
            return Refusal(Problem("wrong-host", "This server goes by another name.", 421))
        if method in _SAFE_METHODS:
            return None
        site = headers.get("Sec-Fetch-Site")
        origin = headers.get("Origin")
        if site is None:
            own = origin is None or origin.partition("://")[2] == host  # not a browser, or an old one
        else:
            own = site in {"same-origin", "none"}
        return None if own else forbidden("cross-site", "Another site may not change anything here.")
