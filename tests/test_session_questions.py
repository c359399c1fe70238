"""Time in question: its answers, its shots, and that it is never lost, over a real database."""

from __future__ import annotations

from pathlib import Path

import pytest
from absences import LOCK, STOP, UNLOCK, WORK, asked, pieces
from doubles import NINE, FakeClock
from workbench import FENNEL, NORTHBEAM, PICTURED, Bench, bench_on

from tracker.errors import NotDone
from tracker.model.segment import ShotState
from tracker.model.slot import MINUTE, SECOND, SLOT
from tracker.orders import Answer, Begin, ChangeMemo
from tracker.outbox.database import Database

TWELVE = [5 * MINUTE, 7 * MINUTE]  # of absence, in two slots


def leave(bench: Bench) -> str:
    """Work for five minutes, be away for twelve, work for one; return the question's id."""
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(5 * MINUTE, keys=1)
    bench.do(LOCK)
    bench.work(12 * MINUTE)
    bench.do(UNLOCK)
    bench.work(MINUTE, keys=1)
    (question,) = bench.outbox.questions()
    return question.id


def shot_in_silence(bench: Bench) -> None:
    """Type for ten seconds, and sit there until a shot is asked for."""
    bench.do(Begin(PICTURED, WORK))
    bench.work(10 * SECOND, keys=1)
    while not bench.camera.asked:
        bench.work(SECOND)


def pictures(database: Database) -> list[str]:
    """Whose pictures are kept."""
    with database.reading() as connection:
        return [owner for (owner,) in connection.execute("SELECT segment FROM picture")]


def answer(bench: Bench, word: str, question: str | None = None) -> None:
    id_ = question or bench.outbox.questions()[0].id
    to = bench.outbox.key_of("fennel") if word == "move" else None
    bench.do(Answer(id_, word, to))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("word", "northbeam", "fennel"),
    [("keep", 18 * MINUTE, None), ("discard", 6 * MINUTE, None), ("move", 6 * MINUTE, 12 * MINUTE)],
)
def test_each_answer_leaves_the_sums_right(
    bench: Bench, word: str, northbeam: int, fennel: int | None
) -> None:
    leave(bench)
    bench.do(STOP)
    assert bench.outbox.tracked(NINE, bench.clock.wall) == {"northbeam": 6 * MINUTE}

    answer(bench, word)

    wanted = {"northbeam": northbeam} | ({"fennel": fennel} if fennel else {})
    assert bench.outbox.tracked(NINE, bench.clock.wall) == wanted
    assert bench.outbox.questions() == []


def test_kept_time_is_a_segment_in_each_slot_without_input_and_marked(bench: Bench) -> None:
    leave(bench)
    answer(bench, "keep")

    kept = [one for one in bench.segments if one.idle_kept]
    assert [one.tracked_ms for one in kept] == TWELVE
    assert {one.memo for one in kept} == {WORK}
    assert {(m.active_s, m.keys) for one in kept for m in one.minutes} == {(0, 0)}
    assert [one.closed_by.value for one in kept] == ["slot-end", "lock"]
    now = bench.status()
    assert (now.session_ms, now.slot and now.slot.tracked_ms) == (18 * MINUTE, 8 * MINUTE)


def test_moved_time_takes_neither_memo_nor_shot_along(bench: Bench, database: Database) -> None:
    shot_in_silence(bench)
    bench.camera.deliver()
    bench.do(LOCK)
    bench.work(MINUTE)
    bench.do(STOP)
    assert len(pictures(database)) == 1

    answer(bench, "move")

    moved = [one for one in bench.segments if one.key.contract == "fennel"]
    assert [(one.memo, one.shots, one.idle_kept) for one in moved] == [("", (), True)]
    assert pictures(database) == []


def test_the_shots_of_discarded_time_are_destroyed(bench: Bench, database: Database) -> None:
    shot_in_silence(bench)
    bench.camera.deliver()
    bench.do(LOCK)
    bench.work(MINUTE)
    bench.do(STOP)
    (question,) = bench.outbox.questions()
    assert (pictures(database), len(question.shots)) == ([question.id], 1)
    assert len(bench.status().questions[0].shots) == 1, "who answers is told of it"

    answer(bench, "discard")

    assert (pictures(database), [one.shots for one in bench.segments]) == ([], [()])


def test_the_shots_of_kept_time_are_kept_with_their_slot(bench: Bench, database: Database) -> None:
    shot_in_silence(bench)
    bench.camera.deliver()
    bench.do(LOCK)
    bench.work(20 * MINUTE)
    bench.do(STOP)

    answer(bench, "keep")

    (owner,) = (one for one in bench.segments if one.shots)
    assert (owner.idle_kept, owner.slot, pictures(database)) == (True, NINE, [owner.id])
    bench.outbox.seal_due(bench.clock.wall)
    assert [one.shots for one, _ in bench.outbox.segments(NINE, NINE + 1) if one.idle_kept] == [owner.shots]


@pytest.mark.parametrize("late", [0, 4 * MINUTE, 30 * MINUTE], ids=["at-once", "in-silence", "when-away"])
def test_a_shot_on_its_way_follows_the_time_it_shows(bench: Bench, database: Database, late: int) -> None:
    shot_in_silence(bench)
    asked_at = bench.session.at
    bench.work(late)
    bench.do(LOCK)
    bench.camera.deliver()
    bench.session.step()

    (question,) = bench.outbox.questions()
    assert [shot.taken_at for shot in question.shots if shot.taken_at == asked_at] == [asked_at]
    assert set(pictures(database)) == {question.id}
    bench.do(STOP)
    assert [one.shots for one in bench.segments] == [()]


def test_a_shot_of_a_slot_that_ended_in_silence_is_taken_back_with_it(
    bench: Bench, database: Database
) -> None:
    shot_in_silence(bench)
    at = bench.session.at
    bench.camera.deliver()
    bench.work(SLOT)

    (question,) = bench.outbox.questions()
    (segment,) = bench.segments
    assert (question.shots[0].taken_at, segment.shots) == (at, ())
    assert pictures(database) == [question.id] * len([one for one in question.shots if one.pictures])


def test_a_shot_on_its_way_from_before_the_silence_stays_there(bench: Bench, database: Database) -> None:
    bench.do(Begin(PICTURED, WORK))
    while not bench.camera.asked:
        bench.work(SECOND, keys=1)
    bench.do(LOCK)
    bench.camera.deliver()
    bench.work(MINUTE)

    (segment,) = bench.segments
    assert (len(segment.shots), pictures(database)) == (1, [segment.id])


@pytest.mark.expects_log("a shot came after its time was sealed, or answered")
def test_a_shot_that_comes_after_the_answer_is_nobodys(bench: Bench, database: Database) -> None:
    shot_in_silence(bench)
    bench.do(LOCK)
    bench.work(MINUTE)
    bench.do(STOP)
    answer(bench, "discard")

    bench.camera.deliver()
    bench.session.step()

    assert pictures(database) == []


def test_a_question_and_its_shots_survive_a_restart(bench: Bench, tmp_path: Path) -> None:
    shot_in_silence(bench)
    bench.camera.deliver()
    bench.do(LOCK)
    bench.work(MINUTE)
    bench.do(STOP)
    (before,) = bench.outbox.questions()

    reopened = Database.open(tmp_path / "outbox.db", None)
    after = bench_on(reopened, FakeClock(wall=bench.clock.wall))

    assert after.outbox.questions() == [before]
    assert pictures(reopened) == [before.id]
    answer(after, "keep")
    assert [one.state for segment in after.segments for one in segment.shots] == [ShotState.KEPT]
    reopened.close()


@pytest.mark.parametrize("first", ["keep", "discard", "move"])
@pytest.mark.parametrize("second", ["keep", "discard", "move"])
def test_an_answer_is_given_once(bench: Bench, first: str, second: str) -> None:
    question = leave(bench)
    answer(bench, first, question)
    before = bench.segments

    with pytest.raises(NotDone):
        answer(bench, second, question)

    assert bench.segments == before


@pytest.mark.parametrize("word", ["keep", "discard"])
def test_who_answers_while_away_is_back(bench: Bench, word: str) -> None:
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(5 * MINUTE, keys=1)
    bench.work(12 * MINUTE)

    answer(bench, word)

    assert bench.status().state == "tracking"
    bench.work(MINUTE, keys=1)
    bench.do(STOP)
    kept = [(5, 10), (10, 17)] if word == "keep" else []
    assert [piece[:2] for piece in pieces(bench)] == [(0, 5), *kept, (17, 18)]


def test_what_is_not_over_cannot_be_answered_behind_the_sessions_back(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, WORK))
    bench.do(LOCK)
    bench.work(MINUTE)

    with pytest.raises(NotDone, match="still away"):
        bench.outbox.answer(bench.outbox.questions()[0].id, "keep")


def test_a_question_without_length_vanishes(bench: Bench) -> None:
    bench.do(Begin(NORTHBEAM, WORK))
    bench.work(5 * MINUTE, keys=1)
    bench.do(LOCK)
    assert len(bench.outbox.questions()) == 1

    bench.do(ChangeMemo("Fix PR 412"))

    assert bench.outbox.questions() == []
    bench.work(MINUTE, keys=1)
    assert bench.segments[-1].tracked_ms == 5 * MINUTE


def test_questions_are_apart_and_block_nothing(bench: Bench) -> None:
    leave(bench)
    bench.do(LOCK)
    bench.work(2 * MINUTE)
    bench.do(Begin(FENNEL, "Home page hero"))
    bench.work(MINUTE, keys=1)
    bench.do(STOP)

    assert asked(bench) == [(5, 17, "lock"), (18, 20, "lock")]
    assert bench.outbox.seal_due(bench.clock.wall) == len(bench.segments) == 3
    answer(bench, "keep", bench.outbox.questions()[1].id)
    assert asked(bench) == [(5, 17, "lock")]
    answer(bench, "move")
    ends = [(one.start, one.end) for one in bench.segments]
    assert ends == sorted(ends)
    assert sum(one.tracked_ms for one in bench.segments) == 21 * MINUTE
