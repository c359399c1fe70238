"""The embedded backend: a process of its own, started while it is needed, that ends by itself."""

from __future__ import annotations

import io
import subprocess
import tempfile
import threading
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

import msgspec

from tracker.errors import Offline
from tracker.paths import program

if TYPE_CHECKING:
    from pathlib import Path

_READY_WITHIN = 60.0  # real seconds: the first start makes the database
_TAIL = 2_000  # bytes of what it complained about
_MAX_LINE = 4_096
_APART = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)


@dataclass(frozen=True, slots=True)
class Started:
    """Where a server is, and the secret that signs in to it once; none where it ran before."""

    url: str
    secret: str | None = field(default=None, repr=False)
    process: subprocess.Popen[bytes] | None = None

    @property
    def asleep(self) -> bool:
        """Whether it is known to have ended."""
        return self.process is not None and self.process.poll() is not None


class _Told(msgspec.Struct):
    """The one line a server says when it is ready."""

    url: str
    secret: str | None


class Embedded:
    """Starts the backend of one data folder; the test mode of this process is passed on."""

    def __init__(self, folder: Path, *, origin: str, test: bool) -> None:
        place = ["--embedded", "--data", str(folder), "--origin", origin]
        self._command = [*program(), "serve", *place, *(["--accept-test"] if test else [])]

    def start(self) -> Started:
        """Return the server, ready to answer; raises Offline with its last words where it does not start."""
        with tempfile.TemporaryFile() as complaints:  # a pipe that nobody reads would block it one day
            try:
                process = _detached(self._command, complaints)
            except OSError as error:
                raise _not_started(error.strerror or "the program is gone") from error
            try:
                told = msgspec.json.decode(_first_line(process), type=_Told)
            except msgspec.DecodeError as error:
                process.kill()
                code = process.wait()
                complaints.seek(0)
                said = complaints.read()[-_TAIL:].decode(errors="replace").strip().splitlines()
                raise _not_started(said[-1] if said else f"it ended with {code}") from error
        if told.secret is None:  # another one serves the folder; this process was only the messenger
            process.wait()
            return Started(told.url)
        return Started(told.url, told.secret, process)


def _first_line(process: subprocess.Popen[bytes]) -> bytes:
    """Return what a process says first, empty where it ends or hangs without a word."""
    patience = threading.Timer(_READY_WITHIN, process.kill)
    patience.start()
    try:
        with process.stdout or io.BytesIO() as said:
            return said.readline(_MAX_LINE)
    finally:
        patience.cancel()


def _not_started(reason: str) -> Offline:
    return Offline(
        f"The embedded server does not start: {reason}.",
        advice="Nothing is lost: segments wait here. 'hourproof doctor' shows what is missing.",
    )


def _detached(command: list[str], complaints: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a process that a terminal's Ctrl+C or end does not reach."""
    return subprocess.Popen(  # noqa: S603  # ourselves
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=complaints,
        creationflags=_APART,
        start_new_session=True,
    )
