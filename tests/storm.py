"""A tracker and a server that are killed again and again, with a lying network between them."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from canaries import leaks
from desktop import environment
from faultproxy import FaultProxy
from hosted import ORIGIN, Hosted
from reckoning import Put
from remote_tracker import MEMO
from waiting import until

from tracker.desktop.secrets import TOKEN
from tracker.paths import Home

AWAY = "the server is offline"  # what the tracker's log says then

_TESTS = Path(__file__).parent
_DRIVER = _TESTS / "remote_tracker.py"
_BETWEEN = 0.35  # seconds at most from one burst of segments to the next, or to the kill
_AT_ONCE = 0.05  # seconds at most from a burst to a kill that is to fall into it
_SOON = 0.4  # of the kills are to
_STARTED = 0.75  # of the lives get beyond their start
_FAULTY = 0.12  # of the requests
_HEALED = 600.0  # seconds in which everything is delivered in the end


@dataclass
class Storm:
    """One home and one server, and what was promised over all lives of both."""

    folder: Path
    server: Hosted
    proxy: FaultProxy
    chance: Random
    put: dict[str, Put] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    leaked: set[Path] = field(default_factory=set)  # what was in the plain after a kill of the tracker
    amid: Counter[str] = field(default_factory=Counter)  # what a kill fell into
    _tracker: subprocess.Popen[str] | None = None
    _reader: threading.Thread | None = None
    _drained: list[str] = field(default_factory=list)
    _lives: int = 0
    _ordered: int = 0  # as many segments are to be put by the life under way and those before

    def __post_init__(self) -> None:
        self.home.data.mkdir(mode=0o700)
        self.keys.touch(0o600)
        self.keys.write_text(json.dumps({TOKEN: self.server.token}))
        self.proxy.upstream = self.server.port

    @property
    def home(self) -> Home:
        return Home.at(self.folder / "home")

    @property
    def keys(self) -> Path:
        """Where the tracker's secrets lie without a keyring, and nowhere else."""
        return self.home.data / "keys"

    @property
    def secrets(self) -> dict[str, str]:
        """The token and both keys, by their names."""
        return dict(json.loads(self.keys.read_text()))

    @property
    def complaints(self) -> Path:
        """What the tracker's process says on standard error."""
        return self.folder / "tracker.err"

    @property
    def told(self) -> str:
        """How it was: kills, requests, faults."""
        faults = ", ".join(f"{fault} {times}" for fault, times in sorted(self.proxy.used.items()))
        kills = f"{self.kills['tracker']}/{self.kills['server']}"
        amid = f"{self.amid['request']} amid a request, {self.amid['put']} amid a put"
        return (
            f"kills of tracker/server {kills} ({amid}), requests {self.proxy.requests}, faults used: {faults}"
        )

    def rage(self, cycles: int, each: int) -> None:
        """Kill one or the other so many times; so many segments are put for each."""
        self.proxy.share = _FAULTY
        for cycle in range(cycles):
            self._live()
            wanted = each * (cycle + 1) - len(self.put)
            bursts = self.chance.randrange(2, 6)
            for burst in range(1, bursts + 1):
                self._order_more(max(1, wanted // bursts + 1))
                soon = burst == bursts and self.chance.random() < _SOON
                threading.Event().wait(self.chance.uniform(0, _AT_ONCE if soon else _BETWEEN))
            self.amid["request"] += self.proxy.under_way > 0
            self.amid["put"] += len(self.put) < self._ordered
            self._kill(self.chance.choice(("tracker", "tracker", "server", "server", "both")))

    def _live(self) -> None:
        """Let both live; a kill falls into the start at times, and mostly after it."""
        if self.server.process is None:
            self.server.start()
            if self.chance.random() < _STARTED:
                self.server.answer()
        if self._tracker is None:
            self._begin()
            if self.chance.random() < _STARTED:
                self._order_more(1)
                until(lambda: len(self.put) == self._ordered, "the tracker to put")

    def miss_the_server(self) -> None:
        """Let the tracker live on without its server until its log tells so."""
        self._kill("server")
        if self._tracker is None:
            self._begin()
        self._order_more(1)
        until(lambda: AWAY in "".join(log.read_text() for log in self.home.logs.glob("*")), "the log to tell")

    def calm(self, segments: int) -> None:
        """Heal the network, let both live, put what is short of a number, and wait until all is delivered."""
        self.proxy.share = 0.0
        if self.server.process is None:
            self.server.start()
        self.server.answer()
        if self._tracker is None:
            self._begin()
        if segments > len(self.put):
            self._order_more(segments - len(self.put))
        self._drained.clear()
        self._order("drain")
        assert until(lambda: self._drained, "all to be delivered", seconds=_HEALED) == ["0"]
        tracker, self._tracker = self._tracker, None
        assert tracker
        assert tracker.stdin
        tracker.stdin.close()
        assert tracker.wait(60) == 0
        self._hear_out(tracker)
        self.server.kill()

    def end(self) -> None:
        """Leave no process behind."""
        self._kill("both")

    def _begin(self) -> None:
        env = environment(
            SSL_CERT_FILE=str(self.proxy.authority),
            PYTHONPATH=f"{_TESTS}:{_TESTS.parent}",
            HOURPROOF_TEST="speed=60 notice=0 spread=0",
            XDG_RUNTIME_DIR=str(self.folder),
            HOME=str(self.folder),
        )
        self._lives += 1
        self._ordered = len(self.put)
        where = [str(self.home.data), self.proxy.url, str(self._lives), ORIGIN]
        with self.complaints.open("a") as complaints:
            self._tracker = subprocess.Popen(
                [sys.executable, str(_DRIVER), *where, self.server.account, *self.server.contracts],
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
            )
        self._reader = threading.Thread(target=self._hear, args=(self._tracker,))
        self._reader.start()

    def _hear(self, tracker: subprocess.Popen[str]) -> None:
        """Note what the tracker says it keeps; a line that a kill has torn says nothing."""
        for line in tracker.stdout or ():
            match line.split() if line.endswith("\n") else []:
                case ["put", id_, start, *hashes]:
                    self.put[id_] = Put(int(start), frozenset(hashes))
                case ["drained", left]:
                    self._drained.append(left)

    def _order_more(self, segments: int) -> None:
        self._ordered += segments
        self._order(f"put {segments}")

    def _order(self, order: str) -> None:
        assert self._tracker
        assert self._tracker.stdin
        assert self._tracker.poll() is None, self.complaints.read_text()[-2000:]
        self._tracker.stdin.write(f"{order}\n")
        self._tracker.stdin.flush()

    def _kill(self, whom: str) -> None:
        if whom in {"tracker", "both"} and self._tracker is not None:
            self._tracker.kill()
            self._tracker.wait()
            self._hear_out(self._tracker)
            self._tracker = None
            self.kills["tracker"] += 1
            self.leaked |= {file for word in (MEMO, *self.secrets.values()) for file in self._leak(word)}
        if whom in {"server", "both"} and self.server.process is not None:
            assert self.server.process.poll() is None, self.server.log.read_text()[-2000:]
            self.server.kill()
            self.kills["server"] += 1

    def _leak(self, word: str) -> list[Path]:
        """Return where a kill has left a word in the plain; the journal is still there."""
        return leaks(word, self.home.data, but=[self.keys])

    def _hear_out(self, tracker: subprocess.Popen[str]) -> None:
        if self._reader is not None:
            self._reader.join()
        for pipe in (tracker.stdin, tracker.stdout):
            if pipe is not None:
                pipe.close()
