"""A freelancer's Thursday, delivered to a real server: three contracts, and every state a cell can be in."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import requests
from desktops import PAINTINGS, paint
from uuid_utils import uuid7

from tracker.evidence import chain, signing
from tracker.evidence.keys import SigningKey
from tracker.model.segment import (
    ClosedBy,
    Key,
    Minute,
    Origin,
    Picture,
    Segment,
    Shot,
    ShotState,
    segment_minutes,
)
from tracker.model.slot import MINUTE, SECOND, SLOT, parse_instant, slot_of
from tracker.wire.segment import Seal, encode_segment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DATE = "2026-11-19"
ZONE = "Europe/Berlin"  # its times are one hour ahead of UTC
NOW = f"{DATE}T16:12:00Z"


@dataclass(frozen=True)
class Stretch:
    """A run of work by Berlin's clock; `levels` go round over its slots."""

    contract: str
    begin: str
    end: str
    memo: str
    shows: str = "code"
    levels: tuple[int, ...] = (8, 7, 9, 8, 7)
    origin: Origin = Origin.TRACKED
    closed_by: ClosedBy = ClosedBy.STOP
    shot: ShotState | None = ShotState.KEPT
    monitors: int = 1
    idle_from: str = ""
    delivered: bool = True
    counted: bool = True
    date: str = DATE


CONTRACTS = {
    "Northbeam": ("Checkout rebuild", "65", 30),
    "Fennel & Co": ("Brand site", "58", 10),
    "Ostrava Labs": ("Data import", "72", None),
}
_N, _F, _O = CONTRACTS
_SECURE, _ERRORS = "Checkout: handle 3-D Secure return", "Checkout: error copy for declined cards"
_HERO, _LOADING = "Home page hero: responsive crops", "Home page: image loading and fallbacks"
_IMPORT = "Import: map supplier codes to SKUs"

EARLIER = (  # so much of the week that the limit falls into Thursday's afternoon
    Stretch(_F, "09:00:00", "12:20:00", _HERO, shot=None, date="2026-11-16"),
    Stretch(_N, "13:00:00", "17:10:00", _SECURE, shot=None, date="2026-11-17"),
    Stretch(_F, "08:30:00", "12:36:00", _HERO, shot=None, date="2026-11-18"),
)
THURSDAY = (
    Stretch(_N, "08:42:10", "09:40:00", _SECURE, levels=(7, 8, 9, 9, 7, 8), closed_by=ClosedBy.SLOT_END),
    Stretch(
        _N, "09:40:00", "09:50:00", _SECURE, shot=ShotState.FAILED, levels=(7,), closed_by=ClosedBy.SLOT_END
    ),
    Stretch(_N, "09:50:00", "10:26:00", _SECURE, "terminal", (8, 6, 9, 7), closed_by=ClosedBy.MEMO),
    Stretch(_N, "10:26:00", "10:58:20", "Review PR 412: refund edge cases", "review", (7, 6, 3, 5)),
    Stretch(_O, "11:10:00", "11:30:00", _IMPORT, "sheet", (7, 8), closed_by=ClosedBy.SLOT_END),
    Stretch(
        _O,
        "11:30:00",
        "11:40:00",
        _IMPORT,
        "sheet",
        (8,),
        shot=ShotState.WITHHELD,
        closed_by=ClosedBy.SLOT_END,
    ),
    Stretch(_O, "11:40:00", "12:04:00", _IMPORT, "sheet", (6, 7, 6), closed_by=ClosedBy.SWITCH),
    Stretch(_N, "12:04:00", "12:24:06", _ERRORS, "web", (8, 8, 6), closed_by=ClosedBy.AWAY),
    Stretch(_N, "12:41:14", "13:10:00", _ERRORS, "code", (7, 8, 9)),
    Stretch(_F, "14:00:00", "14:20:00", "Call with Ines about the launch date", origin=Origin.MANUAL),
    Stretch(_F, "14:20:00", "14:30:00", "", "document", (6,), closed_by=ClosedBy.MEMO),
    Stretch(
        _F,
        "14:30:00",
        "15:30:00",
        _HERO,
        "design",
        (8, 7, 6, 7, 9, 8),
        closed_by=ClosedBy.SLOT_END,
        monitors=2,
    ),
    Stretch(_F, "15:30:00", "15:34:18", _HERO, "web", (5,), closed_by=ClosedBy.AWAY, monitors=2),
    Stretch(
        _F,
        "15:34:18",
        "15:40:00",
        _HERO,
        shot=None,
        levels=(1,),
        idle_from="15:34:18",
        closed_by=ClosedBy.SLOT_END,
    ),
    Stretch(_F, "15:40:00", "16:40:00", _LOADING, "design", (7, 8, 8, 7, 8, 7), closed_by=ClosedBy.SLOT_END),
    Stretch(_F, "16:40:00", "17:00:00", _LOADING, "web", delivered=False, closed_by=ClosedBy.SLOT_END),
    Stretch(_F, "17:00:00", "17:06:30", _LOADING, "web", (6,)),
)


@dataclass
class Freelancer:
    """Signs and delivers as a tracker does."""

    url: str
    token: str
    account: str
    origin: str
    key: SigningKey = field(default_factory=SigningKey.new)
    heads: dict[str, chain.Head] = field(default_factory=dict)
    contracts: dict[str, str] = field(default_factory=dict)  # ids by client
    shot: set[tuple[int, str]] = field(default_factory=set)
    counts: random.Random = field(default_factory=lambda: random.Random(412))

    def __post_init__(self) -> None:
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {self.token}"
        public = base64.b64encode(self.key.public).decode()
        self._ask("POST", "/api/v1/devices", json={"public_key": public, "name": "Studio PC"})

    def agree(self, client: str, title: str, rate: str, limit_h: int | None) -> str:
        """Make a contract and return its id."""
        limit = None if limit_h is None else limit_h * 60 * MINUTE
        new = {"title": title, "client": client, "rate": rate, "currency": "USD", "weekly_limit_ms": limit}
        made = self._ask("POST", "/api/v1/contracts", json={**new, "manual": True}).json()
        self.contracts[client] = made["contract"]["id"]
        return self.contracts[client]

    def work(self, *stretches: Stretch) -> None:
        """Deliver stretches of work, cut at the slots as a tracker cuts them."""
        for stretch in stretches:
            begin, end = at(stretch.date, stretch.begin), at(stretch.date, stretch.end)
            edges = [begin, *range(slot_of(begin) + SLOT, end, SLOT), end]
            for n, (start, stop) in enumerate(pairwise(edges)):
                level = stretch.levels[n % len(stretch.levels)]
                self._deliver(self._segment(stretch, start, stop, level, last=stop == end), stretch.delivered)

    def link(self, path: str) -> str:
        """Return the address at which a browser enters without a sign-in."""
        return str(self._ask("POST", "/api/v1/links", json={"path": path}).json()["url"])

    def _segment(self, stretch: Stretch, start: int, stop: int, level: int, *, last: bool) -> Segment:
        manual = stretch.origin is Origin.MANUAL
        contract = self.contracts[stretch.contract]
        # one shot per slot and contract, taken by the first to come
        wanted = stretch.shot is not None and not manual and (slot_of(start), contract) not in self.shot
        self.shot.add((slot_of(start), contract))
        return Segment(
            id=str(uuid7()),
            key=Key(self.origin, self.account, contract),
            start=start,
            end=stop,
            memo=stretch.memo,
            minutes=segment_minutes(start, stop) if manual else self._minutes(start, stop, level),
            closed_by=stretch.closed_by if last else ClosedBy.SLOT_END,
            source=None if manual or not stretch.counted else "x11-record",
            shots=(self._shot(stretch, contract, start, stop),) if wanted else (),
            origin=stretch.origin,
            idle_kept=bool(stretch.idle_from),
        )

    def _minutes(self, start: int, stop: int, level: int) -> tuple[Minute, ...]:
        """Return minutes, the first `level` of a slot active; at even levels the last by movement only."""
        minutes = []
        for minute in segment_minutes(start, stop):
            place = minute.at % SLOT // MINUTE
            active = place < level
            moved = place == level - 1 and level % 2 == 0
            some = active and not moved
            minutes.append(
                Minute(
                    minute.at,
                    minute.tracked_ms,
                    active_s=self.counts.randrange(8, 55) * minute.tracked_ms // MINUTE + 1 if active else 0,
                    keys=self.counts.randrange(0, 180) if some else 0,
                    clicks=self.counts.randrange(0, 12) if some else 0,
                    scrolls=self.counts.randrange(0, 30) if some else 0,
                )
            )
        return tuple(minutes)

    def _shot(self, stretch: Stretch, contract: str, start: int, stop: int) -> Shot:
        assert stretch.shot is not None
        reasons = {ShotState.FAILED: "the screen gave a black image", ShotState.WITHHELD: "by you"}
        pictures = []
        if stretch.shot is ShotState.KEPT:
            shows = [stretch.shows, "web", "document"]
            for monitor in range(stretch.monitors):
                picture = paint(shows[monitor], start // SLOT % PAINTINGS)
                sha256 = hashlib.sha256(picture.data).hexdigest()
                self._ask("PUT", f"/api/v1/contracts/{contract}/pictures/{sha256}", data=picture.data)
                size = len(picture.data)
                pictures.append(Picture(sha256, size, monitor, picture.width, picture.height))
        taken = start + (stop - start) * 2 // 5 // SECOND * SECOND
        return Shot(str(uuid7()), taken, stretch.shot, tuple(pictures), reasons.get(stretch.shot, ""))

    def _deliver(self, segment: Segment, delivered: bool) -> None:
        contract = segment.key.contract
        seq, prev = chain.following(self.heads.get(contract))
        seal = Seal(self.key.id, seq, prev, app="0.1.0", salt=f"{seq:032x}", test=False)
        body = encode_segment(segment, seal)
        self.heads[contract] = chain.Head(seq, hashlib.sha256(body).hexdigest())
        if delivered:
            header = {signing.HEADER: signing.sign(body, self.key).header}
            self._ask("PUT", f"/api/v1/contracts/{contract}/segments/{segment.id}", data=body, headers=header)

    def _ask(self, method: str, path: str, **more: object) -> requests.Response:
        answer = self.http.request(method, self.url + path, timeout=20, **more)  # type: ignore[arg-type]  # requests' own words
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer


@contextlib.contextmanager
def served(data: Path, *, now: str = NOW) -> Iterator[Freelancer]:
    """Run a real embedded server on a folder, at a time of its own, and enter it as its freelancer."""
    origin = "embedded:studio-pc"
    command = [sys.executable, "-m", "tracker", "serve", "--embedded", "--accept-test"]
    environment = {**os.environ, "HOURPROOF_TEST": f"now={now}", "LOGNAME": "Mara Lindqvist", "TZ": ZONE}
    with subprocess.Popen(
        [*command, "--data", str(data), "--origin", origin], stdout=subprocess.PIPE, env=environment
    ) as server:
        try:
            assert server.stdout is not None
            said = json.loads(server.stdout.readline())
            claim = requests.post(
                f"{said['url']}/api/v1/embedded/token", json={"secret": said["secret"]}, timeout=20
            ).json()
            yield Freelancer(said["url"], claim["token"], claim["account"]["id"], origin)
        finally:
            server.terminate()


def at(date: str, clock: str) -> int:
    """Return the instant of a Berlin winter's clock."""
    return parse_instant(f"{date}T{clock}+01:00")
