"""An app that is killed at any moment while somebody tracks, and the truth of how long was tracked.

Nothing is scaled: the app runs by the machine's clocks, which the test reads, too. A run of tracking begins
at the wall clock and goes on with the boot clock, and so does the truth: what the clock showed right before
SIGKILL is exact to a few milliseconds. At n times the speed each would be n, and six seconds a sixth of that.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random

import msgspec
from user import HOURPROOF, User
from waiting import until

from tracker.clock import Reading, SystemClock
from tracker.desktop.control import ask
from tracker.desktop.keychain import DOOR, Answer, Question
from tracker.desktop.secrets import DEVICE_KEY, OUTBOX_KEY, TOKEN
from tracker.errors import AppNotRunning
from tracker.model.segment import ClosedBy, Segment
from tracker.outbox.database import Database
from tracker.outbox.draft import DraftStore
from tracker.outbox.history import History
from tracker.outbox.memory import Memory
from tracker.paths import Home

LONGEST = 15.0  # seconds that are tracked before a kill
ARRIVES = 0.03  # seconds in which a command is received, obeyed and answered
EVER = (0, 2**62)


@dataclass
class Toll:
    """What the kills have cost."""

    losses: list[int] = field(default_factory=list)  # ms, one for each kill
    overlaps: int = 0
    lost: int = 0  # segments that had been closed

    def add(self, other: Toll) -> None:
        self.losses += other.losses
        self.overlaps += other.overlaps
        self.lost += other.lost


@dataclass
class Run:
    """A run of tracking as it was asked for: what was answered counts, and what was under way may."""

    begun: Reading  # before the start was asked for
    answered: Reading | None = None  # when it was in effect
    spans: list[tuple[str, str]] = field(default_factory=list)  # (contract, memo), the last one open
    stopped: Reading | None = None

    def obeyed(self, command: str, contract: str, memo: str, now: Reading) -> None:
        """Take in an order that is in effect."""
        if command == "start":
            self.answered = now
        if command == "stop":
            self.stopped = now
        elif command == "memo" and not self.spans[-1][1]:
            self.spans[-1] = (contract, memo)  # the first memo is that of the whole segment
        else:
            self.spans.append((contract, memo))

    @property
    def closed(self) -> set[tuple[str, str]]:
        """What is in closed segments."""
        return set(self.spans if self.stopped else self.spans[:-1])

    def loss(self, kept: list[Segment], killed: Reading) -> int:
        """Return how many milliseconds are missing of what was tracked."""
        begin = self._instant(self.begun)
        if kept and self.answered and begin <= kept[0].start <= self._instant(self.answered):
            begin = kept[0].start
        tracked = self._instant(self.stopped or killed) - begin
        return tracked - sum(segment.tracked_ms for segment in kept)

    def _instant(self, moment: Reading) -> int:
        return self.begun.wall + moment.boot - self.begun.boot


class Victim:
    """Somebody whose app is killed again and again, on one home."""

    def __init__(self, user: User, folder: Path, chance: Random) -> None:
        """Take a home with two contracts, and a folder to look at what a kill has left."""
        self.toll = Toll()
        self._user = user
        self._chance = chance
        self._folder = folder
        self._home = Home.at(user.home)
        self._key = _keyring(user)[OUTBOX_KEY]
        self._known: dict[str, Segment] = {}
        self._memos = 0
        with self._opened(self._home.database) as database:
            self._contracts = [contract.id for contract in Memory(database).contracts()]

    def die(self, times: int) -> None:
        """Track and be killed so many times; by turns the app and a command find what is left."""
        killed: tuple[Run, Reading] | None = None
        for number in range(times):
            if killed and number % 2:
                self._user.ask("outbox")
                self._count(*killed)
                killed = None
            with self._user.app() as app:
                if killed:
                    self._count(*killed)
                killed = self._track(app)
            self._look_at_the_ruins(killed[1])
        self._user.ask("outbox")
        if killed:
            self._count(*killed)

    def _track(self, app: subprocess.Popen[bytes]) -> tuple[Run, Reading]:
        """Track for a while, with orders; return when the app was killed."""
        chance, run = self._chance, Run(_now())
        last = chance.choice(("start", "switch", "memo", "stop", None, None, None, None))
        if last == "start":
            return run, self._kill(app, run, last)
        self._order(run, "start")
        end = chance.uniform(0, LONGEST)
        moments = sorted([*(chance.uniform(0, end) for _ in range(chance.randrange(3))), end])
        for number, (before, moment) in enumerate(pairwise([0, *moments]), 1):
            threading.Event().wait(moment - before)
            if number < len(moments):
                self._order(run, chance.choice(("switch", "memo")))
        return run, self._kill(app, run, last)

    def _kill(self, app: subprocess.Popen[bytes], run: Run, command: str | None) -> Reading:
        """Kill the app now, or while an order arrives; return what the clock showed."""
        with ThreadPoolExecutor(1) as sender:
            sent = sender.submit(self._order, run, command) if command else Future[None]()
            if command:
                threading.Event().wait(self._chance.uniform(0, ARRIVES))
            killed = _now()
            app.kill()
            app.wait()
            if command and not isinstance(sent.exception(), AppNotRunning):
                sent.result()
        return killed

    def _order(self, run: Run, command: str) -> None:
        """Ask the app, which has obeyed when it answers."""
        contract = run.spans[-1][0] if run.spans else self._contracts[0]
        if command == "switch":
            contract = next(one for one in self._contracts if one != contract)
        self._memos += 1
        memo = "" if command == "start" and self._memos % 2 else f"The work number {self._memos}"
        named = {"start": {"contract": contract, "memo": memo}, "memo": {"memo": memo}, "stop": {}}
        request = {"command": command, "args": named.get(command, named["start"])}
        socket = Path(self._user.env["XDG_RUNTIME_DIR"], "hourproof", Path(self._home.control).name)
        answer = msgspec.json.decode(ask(str(socket), msgspec.json.encode(request)))
        assert "result" in answer, answer
        run.obeyed(command, contract, memo, _now())

    def _look_at_the_ruins(self, killed: Reading) -> None:
        """Whatever was being written: the file is whole, and its draft can be read."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        for file in self._home.data.glob("outbox.db*"):
            shutil.copyfile(file, self._folder / file.name)
        with self._opened(self._folder / "outbox.db") as database:
            draft = DraftStore(database).load()
            assert draft is None or (draft.closed_by is ClosedBy.CRASH and draft.start < draft.end)
            assert draft is None or draft.end <= killed.wall + 1000
            database.forget_deleted()  # from the journal into the file, where the ciphers are checked
            with database.reading() as connection:
                assert connection.execute("PRAGMA cipher_integrity_check").fetchall() == []
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

    def _count(self, run: Run, killed: Reading) -> None:
        """Compare what there is after the recovery with what there has to be."""
        with self._opened(self._home.database) as database:
            assert DraftStore(database).load() is None
            segments = [segment for segment, _ in History(database).segments(*EVER)]
        found = {segment.id: segment for segment in segments}
        new = [segment for segment in segments if segment.id not in self._known]
        spans = {(segment.key.contract, segment.memo) for segment in new}
        self.toll.losses.append(run.loss(new, killed))
        self.toll.lost += len(run.closed - spans)
        self.toll.lost += sum(not _same(found.get(name), one) for name, one in self._known.items())
        self.toll.overlaps = sum(later.start < one.end for one, later in pairwise(segments))
        self._known |= found

    @contextmanager
    def _opened(self, path: Path) -> Iterator[Database]:
        database = Database.open(path, self._key)
        try:
            yield database
        finally:
            database.close()


def settle(user: User, *others: User) -> None:
    """Make a home with two contracts, and as many others just like it."""
    user.add_contract("Checkout rebuild", "Northbeam")
    user.add_contract("Brand site", "Fennel & Co")
    user.end_server()
    notice = Home.at(user.home).server / "serve.json"
    until(lambda: not notice.exists(), "the server to end")
    for other in others:
        shutil.copytree(user.home, other.home)
        _keyring(other, write=_keyring(user))


def _keyring(user: User, *, write: dict[str, str] | None = None) -> dict[str, str]:
    """Return what the keyring holds for a home, or write it there."""
    names = (OUTBOX_KEY, DEVICE_KEY, TOKEN)
    question = Question(Home.at(user.home).service, write=write or {}, read=names)
    command, asked = [*HOURPROOF, DOOR], msgspec.json.encode(question)
    done = subprocess.run(command, input=asked, env=user.env, capture_output=True, check=True)
    return msgspec.json.decode(done.stdout, type=Answer).values


def _now() -> Reading:
    return SystemClock().now()


def _same(found: Segment | None, known: Segment) -> bool:
    """Say whether a closed segment is there as it was; a shot may have come, and time is doubted later."""
    facts = ("start", "end", "key", "memo", "closed_by")
    return found is not None and all(getattr(found, fact) == getattr(known, fact) for fact in facts)
