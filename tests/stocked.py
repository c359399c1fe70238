"""An outbox with something of everything in it."""

from __future__ import annotations

from random import Random

from boxes import SERVER, Box
from doubles import NINE
from worked import new_id, receipt, taken, worked

from tracker.model.question import Question
from tracker.model.segment import ClosedBy, Segment
from tracker.model.slot import MINUTE, SLOT
from tracker.outbox.outbox import Hold
from tracker.wire.account import Account

EACH = 5  # segments in each state


def stock(box: Box) -> dict[str, bytes]:
    """Put segments of every state with pictures, a draft and a question; return the undelivered pictures."""
    box.outbox.remember_account(Account("embedded:home", "me", "Ada"))
    box.outbox.pin("embedded:home", "the key")
    late = NINE + 49 * SLOT
    asked = Question(new_id(), worked().key, "", None, ClosedBy.AWAY, late, late + MINUTE)
    box.outbox.set_aside(asked, "none", None, lambda _: None)
    shown: dict[str, bytes] = {}

    def put(number: int, hold: Hold | None = None) -> Segment:
        data = Random(number).randbytes(2500)
        shot, pictures = taken(data, at=NINE + number * SLOT + MINUTE)
        segment = worked(NINE + number * SLOT, shots=(shot,))
        box.outbox.store_pictures(shot, pictures, segment=segment.id)
        box.outbox.put(segment, hold)
        shown[segment.id] = data
        return segment

    for number in range(4 * EACH):
        put(number, Hold("silence", NINE) if number >= 3 * EACH else None)
    box.outbox.seal_due(NINE)
    for number, parcel in enumerate(box.parcels(NINE)):
        if number < EACH:
            box.outbox.delivered(parcel.id, receipt(parcel, SERVER))
            del shown[parcel.id]
        elif number < 2 * EACH:
            box.outbox.refuse(parcel.id, "no")
    box.draft.save(worked(NINE + 50 * SLOT), durable=True)
    return shown


def states(box: Box) -> dict[str, str]:
    """Where each segment stands."""
    with box.database.reading() as connection:
        return dict(connection.execute("SELECT id, state FROM segment").fetchall())
