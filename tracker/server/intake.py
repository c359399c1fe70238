"""Takes parcels in: everything is checked, then kept, and only then does the receipt exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.model.overlap import received
from tracker.model.protection import Reason
from tracker.model.segment import Origin
from tracker.model.slot import MINUTE, parse_instant
from tracker.model.week import lock_of
from tracker.server import ledger
from tracker.server.admission import Admission, Parcel, Taken, again, in_time, kept, missing_pictures
from tracker.server.diary import STORED
from tracker.server.ledger import DESTROYED, SEGMENT
from tracker.server.manual import by_hand
from tracker.server.shown import fallen, revisions_in, shown
from tracker.wire.segment import SegmentBody, decode_segment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from tracker.clock import Clock
    from tracker.evidence.keys import SigningKey
    from tracker.server.ledger import Link
    from tracker.server.pictures import Pictures
    from tracker.server.settings import ServerSettings

_DOUBT = 5 * MINUTE  # so far may an end lie in the future


class Intake:
    """Decides what is kept, and signs for it."""

    def __init__(self, settings: ServerSettings, clock: Clock, pictures: Pictures, key: SigningKey) -> None:
        self._settings = settings
        self._clock = clock
        self._pictures = pictures
        self._admission = Admission(settings, key)

    def put_segment(self, connection: Connection, parcel: Parcel) -> Taken:
        """Keep a segment and return the receipt for it, which is good once the transaction is on the disk."""
        place, body = self._admission.admit(connection, parcel, decode_segment)
        row = self._row(parcel, body)
        ledger.one_at_a_time(connection, place.account)
        there = ledger.there(connection, row, parcel.id)
        known = again(SEGMENT, row, there)
        if known is not None:
            return known
        in_time(row["start_at"], place)
        beside = ledger.beside(connection, place.account, ledger.stretch(row))
        if body.origin is Origin.MANUAL:
            by_hand(connection, body, late=Reason.LATE in row["flags"].split(), taken=bool(beside))
        states = self._picture_states(connection, row, body, there)
        # every check is behind us: a refusal after a write would leave half of it
        row["receipt"] = self._admission.receipt(row, states)
        one = ledger.stretch(row)
        settled, *givers = received(one, beside)
        ledger.keep(connection, SEGMENT, row | ledger.overlap_columns(settled.overlap))
        ledger.settle(connection, givers)
        ledger.link(connection, row, new=not ledger.linked(there, row))
        if states:
            ledger.remember(connection, parcel.contract, states, row["received_at"])
        return Taken(row["receipt"], new=True)

    def _picture_states(
        self, connection: Connection, row: dict[str, Any], body: SegmentBody, there: list[Link]
    ) -> dict[str, str]:
        """Return what is known of each picture; raises the problem that names those nobody sent.

        What a revision that came first has withheld is not missing, and is destroyed.
        """
        contract, names = row["contract"], dict.fromkeys(one.sha256 for one in body.pictures)
        if not names:
            return {}
        stand = shown(body, revisions_in(there, row["id"], row["sha256"]))
        noted = ledger.lost(connection, contract, names)
        away = {name for name in names if not self._pictures.touch(contract, name)}
        missing = tuple(name for name in names if name in away & stand and name not in noted)
        if missing:
            raise missing_pictures(SEGMENT, missing)
        gone = fallen(connection, contract, row["id"], frozenset(names) - stand)
        lost = {name: state for name, state in noted.items() if state == DESTROYED or name in away}
        return {name: DESTROYED if name in gone else lost.get(name, STORED) for name in names}

    def _row(self, parcel: Parcel, body: SegmentBody) -> dict[str, Any]:
        """Return what is kept of a parcel, but for what the rows beside it tell."""
        now, end = self._clock.now().wall, parse_instant(body.end)
        return kept(parcel, body, now) | {
            "start_at": parse_instant(body.start),
            "end_at": end,
            "flags": " ".join(self._flags(body, end, now)),
            "test": body.test,
        }

    def _flags(self, body: SegmentBody, end: int, now: int) -> Iterable[Reason]:
        if end > now + _DOUBT and not body.test:
            yield Reason.CLOCK_IN_DOUBT
        if body.origin is Origin.MANUAL:
            yield Reason.MANUAL
        # whoever is freelancer and client at once accepts late time by sending it
        if not self._settings.embedded and now >= lock_of(end - 1):
            yield Reason.LATE
