"""How long four weeks offline take to drain, beside a bare loop of the same requests to the same server."""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING

import requests
from boxes import DEVICE, Box
from doubles import NINE, FakeSecrets
from PIL import Image
from starting import starter
from worked import taken, worked

from tracker.clock import SystemClock
from tracker.evidence.signing import HEADER
from tracker.model.segment import Key
from tracker.model.slot import SLOT
from tracker.sync.connection import Connection
from tracker.sync.syncer import Syncer
from tracker.wire import PICTURE_TYPE, picture_path, segment_path
from tracker.wire.request import NewContract

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.desktop.embedded import Started
    from tracker.outbox.outbox import Parcel

SEGMENTS, ROUNDS = 960, 3
BUDGET = 1.5


@dataclass(frozen=True)
class Round:
    """Seconds for the same work, done by the syncer and by the bare loop."""

    drain_s: float
    bare_s: float


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--segments", type=int, default=SEGMENTS)
    number = parser.parse_args().segments
    with tempfile.TemporaryDirectory(prefix="hp-") as folder, Box(Path(folder)) as box:
        origin = f"embedded:{box.outbox.home_id}"
        with starter(Path(folder) / "server", origin=origin) as start:
            bench = Bench(box, start)
            bench.round(10)  # warm
            rounds = [bench.round(number) for _ in range(ROUNDS)]
    sys.stdout.write(json.dumps(rows(rounds, number)))


def rows(rounds: list[Round], number: int) -> list[dict[str, object]]:
    """Return what is judged: the median of the rounds' ratios."""
    drain, bare = (
        statistics.median(times) for times in zip(*((r.drain_s, r.bare_s) for r in rounds), strict=True)
    )
    return [
        {
            "name": f"drain {number} segments with shots, in times a bare loop of the same requests",
            "value": round(statistics.median(r.drain_s / r.bare_s for r in rounds), 2),
            "unit": "x",
            "budget": BUDGET,
            "beside": {"drained /s": round(number / drain), "bare loop /s": round(number / bare)},
        }
    ]


class Bench:
    """One home and its server; every pile of work is of a contract of its own."""

    def __init__(self, box: Box, start: Callable[[], Started]) -> None:
        self._box = box
        self._secrets = FakeSecrets()
        self._random = Random(1)
        self._pictures: list[bytes] = []  # to the server, each is another one in another contract
        self._connection = Connection(start, self._secrets, box.outbox, DEVICE, "bench", SystemClock())
        self._syncer = Syncer(box.outbox, self._connection, SystemClock(), self._random, hourly=True)

    def round(self, number: int) -> Round:
        """Deliver two piles alike, one after the other."""
        self.pile(number)
        began = perf_counter()
        report = self._syncer.drain()
        drain_s = perf_counter() - began
        assert report.delivered == number, report
        self.pile(number)
        return Round(drain_s, self.bare())

    def pile(self, number: int) -> None:
        """Let segments wait, sealed, each with a shot of its own."""
        backend = self._connection.open()
        new = NewContract(title="Bench", client="Bench", rate="1", currency="USD")
        contract = backend.add_contract(new).id
        account, outbox = self._box.outbox.account, self._box.outbox
        assert account is not None
        key = Key(account.server, account.id, contract)
        while len(self._pictures) < number:
            self._pictures.append(self._picture())
        for place, picture in enumerate(self._pictures[:number]):
            shot, encoded = taken(picture)
            segment = worked(NINE + place * SLOT, key=key, shots=(shot,))
            outbox.store_pictures(shot, encoded, segment=segment.id)
            outbox.put(segment, None)
        outbox.seal_due(NINE + number * SLOT)

    def bare(self) -> float:
        """Put everything that waits with nothing but requests; return the seconds that took."""
        outbox, now = self._box.outbox, SystemClock().now().wall
        backend = self._connection.open()
        ready: list[tuple[Parcel, list[tuple[str, bytes]]]] = [
            (parcel, [(sha256, outbox.picture(sha256)) for sha256 in parcel.pictures])
            for parcel in self._box.parcels(now)
        ]
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {self._secrets.get('token')}"
            began = perf_counter()
            for parcel, pictures in ready:
                contract = parcel.key.contract
                for sha256, data in pictures:
                    path = picture_path(contract, sha256)
                    done = session.put(backend.url + path, data=data, headers={"Content-Type": PICTURE_TYPE})
                    done.raise_for_status()
                path = segment_path(contract, parcel.id)
                done = session.put(backend.url + path, data=parcel.body, headers={HEADER: parcel.signature})
                done.raise_for_status()
            bare_s = perf_counter() - began
        for parcel, _ in ready:  # the server has them: so says the receipt
            outbox.delivered(parcel.id, backend.put(parcel))
        return bare_s

    def _picture(self) -> bytes:
        """Return a picture of about the size of a real shot, like no other."""
        noise = Image.frombytes("L", (544, 306), self._random.randbytes(544 * 306)).convert("RGB")
        made = io.BytesIO()
        noise.save(made, "WEBP", quality=75, method=0)
        return made.getvalue()


if __name__ == "__main__":
    main()
