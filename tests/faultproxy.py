"""A network that lies: a proxy on loopback that does to requests what real networks do to them."""

from __future__ import annotations

import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from io import BufferedReader
from pathlib import Path
from random import Random
from typing import Any, Self

from certificates import certificate

_LOOKS = 0.05  # seconds between two looks whether the proxy is to end, or to refuse
_PATIENCE = 30.0  # seconds for a server that was asked; one that was killed says so at once
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


class FaultProxy:
    """Stands at `url` before the server on `upstream`; to so great a `share` of the requests a fault happens.

    Whoever trusts `authority` alone, a file, can speak to it over TLS. `used` counts what happened, and
    `fooled` the connections of those who took the wrong certificate for the right one.
    """

    def __init__(self, folder: Path, chance: Random, faults: Sequence[Fault] = tuple(Fault)) -> None:
        self.share = 0.0
        self.upstream = 0
        self.used: Counter[Fault] = Counter()
        self.requests = 0
        self.under_way = 0
        self.fooled = 0
        self.authority = _certificate(folder / "right")
        self._contexts = [_context(self.authority), _context(_certificate(folder / "wrong"))]
        self._chance = chance
        self._faults = faults
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._refusing = threading.Event()
        self._kept = _bound(0)  # never listens, but keeps the port while connections to it are refused
        self._port = int(self._kept.getsockname()[1])
        self._listening = _listening(self._port)
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._port}"

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._ending.set()
        self._thread.join()
        self._kept.close()

    @contextmanager
    def handled(self) -> Iterator[Fault | None]:
        """Draw what happens to a request, None is nothing, and count it as under way meanwhile."""
        fault = self._draw()
        try:
            yield fault
        finally:
            with self._lock:
                self.under_way -= 1

    def _draw(self) -> Fault | None:
        with self._lock:
            self.requests += 1
            self.under_way += 1
            common = [fault for fault in self._faults if fault is not Fault.WRONG_CERTIFICATE]
            fault = self._chance.choice(common) if common and self._chance.random() < self.share else None
            if fault is not None:
                self.used[fault] += 1
            if fault is Fault.REFUSED:
                self._refusing.set()
            return fault

    def between(self, least: float, most: float) -> float:
        with self._lock:
            return self._chance.uniform(least, most)

    def pause(self, seconds: float) -> None:
        self._ending.wait(seconds)

    def _accept(self) -> None:
        while not self._ending.is_set():
            with suppress(TimeoutError):
                client, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()
            if self._refusing.is_set():
                self._listening.close()
                self.pause(self.between(0.1, 0.4))
                self._refusing.clear()
                self._listening = _listening(self._port)
        self._listening.close()

    def _serve(self, client: socket.socket) -> None:
        with self._lock:
            wrong = Fault.WRONG_CERTIFICATE in self._faults and self._chance.random() < self.share
            self.used[Fault.WRONG_CERTIFICATE] += wrong
        client.settimeout(_PATIENCE)
        with suppress(OSError), client, self._contexts[wrong].wrap_socket(client, server_side=True) as secure:
            if wrong:
                self.fooled += 1  # without trust there is no handshake
                return
            with _Passage(self, secure, secure.makefile("rb")) as passage:
                while passage.next():
                    pass


class _Passage:
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
            self._server = socket.create_connection(("127.0.0.1", self._proxy.upstream), timeout=_PATIENCE)
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


_HAPPENS: dict[Fault, Callable[[_Passage, bytes], bool]] = {
    Fault.DELAY: _Passage._delay,
    Fault.CUT_BEFORE_BODY: _Passage._cut_before_body,
    Fault.CUT_IN_BODY: _Passage._cut_in_body,
    Fault.CUT_AFTER_BODY: _Passage._cut_after_body,
    Fault.NO_ANSWER: _Passage._drop_answer,
    Fault.HALF_ANSWER: _Passage._half_answer,
    Fault.DRIP: _Passage._drip,
    Fault.TWICE: _Passage._twice,
    Fault.LATE: _Passage._late,
    Fault.STALL: _Passage._stall,
    Fault.PORTAL_PAGE: _Passage._portal_page,
    Fault.PORTAL_REDIRECT: _Passage._portal_redirect,
    Fault.BAD_GATEWAY: _Passage._bad_gateway,
    Fault.REFUSED: _Passage._refuse,
}


@contextmanager
def fault_proxy(folder: Path, chance: Random, *faults: Fault) -> Iterator[FaultProxy]:
    """Run a proxy that knows these faults, or all; at first it lets everything pass."""
    proxy = FaultProxy(folder, chance, faults or tuple(Fault))
    proxy.begin()
    try:
        yield proxy
    finally:
        proxy.end()


def _certificate(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return certificate(folder)


def _context(pem: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def _bound(port: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(("127.0.0.1", port))
    return made


def _listening(port: int) -> socket.socket:
    made = _bound(port)
    made.settimeout(_LOOKS)
    made.listen()
    return made


def _head(stream: Any) -> bytes:
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
