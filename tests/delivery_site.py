"""A server in this process that can end at any moment, and a network to it that can lie.

The application, its intake, its database and its folder of pictures are real; what is a double is the edge
where a tracker would open a socket. A crash leaves what the system has of the files at that moment.
"""

from __future__ import annotations

import asyncio
import errno
import shutil
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import msgspec
from doubles import FakeClock
from sqlalchemy import delete, event
from sqlalchemy.exc import OperationalError

from tracker.errors import Offline
from tracker.server import durable
from tracker.server.application import application, assemble
from tracker.server.parts import Parts
from tracker.server.settings import ServerSettings
from tracker.server.tables import token
from tracker.sync import transport
from tracker.sync.transport import Answer
from tracker.wire.problem import Problem

ORIGIN, URL, HOST = "embedded:home", "http://127.0.0.1:1", b"127.0.0.1:1"
# What stands between, or the server itself, may answer any of these in the place of what is true.
STATUSES = (
    400,
    401,
    403,
    404,
    407,
    408,
    409,
    410,
    413,
    415,
    422,
    423,
    425,
    426,
    429,
    451,
    500,
    502,
    503,
    511,
)
CRASHES = ("server ends before", "server ends at the commit", "server ends before the answer")
FAULTS = (
    *("request lost", "answer lost", "another answer", "late", "half an answer", "portal", "redirect"),
    *(*CRASHES, "server's disk is full"),
    *(f"status {status}" for status in STATUSES),
)
_PORTAL = b"<!doctype html><title>Welcome</title><p>Log in to the network."


class EndedError(Exception):
    """The server's process is gone."""


class Site:
    """A server of one account that goes on with what is on the disk."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        self.clock = clock
        self.full = self.dies = False
        self._folder = folder
        self._rooms = count(1)
        self._data = folder / "server"
        self._loop = asyncio.new_event_loop()
        self._thread = ThreadPoolExecutor(1)
        self._open()
        self._app = application(self.parts)

    def _open(self) -> None:
        settings = ServerSettings(
            data=self._data, url=URL, origin=ORIGIN, embedded=True, hosts=("127.0.0.1",)
        )
        self.parts: Parts = assemble(settings, self.clock, self.clock)
        self.secret = self.parts.secret.word if self.parts.secret else None
        event.listen(self.parts.database._engine, "commit", self._commit)

    def _commit(self, _connection: object) -> None:
        if self.dies:
            raise EndedError
        if self.full:
            raise OperationalError("COMMIT", {}, OSError(errno.ENOSPC, "No space left on device"))

    def restart(self) -> None:
        """End, and begin again with a copy of what the system has of the files right now."""
        room = self._folder / f"server-{next(self._rooms)}"
        shutil.copytree(self._data, room, ignore=shutil.ignore_patterns("*-shm", "*.lock"))
        self.parts.close()
        self._data = room
        self._open()
        self._app.state.parts = self.parts

    def forget_tokens(self) -> None:
        """Let everybody sign in again."""
        self.parts.database.write(lambda connection: connection.execute(delete(token)))

    def ask(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer a request."""
        said: list[dict[str, Any]] = []
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "client": ("127.0.0.1", 2),
            "server": ("127.0.0.1", 1),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()]
            + [(b"host", HOST), (b"content-length", str(len(body)).encode())],
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            said.append(dict(message))

        try:
            with _full_disk(self.full):
                # in a thread of its own: in this one, another test's browser may have its loop
                self._thread.submit(self._loop.run_until_complete, self._app(scope, receive, send)).result()
        except EndedError:
            pass  # the application answers a 500, and whoever runs it hears of the error
        if not said:
            raise Offline("The server is gone.")
        return Answer(said[0]["status"], b"".join(one.get("body", b"") for one in said[1:]), 0.0)

    def close(self) -> None:
        self.parts.close()
        self._thread.shutdown()
        self._loop.close()


@contextmanager
def _full_disk(full: bool) -> Iterator[None]:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if not full:
        yield
        return
    with patch.object(durable, "sync_bytes", refuse):
        yield


class Network:
    """Carries requests to the server; the weather says what happens to the next ones, one word each."""

    def __init__(self, site: Site) -> None:
        self.weather: deque[str] = deque()
        self.seen: Counter[str] = Counter()
        self._site = site
        self._late: list[tuple[Any, ...]] = []
        self._last = Answer(200, b"", 0.0)

    @contextmanager
    def spread(self) -> Iterator[None]:
        """Have every tracker of this process use it."""
        network = self

        class Transport:
            def __init__(self, _url: str, token: str, **_: Any) -> None:
                self._token = token

            def send(
                self,
                method: str,
                path: str,
                *,
                body: bytes | None = None,
                headers: Mapping[str, str] | None = None,
                params: Mapping[str, str] | None = None,
                anonymous: bool = False,
            ) -> Answer:
                shown = {} if anonymous else {"authorization": f"Bearer {self._token}"}
                return network.carry(
                    method, path, urlencode(params or {}), {**(headers or {}), **shown}, body or b""
                )

            def close(self) -> None:
                """There is nothing to let go."""

        with patch.object(transport, "Transport", Transport):
            yield

    def late_ones_arrive(self) -> None:
        """Let the requests that were under way reach the server; nobody waits for the answers any more."""
        late, self._late = self._late, []
        for request in late:
            self._site.ask(*request)

    def carry(self, *request: Any) -> Answer:
        """Return an answer to a request, whoever it is from; raises Offline."""
        word = self.weather.popleft() if self.weather else "fine"
        self.seen[word] += 1
        if word.startswith("status"):
            status = int(word.removeprefix("status "))
            return Answer(status, msgspec.json.encode(Problem("made-up", "Made up.", status)), 7.0)
        if word in {"portal", "redirect"}:
            return Answer(200 if word == "portal" else 302, _PORTAL, 0.0)
        if word in {"request lost", "late", "server ends before"}:
            if word == "late":
                self._late.append(request)
            elif word == "server ends before":
                self._site.restart()
            raise Offline("No answer came.")
        return self._answered(word, request)

    def _answered(self, word: str, request: tuple[Any, ...]) -> Answer:
        self._site.dies = word == "server ends at the commit"
        self._site.full = word == "server's disk is full"
        try:
            answer = self._site.ask(*request)
        finally:
            died, self._site.dies, self._site.full = self._site.dies, False, False
        if died or word == "server ends before the answer":
            self._site.restart()
            raise Offline("No answer came.")
        before, self._last = self._last, answer
        if word == "answer lost":
            raise Offline("No answer came.")
        if word == "half an answer":
            return Answer(answer.status, answer.body[: len(answer.body) // 2], 0.0)
        return before if word == "another answer" else answer
