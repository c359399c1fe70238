"""One connection through the network that lies: each of its requests, and what happens to it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from enum import StrEnum
from io import BufferedReader
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from faultproxy import FaultProxy

PATIENCE = 30.0  # seconds for a server that was asked; one that was killed says so at once
_DRIPS = 2  # bytes that come a second apart before the rest does
_PAGE = b"<html><body><h1>Welcome to the hotel</h1><form>Room number</form></body></html>"


class Fault(StrEnum):
    """What can happen to a request; the wrong certificate is shown to a whole connection."""

    DELAY = "delayed"
    CUT_BEFORE_BODY = "cut before the body"
    CUT_IN_BODY = "cut in the body"
    CUT_AFTER_BODY = "cut after the body"
    NO_ANSWER = "answer dropped"
    HALF_ANSWER = "half an answer"
    DRIP = "a byte a second"
    TWICE = "sent twice"
    LATE = "sent on late"
    STALL = "stalled"
    PORTAL_PAGE = "portal page"
    PORTAL_REDIRECT = "portal redirect"
    BAD_GATEWAY = "bad gateway"
    REFUSED = "connections refused"
    WRONG_CERTIFICATE = "wrong certificate"


class Passage:
    """One connection of a client, and the one to the server that goes with it."""

    def __init__(self, proxy: FaultProxy, client: socket.socket, asked: BufferedReader) -> None:
        self._proxy = proxy
        self._client = client
        self._asked = asked
        self._server: socket.socket | None = None
        self._told: BufferedReader | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._hang_up()
        if self._server is not None and self._told is not None:
            self._told.close()
            self._server.close()

    def next(self) -> bool:
        """Let a request come to what it comes to; say whether another can follow."""
        head = _head(self._asked)
        if not head:
            return False
        with self._proxy.handled() as fault:
            return self._pass(head) if fault is None else _HAPPENS[fault](self, head)

    def _pass(self, head: bytes) -> bool:
        return self._tell(self._ask(head + self._body(head)))

    def _delay(self, head: bytes) -> bool:
        self._proxy.pause(self._proxy.between(0.02, 0.4))
        return self._pass(head)

    def _cut_before_body(self, head: bytes) -> bool:
        self._send(head)
        return False

    def _cut_in_body(self, head: bytes) -> bool:
        self._send(head + self._asked.read(_length(head) // 2))
        return False

    def _cut_after_body(self, head: bytes) -> bool:
        self._send(head + self._body(head))
        return False

    def _drop_answer(self, head: bytes) -> bool:
        self._ask(head + self._body(head))
        return False

    def _half_answer(self, head: bytes) -> bool:
        answer = self._ask(head + self._body(head))
        self._tell(answer[: int(self._proxy.between(1, len(answer)))])
        return False

    def _drip(self, head: bytes) -> bool:
        answer = self._ask(head + self._body(head))
        for place in range(_DRIPS):
            self._tell(answer[place : place + 1])
            self._proxy.pause(1.0)
        return self._tell(answer[_DRIPS:])

    def _twice(self, head: bytes) -> bool:
        request = head + self._body(head)
        self._ask(request)
        return self._tell(self._ask(request))

    def _late(self, head: bytes) -> bool:
        request = head + self._body(head)
        self._hang_up()
        self._proxy.pause(self._proxy.between(0.05, 1.0))
        self._ask(request)
        return False

    def _stall(self, _head: bytes) -> bool:
        self._proxy.pause(self._proxy.between(0.3, 1.5))
        return False

    def _portal_page(self, head: bytes) -> bool:
        self._body(head)
        return self._tell(_answer("200 OK", _PAGE))

    def _portal_redirect(self, head: bytes) -> bool:
        self._body(head)
        return self._tell(_answer("302 Found", b"", "Location: http://portal.example/login"))

    def _bad_gateway(self, head: bytes) -> bool:
        request = head + self._body(head)
        if self._proxy.between(0, 1) < 0.5:
            self._ask(request)
        return self._tell(_answer("502 Bad Gateway", _PAGE, "Retry-After: 1"))

    def _refuse(self, _head: bytes) -> bool:
        return False  # and so is whoever comes next

    def _body(self, head: bytes) -> bytes:
        return self._asked.read(_length(head))

    def _send(self, data: bytes) -> BufferedReader:
        """Send to the server; return where its answer can be read."""
        if self._server is None or self._told is None:
            self._server = socket.create_connection(("127.0.0.1", self._proxy.upstream), timeout=PATIENCE)
            self._told = self._server.makefile("rb")
        self._server.sendall(data)
        return self._told

    def _ask(self, request: bytes) -> bytes:
        """Return the server's whole answer; raises OSError where there is none."""
        told = self._send(request)
        head = _head(told)
        answer = head + told.read(_length(head))
        if not head or len(answer) < len(head) + _length(head):
            raise ConnectionResetError
        return answer

    def _tell(self, answer: bytes) -> bool:
        self._client.sendall(answer)
        return True

    def _hang_up(self) -> None:
        self._asked.close()
        self._client.close()


_HAPPENS: dict[Fault, Callable[[Passage, bytes], bool]] = {
    Fault.DELAY: Passage._delay,
    Fault.CUT_BEFORE_BODY: Passage._cut_before_body,
    Fault.CUT_IN_BODY: Passage._cut_in_body,
    Fault.CUT_AFTER_BODY: Passage._cut_after_body,
    Fault.NO_ANSWER: Passage._drop_answer,
    Fault.HALF_ANSWER: Passage._half_answer,
    Fault.DRIP: Passage._drip,
    Fault.TWICE: Passage._twice,
    Fault.LATE: Passage._late,
    Fault.STALL: Passage._stall,
    Fault.PORTAL_PAGE: Passage._portal_page,
    Fault.PORTAL_REDIRECT: Passage._portal_redirect,
    Fault.BAD_GATEWAY: Passage._bad_gateway,
    Fault.REFUSED: Passage._refuse,
}


def _head(stream: BufferedReader) -> bytes:
    """Return the lines up to the empty one; none where the stream ends before."""
    lines = []
    while (line := stream.readline()).endswith(b"\n"):
        lines.append(line)
        if line == b"\r\n":
            return b"".join(lines)
    return b""


def _length(head: bytes) -> int:
    for line in head.splitlines():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def _answer(status: str, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: text/html", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body
