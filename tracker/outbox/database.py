"""The tracker's one file: encrypted, one connection a thread, every fault an error a person can act on."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import sqlcipher3.dbapi2 as sqlite

from tracker.errors import FileDamaged, FolderNotWritable, NewerDatabase, StorageFailed
from tracker.outbox.connecting import DISK_FAILED, NOT_A_DATABASE, code_of, connect, tells_damage
from tracker.outbox.quarantine import Quarantine
from tracker.outbox.schema import STEPS
from tracker.space import is_full

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from sqlite3 import Connection

_WASTE = 4096  # free pages that are not worth giving back: the next pictures use them


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
        self._quarantine = Quarantine(path, key, lambda fresh: Database.open(fresh, key))

    @classmethod
    def open(cls, path: Path, key: str | None) -> Database:
        """Open the file and bring its schema up to date; the key is 64 hexadecimal digits, None for plain.

        One that was not closed is checked first; a damaged one is set aside, and a fresh one holds what could
        be read of it. Raises FolderNotWritable, NewerDatabase, or StorageFailed where the key does not fit;
        the file is then as it was.
        """
        database = cls(path, key)
        quarantine = database._quarantine
        quarantine.resume()
        try:
            # first of all with the mode that SQLite then gives to the files beside it
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise FolderNotWritable(f"{path} cannot be opened: {error.strerror}.") from error
        if quarantine.suspected and quarantine.is_damaged():
            quarantine.set_aside()
        try:
            database._begin()
        except NewerDatabase:
            raise
        except StorageFailed:
            if not quarantine.is_damaged():
                raise
            quarantine.set_aside()
            database._begin()
        quarantine.trust()
        return database

    def _begin(self) -> None:
        try:
            with self.reading() as connection:
                self._prepare(connection)
        except BaseException:
            self.close()
            raise

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
            found = self._mine.connection = connect(self._path, self._key)
            with self._lock:
                for thread, connection in self._open:
                    if not thread.is_alive():
                        connection.close()
                self._open = [one for one in self._open if one[0].is_alive()]
                self._open.append((threading.current_thread(), found))
        return cast("Connection", found)

    def _let_go(self) -> None:
        """Close this thread's connection: once it has met a damaged page, it reads no other one either."""
        with self._lock:
            mine = [one for one in self._open if one[0] is threading.current_thread()]
            self._open = [one for one in self._open if one not in mine]
            for _, connection in mine:
                connection.close()
            self._mine.connection = None

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
            if tells_damage(error):
                self._quarantine.suspect()
                self._let_go()
                raise FileDamaged(f"{self._path} is damaged: {error}.") from error
            if code_of(error) == NOT_A_DATABASE:
                raise StorageFailed(
                    f"{self._path} cannot be read with the key in the keyring.",
                    advice="Nothing was changed. Restore the key, or move the file aside to begin anew.",
                ) from error
            if is_full(self._path.parent):
                raise StorageFailed(f"The disk that holds {self._path} is full.") from error
            if code_of(error) == DISK_FAILED:
                self._quarantine.suspect()
            raise StorageFailed(f"{self._path}: {error}.") from error
