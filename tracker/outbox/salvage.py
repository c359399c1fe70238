"""Takes over into a fresh file whatever can be read of a damaged one, row by row, and names the rest."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import sqlcipher3.dbapi2 as sqlite

from tracker.model.slot import MINUTE, instant
from tracker.outbox.aftercare import repair

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection

    from tracker.outbox.connecting import File
    from tracker.outbox.mending import Source

# Whose rows lie in the order of their names, and what is missing where they cannot be read.
_NAMED = {
    "meta": "some of what was known of account and server",
    "contract": "some contracts",
    "week": "some weeks' limits",
    "device": "some other devices' keys",
    "chain": "some chains' last links",
    "draft": "an open segment",
    "question": "some time in question",
}
# Whose rows have numbers: these indices know them, too.
_NUMBERED = {
    "segment": ("segment_by_time", "segment_by_state", "segment_by_contract", "segment_by_end"),
    "revision": ("revision_by_segment", "revision_by_state"),
    "picture": ("picture_by_hash",),
}
_TRIED = 1_000_000  # numbers at most that are tried without a sign that there was a row
_BATCH = 200  # rows that are written at once
_TO_SEAL = ("id", "contract", "begins", "ends", "memo", "facts")

Row = dict[str, Any]


def salvage(source: Source | None, target: File) -> list[str]:
    """Copy every row that can be read; return what is missing or was changed, as a person says it."""
    if source is None:
        return ["nothing of it could be read"]
    lost: list[str] = []
    with target.transaction() as connection:
        connection.execute("DELETE FROM meta")
    for table in (*_NAMED, *_NUMBERED):
        columns = _columns(source, target, table)
        rows = _named(source, table, columns) if table in _NAMED else _numbered(source, table, columns)
        while batch := list(islice(rows, _BATCH)):
            with target.transaction(durable=False) as connection:
                lost += [why for row in batch for why in _taken_over(connection, table, columns, row)]
    with target.transaction() as connection:
        lost += repair(connection)
    return list(dict.fromkeys(lost))


def _columns(source: Source, target: File, table: str) -> list[str]:
    """Return the columns of a table that both files know: the damaged one may be of an older version."""
    query = f"PRAGMA table_info({table})"
    old, _ = source.read(query)
    with target.reading() as connection:
        new = connection.execute(query).fetchall()
    return [column[1] for column in new if column[1] in {one[1] for one in old}]


def _named(source: Source, table: str, columns: list[str]) -> Iterator[Row | None]:
    """Return the rows from both ends to where they cannot be read, and None for what lies between."""
    seen = set()
    for order in ("ASC", "DESC") if columns else ():
        query = f"SELECT {', '.join(columns)} FROM {table} ORDER BY 1 {order}"  # noqa: S608  # our own words
        rows, whole = source.read(query)
        yield from (dict(zip(columns, row, strict=True)) for row in rows if row not in seen)
        if whole:
            return
        seen.update(rows)
    yield from (None,) if columns else ()


def _numbered(source: Source, table: str, columns: list[str]) -> Iterator[Row]:
    """Return the rows of all numbers that are known or possible, each as far as it can be read."""
    known = _known(source, table) if columns else {}
    for number in sorted(known):
        row = _row(source, table, columns, number)
        if row is not None and (row or known[number]):
            yield known[number] | row


def _known(source: Source, table: str) -> dict[int, Row]:
    """Return the numbers of a table's rows, each with what the indices say of it."""
    known: dict[int, Row] = {}
    rows, whole = source.read(f"SELECT rowid FROM {table} NOT INDEXED ORDER BY rowid")  # noqa: S608  # as above
    known |= {number: {} for (number,) in rows}
    if whole and table != "segment":
        return known
    for index in _NUMBERED[table]:
        columns = [column for *_, column in source.read(f"PRAGMA index_info({index})")[0]]
        for order in ("ASC", "DESC") if columns else ():
            named = ", ".join(columns)
            query = f"SELECT rowid, {named} FROM {table} INDEXED BY {index} ORDER BY {columns[0]} {order}"  # noqa: S608
            rows, whole = source.read(query)
            for number, *values in rows:
                known.setdefault(number, {}).update(zip(columns, values, strict=True))
            if whole:
                break
    last, _ = source.read(f"SELECT rowid FROM {table} NOT INDEXED ORDER BY rowid DESC LIMIT 1")  # noqa: S608
    highest = max((*known, *(number for (number,) in last)), default=0)
    return {number: known.get(number, {}) for number in range(1, min(highest, _TRIED) + 1)} | known


def _row(source: Source, table: str, columns: list[str], number: int) -> Row | None:
    """Return what can be read of a row, None where there is none."""
    where = f"FROM {table} NOT INDEXED WHERE rowid = ?"
    rows, whole = source.read(f"SELECT {', '.join(columns)} {where}", number)
    if whole:
        return dict(zip(columns, rows[0], strict=True)) if rows else None
    row: Row = {}
    for column in columns:  # the first ones may lie where the last ones do not
        values, _ = source.read(f"SELECT {column} {where}", number)
        if values:
            row[column] = values[0][0]
    return row


def _taken_over(connection: Connection, table: str, columns: list[str], row: Row | None) -> Iterator[str]:
    """Write a row; say what is missing then."""
    if row is None:
        yield _NAMED[table]
        return
    if set(columns) - row.keys():
        if table != "segment" or not all(row.get(column) is not None for column in _TO_SEAL):
            yield from _name(table, row)
            return
        yield f"the signature of {_segment(row)}, which is sealed anew"
        row = {column: row[column] for column in _TO_SEAL} | {"state": "held"}
    names, places = ", ".join(row), ", ".join("?" * len(row))
    try:
        insert = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({places})"  # noqa: S608  # our own words
        connection.execute(insert, tuple(row.values()))
    except sqlite.IntegrityError:
        yield from _name(table, row)


def _name(table: str, row: Row) -> Iterator[str]:
    """Name what is lost, where anything is known of it; pictures are named by those who miss them."""
    if table == "segment":
        yield _segment(row)
    elif table == "revision":
        yield f"a change to segment {row.get('segment', 'unknown')}"
    elif table in _NAMED:
        yield _NAMED[table]


def _segment(row: Row) -> str:
    begins, ends = row.get("begins"), row.get("ends")
    if begins is None:
        return f"segment {row['id']}" if "id" in row else "a segment"
    length = f" ({(ends - begins) // MINUTE} min)" if ends is not None else ""
    there = ", which the server holds" if row.get("state") == "delivered" else ""
    return f"the segment of {instant(begins)}{length} for contract {row.get('contract', 'unknown')}{there}"
