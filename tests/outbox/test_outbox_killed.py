"""SIGKILL in the middle of writing: everything that was acknowledged is there, and the file is whole."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

from boxes import Box
from desktop import environment
from doubles import NINE

from tracker.model.slot import MINUTE, SLOT

ROUNDS = 8

# What the killed process does: it tracks minute after minute, and says each id once it is acknowledged.
WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from boxes import Box
from doubles import NINE
from tracker.model.slot import MINUTE, SLOT
from worked import taken, worked

box = Box(Path(sys.argv[1]))
begin = int(sys.argv[2])
for number in range(1_000_000):
    at = begin + number * SLOT
    name = f"00000000-0000-7000-8000-{at:012x}"
    shot, pictures = taken(name.encode() * 2000, at=at)
    segment = worked(at, MINUTE, id=name)
    box.draft.save(segment, durable=False)
    box.outbox.store_pictures(shot, pictures, segment=name)
    box.outbox.put(replace(segment, shots=(shot,)), None)
    print("put", name, flush=True)
    if number % 3 == 0:
        box.outbox.seal_due(at)
        print("sealed", name, flush=True)
"""


def test_a_killed_writer_loses_nothing_it_was_told_is_safe(tmp_path: Path) -> None:
    chance = random.Random(7)
    acknowledged: set[str] = set()
    sealed: set[str] = set()
    for round_number in range(ROUNDS):
        said = killed(tmp_path, NINE + round_number * 10_000 * SLOT, after=chance.randint(2, 40))
        acknowledged |= {name for word, name in said if word == "put"}
        sealed |= {name for word, name in said if word == "sealed"}

        with Box(tmp_path) as box:
            left = box.draft.load()
            if left is not None:  # what every start does first
                box.outbox.put(left, None)
            found = {segment.id: segment for segment, _ in box.outbox.segments(0, 2 * NINE)}
            with box.database.reading() as connection:
                assert connection.execute("PRAGMA cipher_integrity_check").fetchall() == []
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                rows = connection.execute("SELECT id FROM segment WHERE state = 'waiting'").fetchall()
                numbers = connection.execute("SELECT seq FROM chain").fetchall()
            assert acknowledged <= set(found)
            assert sealed <= {name for (name,) in rows}
            assert [(len(rows),)] == numbers  # as many links as sealed segments
            for segment in found.values():
                assert segment.tracked_ms == MINUTE
                for shot in segment.shots:
                    data = box.outbox.picture(shot.pictures[0].sha256)
                    assert data == segment.id.encode() * 2000
    print(f"{len(acknowledged)} acknowledged segments in {ROUNDS} kills, 0 lost")  # noqa: T201  # a promise


def killed(folder: Path, begin: int, *, after: int) -> list[tuple[str, str]]:
    """Let the writer write, kill it after so many answers, and return all that it had said."""
    search = os.pathsep.join([str(Path(__file__).parent.parent), *sys.path])
    command = [sys.executable, "-c", WRITER, str(folder), str(begin)]
    said: list[tuple[str, str]] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment(PYTHONPATH=search)
    ) as writer:
        for line in writer.stdout:
            if line.endswith("\n"):  # the last one may be torn
                word, name = line.split()
                said.append((word, name))
            if len(said) == after:
                # a little later, so that the kill falls anywhere between two answers
                threading.Timer(random.Random(after).random() / 500, writer.kill).start()
        assert writer.wait() == -signal.SIGKILL
    assert said
    return said
