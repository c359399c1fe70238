"""Time that two devices tracked at once: its freelancer says where it counts, until the week locks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert
from uuid_utils import uuid7

from tracker.model.overlap import counted_here, movable
from tracker.model.week import lock_of
from tracker.server import ledger
from tracker.server.access import freelancers_place
from tracker.server.problems import Refusal, not_found
from tracker.server.tables import choice
from tracker.wire.problem import Problem

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tracker.model.overlap import Stretch
    from tracker.model.ranges import Ranges
    from tracker.server.access import Word


def count_here(connection: Connection, word: Word, contract: str, id_: str, now: int) -> Stretch:
    """Let what overlaps count in this segment, and note who said so; what counts here already stays as it is.

    The segments that give way are the same freelancer's, whatever their contracts; nobody else's are touched.
    """
    account = freelancers_place(connection, word, contract).account
    ledger.one_at_a_time(connection, account)
    one = ledger.tracked(connection, account, contract, id_)
    if one is None:
        raise not_found("No such segment")
    if now >= lock_of(one.begin):
        title = "The week is locked."
        raise Refusal(Problem("week-locked", title, 409, "It locked on Monday, 12:00 UTC."))
    beside = ledger.beside(connection, account, one)
    moved = movable(one, beside)
    if one.overlap and not moved:
        title = "The clock of this segment is in doubt."
        raise Refusal(Problem("clock-in-doubt", title, 409, "The time counts where no clock is in doubt."))
    if not moved:
        return one
    settled, *givers = counted_here(one, beside)
    ledger.settle(connection, [settled, *givers])
    _note(connection, one, moved, account, now)
    return settled


def _note(connection: Connection, one: Stretch, moved: Ranges, account: str, now: int) -> None:
    row = {
        "contract": one.contract,
        "id": str(uuid7()),
        "segment": one.id,
        "ranges": ledger.written(moved),
        "account": account,
        "at": now,
    }
    connection.execute(insert(choice), row)
