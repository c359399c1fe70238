"""The tracker's one file: encrypted, one connection a thread, every fault an error a person can act on."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import sqlcipher3.dbapi2 as sqlite

from tracker.errors import FolderNotWritable, NewerDatabase, StorageFailed
from tracker.outbox.schema import STEPS
from tracker.space import is_full

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from sqlite3 import Connection

_PATIENCE = 10  # seconds to wait for another thread's transaction
_WASTE = 4096  # free pages that are not worth giving back: the next pictures use them
_NOT_A_DATABASE = 26  # what a wrong key looks like
# Deleted bytes are overwritten, on macOS a flush reaches the disk, and a megabyte of cache is plenty: the
# default is eight for each thread.
_SETTINGS = ("cache_size = -1024", "secure_delete = ON", "fullfsync = ON", "checkpoint_fullfsync = ON")


def journal_mode(version: tuple[int, ...]) -> str:
    """Return the journal in which this SQLite is safe: with WAL, an older one can lose rows."""
    return "WAL" if version >= (3, 51, 3) else "TRUNCATE"


class Database:
    """The file, for every thread of the one process that opens it."""

    def __init__(self, path: Path, key: str | None) -> None:
        self._path = path
        self._key = key
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._open: list[tuple[threading.Thread, Connection]] = []

    @classmethod
    def open(cls, path: Path, key: str | None) -> Database:
        """Open the file and bring its schema up to date; the key is 64 hexadecimal digits, None for plain.

        Raises FolderNotWritable, NewerDatabase, or StorageFailed where the key does not fit; the file is then
        as it was.
        """
        database = cls(path, key)
        try:
            # first of all with the mode that SQLite then gives to the files beside it
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise FolderNotWritable(f"{path} cannot be opened: {error.strerror}.") from error
        try:
            with database.reading() as connection:
                database._prepare(connection)
        except BaseException:
            database.close()
            raise
        return database

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend this thread's connection, for single statements that read."""
        with self._faults():
            yield self._connection()

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[Connection]:
        """Do all of the block or nothing; durable: what is done survives a power cut, else only a crash."""
        with self._faults():
            connection = self._connection()
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def forget_deleted(self) -> None:
        """Take what was deleted out of the journal, too, as far as other threads let it."""
        with self.reading() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close every thread's connection; the last one leaves a single file."""
        with self._lock:
            for _, connection in self._open:
                connection.close()
            self._open.clear()
            self._mine = threading.local()

    def _connection(self) -> Connection:
        found = getattr(self._mine, "connection", None)
        if found is None:
            found = self._mine.connection = self._connect()
            with self._lock:
                for thread, connection in self._open:
                    if not thread.is_alive():
                        connection.close()
                self._open = [one for one in self._open if one[0].is_alive()]
                self._open.append((threading.current_thread(), found))
        return cast("Connection", found)

    def _connect(self) -> Connection:
        made = sqlite.connect(self._path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        connection = cast("Connection", made)
        if self._key is not None:
            connection.execute("PRAGMA cipher_log_level = NONE")  # it would write to the terminal
            connection.execute(f"PRAGMA key = \"x'{self._key}'\"")
        for setting in _SETTINGS:
            connection.execute(f"PRAGMA {setting}")
        return connection

    def _prepare(self, connection: Connection) -> None:
        """Check who wrote the file before anything is changed; then bring it up to date, a step at a time."""
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(STEPS):
            raise NewerDatabase(f"{self._path} was written by a newer version of Hourproof.")
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute(f"PRAGMA journal_mode = {journal_mode(sqlite.sqlite_version_info)}")
        for number, step in enumerate(STEPS[version:], version + 1):
            connection.executescript(f"BEGIN IMMEDIATE; {step}; PRAGMA user_version = {number}; COMMIT")
        (waste,) = connection.execute("PRAGMA freelist_count").fetchone()
        if waste > _WASTE:
            connection.execute("PRAGMA incremental_vacuum").fetchall()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except sqlite.Error as error:
            if getattr(error, "sqlite_errorcode", None) == _NOT_A_DATABASE:
                raise StorageFailed(
                    f"{self._path} cannot be read with the key in the keyring.",
                    advice="Nothing was changed. Restore the key, or move the file aside to begin anew.",
                ) from error
            if is_full(self._path.parent):
                raise StorageFailed(f"The disk that holds {self._path} is full.") from error
            raise StorageFailed(f"{self._path}: {error}.") from error
