"""Nothing that is stored, shown, logged or sent tells a shot's moment before it has come."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

import msgspec
import pytest
from absences import STOP, WORK
from doubles import NINE, FakeClock
from workbench import PICTURED, Bench, bench_on
from worked import new_id

from tracker import app, keeper
from tracker.model.slot import SECOND, SLOT, instant
from tracker.orders import Begin, Look
from tracker.outbox.database import Database
from tracker.outbox.parcel import pack
from tracker.paths import Home
from tracker.recording.shots import ShotPlan
from tracker.settings import TestMode

FIRST, EARLY, LATE = 47_321, 322_113, 541_987  # moments of a slot, in milliseconds


class Drawn(Random):
    """Draws what it is told to draw, in the order of the slots."""

    def __init__(self, *moments: int) -> None:
        super().__init__(0)
        self._moments = iter(moments)

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        assert stop is not None
        assert step == 1
        return start - start % SLOT + next(self._moments, 0)


@pytest.fixture
def open_bench(tmp_path: Path) -> Iterator[Any]:
    with ExitStack() as stack:

        def made(name: str, *moments: int) -> Bench:
            database = Database.open(tmp_path / f"{name}.db", None)
            stack.callback(database.close)
            bench = bench_on(database, FakeClock())
            bench.session.recorder._plan = ShotPlan(Drawn(*moments))
            bench.do(Begin(PICTURED, WORK))
            return bench

        yield made


def second(bench: Bench, number: int) -> float:
    """Live a second, some of it typing; return how long the session then wants to wait."""
    bench.work(SECOND, keys=int(number % 7 > 2))
    bench.camera.deliver()
    return bench.session.step()


def rows(bench: Bench) -> list[tuple[Any, ...]]:
    """Every row the file holds, but for the home's random id and what sealing adds."""
    columns = {"segment": "id, contract, begins, ends, memo, state, why, until, facts", "meta": "name"}
    with bench.outbox._db.reading() as connection:
        names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        return [
            (table, *row)
            for (table,) in names.fetchall()
            for row in connection.execute(f"SELECT {columns.get(table, '*')} FROM {table}")
        ]


def known(bench: Bench) -> dict[str, Any]:
    """All that can be seen of a bench from outside of its session."""
    segment = bench.session.recorder.segment
    draft = bench.draft.load()
    return {
        "rows": rows(bench),
        "draft": draft and pack(draft),
        "open": segment and pack(segment),
        "status": msgspec.json.encode(bench.status()),
        "entries": bench.outbox.entries(),
    }


def test_until_it_comes_two_moments_cannot_be_told_apart(
    open_bench: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The same life with another moment is known alike to the byte, until the earlier one is due."""
    caplog.set_level(logging.DEBUG)
    early, late = open_bench("early", EARLY), open_bench("late", LATE)

    for number in range(EARLY // SECOND):
        assert second(early, number) == second(late, number), "nor does it wait for it"
        if number % 10 == 0 or number > EARLY // SECOND - 5:
            assert known(early) == known(late)
            assert early.status().shot.due
    assert [record for record in caplog.records if record.name.startswith("tracker")] == []

    second(early, 1)
    second(late, 1)
    assert known(early) != known(late), "the check can tell"


def test_the_moment_stands_nowhere_on_the_disk_before_it(open_bench: Any, tmp_path: Path) -> None:
    bench = open_bench("home", LATE)
    due = NINE + LATE
    for number in range(LATE // SECOND):
        second(bench, number)

    def found(at: int) -> set[str]:
        files = b"".join(path.read_bytes() for path in tmp_path.glob("home.db*"))
        forms = [str(at), str(at // SECOND), instant(at), instant(at)[:19]]
        packed = {f"{n} {order}": at.to_bytes(n, order) for n in (6, 8) for order in ("big", "little")}  # type: ignore[call-overload]
        return {name for name, data in {**{f: f.encode() for f in forms}, **packed}.items() if data in files}

    assert found(due) == set()
    second(bench, 1)
    second(bench, 1)
    (shot,) = bench.session.recorder.segment.shots
    assert due <= shot.taken_at < due + SECOND
    assert found(shot.taken_at), "the check can find it"


def sent(bench: Bench) -> list[dict[str, Any]]:
    """The bodies that are sealed, but for the salts and ids that are random by themselves."""
    bench.outbox.seal_due(bench.clock.wall)
    with bench.outbox._db.reading() as connection:
        bodies = [msgspec.json.decode(body) for (body,) in connection.execute("SELECT body FROM segment")]
    for body in bodies:
        body |= {"salt": "", "prev": "", "shots": [shot | {"id": ""} for shot in body["shots"]]}
    return bodies


def test_what_is_on_the_wire_is_the_same_whatever_the_next_moment(open_bench: Any) -> None:
    early, late = open_bench("early", FIRST, EARLY), open_bench("late", FIRST, LATE)

    for number in range((SLOT + EARLY) // SECOND - 1):
        second(early, number)
        second(late, number)

    assert sent(early) == sent(late)
    (body,) = sent(early)
    assert [shot["taken_at"] for shot in body["shots"]] == [instant(NINE + FIRST - FIRST % SECOND + SECOND)]


def test_the_id_of_a_shot_is_made_when_it_is_taken(open_bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An id of this kind tells when it was made: made ahead, or when planned, it would tell more."""
    bench = open_bench("home", LATE, EARLY)
    made: list[int] = []

    def id_now() -> str:
        made.append(bench.session.at)
        return new_id()

    monkeypatch.setattr(keeper, "uuid7", id_now)
    for number in range(2 * SLOT // SECOND):
        second(bench, number)
    bench.do(STOP)

    taken = [shot.taken_at for one in bench.segments for shot in one.shots]
    assert made == taken
    due = (NINE + LATE, NINE + SLOT + EARLY)
    assert [at // SECOND for at in taken] == [moment // SECOND + 1 for moment in due]


def test_the_status_says_no_more_than_that_a_shot_is_due(open_bench: Any) -> None:
    bench = open_bench("home", LATE)
    bench.do(Look())

    shot = msgspec.to_builtins(bench.status().shot)
    nothing = {"last": None, "notice_until": None, "state": None, "reason": "", "id": None, "time_ms": None}
    assert shot == {"due": True, "taken": 0, **nothing}


class Chosen(Exception):  # it ends the making of an app, with what was chosen
    """What the app gives the plan of shots to draw from."""


@pytest.mark.parametrize(
    ("mode", "kind"), [(None, SystemRandom), (TestMode(seed=5), Random), (TestMode(), SystemRandom)]
)
def test_moments_are_drawn_from_the_systems_randomness_except_where_a_test_asks_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: TestMode | None, kind: type[Random]
) -> None:
    def chosen(random: Random) -> None:
        raise Chosen(random)

    monkeypatch.setattr(app, "set_up", lambda _folder, _name: None)
    monkeypatch.setattr(app, "Secrets", lambda _service, _file: None)
    monkeypatch.setattr(app, "outbox_key", lambda _secrets, _file: None)
    monkeypatch.setattr(app, "device_key", lambda _secrets: "11" * 32)
    monkeypatch.setattr(app, "ShotPlan", chosen)
    home = replace(Home.at(tmp_path), runtime=tmp_path)

    with app.Parts(home, mode, patience_s=0) as parts, pytest.raises(Chosen) as caught:
        app.App(parts)

    assert type(caught.value.args[0]) is kind
