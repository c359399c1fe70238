"""Statements that every segment of everybody passes through: compiled once for a database, then only run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ClauseElement, Connection
    from sqlalchemy.sql.compiler import SQLCompiler


class Prepared:
    """One statement, and each of its forms where the databases spell it differently.

    What SQLAlchemy does for any statement takes longer than the database does for one of these.
    """

    def __init__(self, statement: ClauseElement, **forms: ClauseElement) -> None:
        self._statement = statement
        self._forms = forms  # by the dialect's name
        self._compiled: dict[str, SQLCompiler] = {}

    def __call__(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run it in the connection's transaction and return its rows as the driver has them."""
        if not connection.in_transaction():
            connection.begin()
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            statement = self._forms.get(dialect.name, self._statement)
            compiled = cast("SQLCompiler", statement.compile(dialect=dialect))
            self._compiled[dialect.name] = compiled
        named = compiled.construct_params(values)
        given = named if compiled.positiontup is None else [named[name] for name in compiled.positiontup]
        cursor = connection.connection.cursor()
        try:
            cursor.execute(compiled.string, given)
            return list(cursor.fetchall()) if cursor.description else []
        except dialect.loaded_dbapi.Error as error:
            raise DBAPIError.instance(
                compiled.string, given, error, dialect.loaded_dbapi.Error, dialect=dialect
            ) from error
        finally:
            cursor.close()
