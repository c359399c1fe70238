"""An answer finds its question by a part of its id, and one that cannot be meant changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from doubles import FakeClock
from workbench import FENNEL, NORTHBEAM, Bench, bench_on

from tracker.commands import Commands
from tracker.errors import BadValue, NotDone, TrackerError, UnknownContract
from tracker.model.question import Question
from tracker.model.segment import ClosedBy
from tracker.model.slot import MINUTE
from tracker.outbox.database import Database

FIRST = "019a9b10-7c40-7000-8000-0000aa11beef"
SECOND = "019a9b11-0000-7000-8000-0000bb22beef"
Answering = Callable[..., Any]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    database = Database.open(tmp_path / "outbox.db", None)
    bench = bench_on(database, FakeClock())
    bench.outbox.remember_contracts([NORTHBEAM, FENNEL])
    now = bench.clock.wall
    for number, name in enumerate((FIRST, SECOND)):
        begin = now + number * 20 * MINUTE
        key = bench.outbox.key_of(NORTHBEAM.id)
        asked = Question(name, key, "Checkout", "fake", ClosedBy.AWAY, begin, begin + 10 * MINUTE, open=False)
        bench.outbox.set_aside(asked, "", None, lambda _segment: None)
    yield bench
    database.close()


@pytest.fixture
def answering(bench: Bench) -> Answering:
    none: Any = None  # without the app, an answer needs the outbox only
    commands = Commands(none, bench.outbox, none, none, none, None, bench.status, lambda: bench.clock.wall)
    return commands.away_answer


def asked(bench: Bench) -> list[str]:
    return [question.id for question in bench.outbox.questions()]


@pytest.mark.parametrize("name", [FIRST, "1beef", FIRST.upper(), "019a9b10", " 0000aa11beef "])
def test_a_question_is_found_by_how_its_id_begins_or_ends(
    bench: Bench, answering: Answering, name: str
) -> None:
    answering(name, "discard")

    assert asked(bench) == [SECOND]


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (("1beef", "perhaps"), BadValue, "'perhaps' is no answer."),
        (("1beef", "move"), BadValue, "not said where"),
        (("1beef", "keep", "fennel"), BadValue, "'keep' takes no contract."),
        (("1beef", "move", "northbeam"), BadValue, "belongs to that contract already"),
        (("1beef", "move", "nobody"), UnknownContract, "'nobody'"),
        (("beef", "keep"), NotDone, "names several questions"),
        (("019a9b1", "keep"), NotDone, "names several questions"),
        (("aa11", "keep"), NotDone, "no question that is open"),
        (("", "keep"), NotDone, "no question that is open"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_changes_nothing(
    bench: Bench, answering: Answering, words: tuple[str, ...], error: type[TrackerError], said: str
) -> None:
    with pytest.raises(error, match=said):
        answering(*words)

    assert asked(bench) == [FIRST, SECOND]
    assert bench.segments == []


def test_an_answer_is_given_once(bench: Bench, answering: Answering) -> None:
    answering("1beef", "move", "fennel")

    with pytest.raises(NotDone, match="no question that is open"):
        answering("1beef", "keep")
    assert {segment.key.contract for segment in bench.segments} == {FENNEL.id}
