"""A power cut in the middle of any write leaves what a call has answered for, or all of the next one, too.

An outbox is worked with in a real file under strace, and every disk that a cut can leave is opened as a start
does. The suite tries some of the cuts; HOURPROOF_CUTS=all tries every one of them.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from boxes import Box
from outbox_alone import held
from powercut import Cutting, Recording, record
from strace import Said

_SOME_CUTS, _FEW_CUTS = 150, 40


@dataclass
class Harm:
    """What the cuts did, in rows."""

    acknowledged: int = 0
    lost: int = 0
    halves: int = 0  # of what nobody had answered for


def test_a_power_cut_takes_nothing_that_was_answered_for(tmp_path: Path) -> None:
    recording = worked_with(tmp_path)
    cuts, harm = cut(recording, tmp_path, None if "HOURPROOF_CUTS" in os.environ else _SOME_CUTS)

    print(  # noqa: T201  # a promise
        f"{len(recording.events)} crash points, power cuts {cuts}: {harm.acknowledged} acknowledged rows "
        f"looked for, lost {harm.lost}, half done {harm.halves}, unreadable files 0"
    )
    assert harm.acknowledged > cuts
    assert harm.lost == harm.halves == 0


def test_without_the_syncs_the_cuts_would_show_it(tmp_path: Path) -> None:
    _, harm = cut(worked_with(tmp_path, "careless"), tmp_path, _FEW_CUTS)

    assert harm.lost


def worked_with(folder: Path, *words: str) -> Recording:
    """Let the program work, and return what it did."""
    home = folder / "home"
    home.mkdir()
    command = [sys.executable, "-m", "outbox_alone", str(home), *words]
    return record(command, home, folder / "trace", PYTHONPATH=os.pathsep.join(sys.path))


def cut(recording: Recording, folder: Path, at_most: int | None) -> tuple[int, Harm]:
    """Cut the power, start again and see what is left, again and again; it can always be read."""
    harm, room = Harm(), folder / "after"
    all_of_it = "".join(event.text for event in recording.events if isinstance(event, Said)).splitlines()

    def start(cutting: Cutting) -> None:
        number = len(cutting.said.splitlines())
        with Box(room) as box:
            _compare(held(box), all_of_it, number, harm)
            box.database.forget_deleted()  # from the journal into the file, where the ciphers are checked
            with box.database.reading() as connection:
                assert connection.execute("PRAGMA cipher_integrity_check").fetchall() == []
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

    return recording.replay(room, start, at_most), harm


def _compare(found: set[str], told: list[str], number: int, harm: Harm) -> None:
    """See that what is found is what was told last, or what was told next."""
    before = set(json.loads(told[number - 1])) if number else set()
    after = set(json.loads(told[number])) if number < len(told) else before
    harm.acknowledged += len(before)
    harm.lost += len((before & after) - found)
    harm.halves += number > 0 and found not in (before, after)
