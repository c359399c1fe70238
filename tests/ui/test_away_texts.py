"""What is said about time away, calls and stopped runs, word by word."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

import msgspec
import pytest
from doubles import NINE
from ui.fake_desk import AWAY, LEFT, SLOT, STOPPED, contracts

from tracker.model.slot import HOUR, MINUTE, SECOND, instant
from tracker.status import Resume, SourcesStatus, Status
from tracker.ui import amounts
from tracker.ui import away_texts as say

THREE = contracts(3)
GROWS = msgspec.structs.replace(AWAY, end=None)
TRACKING = msgspec.structs.replace(STOPPED, state="tracking", contract="c00", slot=SLOT)
PAUSED = msgspec.structs.replace(STOPPED, state="away", contract="c00", questions=(GROWS,))


def with_shots(number: int) -> say.Note:
    shots = tuple(instant(NINE - (15 - 3 * i) * MINUTE) for i in range(number))
    question = msgspec.structs.replace(AWAY, shots=shots)
    return say.Note(
        say.consequence("discard", question, "Northbeam", UTC),
        say.consequence("move", question, "Northbeam", UTC),
    )


@pytest.mark.parametrize(
    ("ms", "told"),
    [
        (0, "0 s"),
        (59_999, "59 s"),
        (17 * MINUTE + 8_999, "17 min 08 s"),
        (HOUR, "1 h 00 min 00 s"),
    ],
)
def test_a_length_is_told_to_the_second_rounded_down_once(ms: int, told: str) -> None:
    assert amounts.exactly(ms) == told


def test_the_question_says_how_long_when_and_for_whom() -> None:
    assert say.asked(AWAY, THREE, NINE, UTC) == say.Note(
        "You were away for 17 min 08 s",
        "08:42:52 – 09:00:00, while tracking Northbeam. What was this time?",
    )


def test_a_question_of_another_day_names_the_day_of_the_freelancer_s_zone() -> None:
    late = timezone(timedelta(hours=-9))  # where NINE is midnight
    said = say.asked(AWAY, THREE, NINE + 2 * HOUR, late)
    assert said.text.startswith("Wed 18 Nov, 23:42:52 – 00:00:00, ")
    assert say.asked(AWAY, THREE, NINE + 2 * HOUR, UTC).text.startswith("08:42:52")


def test_a_question_that_grows_says_since_when_and_what_answering_means() -> None:
    said = say.asked(GROWS, THREE, NINE, UTC)
    assert said.title == "You have been away since 08:42:52"
    assert said.text.endswith("Answering says that you are back.")
    assert say.answering("keep", GROWS) == "Keep it"


def test_the_contract_may_have_ended_or_have_a_long_name() -> None:
    assert "while tracking a contract." in say.asked(AWAY, (), NINE, UTC).text
    long = msgspec.structs.replace(AWAY, contract="c09")
    named = contracts(10)
    named = (*named[:9], type(named[9])("c09", "T", "N" * 200, named[9].state, named[9].terms))
    assert len(say.name_of(long, named)) == 36
    assert say.name_of(long, named).endswith("N…")


def test_a_destroyed_shot_is_named_with_discard_and_move_never_with_keep() -> None:
    assert with_shots(0) == say.Note("Not counted.", "Counted there, marked as idle, not protected.")
    one = with_shots(1)
    assert one.title == "Not counted. The shot of 08:45 is destroyed with it."
    assert one.text.endswith("not protected. The shot of 08:45 is destroyed.")
    assert with_shots(2).title.endswith("The 2 shots of 08:45 and 08:48 are destroyed with it.")
    assert with_shots(3).title.endswith("The 3 shots of 08:45, 08:48 and 08:51 are destroyed with it.")
    assert with_shots(5).title.endswith("The 5 shots in it are destroyed with it.")
    kept = say.consequence("keep", msgspec.structs.replace(AWAY, shots=(instant(NINE),)), "Northbeam", UTC)
    assert kept == "Counted for Northbeam, marked as idle, not protected."


def test_the_button_names_what_it_does() -> None:
    assert say.answering("keep", AWAY) == "Keep 17 min 08 s"
    assert say.answering("discard", AWAY) == "Discard 17 min 08 s"
    assert say.answering("move", AWAY, "Fennel & Co") == "Move 17 min 08 s to Fennel & Co"


def test_time_is_moved_to_another_contract_only() -> None:
    assert [one.id for one in say.others(AWAY, THREE)] == ["c01", "c02"]
    assert say.others(AWAY, THREE[:1]) == []


def test_what_waits_is_told_with_count_and_total() -> None:
    def waits(*questions: object) -> say.Note | None:
        return say.waiting(msgspec.structs.replace(STOPPED, questions=questions), THREE, NINE, UTC)

    second = msgspec.structs.replace(AWAY, id="q2", begin=AWAY.end, end=instant(NINE + 42 * SECOND))
    assert waits() is None
    assert waits(AWAY) == say.Note(
        "17 min 08 s are waiting for your answer", "08:42:52 – 09:00:00, Northbeam"
    )
    assert waits(AWAY, second) == say.Note(
        "17 min 50 s are waiting for your answer", "2 questions, the first of 08:42:52"
    )
    assert waits(GROWS) == say.Note("The time away is in question", "Answering says that you are back.")


def test_the_menu_s_line_tells_how_long() -> None:
    def line(*questions: object) -> str:
        return say.answer_line(msgspec.structs.replace(STOPPED, questions=questions), UTC)

    assert line() == ""
    assert line(AWAY) == "Answer: 17 min 08 s away…"
    assert line(AWAY, AWAY) == "Answer: 2 times, 34 min 16 s away…"
    assert line(GROWS) == "Answer: away since 08:42:52…"


def test_while_away_it_says_what_happens_next() -> None:
    said = say.paused(PAUSED, THREE, UTC)
    assert said.title == "Away since 08:42:52. Northbeam is paused."
    assert said.text == "It resumes at your first input. After 60 minutes it stops."
    blind = msgspec.structs.replace(PAUSED, sources=SourcesStatus(None, "mss"))
    assert "once you unlock or wake this computer" in say.paused(blind, THREE, UTC).text


def left(why: str, **changes: object) -> Status:
    resume = Resume("c00", instant(NINE), why)  # type: ignore[arg-type]  # from a table
    return msgspec.structs.replace(STOPPED, **{"resume": resume, **changes})


def test_a_run_that_nobody_stopped_can_be_resumed() -> None:
    assert say.stopped(left("away"), THREE, NINE, UTC) == say.Note(
        "Tracking stopped at 09:00", "Resume Northbeam?"
    )
    assert say.stopped(left("crash"), THREE, NINE, UTC) == say.Note(
        "Hourproof ended unexpectedly at 09:00:00",
        "All up to then is kept, at most 5 s are lost. Resume Northbeam?",
    )
    later = say.stopped(left("away"), THREE, NINE + 24 * HOUR, UTC)
    assert later
    assert later.title == "Tracking stopped on Thu 19 Nov at 09:00"
    assert say.aside(left("away"), UTC) == "at 09:00:00"
    assert say.aside(STOPPED, UTC) == ""


def test_nothing_is_resumed_that_runs_or_whose_contract_has_ended() -> None:
    assert say.stopped(left("away"), THREE[1:], NINE, UTC) is None
    running = msgspec.structs.replace(TRACKING, resume=LEFT)
    assert say.stopped(running, THREE, NINE, UTC) is None
    assert say.stopped(STOPPED, THREE, NINE, UTC) is None


def test_the_menu_begins_with_what_applies() -> None:
    assert say.beginning(STOPPED, THREE) == "Start Northbeam"
    assert say.beginning(PAUSED, THREE) == "Resume Northbeam"
    offered = msgspec.structs.replace(STOPPED, resume=Resume("c01", instant(NINE), "away"))
    assert say.beginning(offered, THREE) == "Resume Fennel & Co"
    assert say.beginning(offered, (THREE[0],)) == "Start Northbeam"
    assert say.beginning(STOPPED, ()) == ""


def test_a_call_is_told_while_tracking() -> None:
    called = msgspec.structs.replace(TRACKING, call_until=instant(NINE + HOUR))
    assert say.in_call(called, UTC) == "In a call until 10:00"
    assert say.in_call(TRACKING, UTC) == ""
    assert say.in_call(msgspec.structs.replace(called, state="stopped"), UTC) == ""


@pytest.mark.parametrize(("now", "end"), [(0, 15 * MINUTE), (1, 16 * MINUTE), (MINUTE, 16 * MINUTE)])
def test_a_call_ends_on_a_whole_minute_never_before_what_was_said(now: int, end: int) -> None:
    assert say.call_end(NINE + now, 15) == NINE + end
