"""A week lived by script: a real session on a fake clock, delivered to a real server in this process."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import msgspec
from backend import ORIGIN, Site
from device import webp
from doubles import FakeClock
from senses import FakeInput
from worked import new_id

from tracker.capture.base import EncodedPicture
from tracker.capture.photographer import ShotResult
from tracker.capture.tally import Tally
from tracker.evidence.keys import SigningKey
from tracker.evidence.signing import HEADER
from tracker.keeper import Keeper, recover
from tracker.model.contract import Contract
from tracker.model.segment import ClosedBy
from tracker.model.slot import MINUTE, SECOND, next_midnight, parse_instant
from tracker.orders import Answer, Begin, Call, ChangeMemo, End, Order, Presence
from tracker.outbox.database import Database
from tracker.outbox.draft import DraftStore
from tracker.outbox.outbox import Outbox
from tracker.recording.recorder import Recorder
from tracker.recording.shots import ShotPlan
from tracker.session import WorkSession
from tracker.watch import Watch
from tracker.wire import API, segment_path
from tracker.wire.account import Account
from tracker.wire.diary import ContractView, contract_of
from tracker.wire.receipt import Receipt

BERLIN = ZoneInfo("Europe/Berlin")
NOTICE = 15 * SECOND
MEMOS = {"N": "Checkout: error copy", "F": "Home page hero", "O": "Map supplier codes"}


def local(text: str) -> int:
    """The instant of a day of November and a time in Berlin."""
    day, time = text.split()
    return parse_instant(f"2026-11-{day}T{time}", BERLIN)


def span(text: str) -> int:
    """Hours, minutes and seconds as milliseconds; a sign may lead."""
    hours, minutes, seconds = (int(part) for part in text.lstrip("+-").split(":"))
    ms = ((hours * 60 + minutes) * 60 + seconds) * SECOND
    return -ms if text.startswith("-") else ms


@dataclass(frozen=True)
class Line:
    """What happens when."""

    at: int
    verb: str
    rest: str = ""


def read(script: str) -> Iterator[Line]:
    """Return a script's lines, rounds written out as the switches they are."""
    for text in script.splitlines():
        if not text or text.startswith("#"):
            continue
        at, (verb, *more) = local(text[:11]), text[11:].split(maxsplit=1)
        rest = more[0] if more else ""
        if verb != "rounds":
            yield Line(at, verb, rest)
            continue
        switches, every, *turn = rest.split()
        for number in range(int(switches) + 1):
            yield Line(at + number * span(every), "switch" if number else "start", turn[number % len(turn)])


class PromptCamera:
    """Takes every shot at once, no two alike."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def request(self, shot: str, done: Callable[[ShotResult], None]) -> None:
        data = webp(next(self._numbers))
        done(ShotResult(shot, (EncodedPicture(0, 64, 36, hashlib.sha256(data).hexdigest(), data),)))


class Week:
    """One freelancer, one machine, one server; `now` is the true time, which the server's clock shows."""

    def __init__(self, folder: Path, site: Site, begin: int, *, limit_ms: int, seed: int = 47) -> None:
        self._path = folder / "outbox.db"
        self._site = site
        self.now = site.clock.wall = begin
        self.clock = FakeClock(wall=begin)
        made = [site.contract(title=name) for name in "NO"]
        made.insert(1, site.contract(title="F", weekly_limit_ms=limit_ms))
        site.device(made[0])
        views = msgspec.json.decode(site.call("GET", "/contracts").content, type=list[ContractView])
        self.contracts: dict[str, Contract] = {view.title: contract_of(view) for view in views}
        self.names = {contract.id: name for name, contract in self.contracts.items()}
        self._plan = Random(seed)
        self._there = self._suspended = False
        self._boot()

    def _boot(self) -> None:
        """Start the app, as after a power cut."""
        self._database = Database.open(self._path, None)
        self.outbox = Outbox(self._database, SigningKey("11" * 32), app="test", test=False)
        self.outbox.remember_account(Account(ORIGIN, self._site.account, "Ada"))
        recorder = Recorder(ShotPlan(self._plan), new_id, partial(next_midnight, zone=BERLIN))
        self.hands, draft = FakeInput(), DraftStore(self._database)
        keeper = Keeper(recorder, PromptCamera(), self.outbox, draft, self.clock, NOTICE)  # type: ignore[arg-type]
        watch = Watch(self.clock.now(), Tally(), lambda: self.hands)
        self.session = WorkSession(self.clock, recorder, keeper, self.outbox, watch)
        recover(draft, self.outbox, notice_ms=NOTICE, now=self.clock.wall)

    def live(self, line: Line) -> None:
        """Let time pass up to a line of the script, then do what it says."""
        if line.verb == "crash":  # second by second: it is about how much the draft has
            self._reach(line.at - MINUTE)
            self._reach(line.at, step=SECOND)
        else:
            self._reach(line.at)
        order = self._order(line.verb, line.rest)
        if order is not None:
            self._do(order)
            self._there |= isinstance(order, Begin)
        else:
            getattr(self, f"_{line.verb}")(line.rest)

    def _order(self, verb: str, rest: str) -> Order | None:
        if verb in {"start", "switch"}:
            name, _, memo = rest.partition(" ")
            return Begin(self.contracts[name], memo or MEMOS[name])
        if verb in {"keep", "discard", "move"}:
            to = self.outbox.key_of(self.contracts[rest].id) if rest else None
            return Answer(self.outbox.questions()[0].id, verb, to)  # type: ignore[arg-type]
        if verb == "call":
            return Call(self.clock.wall + local(rest) - self.now)
        return {"memo": ChangeMemo(rest), "stop": End(ClosedBy.STOP)}.get(verb)

    def _do(self, order: Order) -> None:
        done = self.session.post(order)
        self.session.step()
        done.result(0)

    def _reach(self, at: int, *, step: int = MINUTE) -> None:
        while self.now < at:
            running = self.session.recorder.track is not None and not self._suspended
            ms = min(at, self.now - self.now % step + step) - self.now if running else at - self.now
            self._pass(ms, typing=self._there)
            if running:
                self.session.step()

    def _pass(self, ms: int, *, typing: bool = False) -> None:
        if self._suspended:
            self.clock.sleep(ms)
        else:
            self.hands.type(int(typing))
            self.clock.advance(ms)
        self._site.clock.advance(ms)
        self.now += ms

    # What the script says, but for orders

    def _leave(self, _rest: str) -> None:
        self._there = False

    def _back(self, _rest: str) -> None:
        self._pass(SECOND, typing=True)
        self.session.step()
        self._there = True

    def _lock(self, _rest: str) -> None:
        self._there = False
        self._do(Presence(locked=True))

    def _unlock(self, _rest: str) -> None:
        self._do(Presence(locked=False))

    def _sleep(self, _rest: str) -> None:
        self._do(Presence(asleep=True))
        self._nap("")

    def _nap(self, _rest: str) -> None:
        self._there, self._suspended = False, True

    def _wake(self, _rest: str) -> None:
        self._suspended = False
        self.session.step()

    def _jump(self, by: str) -> None:
        self.clock.wall += span(by)

    def _crash(self, _rest: str) -> None:
        self._there = False
        self._database.close()
        self._suspended = True  # nothing runs: nobody steps

    def _reboot(self, _rest: str) -> None:
        self._suspended = False
        self.clock.boot = self.clock.awake = 20_000
        self._boot()

    def _deliver(self, _rest: str) -> None:
        """Put everything that is due on the server, and compare the clocks."""
        self.outbox.seal_due(self.clock.wall)
        while (parcel := self.outbox.oldest_due(self.clock.wall)) is not None:
            contract = parcel.key.contract
            for sha256 in parcel.pictures:
                put = self._site.put_picture(contract, sha256, self.outbox.picture(sha256))
                assert put.status_code in {200, 201}
            path = segment_path(contract, parcel.id).removeprefix(API)
            answer = self._site.call("PUT", path, content=parcel.body, headers={HEADER: parcel.signature})
            assert answer.status_code == 201, answer.text
            self.outbox.delivered(parcel.id, msgspec.json.decode(answer.content, type=Receipt))
        self.outbox.learn_clock(self._site.clock.wall, self.clock.wall)

    def close(self) -> None:
        self._database.close()
