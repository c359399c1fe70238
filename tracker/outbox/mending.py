"""A damaged file as far as it can be read; a damaged table of contents is replaced in a copy."""

from __future__ import annotations

import errno
import shutil
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import sqlcipher3.dbapi2 as sqlite

from tracker.outbox.connecting import PAGE, connect, salt_of
from tracker.outbox.schema import STEPS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from sqlite3 import Connection

_PLACES = 2  # the page that holds pages' places where a file can give space back


class Source:
    """A file of which every page may be damaged; use it as a context."""

    def __init__(self, path: Path, key: str | None) -> None:
        self._path = path
        self._key = key
        self._connection: Connection | None = None

    def read(self, query: str, *values: object) -> tuple[list[Any], bool]:
        """Return the rows up to the first that cannot be read, and whether these are all."""
        rows: list[Any] = []
        try:
            if self._connection is None:
                self._connection = connect(self._path, self._key, reading=True)
            for row in self._connection.execute(query, values):
                rows.append(row)  # noqa: PERF402  # what was read before an error stays
        except sqlite.Error:
            self.close()  # a connection that has met a damaged page reads no other one either
            return rows, False
        return rows, True

    def close(self) -> None:
        """Let the file go."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


@contextmanager
def readable(path: Path, key: str | None) -> Iterator[Source | None]:
    """Lend what can be read of a damaged file, None where that is nothing."""
    copy = path.with_name(f"{path.name}-copy")
    try:
        for file in (path, copy):
            if file == copy and not (key and _mended(path, key, copy)):
                break
            with closing(Source(file, key)) as source:
                if source.read("SELECT count(*) FROM sqlite_schema")[1]:
                    yield source
                    return
        yield None
    finally:
        for one in (copy, _model(copy)):
            for ending in ("", "-wal", "-shm"):
                one.with_name(one.name + ending).unlink(missing_ok=True)


def _mended(path: Path, key: str, copy: Path) -> bool:
    """Copy the file with the table of contents of a new one: tables always begin at the same pages.

    Pages that followed each other differently in a file that was brought up to date may be lost by that.
    """
    salt = _copied(path, key, copy)
    if salt is None:
        return False
    model = _model(copy)
    contents = _new(model, key, salt, pages=path.stat().st_size // PAGE + 1)
    with model.open("rb") as good, copy.open("r+b") as file:
        for number in contents:
            good.seek((number - 1) * PAGE)
            file.seek((number - 1) * PAGE)
            file.write(good.read(PAGE))
        file.truncate(model.stat().st_size)  # not shorter than it says
    return True


def _copied(path: Path, key: str, copy: Path) -> str | None:
    """Copy the file with its journal and return its salt, None where that or the disk cannot be read."""
    try:
        salt = salt_of(path, key)
        for ending in ("", "-wal") if salt else ():
            if path.with_name(path.name + ending).exists():
                shutil.copyfile(path.with_name(path.name + ending), copy.with_name(copy.name + ending))
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        return None
    return salt


def _model(copy: Path) -> Path:
    return copy.with_name(f"{copy.name}-model")


def _new(path: Path, key: str, salt: str, *, pages: int) -> list[int]:
    """Write an empty file of at least so many pages; return those that hold its table of contents."""
    path.unlink(missing_ok=True)
    with closing(connect(path, key, salt=salt)) as connection:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        for number, step in enumerate(STEPS, 1):
            connection.executescript(f"BEGIN IMMEDIATE; {step}; PRAGMA user_version = {number}; COMMIT")
        (last,) = connection.execute("PRAGMA page_count").fetchone()
        roots = {root for (root,) in connection.execute("SELECT rootpage FROM sqlite_schema")}
        ballast = (pages + 1) * PAGE
        connection.execute("INSERT INTO picture VALUES ('', '', '', zeroblob(?))", (ballast,))
    return [number for number in range(1, last + 1) if number not in {*roots, _PLACES}]
