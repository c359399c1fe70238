"""The database: reads side by side, writes of many callers committed together."""

from __future__ import annotations

import logging
from asyncio import wrap_future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import create_engine, event
from sqlalchemy.exc import ArgumentError, IntegrityError
from sqlcipher3 import dbapi2 as sqlite

from tracker.errors import BadValue
from tracker.server.batches import Batches, promise
from tracker.server.migration import migrate
from tracker.server.problems import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from sqlalchemy import Connection, Engine

log = logging.getLogger(__name__)

T = TypeVar("T")

_URL_ADVICE = "It reads like postgresql+psycopg://user@host/name, and needs the package psycopg."
_SAFE_WAL = (3, 51, 3)  # SQLite before it could lose commits when a write-ahead log was reset
_PRAGMAS = (
    f"PRAGMA journal_mode={'WAL' if sqlite.sqlite_version_info >= _SAFE_WAL else 'TRUNCATE'}",
    "PRAGMA synchronous=FULL",
    "PRAGMA fullfsync=1",
    "PRAGMA busy_timeout=5000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",  # what is discarded is overwritten
    "PRAGMA trusted_schema=OFF",
)


@dataclass(frozen=True, slots=True)
class _Job(Generic[T]):
    work: Callable[[Connection], T]
    done: Future[T] = field(default_factory=promise)
    again: bool = False


class Database:
    """An open database at the newest version; `write` is the one road by which anything changes."""

    def __init__(self, engine: Engine, reader: Engine | None = None) -> None:
        migrate(engine)
        self._engine = engine
        self._reader = reader or engine
        self._writer = engine.execution_options(writes=True)
        self._jobs: Batches[_Job[Any]] = Batches("database", self._commit)

    @classmethod
    def at(cls, path: Path) -> Database:
        """Open the SQLite file, made where there is none."""
        return cls(_sqlite_engine(path))

    @classmethod
    def by_url(cls, url: str) -> Database:
        """Open the database a SQLAlchemy URL names, such as postgresql+psycopg://…."""
        try:
            engine = create_engine(url, pool_pre_ping=True)
        except (ArgumentError, ImportError) as error:
            raise BadValue(f"The database's URL cannot be used: {error}.", advice=_URL_ADVICE) from error
        # each statement has a moment of its own there, which writers need, as they wait for each other
        return cls(engine, reader=engine.execution_options(isolation_level="REPEATABLE READ"))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Lend a connection on which all reads see the same moment."""
        with self._reader.connect() as connection:
            yield connection

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do the work in a transaction and return its result when that is on the disk; a fault undoes it.

        Work that refuses does so before it writes.
        """
        return self._submit(work).result()

    async def write_soon(self, work: Callable[[Connection], T]) -> T:
        """Do the same for one who serves others meanwhile."""
        return await wrap_future(self._submit(work))

    def forget(self) -> None:
        """Leave nothing in SQLite's journal of what was deleted, unless somebody reads it just now."""
        if self._engine.dialect.name == "sqlite":
            connection = self._engine.raw_connection()
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()

    def _submit(self, work: Callable[[Connection], T]) -> Future[T]:
        job = _Job(work)
        self._jobs.put(job)
        return job.done

    def close(self) -> None:
        """Finish what was asked for, then let the database go."""
        self._jobs.end()
        self._engine.dispose()

    def _commit(self, batch: list[_Job[Any]]) -> None:
        try:
            with self._writer.begin() as connection:
                outcomes = [_outcome(job, connection) for job in batch]
        except Exception as error:  # noqa: BLE001  # whatever it is belongs to the caller
            if len(batch) > 1:  # one of them failed, and the others must not pay for it
                for job in batch:
                    self._commit([job])
            elif isinstance(error, IntegrityError) and not batch[0].again:
                self._commit([replace(batch[0], again=True)])  # another process was faster: look again
            else:
                batch[0].done.set_exception(error)
        else:
            for job, outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, Refusal):
                    job.done.set_exception(outcome)
                else:
                    job.done.set_result(outcome)


def _outcome(job: _Job[T], connection: Connection) -> T | Refusal:
    """Return the result of one of several jobs of a transaction, or that it refuses to write anything."""
    try:
        return job.work(connection)
    except Refusal as refusal:
        return refusal


def _sqlite_engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", module=sqlite)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions begin below, not when the driver thinks
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
