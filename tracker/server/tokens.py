"""Bearer tokens, browser sessions, one-time links and the one-time secret: only their hashes are kept."""

from __future__ import annotations

import hashlib
import secrets
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from tracker.model.slot import HOUR, MINUTE
from tracker.server.tables import token

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tracker.server.database import Database

LINK_MS = 5 * MINUTE
SESSION_MS = 12 * HOUR

BEARER = "bearer"
SESSION = "session"
LINK = "link"
FEED = "feed"  # a calendar's address


@dataclass(frozen=True, slots=True)
class Opened:
    """What a one-time link opened: whose it was, and where it leads."""

    account: str
    path: str


class Tokens:
    """Gives out random words that stand for an account, and knows them again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def issue(
        self, account: str, kind: str, *, now: int, expires_at: int | None = None, path: str | None = None
    ) -> str:
        """Return a new word of 256 random bits; nobody can learn it from the database."""
        word = random_word()
        row = {
            "hash": digest(word),
            "kind": kind,
            "account": account,
            "path": path,
            "created_at": now,
            "expires_at": expires_at,
        }
        self._database.write(lambda connection: connection.execute(insert(token), row))
        return word

    def bearer(self, word: str, kind: str) -> str | None:
        """Return whose word this is, None if it is nobody's any more."""
        this = (token.c.hash == digest(word)) & (token.c.kind == kind)
        with self._database.read() as connection:
            return connection.execute(select(token.c.account).where(this)).scalar()

    def has(self, account: str, kind: str) -> bool:
        """Say whether an account has a word of a kind."""
        this = (token.c.account == account) & (token.c.kind == kind)
        with self._database.read() as connection:
            return connection.execute(select(token.c.hash).where(this).limit(1)).first() is not None

    def revoke(self, account: str, kind: str) -> None:
        """Let an account's words of a kind be worth nothing any more."""
        this = (token.c.account == account) & (token.c.kind == kind)
        self._database.write(lambda connection: connection.execute(delete(token).where(this)))

    def open_link(self, word: str, now: int) -> Opened | None:
        """Use a link up; None where it was used, is too old, or never was."""

        def use(connection: Connection) -> Opened | None:
            this = (token.c.hash == digest(word)) & (token.c.kind == LINK) & (token.c.expires_at > now)
            row = connection.execute(select(token.c.account, token.c.path).where(this)).first()
            connection.execute(delete(token).where(token.c.expires_at <= now))
            # only one of several that use it at once deletes the row
            used = row is not None and connection.execute(delete(token).where(this)).rowcount == 1
            return Opened(row.account, row.path) if row is not None and used else None

        return self._database.write(use)


class OneTimeSecret:
    """A word said once over a pipe; whoever says it first, without guessing, gets in."""

    _TRIES = 5  # wrong ones within a minute

    def __init__(self) -> None:
        self.word = random_word()
        self._open = True
        self._wrong: deque[int] = deque(maxlen=self._TRIES)

    def wait_ms(self, now: int) -> int:
        """Return for how long no further try is heard, 0 if the next one is."""
        return max(0, self._wrong[0] + MINUTE - now) if len(self._wrong) == self._TRIES else 0

    def use(self, word: str, now: int) -> bool:
        """Say whether the word is right and used for the first time."""
        right = self._open and secrets.compare_digest(word.encode(), self.word.encode())
        if right:
            self._open = False
        else:
            self._wrong.append(now)
        return right


def random_word() -> str:
    """Return 256 random bits as text that an address can carry."""
    return secrets.token_urlsafe(32)


def digest(word: str) -> str:
    """Return what the database keeps of a word."""
    return hashlib.sha256(word.encode()).hexdigest()
