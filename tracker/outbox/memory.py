"""What the home knows from run to run: itself, the account, the contracts, and the servers' keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tracker.errors import NotDone, OnlyInTestMode, UnknownContract
from tracker.model.contract import Contract
from tracker.model.segment import Key
from tracker.model.slot import MINUTE
from tracker.status import Resume
from tracker.wire.account import Account

if TYPE_CHECKING:
    from collections.abc import Sequence
    from sqlite3 import Connection

    from tracker.outbox.database import Database

DOUBTED_AFTER = 5 * MINUTE  # so far in the server's future an end is in doubt
_FORGET = "DELETE FROM meta WHERE name IN ('account', 'address', 'resume', 'clock offset', 'pause')"
_EMBEDDED = "embedded:"  # how the origin of a server on this machine begins


class Pause(msgspec.Struct, frozen=True):
    """Until when, by the wall clock, a server is left alone, and why; `asked` by the server itself."""

    server: str
    until: int
    why: str
    asked: bool


def place(server: str) -> str:
    """Return how a person calls a server."""
    return "the diary on this computer" if server.startswith(_EMBEDDED) else server


class Memory:
    """Facts that outlive the process and are no segments."""

    def __init__(self, database: Database) -> None:
        self._db = database

    @property
    def home_id(self) -> str:
        """The random id of this home, as old as its database."""
        return self._recall("home") or ""

    @property
    def account(self) -> Account | None:
        """Whose time it is and where; None before the first sign-in."""
        known = self._recall("account")
        return None if known is None else msgspec.json.decode(known, type=Account)

    def remember_account(self, account: Account) -> None:
        """Let new segments belong to this account."""
        self._remember("account", msgspec.json.encode(account).decode())

    @property
    def address(self) -> str | None:
        """Where the server is that is signed in to; None for the one on this machine, which is started."""
        return self._recall("address")

    def move_in(self, account: Account, address: str, key: str, contracts: Sequence[Contract]) -> None:
        """Belong to an account at a server, known by its key; its contracts take the others' place."""
        facts = {
            "account": msgspec.json.encode(account).decode(),
            "address": address,
            f"key of {account.server}": key,
        }
        with self._db.transaction() as connection:
            connection.execute(_FORGET)
            connection.executemany("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", facts.items())
            _take_contracts(connection, contracts)

    def move_out(self) -> None:
        """Belong to no account any more; what waits for it is kept, and its server's key known."""
        with self._db.transaction() as connection:
            connection.execute(_FORGET)
            _take_contracts(connection, ())

    def key_of(self, contract: str) -> Key:
        """Return where time of a contract belongs; raises UnknownContract before there is an account."""
        account = self.account
        if account is None:
            raise UnknownContract("There is no account yet that the time could belong to.")
        return Key(account.server, account.id, contract)

    def pinned_key(self, server: str) -> str | None:
        """Return the key a server is known by, in base64; None for one that was never met."""
        return self._recall(f"key of {server}")

    def pin(self, server: str, key: str) -> None:
        """Know a server by this key from now on."""
        self._remember(f"key of {server}", key)

    @property
    def pause(self) -> Pause | None:
        """Until when nothing is sent to the account's server, None where nothing keeps it from that."""
        known = self._recall("pause")
        pause = None if known is None else msgspec.json.decode(known, type=Pause | None)
        return pause if pause and pause.server == self._server else None

    def remember_pause(self, until: int, why: str, *, asked: bool) -> None:
        """Leave the account's server alone until then, over a restart too."""
        pause = Pause(self._server, until, why, asked)
        self._remember("pause", msgspec.json.encode(pause).decode(), durable=False)

    def end_pause(self) -> None:
        """Keep nothing from being sent any more."""
        if self._recall("pause") is not None:
            with self._db.transaction(durable=False) as connection:
                connection.execute("DELETE FROM meta WHERE name = 'pause'")

    @property
    def _server(self) -> str:
        account = self.account
        return "" if account is None else account.server

    @property
    def clock_offset(self) -> int | None:
        """By how many milliseconds the server's clock was ahead of this one; None if never compared."""
        known = self._recall("clock offset")
        return None if known is None else int(known)

    def learn_clock(self, server: int, wall: int) -> None:
        """Compare a server's instant with this machine's; what ends far in the server's future is doubted."""
        self._remember("clock offset", str(server - wall))
        with self._db.reading() as connection:
            query = """
                SELECT EXISTS (SELECT 1 FROM segment WHERE ends > ?1 AND NOT doubted)
                OR EXISTS (SELECT 1 FROM question WHERE ends > ?1 AND NOT doubted)
            """
            (future,) = connection.execute(query, (server + DOUBTED_AFTER,)).fetchone()
        if future:
            with self._db.transaction() as connection:
                for table in ("segment", "question"):
                    doubt = f"UPDATE {table} SET doubted = 1 WHERE ends > ?"  # noqa: S608  # our own names
                    connection.execute(doubt, (server + DOUBTED_AFTER,))

    @property
    def resume(self) -> Resume | None:
        """The last run that ended without being told to, until the freelancer has decided about it."""
        known = self._recall("resume")
        return None if known is None else msgspec.json.decode(known, type=Resume | None)

    def remember_resume(self, resume: Resume | None) -> None:
        """Offer to resume a run over restarts, or no longer."""
        self._remember("resume", msgspec.json.encode(resume).decode())

    def contracts(self) -> tuple[Contract, ...]:
        """Return the contracts as last heard of, the most recently tracked first."""
        query = """
            SELECT facts FROM contract ORDER BY (
                SELECT max(begins) FROM (
                    SELECT begins FROM draft WHERE draft.contract = contract.id
                    UNION ALL
                    SELECT max(begins) FROM segment WHERE segment.contract = contract.id
                )
            ) DESC NULLS LAST, place
        """
        with self._db.reading() as connection:
            rows = connection.execute(query).fetchall()
        return tuple(msgspec.json.decode(facts, type=Contract) for (facts,) in rows)

    def remember_contracts(self, contracts: Sequence[Contract]) -> None:
        """Keep what the server says now in the place of what it said before."""
        with self._db.transaction() as connection:
            _take_contracts(connection, contracts)

    def _keep_apart(self, *, test: bool) -> None:
        """Refuse to put test time into a home of real time, or real time into one of test time."""
        known = self._recall("test") is not None
        if known and not test:
            raise OnlyInTestMode("This home holds test time, and the test mode is off.")
        if test and not known:
            with self._db.reading() as connection:
                query = "SELECT EXISTS (SELECT 1 FROM segment) OR EXISTS (SELECT 1 FROM draft)"
                (real,) = connection.execute(query).fetchone()
            if real:
                raise NotDone(
                    "This home holds real time, and the test mode is on.",
                    advice="Unset HOURPROOF_TEST, or use another --home.",
                )
            self._remember("test", "1")

    def _recall(self, name: str) -> str | None:
        with self._db.reading() as connection:
            found = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    def _remember(self, name: str, value: str, *, durable: bool = True) -> None:
        with self._db.transaction(durable=durable) as connection:
            connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, value))


def _take_contracts(connection: Connection, contracts: Sequence[Contract]) -> None:
    rows = [(one.id, place, msgspec.json.encode(one)) for place, one in enumerate(contracts)]
    connection.execute("DELETE FROM contract")
    connection.executemany("INSERT INTO contract (id, place, facts) VALUES (?, ?, ?)", rows)
