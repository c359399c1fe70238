"""A server whose disk is full: it says so and lives on, and all is delivered when there is space again."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from random import Random

import serving
from boxes import DEVICE, Box
from doubles import NINE, FakeClock, FakeSecrets
from PIL import Image
from small_disk import ballast, small_disk
from worked import taken, worked

from tracker.desktop.embedded import Started
from tracker.model.segment import Key
from tracker.model.slot import HOUR, SLOT
from tracker.sync.connection import Connection
from tracker.sync.syncer import Syncer
from tracker.wire.request import NewContract

NUMBER = 6  # segments, each with a picture
LEFT = 100_000  # bytes of the disk: a picture or two


def picture() -> bytes:
    """A real picture of about 60 kB."""
    out = BytesIO()
    Image.frombytes("RGB", (160, 120), os.urandom(160 * 120 * 3)).save(out, "WEBP", lossless=True)
    return out.getvalue()


def fill(box: Box, key: Key) -> None:
    """Let that many segments with a picture wait."""
    for number in range(NUMBER):
        shot, pictures = taken(picture())
        segment = worked(NINE + number * SLOT, key=key, shots=(shot,))
        box.outbox.store_pictures(shot, pictures, segment=segment.id)
        box.outbox.put(segment, None)


def test_a_full_server_takes_everything_once_there_is_space(tmp_path: Path) -> None:
    clock = FakeClock()
    with (
        small_disk(tmp_path / "disk", 16 << 20) as disk,
        serving.embedded(disk / "server") as server,
        Box(tmp_path) as box,
    ):
        connection = Connection(
            lambda: Started(server.url, server.secret), FakeSecrets(), box.outbox, DEVICE, "laptop", clock
        )
        connection.compares_clocks = False
        contract = connection.open().add_contract(NewContract("Checkout", "Northbeam", "65", "USD"))
        account = connection.open().me()
        fill(box, Key(account.server, account.id, contract.id))
        syncer = Syncer(box.outbox, connection, clock, Random(1), hourly=True)
        syncer.patience = clock

        with ballast(disk, leaving=LEFT):
            report = syncer.drain()
            assert report.waiting > 0, "there was room for all"
            assert report.refused == 0
            problems = {entry.problem for entry in box.outbox.entries() if entry.problem}
            assert problems == {"The server cannot do it now (503)."}
            assert connection.open().info(), "it lives on"
        clock.advance(HOUR)
        report = syncer.drain()

        assert (report.waiting, report.refused) == (0, 0)
        assert box.outbox.entries() == []
        connection.close()
        assert server.end() == 0
        checked = serving.serve(
            "--embedded", "--origin", "embedded:home", "--data", str(disk / "server"), "--check"
        )
        assert (checked.returncode, checked.stdout.splitlines()[-1][:2]) == (0, "0 ")
        kept = [path for path in (disk / "server" / "pictures").glob("*/*") if path.is_file()]
        assert len(kept) == NUMBER, "nothing half-written is left"
