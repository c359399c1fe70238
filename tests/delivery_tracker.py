"""A tracker's way from a closed segment to a receipt, which can end at any moment or find its disk full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from sqlite3 import Connection as Rows
from typing import Any

from boxes import Box
from delivery_network import SuddenEndError
from delivery_site import URL, Site
from device import webp
from doubles import FakeClock, FakeSecrets
from worked import new_id, taken, worked

from tracker.capture.base import EncodedPicture
from tracker.desktop.embedded import Started
from tracker.desktop.secrets import TOKEN
from tracker.errors import NotDone, StorageFailed
from tracker.evidence.keys import SigningKey
from tracker.model.segment import Key
from tracker.model.slot import SLOT, slot_of
from tracker.outbox.cargo import Carried
from tracker.outbox.draft import DraftStore
from tracker.outbox.outbox import Hold, Outbox
from tracker.sync.connection import Connection
from tracker.sync.syncer import Syncer

LONG = 2**62
_PER_DEVICE = 20_000  # shades: no two pictures are the same unless they are meant to be


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
    discarded: bool = False


class Tracker:
    """One device: box, connection and syncer as the app puts them together."""

    def __init__(
        self, folder: Path, seed: str, site: Site, clock: FakeClock, contracts: list[Key], token: str
    ) -> None:
        folder.mkdir()
        self.clock = clock
        self.works: dict[str, Work] = {}
        self.hourly = True
        self.ended: Counter[str] = Counter()  # by where in its work
        self.signer = SigningKey(seed * 32)
        self._secrets = FakeSecrets({TOKEN: token})
        self._site = site
        self._contracts = contracts
        self._moments: tuple[int, bool] | None = None  # that are left, and whether the disk is full then
        self._left: Path | None = None
        self._committed = 0
        self._box = Box(folder)
        self._number = 0
        self._shade = _PER_DEVICE * int(seed[0])
        self._pictures: list[tuple[str, bytes]] = []  # with their contract
        self._at = 0
        self._build()

    @property
    def outbox(self) -> Outbox:
        return self._box.outbox

    def _build(self) -> None:
        database = self._box.database
        self._box.outbox = Outbox(database, self.signer, app="hourproof 0", test=False)
        self._box.draft = DraftStore(database)
        start = lambda: Started(URL, self._site.secret)  # noqa: E731  # one word of the composition
        self.connection = Connection(start, self._secrets, self.outbox, self.signer, "laptop", self.clock)  # type: ignore[arg-type]
        self.syncer = Syncer(self.outbox, self.connection, self.clock, Random(1), hourly=self.hourly)
        self.syncer.patience = self.clock
        database.transaction = self._watched(database.transaction)  # type: ignore[method-assign]

    # How it ends, and what it does in spite of it

    def _watched(self, transaction: Callable[..., Any]) -> Callable[..., Any]:
        @contextmanager
        def watched(*, durable: bool = True) -> Iterator[Rows]:
            self._moment("before a transaction")
            with transaction(durable=durable) as connection:
                yield connection
                self._moment("before a commit")
            self._committed += 1
            self._moment("after a commit", full=False)

        return watched

    def _moment(self, where: str, *, full: bool = True) -> None:
        """End here, if this is the moment; a disk that is full stays so."""
        if self._moments is None:
            return
        left, is_full = self._moments
        self._moments = left - 1, is_full
        if is_full and full and left <= 1:
            raise StorageFailed("The disk is full.")
        if not is_full and left == 1:
            self._left = self._box.leave()
            self.ended[where] += 1
            raise SuddenEndError

    @contextmanager
    def until(self, moments: int | None, *, full: bool = False) -> Iterator[None]:
        """Do something until it ends, or until the disk is full."""
        self._moments = None if moments is None else (moments, full)
        try:
            yield
        except SuddenEndError:
            self.crash()
        except StorageFailed:
            assert full
        finally:
            self._moments = None

    def crash(self) -> None:
        """End at this moment, and start again with what the system has of the file."""
        left, self._moments, self._left = self._left, None, None
        self.connection.close()
        self._box.crash(left)
        self._build()

    # What its freelancer does

    def work(self, contract: int, pictures: int, hold: str | None, *, same: bool = False) -> None:
        """Close the next segment, its pictures stored as they were taken; some screens stay the same."""
        self._at = max(self._at + SLOT, slot_of(self.clock.wall))
        self._number += 1
        key = self._contracts[contract]
        half = SLOT // 4 * int(self.signer.seed[0])  # devices are used at the same time, not always
        memo, id_ = f"Work number {self._number}", new_id()
        done = Work(id_, key.contract, self._at + half, self._at + half + SLOT // 3, memo)
        shots = []
        for data in self._screens(key.contract, pictures, same=same):
            shot, encoded = taken(data, at=done.start + 1_000)
            self.outbox.store_pictures(shot, encoded, segment=id_)
            done.shots[shot.id] = encoded[0].sha256
            shots.append(shot)
        facts = {"key": key, "memo": memo, "id": id_, "shots": tuple(shots)}
        until = {"silence": LONG, "notice": self.clock.wall + 15_000, None: 0}[hold]
        done.silent = hold == "silence"
        before = self._committed
        try:
            segment = worked(done.start, done.end - done.start, **facts)
            self.outbox.put(segment, Hold(hold, until) if hold else None)  # type: ignore[arg-type]
        finally:
            if self._committed > before:
                self.works[id_] = done

    def _screens(self, contract: str, number: int, *, same: bool) -> Iterator[bytes]:
        there = [data for where, data in self._pictures if where == contract]
        for n in range(number):
            if same and n < len(there):
                yield there[-1 - n]
                continue
            self._shade += 1
            data = webp(self._shade)
            self._pictures.append((contract, data))
            yield data

    def end_silence(self) -> None:
        """Let it be known that the silence was work."""
        self.outbox.end_silence(lambda _segment: None)
        for one in self.works.values():
            one.silent = False

    def change(self, id_: str, what: str, number: int) -> None:
        """Change a segment, or nothing at all."""
        one, before, now = self.works[id_], self._committed, self.clock.wall
        shot = [*one.shots, ""][number % max(1, len(one.shots))]
        memo, later = f"Said later: {number}", EncodedPicture(0, 64, 36, "", b"")
        try:
            if what == "memo":
                self.outbox.change_memo(id_, memo, now)
            elif what == "discard":
                self.outbox.discard(id_, now)
            elif what == "withhold" and shot:
                self.outbox.withhold(id_, shot, now)
            elif what == "blur" and shot:
                self._shade += 1
                _, (later,) = taken(webp(self._shade))
                self.outbox.blur(id_, shot, [later], now)
        except StorageFailed:
            raise
        except NotDone:
            assert one.discarded  # unless the server refused that, it is not there any more
        finally:
            if self._committed > before:
                self._meant(one, what, memo, shot, later)

    def _meant(self, one: Work, what: str, memo: str, shot: str, later: EncodedPicture) -> None:
        if what == "memo":
            one.memo = memo
        elif what == "discard":
            one.discarded = True
            one.taken_back |= set(one.shots.values())
            one.shots = {}
        else:
            one.taken_back.add(one.shots.pop(shot))
            if what == "blur":
                one.shots = {shot: later.sha256, **one.shots}

    def retry_refused(self) -> None:
        """Try again what was refused."""
        for entry in self.outbox.entries():
            if entry.state == "refused":
                self.outbox.retry(entry.id)

    def carry_to(self, other: Tracker) -> None:
        """Carry by hand what waits here, to have another device deliver it, too."""
        found = [one for one in self.outbox.to_carry("laptop") if isinstance(one, Carried)]
        other.outbox.take_in(found, lambda _, sha256: self.outbox.picture(sha256))

    # What its syncer does

    def step(self, number: int, *, asked: bool = True) -> None:
        """Let the syncer do so many units."""
        if asked:
            self.syncer.request()
        for _ in range(number):
            self.syncer.step()

    @contextmanager
    def ends_before_ticking_off(self) -> Iterator[None]:
        """End when the next receipt is there and not written down yet."""

        def end(*_: object) -> None:
            raise SuddenEndError

        outbox = self.outbox
        outbox.delivered = end  # type: ignore[method-assign]
        try:
            yield
        finally:
            outbox.__dict__.pop("delivered", None)

    # What is in its file

    def states(self) -> dict[str, str]:
        """Return where every segment stands."""
        return dict(self._rows("SELECT id, state FROM segment"))

    def sealed(self) -> dict[str, tuple[bytes, str, bytes | None]]:
        """Return the signed bytes, the signature and the receipt of every segment and revision."""
        parts = "id, body, signature, receipt"
        query = f"SELECT {parts} FROM segment WHERE body IS NOT NULL UNION ALL SELECT {parts} FROM revision"
        return {id_: (body, signature, receipt) for id_, body, signature, receipt in self._rows(query)}

    def _rows(self, query: str) -> list[Any]:
        with self._box.database.reading() as connection:
            return connection.execute(query).fetchall()

    def close(self) -> None:
        self.connection.close()
        self._box.database.close()
