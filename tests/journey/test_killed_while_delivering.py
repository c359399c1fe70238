"""SIGKILL of tracker and server at random moments, and a network that lies: nothing is lost, nothing doubled.

The suite does it a few times; HOURPROOF_CYCLES=500 is the promise, in some twenty minutes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from canaries import leaks
from faultproxy import fault_proxy
from hosted import Hosted
from reckoning import Put, reckon
from remote_tracker import MEMO
from storm import AWAY, Storm

from tracker.desktop.secrets import OUTBOX_KEY
from tracker.outbox.database import Database

CYCLES = int(os.environ.get("HOURPROOF_CYCLES", "6"))
_EACH = 20  # segments for each cycle
_UNFORESEEN = re.compile(r"ERROR|CRITICAL|Traceback|refuses")


@pytest.fixture
def storm(tmp_path: Path) -> Iterator[Storm]:
    server = Hosted(tmp_path / "data")
    chance = Random(CYCLES)
    with fault_proxy(tmp_path / "network", chance) as proxy:
        try:
            server.settle()
            storm = Storm(tmp_path, server, proxy, chance)
            yield storm
            storm.end()
        finally:
            server.kill()


@pytest.mark.timeout(120 + 10 * CYCLES)
def test_what_the_outbox_answers_for_arrives_once(storm: Storm) -> None:
    storm.rage(CYCLES, _EACH)
    storm.miss_the_server()
    promised = len(storm.put)
    storm.calm(CYCLES * _EACH)

    with opened(storm) as database:
        account = reckon(database, storm.server.data, storm.put)
        made_up = storm.put | {"never put": Put(0, frozenset())}
        assert reckon(database, storm.server.data, made_up).lost == 1, "a loss would be seen"
    print(  # noqa: T201  # a promise
        f"cycles {CYCLES}, segments {account.segments}, pictures {account.pictures}, {storm.told}, "
        f"put before the network healed {promised}, lost {account.lost}, doubled {account.doubled}"
    )
    assert account.lost == account.doubled == 0
    assert account.segments >= len(storm.put) >= CYCLES * _EACH
    assert storm.proxy.fooled == 0, "nothing was said to whoever shows the wrong certificate"
    nothing_has_leaked(storm)


def nothing_has_leaked(storm: Storm) -> None:
    """No log tells a word of the work, keys lie where they belong, and no fault was unforeseen."""
    logs = (*storm.home.logs.iterdir(), storm.complaints, storm.server.log)
    told = "".join(log.read_text() for log in logs)
    assert [line for line in told.splitlines() if _UNFORESEEN.search(line)] == []
    assert AWAY in told, "there was something to tell"
    assert storm.complaints.read_text() == ""
    assert storm.leaked == set()
    for name, secret in storm.secrets.items():
        assert leaks(secret, storm.folder, but=[storm.keys]) == [], name
    read = leaks(MEMO, storm.folder)
    assert {file.name.partition("-")[0] for file in read} == {"hourproof.db"}, "the server shows it"


@contextmanager
def opened(storm: Storm) -> Iterator[Database]:
    """The outbox."""
    database = Database.open(storm.home.database, storm.secrets[OUTBOX_KEY])
    try:
        yield database
    finally:
        database.close()
