"""Brings a database to this version's tables, step by step, or says that it is newer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from tracker.errors import NewerDatabase, StorageFailed

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

FOLDER = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> None:
    """Apply the steps the database lacks, all of them or none; raises StorageFailed."""
    known = sorted(path.stem[:4] for path in (FOLDER / "versions").glob("[0-9]*.py"))
    try:
        with engine.execution_options(writes=True).begin() as connection:
            there = _version(connection)
            if there == known[-1]:
                return
            if there is not None and there not in known:
                raise NewerDatabase(f"The database is of version {there}; this Hourproof knows {known[-1]}.")
            _upgrade(connection)
    except DBAPIError as error:
        raise StorageFailed(f"The database cannot be opened: {error.orig}.") from error


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  # a tenth of a second, and most starts need no step
    from alembic.config import Config  # noqa: PLC0415  # as above

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
