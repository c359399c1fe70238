"""No parcel and no day costs more because much is stored: every row is found by the whole of an index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from backend import Site
from device import webp
from doubles import NINE
from sqlalchemy import event

from tracker.model.revision import Change
from tracker.model.slot import SLOT

_GROWS = "segment|revision|tombstone|picture"
_BY_CONTRACT_ALONE = re.compile(rf"SCAN ({_GROWS})\b|SEARCH ({_GROWS}) USING [^(]*\(contract=\?\)")


@contextmanager
def statements(site: Site) -> Iterator[list[str]]:
    """Collect what SQLite itself is asked, with the values in it, by whichever way that comes."""
    asked: list[str] = []

    def listen(connection: Any, *_: object) -> None:
        connection.set_trace_callback(asked.append)

    engine = site.parts.database._engine
    event.listen(engine, "checkout", listen)
    yield asked
    event.remove(engine, "checkout", listen)
    engine.dispose()


def wide(site: Site, asked: list[str]) -> list[str]:
    """Return the statements, with their plans' step, that read all that a contract has."""
    found = []
    with site.parts.database.read() as connection:
        for statement in asked:
            if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
                plan = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
                found += [f"{step[3]}: {statement}" for step in plan if _BY_CONTRACT_ALONE.search(step[3])]
    return found


@pytest.mark.parametrize("change", [None, Change.MEMO, Change.DISCARD])
def test_a_parcel_finds_what_it_has_to_do_with(site: Site, change: Change | None) -> None:
    device = site.device()
    first = device.work()
    site.deliver(first)
    sealed = device.work(NINE + SLOT, webp()) if change is None else device.revise(first, change)
    with statements(site) as asked:
        assert site.deliver(sealed).status_code == 201
    assert len(asked) > 5
    assert wide(site, asked) == []


def test_a_day_reads_its_own_segments_and_their_revisions(site: Site) -> None:
    device = site.device()
    sealed = device.work(NINE, webp())
    site.deliver_in("after", sealed, device.revise(sealed, Change.MEMO, memo="Choosing the doors"))
    with statements(site) as asked:
        assert [one["memo"] for one in site.shown()] == ["Choosing the doors"]
    assert wide(site, asked) == []


def test_a_statement_that_reads_all_of_a_contract_is_found(site: Site) -> None:
    device = site.device()
    sealed = device.work(NINE, webp())
    site.deliver(sealed)
    with statements(site) as asked:  # to destroy a picture it has to be sure that no other shot names it
        site.deliver(device.revise(sealed, Change.WITHHOLD))
    assert wide(site, asked)
