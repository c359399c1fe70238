"""Every segment this device has closed, delivered or not, to be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tracker.model.ranges import common, united
from tracker.model.revision import Revision, revised
from tracker.model.slot import SLOT
from tracker.outbox.parcel import stored
from tracker.outbox.quarantine import damages
from tracker.wire.receipt import Receipt

if TYPE_CHECKING:
    from tracker.model.ranges import Ranges
    from tracker.model.segment import Segment
    from tracker.outbox.database import Database
    from tracker.outbox.quarantine import Damage

_MEMO_REACH = 500  # segments among which memos are looked for: some weeks of work


class History:
    """Answers from what is stored; a range holds the segments whose slot starts in it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def segments(self, begin: int, end: int) -> list[tuple[Segment, Receipt | None]]:
        """Return the segments of a range, in order, each with the receipt if the server holds it.

        They are as they were changed since; one that is being discarded is not among them.
        """
        query = "SELECT facts, body, receipt FROM segment WHERE begins >= ? AND begins < ? ORDER BY begins"
        with self._db.reading() as connection:
            rows = connection.execute(query, _by_slots(begin, end)).fetchall()
        made = self.revisions(*_by_slots(begin, end))
        found = (
            (
                revised(stored(facts, body), made),
                receipt and msgspec.json.decode(receipt, type=Receipt),
            )
            for facts, body, receipt in rows
        )
        return [(segment, receipt) for segment, receipt in found if segment is not None]

    def revisions(self, begin: int, end: int) -> list[Revision]:
        """Return the changes of the segments that begin in a range, but for those that were refused."""
        query = """
            SELECT facts FROM revision WHERE state <> 'refused'
            AND segment IN (SELECT id FROM segment WHERE begins >= ? AND begins < ?) ORDER BY made
        """
        with self._db.reading() as connection:
            found = connection.execute(query, (begin, end)).fetchall()
        return [msgspec.json.decode(facts, type=Revision) for (facts,) in found]

    def undelivered(self, begin: int, end: int) -> list[Segment]:
        """Return the segments of a range that the server does not hold, in order."""
        return [segment for segment, receipt in self.segments(begin, end) if receipt is None]

    def tracked(self, begin: int, end: int) -> dict[str, int]:
        """Return the milliseconds of a range by contract; the open segment is not among them."""
        query = """
            SELECT contract, sum(ends - begins) FROM segment
            WHERE begins >= ? AND begins < ? GROUP BY contract
        """
        with self._db.reading() as connection:
            return dict(connection.execute(query, _by_slots(begin, end)).fetchall())

    def taken(self, begin: int, end: int) -> Ranges:
        """Return what of a range is tracked, entered or in question already; the open segment reaches on."""
        query = """
            SELECT begins, ends FROM segment WHERE begins < :end AND ends > :begin
            UNION ALL SELECT begins, ends FROM question WHERE begins < :end AND ends > :begin
            UNION ALL SELECT begins, :end FROM draft WHERE begins < :end
        """
        with self._db.reading() as connection:
            found = connection.execute(query, {"begin": begin, "end": end}).fetchall()
        return common(united(found), [(begin, end)])

    def last_end(self) -> int | None:
        """Return where the last segment or question ends: time goes on from there.

        One that a server has shown to lie in its future does not count.
        """
        query = """
            SELECT max(ends) FROM (
                SELECT max(ends) AS ends FROM segment WHERE NOT doubted
                UNION ALL SELECT max(ends) FROM question WHERE NOT doubted
            )
        """
        with self._db.reading() as connection:
            (found,) = connection.execute(query).fetchone()
        return None if found is None else int(found)

    def tracked_since(self, begin: int, end: int) -> int:
        """Return the milliseconds of the segments that begin in a range, to the millisecond."""
        query = "SELECT coalesce(sum(ends - begins), 0) FROM segment WHERE begins >= ? AND begins < ?"
        with self._db.reading() as connection:
            (found,) = connection.execute(query, (begin, end)).fetchone()
        return int(found)

    def shots_taken(self, slot: int) -> dict[str, int]:
        """Return how many shots a slot has by contract, whatever became of them."""
        taken: dict[str, int] = {}
        for segment, _ in self.segments(slot, slot + SLOT):
            taken[segment.key.contract] = taken.get(segment.key.contract, 0) + len(segment.shots)
        return taken

    def picture_of(self, shot: str) -> bytes | None:
        """Return a shot's first picture as WebP, None where none is kept here."""
        query = "SELECT data FROM picture WHERE shot = ? ORDER BY rowid LIMIT 1"
        with self._db.reading() as connection:
            found = connection.execute(query, (shot,)).fetchone()
        return None if found is None else bytes(found[0])

    def damages(self) -> tuple[Damage, ...]:
        """Return what was set aside because it was damaged, the oldest first."""
        return damages(self._db)

    def recent_memos(self, contract: str, number: int) -> list[str]:
        """Return a contract's last memos, the latest first, each once."""
        query = """
            SELECT memo FROM (
                SELECT memo, begins FROM segment WHERE contract = ? ORDER BY begins DESC LIMIT ?
            ) WHERE memo <> '' GROUP BY memo ORDER BY max(begins) DESC LIMIT ?
        """
        with self._db.reading() as connection:
            rows = connection.execute(query, (contract, _MEMO_REACH, number)).fetchall()
        return [memo for (memo,) in rows]


def _by_slots(begin: int, end: int) -> tuple[int, int]:
    """Return the range of first instants that stands for slots starting in a range.

    In zones a quarter of an hour off, a day begins inside a slot, which then belongs to the day before.
    """
    return -(-begin // SLOT) * SLOT, -(-end // SLOT) * SLOT
