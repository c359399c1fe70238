"""What is not delivered, as it is listed; and of what is not delivered, whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.model.revision import Change
from tracker.model.slot import parse_instant
from tracker.outbox.memory import place
from tracker.outbox.parcel import Entry, Hold, State
from tracker.wire.revision import decode_revision

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection

    from tracker.outbox.memory import Pause

# A segment that is not delivered has its facts, and a revision its signed bytes, for as long as it is here.
_OWNER = {
    "segment": [f"json_extract(CAST(facts AS TEXT), '$.key.{name}')" for name in ("server", "account")],
    "revision": [f"json_extract(CAST(body AS TEXT), '$.{name}')" for name in ("server", "account")],
}
# Whoever is signed in gets no other's parcels; before the first sign-in it is not known whose they are.
OURS = {
    table: f"(:account IS NULL OR ({server} = :server AND {account} = :account))"
    for table, (server, account) in _OWNER.items()
}
# What was taken back of a segment is known to the server before the segment is, and before a blur whose
# pictures went with it: the server misses none of either then.
_BEHIND = {
    "segment": """
        EXISTS (SELECT 1 FROM revision AS r WHERE r.segment = segment.id AND {} AND r.change <> 'memo')
    """,
    "revision": """
        (revision.change = 'blur'
         AND EXISTS (SELECT 1 FROM revision AS r WHERE r.segment = revision.segment
                     AND {} AND r.change <> 'memo' AND r.made > revision.made))
    """,
}
HELD_BACK = {table: behind.format("r.state <> 'delivered'") for table, behind in _BEHIND.items()}
# As long as a server refuses to know of it, no waiting helps.
STUCK = {table: behind.format("r.state = 'refused'") for table, behind in _BEHIND.items()}


def segments(connection: Connection, own: dict[str, str | None], pause: Pause | None) -> Iterator[Entry]:
    """Return the segments that the server does not hold, and what each waits for."""
    query = f"""
        SELECT {OURS["segment"]}, {_OWNER["segment"][0]}, state = 'waiting' AND {HELD_BACK["segment"]},
        id, contract, begins, ends, state, why, until, attempts, next, problem
        FROM segment WHERE state IN ('held', 'waiting', 'refused')
    """
    for (
        ours,
        server,
        back,
        id_,
        contract,
        begins,
        ends,
        state,
        why,
        until,
        attempts,
        next_,
        problem,
    ) in connection.execute(query, own):
        hold = Hold(why, until) if why else None
        trouble = _trouble(state, next_, problem, "" if ours else server, pause)
        if back and trouble == (None, None):
            trouble = (None, "It goes after what was taken back of it.")
        yield Entry(id_, contract, begins, ends, State(state), hold, attempts, *trouble)


def revisions(connection: Connection, own: dict[str, str | None], pause: Pause | None) -> Iterator[Entry]:
    """Return the revisions that the server does not hold, and what each waits for."""
    query = f"""
        SELECT {OURS["revision"]}, {_OWNER["revision"][0]},
        id, contract, segment, change, state, attempts, next, problem, body
        FROM revision WHERE state IN ('waiting', 'refused') ORDER BY made
    """
    for (
        ours,
        server,
        id_,
        contract,
        segment,
        change,
        state,
        attempts,
        next_,
        problem,
        body,
    ) in connection.execute(query, own):
        begin = parse_instant(decode_revision(body).segment.start)
        whole = connection.execute("SELECT ends FROM segment WHERE id = ?", (segment,)).fetchone()
        trouble = _trouble(state, next_, problem, "" if ours else server, pause)
        end = begin if whole is None else whole[0]
        yield Entry(
            id_, contract, begin, end, State(state), None, attempts, *trouble, Change(change), segment
        )


def _trouble(
    state: str, next_: int | None, problem: str | None, elsewhere: str, pause: Pause | None
) -> tuple[int | None, str | None]:
    """Return when a parcel is tried next, and what keeps it from being delivered."""
    if state == State.WAITING and elsewhere:
        return None, f"It waits for the next sign-in at {place(elsewhere)}."
    if state == State.WAITING and pause and next_ is None:
        return pause.until, pause.why
    return next_, problem
