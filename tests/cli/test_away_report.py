"""What people read of time away: since when, what happens next, and the command that answers."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tracker.cli import report

TITLES = {"c1": "Checkout rebuild", "c2": "Brand site"}
FIRST = {
    "id": "019a9b10-7c40-7000-8000-0000aa11beef",
    "from": "2026-11-19T16:02:13.400Z",
    "to": "2026-11-19T16:14:40.399Z",
    "contract": "c1",
    "shots": ["2026-11-19T16:05:00.000Z"],
}
SECOND = {**FIRST, "id": "019a9b11-0000-7000-8000-0000bb22beef", "contract": "c2", "shots": []}
GROWING = {**FIRST, "to": None}
STATUS: dict[str, Any] = {
    "app_running": True,
    "state": "tracking",
    "contract": "c1",
    "memo": "Checkout: error copy",
    "slot": None,
    "today_ms": 0,
    "week": {"ms": 0, "limit_ms": None},
    "questions": [],
    "call_until": None,
    "disk": "fine",
    "shots_paused_until": None,
    "shot": {"reason": ""},
    "server": {"url": None, "state": "online", "why": ""},
    "resume": None,
    "sources": {"input": "x11-record", "screen": "mss", "trouble": None},
    "test": False,
}


@pytest.fixture(autouse=True)
def _vienna(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "Europe/Vienna")
    time.tzset()
    yield
    monkeypatch.undo()
    assert os.environ.get("TZ") == before
    time.tzset()


def lines(capsys: pytest.CaptureFixture[str], **now: Any) -> list[str]:
    report.status({**STATUS, **now}, TITLES)
    return capsys.readouterr().out.splitlines()


def test_away_says_since_when_and_what_happens(capsys: pytest.CaptureFixture[str]) -> None:
    assert lines(capsys, state="away", questions=[GROWING])[0] == (
        "Away since 17:02:13. Checkout rebuild is paused: "
        "your first input resumes it, 60 minutes without stop it."
    )


def test_an_open_question_comes_with_the_command_that_answers_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert lines(capsys, questions=[FIRST])[2:] == [
        "In question: 2026-11-19 17:02:13 to 17:14:40, 12 min 26 s of Checkout rebuild, 1 shot. To answer:",
        "  hourproof away beef keep|discard|move CONTRACT",
    ]


def test_as_much_of_an_id_is_shown_as_names_one_question(capsys: pytest.CaptureFixture[str]) -> None:
    shown = lines(capsys, questions=[FIRST, SECOND])

    assert [line.split()[2] for line in shown if line.startswith("  hourproof")] == ["1beef", "2beef"]


def test_a_call_says_until_when_and_how_it_ends(capsys: pytest.CaptureFixture[str]) -> None:
    until = "2026-11-19T16:30:00.000Z"

    assert lines(capsys, call_until=until)[2] == (
        "In a call until 17:30: silence is kept, marked as idle. To end it: hourproof call --end"
    )
    assert (
        lines(capsys, state="away", call_until=until)[0] == "Tracking Checkout rebuild: Checkout: error copy"
    )


def test_a_run_that_stopped_by_itself_is_offered_again(capsys: pytest.CaptureFixture[str]) -> None:
    left = {"contract": "c2", "at": "2026-11-19T17:02:13.400Z", "why": "away", "memo": ""}

    assert lines(capsys, state="stopped", contract=None, resume=left)[2:] == [
        "Tracking stopped at 2026-11-19 18:02. To resume:",
        "  hourproof start 'Brand site'",
    ]


def test_after_a_crash_the_offer_says_what_is_lost_and_brings_the_memo_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    left = {"contract": "c1", "at": "2026-11-19T17:02:13.400Z", "why": "crash", "memo": "It's the copy"}

    assert lines(capsys, state="stopped", contract=None, resume=left)[2:] == [
        "Hourproof ended unexpectedly at 2026-11-19 18:02, and lost 6 s at most. To resume:",
        """  hourproof start 'Checkout rebuild' --memo 'It'"'"'s the copy'""",
    ]


def test_of_two_contracts_with_one_title_the_offer_names_the_id(capsys: pytest.CaptureFixture[str]) -> None:
    left = {"contract": "c1", "at": "2026-11-19T17:02:13.400Z", "why": "away", "memo": ""}

    report.status({**STATUS, "state": "stopped", "resume": left}, {"c1": "Brand site", "c2": "Brand site"})

    assert capsys.readouterr().out.splitlines()[3] == "  hourproof start c1"


def test_the_list_shows_what_is_needed_to_answer(capsys: pytest.CaptureFixture[str]) -> None:
    report.questions([FIRST, {**SECOND, "to": None}], TITLES)

    head, first, second, advice = capsys.readouterr().out.splitlines()
    assert head.split() == ["Id", "From", "(local)", "To", "Length", "Contract", "Shots"]
    assert " ".join(first.split()) == "1beef 2026-11-19 17:02:13 17:14:40 12 min 26 s Checkout rebuild 1"
    assert " ".join(second.split()) == "2beef 2026-11-19 17:02:13 still away – Brand site 0"
    assert advice == "To answer: hourproof away ID keep|discard|move CONTRACT"


def test_without_a_question_the_list_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    report.questions([], TITLES)

    assert capsys.readouterr().out == "Nothing is in question.\n"


def test_a_day_tells_what_its_totals_lack(capsys: pytest.CaptureFixture[str]) -> None:
    day = {"date": "2026-11-19", "tz": "UTC", "complete": True, "cells": []}

    report.diary(day, TITLES, [FIRST, {**SECOND, "to": None}])

    assert capsys.readouterr().out.splitlines()[1:] == [
        "Nothing tracked on this day.",
        (
            "In question, and not in the totals: 12 min 26 s of Checkout rebuild, "
            "what is since 16:02:13, still away. To answer: hourproof away"
        ),
    ]


def test_a_day_without_a_question_says_nothing_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    report.diary({"date": "2026-11-19", "tz": "UTC", "complete": True, "cells": []}, TITLES, [])

    assert "question" not in capsys.readouterr().out
