"""A tracker's way from a closed segment to a receipt, which can end at any moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from sqlite3 import Connection as Rows

from boxes import Box
from delivery_site import URL, Site
from device import webp
from doubles import FakeClock, FakeSecrets
from worked import taken, worked

from tracker.desktop.embedded import Started
from tracker.errors import StorageFailed
from tracker.evidence.keys import SigningKey
from tracker.model.segment import Key
from tracker.model.slot import SLOT, slot_of
from tracker.outbox.draft import DraftStore
from tracker.outbox.outbox import Hold, Outbox
from tracker.sync.connection import Connection
from tracker.sync.syncer import Syncer
from tracker.wire.receipt import Receipt

LONG = 2**62


class SuddenEndError(BaseException):
    """The tracker's process is gone."""


@dataclass
class Work:
    """A segment as its freelancer means it to be."""

    id: str
    contract: str
    start: int
    end: int
    memo: str
    shots: dict[str, str] = field(default_factory=dict)  # shot -> its picture's hash, as long as it stands
    taken_back: set[str] = field(default_factory=set)  # hashes of pictures that nobody is to see any more
    silent: bool = False
    sealed: bool = False
    discarded: bool = False


class Tracker:
    """One device: box, connection and syncer as the app puts them together."""

    def __init__(self, folder: Path, seed: str, site: Site, clock: FakeClock, contracts: list[Key]) -> None:
        folder.mkdir()
        self.clock = clock
        self.works: dict[str, Work] = {}
        self._signer = SigningKey(seed * 32)
        self._secrets = FakeSecrets()
        self._site = site
        self._contracts = contracts
        self._box = Box(folder)
        self._number = 0
        self._at = 0
        self._build()

    @property
    def outbox(self) -> Outbox:
        return self._box.outbox

    def _build(self) -> None:
        self._box.outbox = Outbox(self._box.database, self._signer, app="hourproof 0", test=False)
        self._box.draft = DraftStore(self._box.database)
        start = lambda: Started(URL, self._site.secret)  # noqa: E731  # one word of the composition
        self.connection = Connection(start, self._secrets, self.outbox, self._signer, "laptop", self.clock)  # type: ignore[arg-type]
        self.syncer = Syncer(self.outbox, self.connection, self.clock, Random(1), hourly=True)
        self.syncer.patience = self.clock

    def crash(self) -> None:
        """End at this moment, and start again with what the system has of the file."""
        self.connection.close()
        self._box.crash()
        self._build()

    def work(self, contract: int, pictures: int, hold: str | None) -> None:
        """Close the next segment, its pictures stored as they were taken."""
        self._at = max(self._at + SLOT, slot_of(self.clock.wall))
        self._number += 1
        key = self._contracts[contract]
        first = 1_000 * self._number + 500_000 * int(self._signer.seed[0])
        names = [webp(first + n) for n in range(pictures)]
        segment = worked(self._at, SLOT // 2, key=key, memo=f"Work number {self._number}")
        done = Work(segment.id, key.contract, segment.start, segment.end, segment.memo)
        shots = []
        for name in names:
            shot, encoded = taken(name, at=self._at + 1_000)
            self.outbox.store_pictures(shot, encoded, segment=segment.id)
            done.shots[shot.id] = encoded[0].sha256
            shots.append(shot)
        segment = worked(self._at, SLOT // 2, key=key, memo=segment.memo, id=segment.id, shots=tuple(shots))
        until = {"silence": LONG, "notice": self.clock.wall + 15_000, None: 0}[hold]
        done.silent = hold == "silence"
        self.outbox.put(segment, Hold(hold, until) if hold else None)  # type: ignore[arg-type]
        self.works[done.id] = done  # acknowledged

    def end_silence(self) -> None:
        """Let it be known that the silence was work."""
        self.outbox.end_silence(lambda _segment: None)
        for one in self.works.values():
            one.silent = False

    def change(self, id_: str, what: str, number: int) -> None:
        """Change a segment; where it cannot be any more, nothing is changed."""
        one = self.works[id_]
        try:
            if what == "memo":
                self.outbox.change_memo(id_, memo := f"Said later: {number}", self.clock.wall)
                one.memo = memo
            elif what == "discard":
                self.outbox.discard(id_, self.clock.wall)
                one.discarded = True
                one.taken_back |= set(one.shots.values())
                one.shots = {}
            elif one.shots:
                shot = next(iter(one.shots))
                self.outbox.withhold(id_, shot, self.clock.wall)
                one.taken_back.add(one.shots.pop(shot))
        except StorageFailed:
            return

    def step(self, number: int) -> None:
        """Let the syncer do so many units."""
        self.syncer.request()
        for _ in range(number):
            self.syncer.step()

    @contextmanager
    def ends_before_ticking_off(self) -> Iterator[None]:
        """End when the next receipt is there and not written down yet."""

        def end(_id: str, _receipt: Receipt) -> None:
            raise SuddenEndError

        self.outbox.delivered = end  # type: ignore[method-assign]
        try:
            yield
        except SuddenEndError:
            self.crash()
        finally:
            self.outbox.__dict__.pop("delivered", None)

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Have no room for anything meanwhile."""

        def refuse(*, durable: bool = True) -> AbstractContextManager[Rows]:
            raise StorageFailed(f"The disk is full (durable: {durable}).")

        self._box.database.transaction = refuse  # type: ignore[method-assign]
        try:
            yield
        finally:
            self._box.database.__dict__.pop("transaction", None)

    def retry_refused(self) -> None:
        """Try again what was refused."""
        for entry in self.outbox.entries():
            if entry.state == "refused":
                self.outbox.retry(entry.id)

    def states(self) -> dict[str, str]:
        """Return where every segment stands."""
        with self._box.database.reading() as connection:
            return dict(connection.execute("SELECT id, state FROM segment").fetchall())

    def proofs(self) -> dict[str, str]:
        """Return the hash of every parcel whose receipt is kept."""
        query = """
            SELECT id, sha256 FROM segment WHERE receipt IS NOT NULL
            UNION ALL SELECT id, sha256 FROM revision WHERE receipt IS NOT NULL
        """
        with self._box.database.reading() as connection:
            return dict(connection.execute(query).fetchall())

    def close(self) -> None:
        self.connection.close()
        self._box.database.close()
