"""Devices of one account at a server, each with an outbox and a delivery of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from doubles import NINE, FakeClock, FakeSecrets
from worked import taken, worked

from tracker.commands import Commands
from tracker.desktop.embedded import Started
from tracker.desktop.secrets import TOKEN
from tracker.evidence.keys import SigningKey
from tracker.model.segment import Key, Segment
from tracker.model.slot import MINUTE, SLOT
from tracker.outbox.database import Database
from tracker.outbox.outbox import Hold, Outbox
from tracker.paths import Home
from tracker.sync.connection import Connection
from tracker.sync.syncer import Syncer
from tracker.wire.account import Account


@dataclass
class Courier:
    """A device; it works, and can be asked what the command line asks."""

    folder: Path
    seed: str
    key: Key
    url: str = ""
    token: str = ""
    test: bool = False
    account: Account | None = None
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.database = Database.open(self.folder / "outbox.db", "5e" * 32)
        signer = SigningKey(self.seed * 32)
        self.outbox = Outbox(self.database, signer, app="hourproof 0", test=self.test)
        if self.account is not None:
            self.outbox.remember_account(self.account)
        secrets = FakeSecrets({TOKEN: self.token})
        self.connection = Connection(
            lambda: Started(self.url), secrets, self.outbox, signer, self.folder.name, self.clock
        )
        self.connection.compares_clocks = False
        self.syncer = Syncer(self.outbox, self.connection, self.clock, Random(1), hourly=False, spread_s=0)
        look: Any = None
        self.commands = Commands(
            Home.at(self.folder),
            self.outbox,
            self.connection,
            self.syncer,
            secrets,
            session=None,
            look=look,
            now=lambda: self.clock.wall,
        )

    def work(self, number: int, *pictures: bytes, hold: Hold | None = None) -> Segment:
        """Put the work of the n-th slot since nine o'clock, with a shot of these pictures."""
        start = NINE + number * SLOT
        shot, encoded = taken(*pictures, at=start + MINUTE)
        segment = worked(start, key=self.key, shots=(shot,) if pictures else ())
        self.outbox.store_pictures(shot, encoded, segment=segment.id)
        self.outbox.put(segment, hold)
        return segment

    def states(self) -> dict[str, str]:
        """Where each segment and each revision stands."""
        query = "SELECT id, state FROM segment UNION SELECT id, state FROM revision"
        with self.database.reading() as connection:
            return dict(connection.execute(query).fetchall())

    def end(self) -> None:
        """Close everything."""
        self.connection.close()
        self.database.close()
