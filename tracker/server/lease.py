"""One server per data folder: the one that holds it tells the others where it answers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec
from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from pathlib import Path


LOCK = "server.lock"  # it stays there; only who holds it matters


class _Notice(msgspec.Struct):
    url: str
    pid: int


class Lease:
    """The right to work with a data folder, which ends with the process at the latest."""

    def __init__(self, data: Path, lock: FileLock) -> None:
        self._notice = _place(data)
        self._lock = lock
        self.withdraw()  # one that was killed could not

    @classmethod
    def take(cls, data: Path) -> Lease | None:
        """Return the lease, None if another process holds it."""
        lock = FileLock(data / LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return None
        return cls(data, lock)

    def announce(self, url: str) -> None:
        """Tell others where this server answers."""
        fresh = self._notice.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(_Notice(url, os.getpid())))
        fresh.replace(self._notice)

    def withdraw(self) -> None:
        """Send nobody here any more: whoever comes now waits for the folder instead."""
        self._notice.unlink(missing_ok=True)

    def end(self) -> None:
        """Let the folder go."""
        self.withdraw()
        self._lock.release()


def address(data: Path) -> str | None:
    """Return where the holder answers; None while it does not yet, or no longer."""
    try:
        return msgspec.json.decode(_place(data).read_bytes(), type=_Notice).url
    except (OSError, msgspec.DecodeError):
        return None


def _place(data: Path) -> Path:
    return data / "serve.json"
