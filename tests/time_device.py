"""The real tracker, from its session to its file, that can be thrown away and started again at any moment."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from doubles import FakeClock
from workbench import Bench, bench_on

from tracker.capture.base import EncodedPicture
from tracker.capture.photographer import ShotResult
from tracker.keeper import Recovered, recover
from tracker.model.question import Question
from tracker.model.segment import Segment
from tracker.model.slot import SECOND, SLOT, next_midnight
from tracker.orders import Order
from tracker.outbox.database import Database
from tracker.outbox.questions import _ALL, _read
from tracker.revising import TAKE_BACK

if TYPE_CHECKING:
    from tracker.commands import Commands
    from tracker.status import TakeBack

NOTICE = 15 * SECOND
_MEMORY = Path("/dev/shm")
_EVER = 4_000_000_000_000  # an instant after all others


@dataclass(frozen=True)
class Asked:
    """A shot that the camera was asked for."""

    id: str
    contract: str
    slot: int
    boot: int
    done: Callable[[ShotResult], None]


class TimeDevice:
    """A bench whose app can end, and whose zone is chosen."""

    def __init__(self, zone: str, wall: int, seed: int) -> None:
        self._zone = os.environ.get("TZ")
        os.environ["TZ"] = zone
        time.tzset()
        self._folder = Path(mkdtemp(dir=_MEMORY if _MEMORY.is_dir() else None))
        self._random = Random(seed)
        self.clock = FakeClock(wall=wall)
        self.asked: list[Asked] = []
        self.refuses = ""  # why there is no input source
        self.bench: Bench
        self.open()

    def close(self) -> None:
        self.database.close()
        shutil.rmtree(self._folder)
        os.environ.pop("TZ")
        if self._zone is not None:
            os.environ["TZ"] = self._zone
        time.tzset()

    def open(self) -> Recovered:
        """Do what the app does at its start."""
        self.database = Database.open(self._folder / "outbox.db", None)
        self.bench = bench_on(self.database, self.clock)
        self.bench.hands.refuses = self.refuses
        recorder, outbox = self.bench.session.recorder, self.bench.outbox
        recorder._midnight = next_midnight
        recorder._plan._random = self._random
        found = recover(self.bench.draft, outbox, notice_ms=NOTICE, now=self.clock.wall)
        if found.resume:
            outbox.remember_resume(found.resume)
            self.bench.session.resume = found.resume
        outbox.seal_due(self.clock.wall)
        return found

    def crash(self) -> Recovered:
        """Throw the app away as it is, and start another a moment later."""
        self.asked.clear()
        self.database.close()
        self.clock.advance(1)
        return self.open()

    def step(self, order: Order | None, *, keys: int = 0, moved: bool = False) -> list[Asked]:
        """Type, let the session live on, and have an order obeyed; return the shots it asked for."""
        bench = self.bench
        bench.hands.type(keys)
        if moved and bench.hands.tally is not None:
            bench.hands.tally.move()
        done = None if order is None else bench.session.post(order)
        bench.session.step()
        if done is not None:
            done.result(0)
        owners, asked = bench.session.keeper._on_their_way, []
        for shot, answer in bench.camera.asked:
            contract, slot = self.place_of(owners[shot][0])
            asked.append(Asked(shot, contract, slot, self.clock.boot, answer))
        bench.camera.asked.clear()
        self.asked += asked
        return asked

    def deliver(self, shot: Asked, reason: str) -> bytes:
        """Let a shot come back from the camera."""
        data = shot.id.encode()
        picture = EncodedPicture(0, 8, 8, hashlib.sha256(data).hexdigest(), data)
        self.asked.remove(shot)
        shot.done(ShotResult(shot.id, () if reason else (picture,), reason))
        return data

    def growing_shots(self) -> list[str]:
        """The shots with pictures of the open segment, or of the open question."""
        recorder = self.bench.session.recorder
        owner = recorder.question or recorder.segment
        return [one.id for one in owner.shots if one.pictures] if owner else []

    def take_back(self, shot: str, how: TakeBack) -> None:
        """Withhold a shot, blur it, or discard it with its time."""
        session = self.bench.session

        def effect(order: Order) -> None:
            self.step(order)

        commands = SimpleNamespace(
            outbox=self.bench.outbox,
            session=session,
            effect=effect,
            now=lambda: self.clock.wall,
            syncer=SimpleNamespace(request=lambda: None),
        )
        TAKE_BACK[how](cast("Commands", commands), shot)

    def place_of(self, owner: str) -> tuple[str, int]:
        """The contract and slot of a segment, open or closed, or those in which a question grows."""
        recorder, slot = self.bench.session.recorder, self.bench.session.at // SLOT * SLOT
        places = {one.id: (one.key.contract, one.slot) for one in self.segments()}
        if recorder._run is not None:
            places[recorder._run.id] = recorder._run.track.key.contract, recorder._run.start // SLOT * SLOT
        if recorder.question is not None:
            places[recorder.question.id] = recorder.question.key.contract, slot
        return places[owner]

    def saved(self) -> int | None:
        """How far the open segment, or the open question, is safe from a crash."""
        question = self.bench.session.recorder.question
        if question is not None:
            with self.database.reading() as connection:
                query = "SELECT ends FROM question WHERE id = ? AND open"
                return int(connection.execute(query, (question.id,)).fetchone()[0])
        draft = self.bench.draft.load()
        return None if draft is None else draft.end

    def segments(self) -> list[Segment]:
        return [segment for segment, _ in self.bench.outbox.segments(0, _EVER)]

    def questions(self) -> list[Question]:
        """All time without anybody, that of a call included."""
        with self.database.reading() as connection:
            return [_read(row) for row in connection.execute(f"{_ALL} ORDER BY begins").fetchall()]

    def sealed(self) -> dict[str, bytes]:
        with self.database.reading() as connection:
            return dict(connection.execute("SELECT id, body FROM segment WHERE body IS NOT NULL").fetchall())

    def pictures(self) -> list[tuple[str, str, str]]:
        """Owner, shot and hash of every picture that is kept."""
        with self.database.reading() as connection:
            return connection.execute("SELECT segment, shot, sha256 FROM picture").fetchall()
