"""A network that lies: a proxy on loopback that does to requests what real networks do to them."""

from __future__ import annotations

import socket
import ssl
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

from certificates import certificate
from passage import PATIENCE, Fault, Passage

__all__ = ["Fault", "FaultProxy", "fault_proxy"]

_LOOKS = 0.05  # seconds between two looks whether the proxy is to end, or to refuse


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
        client.settimeout(PATIENCE)
        with suppress(OSError), client, self._contexts[wrong].wrap_socket(client, server_side=True) as secure:
            if wrong:
                self.fooled += 1  # without trust there is no handshake
                return
            with Passage(self, secure, secure.makefile("rb")) as passage:
                while passage.next():
                    pass


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
