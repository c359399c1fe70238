"""Four weeks without a network are normal: all of them are kept, and delivered once over a poor one.

The suite is offline for a day and a half of work; HOURPROOF_OFFLINE=960 is four weeks of forty hours.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from time import perf_counter

import pytest
from boxes import DEVICE, Box
from doubles import FakeClock, FakeSecrets
from faultproxy import FaultProxy, fault_proxy
from hosted import ORIGIN, Hosted
from PIL import Image
from reckoning import Put, reckon
from worked import taken, worked

from tracker.desktop.embedded import Started
from tracker.desktop.secrets import TOKEN
from tracker.model.segment import Key
from tracker.model.slot import HOUR, MINUTE, SLOT
from tracker.sync.connection import Connection
from tracker.sync.syncer import Syncer

SEGMENTS = int(os.environ.get("HOURPROOF_OFFLINE", "60"))
_A_DAY = 48  # segments
_FAULTY = 0.05  # of the requests
_ENOUGH = 100 * SEGMENTS  # steps


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Hosted]:
    server = Hosted(tmp_path / "data")
    try:
        server.settle()
        yield server
    finally:
        server.kill()


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    with fault_proxy(tmp_path / "network", Random(SEGMENTS)) as proxy:
        monkeypatch.setenv("SSL_CERT_FILE", str(proxy.authority))
        yield proxy


@pytest.mark.timeout(120 + SEGMENTS)
def test_four_weeks_offline_drain_completely(tmp_path: Path, server: Hosted, network: FaultProxy) -> None:
    clock, chance = FakeClock(), Random(1)
    with Box(tmp_path, test=True) as box:
        secrets = FakeSecrets({TOKEN: server.token})
        way = Connection(lambda: Started(network.url), secrets, box.outbox, DEVICE, "laptop", clock)
        way.compares_clocks = False
        syncer = Syncer(box.outbox, way, clock, chance, hourly=False)
        syncer.patience = clock

        began = perf_counter()
        put = dict(
            offline(box, syncer, clock, [Key(ORIGIN, server.account, one) for one in server.contracts])
        )
        written = perf_counter() - began
        assert box.outbox.counts().waiting == SEGMENTS
        size = box.path.stat().st_size >> 20

        network.upstream, network.share = server.port, _FAULTY
        began = perf_counter()
        for _ in range(_ENOUGH):
            clock.advance(round(syncer.step() * 1000))
            if not box.outbox.counts().waiting:
                break
        drained = perf_counter() - began
        way.close()
        server.kill()
        account = reckon(box.database, server.data, put)
    print(  # noqa: T201  # a promise
        f"{SEGMENTS} segments offline, outbox {size} MiB, written in {written:.1f} s, "
        f"drained in {drained:.1f} s, requests {network.requests}, faults {network.used.total()}, "
        f"lost {account.lost}, doubled {account.doubled}"
    )
    assert account.lost == account.doubled == 0
    assert account.segments == account.pictures == SEGMENTS
    assert network.used.total() > 0


def offline(box: Box, syncer: Syncer, clock: FakeClock, keys: list[Key]) -> Iterator[tuple[str, Put]]:
    """Work slot after slot, the contracts by turns; once a day it is tried in vain to deliver."""
    chance = Random(2)
    for number in range(SEGMENTS):
        shot, pictures = taken(screenful(chance), at=clock.wall + MINUTE)
        segment = worked(clock.wall, key=keys[number % len(keys)])
        box.draft.save(segment, durable=True)
        box.outbox.store_pictures(shot, pictures, segment=segment.id)
        box.outbox.put(replace(segment, shots=(shot,)), None)
        yield segment.id, Put(segment.start, frozenset(picture.sha256 for picture in pictures))
        clock.advance(SLOT)
        if number % _A_DAY == _A_DAY - 1:
            friday = number % (5 * _A_DAY) == 5 * _A_DAY - 1
            clock.sleep((64 if friday else 16) * HOUR)
            assert syncer.drain().waiting == number + 1
    box.outbox.seal_due(clock.wall)


def screenful(chance: Random) -> bytes:
    """Return a picture of about 90 KiB, as a full HD screen has, and like no other."""
    noise = Image.frombytes("L", (544, 306), chance.randbytes(544 * 306)).convert("RGB")
    made = io.BytesIO()
    noise.save(made, "WEBP", quality=75, method=0)
    return made.getvalue()
