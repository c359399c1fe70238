"""A server in this process that can end at any moment of its work, or find its disk full.

The application, its intake, its database and its folder of pictures are real. An end leaves what the system
has of the files at that moment; whatever the process does after it, it does to files that nobody sees again.
"""

from __future__ import annotations

import asyncio
import errno
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

from doubles import FakeClock
from fastapi import FastAPI
from sqlalchemy import delete, event
from sqlalchemy.exc import OperationalError

from tracker.clock import SystemClock
from tracker.errors import Offline
from tracker.model.slot import DAY
from tracker.server import durable, upkeep
from tracker.server.application import application, assemble
from tracker.server.parts import Parts
from tracker.server.settings import ServerSettings
from tracker.server.tables import token
from tracker.sync.transport import Answer

ORIGIN, URL, HOST = "embedded:home", "http://127.0.0.1:1", b"127.0.0.1:1"
_NO_ROOM = OSError(errno.ENOSPC, "No space left on device")


class Site:
    """A server of one account that goes on with what is on the disk."""

    app: FastAPI | None = None  # made once: what a request needs of a server is in its parts

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        self.clock = clock
        self.full = False
        self.ended: Counter[str] = Counter()  # by where in its work
        self._machine = FakeClock(SystemClock().now().wall)  # by which the files are dated
        self._moments: int | None = None  # that are left to live
        self._left: Path | None = None  # what the end has left
        self._folder = folder
        self._rooms = count(1)
        self._data = folder / "server"
        self._loop = asyncio.new_event_loop()
        self._thread = ThreadPoolExecutor(1)
        self._open()

    def _open(self) -> None:
        settings = ServerSettings(
            data=self._data, url=URL, origin=ORIGIN, embedded=True, hosts=("127.0.0.1",)
        )
        self.parts: Parts = assemble(settings, self.clock, self._machine)
        upkeep.destroy_again(self.parts)
        upkeep.sweep(self.parts)
        self.secret = self.parts.secret.word if self.parts.secret else None
        engine, pictures, database = self.parts.database._engine, self.parts.pictures, self.parts.database
        event.listen(engine, "begin", lambda _: self._moment("a transaction"))
        event.listen(engine, "commit", lambda _: self._commit())
        event.listen(engine, "checkin", lambda *_: self._moment("after a transaction"))
        pictures.remove = self._around("destroying", pictures.remove)  # type: ignore[method-assign]
        database.forget = self._around("forgetting", database.forget)  # type: ignore[method-assign]
        type(self).app = type(self).app or application(self.parts)
        type(self).app.state.parts = self.parts  # type: ignore[union-attr]

    # How it ends

    def restart(self, *, away: int = 0) -> None:
        """End, and begin again after so long with what the system has of the files right now."""
        room = self._left or self.leave()
        self._moments = self._left = None
        self.parts.close()
        self._data = room
        self._machine.wall += away
        self._open()
        self._machine.wall -= away

    def restart_after_weeks(self) -> None:
        """Let every picture grow so old meanwhile that only those in use are kept."""
        self.restart(away=8 * DAY)

    def leave(self) -> Path:
        """Return a folder with what a sudden end at this moment leaves."""
        room = self._folder / f"server-{next(self._rooms)}"
        shutil.copytree(self._data, room, ignore=shutil.ignore_patterns("*-shm", "*.lock"))
        return room

    def _moment(self, where: str) -> None:
        """End here, if this is the moment."""
        if self._moments is None or self._left is not None:
            return
        self._moments -= 1
        if self._moments <= 0:
            self._left = self.leave()
            self.ended[where] += 1

    def _around(self, what: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def done(*args: Any) -> Any:
            self._moment(f"before {what}")
            result = work(*args)
            self._moment(f"after {what}")
            return result

        return done

    def _commit(self) -> None:
        self._moment("before a commit")
        if self.full:
            raise OperationalError("COMMIT", {}, _NO_ROOM)

    @contextmanager
    def _files(self) -> Iterator[None]:
        """Have the writing of files take its moments, too, and need room."""

        def written_in_part(descriptor: int, data: bytes) -> None:
            half = len(data) // 2
            write(descriptor, data[:half])
            self._moment("half a picture")
            if self.full:
                raise _NO_ROOM
            write(descriptor, data[half:])
            self._moment("an unnamed picture")

        write = durable._write
        with ExitStack() as stack:
            stack.enter_context(patch.object(durable, "_write", written_in_part))
            named = self._around("syncing names", durable.sync_names)
            stack.enter_context(patch.object(durable, "sync_names", named))
            yield

    def answer_until(self, moment: int, request: tuple[Any, ...]) -> None:
        """Begin to answer a request, and end at that moment of it, at the latest before the answer."""
        self._moments = moment
        try:
            self.answer(*request)
        finally:
            if self._left is None:
                self.ended["before the answer"] += 1
            self.restart()

    def forget_tokens(self) -> None:
        """Let everybody sign in again."""
        self.parts.database.write(lambda connection: connection.execute(delete(token)))

    def answer(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer:
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

        assert self.app is not None
        with self._files():
            # in a thread of its own: in this one, another test's browser may have its loop
            self._thread.submit(self._loop.run_until_complete, self.app(scope, receive, send)).result()
        if not said:
            raise Offline("The server is gone.")
        return Answer(said[0]["status"], b"".join(one.get("body", b"") for one in said[1:]), 0.0)

    def close(self) -> None:
        self.parts.close()
        self._thread.shutdown()
        self._loop.close()
        type(self).app.state.parts = None  # type: ignore[union-attr]
