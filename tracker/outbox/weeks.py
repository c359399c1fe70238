"""A week beyond this device's segments: time from elsewhere, its limit, and what was told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tracker.model.contract import Contract
from tracker.model.week import WEEK, week_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from sqlite3 import Connection

    from tracker.outbox.database import Database

_REMINDED = "reminded"


class Weeks:
    """What holds of a week also offline; weeks are named by their start."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # Time

    def learn_week(self, contract: str, begin: int, server_ms: int, limit_ms: int | None) -> None:
        """Take over what the server says of a week, while nothing is being delivered.

        What it counts beyond the delivered segments of this device comes from elsewhere. Of a segment that
        still waits nobody knows whether the server holds it, for its receipt may have been lost: the time
        from elsewhere then stays as near to what was known as the server's word allows.
        """
        query = """
            SELECT coalesce(sum(CASE WHEN state = 'delivered' THEN ends - begins END), 0),
                coalesce(sum(CASE WHEN state = 'waiting' THEN ends - begins END), 0)
            FROM segment WHERE contract = ? AND begins >= ? AND begins < ?
        """
        with self._db.transaction(durable=False) as connection:
            (delivered, unsure) = connection.execute(query, (contract, begin, begin + WEEK)).fetchone()
            most = server_ms - delivered
            known = _elsewhere(connection, contract, begin)
            connection.execute(
                "INSERT OR REPLACE INTO week (contract, begins, elsewhere_ms, limit_ms) VALUES (?, ?, ?, ?)",
                (contract, begin, min(max(known, most - unsure), most), limit_ms),
            )

    def elsewhere_ms(self, contract: str, begin: int) -> int:
        """Return the milliseconds of a week that other devices and hands have added, as far as was heard.

        Less than none: the server no longer counts all that this device delivered.
        """
        with self._db.reading() as connection:
            return _elsewhere(connection, contract, begin)

    def week_ms(self, contract: str | None, begin: int) -> int:
        """Return all time of a week, of one contract or (None) of all, the open segment excepted."""
        of = "(?1 IS NULL OR contract = ?1)"
        query = f"""
            SELECT coalesce((SELECT sum(ends - begins) FROM segment
                             WHERE {of} AND begins >= ?2 AND begins < ?3), 0)
                 + coalesce((SELECT sum(elsewhere_ms) FROM week WHERE {of} AND begins = ?2), 0)
        """  # noqa: S608  # our own words
        with self._db.reading() as connection:
            (total,) = connection.execute(query, (contract, begin, begin + WEEK)).fetchone()
        return max(0, int(total))

    # Limits

    def learn_contracts(self, contracts: Sequence[Contract], at: int) -> None:
        """Note their limits for the week of this instant, before they replace what was known until then.

        A limit that is raised is raised at once, one that is lowered from next Monday on.
        """
        begin = week_of(at)
        with self._db.transaction() as connection:
            for one in contracts:
                now = one.terms.weekly_limit_ms
                before = _stored(connection, one.id) or one
                connection.execute(
                    """
                    INSERT INTO week (contract, begins, limit_ms) VALUES (?1, ?2, ?3)
                    ON CONFLICT DO UPDATE SET limit_ms =
                        CASE WHEN limit_ms IS NULL OR ?4 IS NULL THEN NULL ELSE max(limit_ms, ?4) END
                    """,
                    (one.id, begin, _higher(before.terms.weekly_limit_ms, now), now),
                )

    def weekly_limit(self, contract: Contract, begin: int) -> int | None:
        """Return the highest limit known of a contract during a week, None for no limit."""
        query = "SELECT limit_ms FROM week WHERE contract = ? AND begins = ?"
        with self._db.reading() as connection:
            noted = connection.execute(query, (contract.id, begin)).fetchone()
            if noted is not None:
                return None if noted[0] is None else int(noted[0])
            return (_stored(connection, contract.id) or contract).terms.weekly_limit_ms

    # Reminders

    def reminded(self) -> dict[str, str]:
        """Return what the freelancer was reminded of, and whether it is settled, by each reminder's key."""
        with self._db.reading() as connection:
            found = connection.execute("SELECT value FROM meta WHERE name = ?", (_REMINDED,)).fetchone()
        return {} if found is None else msgspec.json.decode(found[0], type=dict[str, str])

    def remember_reminded(self, reminded: Mapping[str, str]) -> None:
        """Remember this over restarts, in the place of what was remembered before."""
        text = msgspec.json.encode(dict(reminded)).decode()
        with self._db.transaction(durable=False) as connection:
            connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (_REMINDED, text))


def _elsewhere(connection: Connection, contract: str, begin: int) -> int:
    query = "SELECT elsewhere_ms FROM week WHERE contract = ? AND begins = ?"
    found = connection.execute(query, (contract, begin)).fetchone()
    return 0 if found is None else int(found[0])


def _stored(connection: Connection, contract: str) -> Contract | None:
    found = connection.execute("SELECT facts FROM contract WHERE id = ?", (contract,)).fetchone()
    return None if found is None else msgspec.json.decode(found[0], type=Contract)


def _higher(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else max(one, other)
