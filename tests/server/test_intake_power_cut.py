"""A power cut in the middle of any write of the server's takes nothing that was receipted.

A server takes in work from several sides under strace, and every disk that a cut can leave is opened as a
start does. The suite tries some of the cuts; HOURPROOF_CUTS=all tries every one of them.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from backend import ORIGIN
from doubles import FakeClock
from powercut import Cutting, Recording, record
from sqlalchemy import select

from tracker.server.application import assemble
from tracker.server.inspection import faults
from tracker.server.settings import ServerSettings
from tracker.server.tables import revision, segment, tombstone
from tracker.server.upkeep import destroy_again, sweep

_SOME_CUTS, _FEW_CUTS = 100, 30
_HASH = 64


@dataclass
class Harm:
    """What the cuts did."""

    acknowledged: int = 0
    lost: int = 0  # receipts whose row is gone, pictures that were answered for
    returned: int = 0  # pictures that were taken back
    unreadable: int = 0
    faults: int = 0

    def __str__(self) -> str:
        return (
            f"{self.acknowledged} acknowledged rows and pictures looked for, lost {self.lost}, "
            f"unreadable files {self.unreadable}, faults {self.faults}, taken back in vain {self.returned}"
        )


def test_a_power_cut_takes_nothing_that_was_receipted(tmp_path: Path) -> None:
    recording = taken_in(tmp_path)
    at_most = None if "HOURPROOF_CUTS" in os.environ else _SOME_CUTS
    cuts, harm = cut(recording, tmp_path, at_most)

    print(f"{len(recording.events)} crash points, power cuts {cuts}: {harm}")  # noqa: T201  # a promise
    assert harm.acknowledged > cuts
    assert harm == Harm(acknowledged=harm.acknowledged)


@pytest.mark.parametrize("word", ["careless", "nameless", "hasty", "trusting"])
def test_without_the_syncs_the_cuts_would_show_it(tmp_path: Path, word: str) -> None:
    """Commits that are NORMAL instead of FULL; names, pictures, or names that were there already."""
    _, harm = cut(taken_in(tmp_path, word), tmp_path, _FEW_CUTS)

    assert harm.lost


def taken_in(folder: Path, *words: str) -> Recording:
    """Let the server work, and return what it did."""
    data = folder / "data"
    data.mkdir()
    command = [sys.executable, "-m", "intake_alone", str(data), *words]
    return record(command, data, folder / "trace", PYTHONPATH=os.pathsep.join(sys.path))


def cut(recording: Recording, folder: Path, at_most: int | None) -> tuple[int, Harm]:
    """Cut the power, start again and see what is left, again and again; it can always be opened."""
    harm, room = Harm(), folder / "after"
    return recording.replay(room, lambda cutting: _start_again(cutting, room, harm), at_most), harm


def _start_again(cutting: Cutting, room: Path, harm: Harm) -> None:
    known = [json.loads(line) for line in cutting.said.replace("\0", "").splitlines()]
    clock = FakeClock()
    parts = assemble(ServerSettings(room, "http://testserver", ORIGIN, embedded=True), clock, clock)
    destroy_again(parts)
    sweep(parts)
    with parts.database.read() as connection:
        held = {
            receipt
            for table in (segment, revision, tombstone)
            for receipt in connection.execute(select(table.c.receipt)).scalars()
        }
    files = {path: path.read_bytes() for path in (room / "pictures").glob("*/*") if len(path.name) == _HASH}
    whole = {(path.parent.name, path.name) for path, data in files.items() if _named(path, data)}
    harm.unreadable += len(files) - len(whole)
    harm.faults += sum(1 for _ in faults(parts))
    parts.close()
    receipts = [one["receipt"].encode() for one in known if "receipt" in one]
    leaving = {one["taking_back"] for one in known if "taking_back" in one}
    kept = [(c, sha256) for c, sha256 in _told(known, "picture") if sha256 not in leaving]
    harm.acknowledged += len(receipts) + len(kept)
    harm.lost += sum(receipt not in held for receipt in receipts) + sum(one not in whole for one in kept)
    harm.returned += sum(one in whole for one in _told(known, "taken_back"))


def _told(known: list[dict[str, Any]], fact: str) -> list[tuple[str, str]]:
    return [(contract, sha256) for contract, sha256 in (one[fact] for one in known if fact in one)]


def _named(path: Path, data: bytes) -> bool:
    return hashlib.sha256(data).hexdigest() == path.name
