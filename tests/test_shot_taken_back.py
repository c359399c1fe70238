"""A shot is taken back while its time is still tracked, or in question: the rest of the time goes on."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from absences import LOCK, STOP, UNLOCK, WORK
from device import webp
from doubles import NINE, FakeClock
from PIL import Image
from senses import PICTURE
from test_session_questions import shot_in_silence
from workbench import PICTURED, Bench, bench_on

from tracker import revising
from tracker.capture.base import EncodedPicture
from tracker.capture.blur import covered
from tracker.capture.photographer import ShotResult
from tracker.capture.picture import encode
from tracker.commands import Commands
from tracker.errors import NotDone
from tracker.keeper import recover
from tracker.model.segment import ClosedBy, ShotState
from tracker.model.slot import MINUTE, SECOND
from tracker.orders import Begin, Look, Order
from tracker.outbox.database import Database

CHANGES: dict[str, Callable[[Commands, str], revising.Changed]] = {
    "withhold": revising.shot_withhold,
    "blur": revising.shot_blur,
    "discard": revising.shot_discard,
}


def commands(bench: Bench) -> Commands:
    def effect(order: Order) -> None:
        bench.do(order)

    needed = SimpleNamespace(
        outbox=bench.outbox,
        session=bench.session,
        effect=effect,
        now=lambda: bench.clock.wall,
        syncer=SimpleNamespace(request=lambda: None),
    )
    return cast("Commands", needed)


def tracked_with_a_shot(bench: Bench) -> str:
    """Track until the slot's shot is there, in the open segment; return its id."""
    bench.do(Begin(PICTURED, WORK))
    while not bench.camera.asked:
        bench.work(SECOND, keys=1)
    bench.camera.deliver()
    bench.work(30 * SECOND, keys=1)
    segment = bench.session.recorder.segment
    assert segment
    (shot,) = segment.shots
    return shot.id


def kept(database: Database) -> list[bytes]:
    with database.reading() as connection:
        return [data for (data,) in connection.execute("SELECT data FROM picture")]


@pytest.mark.parametrize("change", ["withhold", "blur"])
def test_of_the_open_segment_its_time_stays_and_tracking_goes_on_at_the_same_millisecond(
    bench: Bench, database: Database, change: str
) -> None:
    shot = tracked_with_a_shot(bench)
    at = bench.session.at

    changed = CHANGES[change](commands(bench), shot)

    (closed,) = bench.segments
    state = {"withhold": ShotState.WITHHELD, "blur": ShotState.BLURRED}[change]
    assert [(one.id, one.state) for one in closed.shots] == [(shot, state)]
    assert [one.state for one in changed.shots] == [state]
    assert (closed.start, closed.end, closed.closed_by) == (NINE, at, ClosedBy.SHOT)
    assert PICTURE.data not in kept(database)
    assert len(kept(database)) == (change == "blur")
    bench.work(MINUTE, keys=1)
    now = bench.session.recorder.segment
    assert now
    assert (now.start, now.memo, now.shots) == (at, WORK, ())
    assert bench.status().session_ms == bench.session.at - NINE
    slot = bench.status().slot
    assert slot
    assert not slot.verdict.protected


def test_of_the_open_segment_its_time_can_go_with_it(bench: Bench, database: Database) -> None:
    shot = tracked_with_a_shot(bench)
    before = bench.session.at - NINE
    assert bench.status().shot.time_ms == before

    assert revising.shot_discard(commands(bench), shot).discarded

    assert (bench.segments, kept(database)) == ([], [])
    bench.work(MINUTE, keys=1)
    assert bench.status().session_ms == MINUTE
    assert bench.status().shot.taken == 0
    assert before > MINUTE


def test_no_other_shot_follows_in_the_slot(bench: Bench) -> None:
    shot = tracked_with_a_shot(bench)
    revising.shot_withhold(commands(bench), shot)
    bench.work(2 * MINUTE, keys=1)
    assert bench.camera.asked == []


@pytest.mark.parametrize("change", list(CHANGES))
def test_what_was_taken_back_is_in_no_file_any_more(bench: Bench, tmp_path: Path, change: str) -> None:
    def anywhere() -> bool:
        return any(PICTURE.data in file.read_bytes() for file in tmp_path.iterdir() if file.is_file())

    shot = tracked_with_a_shot(bench)
    assert anywhere()
    CHANGES[change](commands(bench), shot)
    assert not anywhere()


@pytest.mark.parametrize("change", list(CHANGES))
def test_a_crash_right_after_leaves_the_rest_of_the_time_and_no_shot(
    bench: Bench, database: Database, change: str
) -> None:
    shot = tracked_with_a_shot(bench)
    at = bench.session.at
    CHANGES[change](commands(bench), shot)
    bench.work(10 * SECOND, keys=1)
    clock = FakeClock()
    clock.wall = bench.clock.wall
    again = bench_on(database, clock)

    recover(again.draft, again.outbox, notice_ms=0, now=clock.wall)

    found = again.segments
    assert [one.start for one in found] == ([at] if change == "discard" else [NINE, at])
    assert PICTURE.data not in kept(database)
    assert not any(one.state is ShotState.KEPT for segment in found for one in segment.shots)


@pytest.mark.parametrize("change", ["withhold", "blur"])
def test_of_time_in_question_it_is_taken_back_before_the_answer(
    bench: Bench, database: Database, change: str
) -> None:
    shot_in_silence(bench)
    bench.camera.deliver()
    bench.do(LOCK)
    bench.work(MINUTE)
    (question,) = bench.outbox.questions()
    (shot,) = question.shots

    changed = CHANGES[change](commands(bench), shot.id)

    assert (changed.segment, changed.discarded) == (question.id, False)
    assert PICTURE.data not in kept(database)
    bench.do(UNLOCK)
    bench.work(SECOND, keys=1)
    bench.do(STOP)
    bench.outbox.keep(question.id)
    states = [one.state for segment in bench.segments for one in segment.shots if one.id == shot.id]
    assert states == [ShotState.WITHHELD if change == "withhold" else ShotState.BLURRED]


def test_with_time_in_question_it_goes_by_the_answer(bench: Bench) -> None:
    shot_in_silence(bench)
    bench.camera.deliver()
    bench.do(LOCK)
    bench.work(MINUTE)
    (question,) = bench.outbox.questions()
    with pytest.raises(NotDone, match="in question"):
        revising.shot_discard(commands(bench), question.shots[0].id)


@pytest.mark.parametrize("twice", [("withhold", "withhold"), ("withhold", "blur"), ("blur", "blur")])
def test_what_is_taken_back_already_says_so(bench: Bench, twice: tuple[str, str]) -> None:
    shot = tracked_with_a_shot(bench)
    first, second = twice
    CHANGES[first](commands(bench), shot)
    segments = len(bench.segments)
    with pytest.raises(NotDone):
        CHANGES[second](commands(bench), shot)
    assert len(bench.segments) == segments


def test_a_blurred_shot_can_still_be_withheld(bench: Bench, database: Database) -> None:
    shot = tracked_with_a_shot(bench)
    revising.shot_blur(commands(bench), shot)
    assert [one.state for one in revising.shot_withhold(commands(bench), shot).shots] == [ShotState.WITHHELD]
    assert kept(database) == []


def test_a_shot_that_shows_nothing_closes_nothing(bench: Bench) -> None:
    bench.do(Begin(PICTURED, WORK))
    while not bench.camera.asked:
        bench.work(SECOND, keys=1)
    ((shot, done),) = bench.camera.asked
    done(ShotResult(shot, (), "the screen gave a black image"))
    bench.camera.asked.clear()
    bench.work(30 * SECOND, keys=1)
    with pytest.raises(NotDone):
        revising.shot_withhold(commands(bench), shot)
    assert bench.segments == []


def test_an_id_that_nothing_has_closes_nothing(bench: Bench) -> None:
    tracked_with_a_shot(bench)
    with pytest.raises(NotDone, match="is no shot"):
        revising.shot_withhold(commands(bench), "abcdef0123456789")
    assert bench.segments == []
    bench.do(Look())


def test_stripes_tell_nothing_and_are_never_the_same_bytes() -> None:
    made = [encode(covered(640, 360, 1)) for _ in range(20)]
    assert len({one.sha256 for one in made}) == 20
    assert {(one.width, one.height, one.monitor) for one in made} == {(640, 360, 1)}
    shown = Image.open(BytesIO(made[0].data)).convert("L")
    rows = [shown.crop((0, y, 640, y + 1)).getextrema() for y in range(0, 360, 16)]
    assert all(high - low < 16 for low, high in rows), "a row is one grey"


def test_a_picture_of_several_monitors_is_blurred_on_each(bench: Bench, database: Database) -> None:
    bench.do(Begin(PICTURED, WORK))
    while not bench.camera.asked:
        bench.work(SECOND, keys=1)
    both = tuple(EncodedPicture(n, 64, 36, f"{n:064x}", webp(n)) for n in range(2))
    ((shot, done),) = bench.camera.asked
    done(ShotResult(shot, both))
    bench.camera.asked.clear()
    bench.work(30 * SECOND, keys=1)

    revising.shot_blur(commands(bench), shot)

    ((one,),) = [segment.shots for segment in bench.segments]
    assert [(p.monitor, p.width, p.height, p.blurred) for p in one.pictures] == [
        (0, 64, 36, 100),
        (1, 64, 36, 100),
    ]
    assert len(kept(database)) == 2
