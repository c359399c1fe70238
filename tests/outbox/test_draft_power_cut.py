"""A power cut in the middle of any write costs at most 61 s of tracking, and nothing that was closed.

A program tracks in a real file under strace, and every disk that a cut can leave is opened as a start does.
The suite tries some of the cuts, chosen with a fixed seed; HOURPROOF_CUTS=all tries every one of them.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

from boxes import Box
from powercut import Cutting, Recording, record

from tracker.errors import NotDone
from tracker.keeper import recover
from tracker.model.segment import Segment
from tracker.model.slot import SECOND

_SOME_CUTS = 500
_PROMISED = 61 * SECOND


@dataclass(frozen=True)
class Known:
    """What the program had been answered for when the power was cut."""

    ms: int
    closed: tuple[dict[str, Any], ...]
    pictures: frozenset[str]
    withheld: frozenset[str]
    memo: str

    @classmethod
    def from_text(cls, said: str) -> Self:
        lines = [json.loads(line) for line in said.splitlines()]
        told = {
            fact: frozenset(line[fact] for line in lines if fact in line)
            for fact in ("picture", "withholding", "withheld")
        }
        return cls(
            ms=lines[-1]["ms"] + SECOND if lines else 0,  # and the second under way
            closed=tuple(one for line in lines for one in line["closed"]),
            pictures=told["picture"] - told["withholding"],
            withheld=told["withheld"],
            memo=next((line["memo"] for line in reversed(lines) if "memo" in line), ""),
        )


@dataclass
class Harm:
    """What the cuts did, the worst of each."""

    cuts: int = 0
    greatest_loss_ms: int = 0
    lost: int = 0  # closed segments, pictures and memos
    overlaps: int = 0

    def add(self, known: Known, found: list[Segment], box: Box) -> None:
        self.cuts += 1
        asked = [(question.begin, question.end) for question in box.outbox.questions()]
        spans = sorted([(one.start, one.end) for one in found] + asked)
        kept_ms = sum(end - start for start, end in spans)
        self.greatest_loss_ms = max(self.greatest_loss_ms, known.ms - kept_ms)
        self.overlaps += sum(start < end for (_, end), (start, _) in pairwise(spans))
        here = [_facts(segment) for segment in found]
        self.lost += sum(one not in here for one in known.closed)
        self.lost += sum(not _kept(box, sha256) for sha256 in known.pictures)
        self.lost += sum(_kept(box, sha256) for sha256 in known.withheld)
        self.lost += known.memo not in {"", *(segment.memo for segment in found)}


def test_a_power_cut_costs_a_minute_at_most_and_nothing_that_was_closed(tmp_path: Path) -> None:
    harm = cut(tracked(tmp_path), tmp_path, every="HOURPROOF_CUTS" in os.environ)

    print(  # noqa: T201  # a promise
        f"power cuts {harm.cuts}, greatest loss {harm.greatest_loss_ms / SECOND:.1f} s, "
        f"lost segments, pictures and memos {harm.lost}, overlaps {harm.overlaps}"
    )
    assert harm.cuts >= _SOME_CUTS
    assert harm.greatest_loss_ms <= _PROMISED
    assert harm.lost == harm.overlaps == 0


def test_a_power_cut_costs_a_minute_of_what_is_in_question_too(tmp_path: Path) -> None:
    harm = cut(tracked(tmp_path, "away"), tmp_path)

    assert harm.lost == harm.overlaps == 0
    assert harm.greatest_loss_ms <= _PROMISED


def test_without_the_syncs_the_cuts_would_show_it(tmp_path: Path) -> None:
    harm = cut(tracked(tmp_path, "careless"), tmp_path)

    assert harm.greatest_loss_ms > _PROMISED
    assert harm.lost


def tracked(folder: Path, *words: str) -> Recording:
    """Let the program track, and return what it did."""
    home = folder / "home"
    home.mkdir()
    command = [sys.executable, "-m", "tracking_alone", str(home), *words]
    return record(command, home, folder / "trace", PYTHONPATH=os.pathsep.join(sys.path))


def cut(recording: Recording, folder: Path, *, every: bool = False) -> Harm:
    """Cut the power, start again and see what is left, again and again; it can always be read."""
    harm, room = Harm(), folder / "after"
    recording.replay(room, lambda cutting: _start_again(cutting, room, harm), None if every else _SOME_CUTS)
    return harm


def _start_again(cutting: Cutting, room: Path, harm: Harm) -> None:
    """Do as a start does: open the file and take in the draft."""
    with Box(room) as box:
        draft = box.draft.load()
        recover(box.draft, box.outbox, notice_ms=0, now=0)
        box.database.forget_deleted()  # from the journal into the file, where the ciphers are checked
        with box.database.reading() as connection:
            assert connection.execute("PRAGMA cipher_integrity_check").fetchall() == []
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = [segment for segment, _ in box.outbox.segments(0, 2**62)]
        assert box.draft.load() is None
        assert draft is None or _facts(draft) in [_facts(segment) for segment in found]
        harm.add(Known.from_text(cutting.said), found, box)


def _facts(segment: Segment) -> dict[str, Any]:
    return {
        "id": segment.id,
        "start": segment.start,
        "end": segment.end,
        "contract": segment.key.contract,
        "memo": segment.memo,
    }


def _kept(box: Box, sha256: str) -> bool:
    try:
        return bool(box.outbox.picture(sha256))
    except NotDone:
        return False
