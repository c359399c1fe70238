"""A prepared statement does what SQLAlchemy would have done with it: in a transaction, with its errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

from tracker.server.database import Database
from tracker.server.prepared import Prepared
from tracker.server.tables import account

ADD = Prepared(insert(account))
NAMED = Prepared(select(account.c.id).where(account.c.name == bindparam("name")).order_by(account.c.id))


def row(id_: str) -> dict[str, object]:
    return {"id": id_, "email": None, "name": "Ada", "role": "member", "created_at": 1}


def test_all_that_is_read_on_a_connection_is_of_one_moment(tmp_path: Path) -> None:
    database = Database.at(tmp_path / "hourproof.db")
    database.write(lambda connection: ADD(connection, row("one")))
    with database.read() as connection:
        assert NAMED(connection, {"name": "Ada"}) == [("one",)]
        database.write(lambda other: ADD(other, row("two")))
        assert NAMED(connection, {"name": "Ada"}) == [("one",)]
    with database.read() as connection:
        assert NAMED(connection, {"name": "Ada"}) == [("one",), ("two",)]
    database.close()


def test_a_fault_of_the_database_is_one_of_sqlalchemy(tmp_path: Path) -> None:
    database = Database.at(tmp_path / "hourproof.db")
    database.write(lambda connection: ADD(connection, row("one")))
    with pytest.raises(IntegrityError):
        database.write(lambda connection: ADD(connection, row("one")))
    database.write(lambda connection: connection.exec_driver_sql("ALTER TABLE account RENAME TO away"))
    with database.read() as connection, pytest.raises(OperationalError, match="no such table"):
        NAMED(connection, {"name": "Ada"})
    database.close()
