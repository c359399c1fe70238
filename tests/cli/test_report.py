"""What people read: lines that say the state, the reason, and nothing rounded up."""

from __future__ import annotations

from typing import Any

import pytest

from tracker.cli import output, report

SLOT = {
    "tracked_ms": 125_999,
    "level": None,
    "keys": None,
    "clicks": 3,
    "scrolls": 0,
    "verdict": {"protected": False, "reasons": ["memo-missing", "level-unknown"]},
}
STATUS: dict[str, Any] = {
    "app_running": True,
    "state": "tracking",
    "contract": "c1",
    "memo": "",
    "slot": SLOT,
    "today_ms": 3_599_999,
    "week": {"ms": 36_059_999, "limit_ms": 108_000_000},
    "questions": [],
    "call_until": None,
    "server": {"url": None, "state": "online", "why": ""},
    "disk": "fine",
    "shots_paused_until": None,
    "shot": {"reason": ""},
    "resume": None,
    "sources": {"input": "x11-record", "screen": "mss", "trouble": None},
    "test": True,
}


def test_a_status_names_contract_reasons_and_limit(capsys: pytest.CaptureFixture[str]) -> None:
    report.status(STATUS, {"c1": "Checkout rebuild"})

    assert capsys.readouterr().out.splitlines() == [
        "Tracking Checkout rebuild: no memo yet",
        (
            "This slot: 2 min 05 s, level –, – keys, 3 clicks, 0 scrolls; "
            "not protected: memo-missing, level-unknown"
        ),
        "Today 59 min 59 s, this week 10 h 00 m of 30 h 00 m.",
        "TEST: this home holds test time.",
    ]


def test_an_app_that_does_not_run_is_said_to(capsys: pytest.CaptureFixture[str]) -> None:
    report.status({**STATUS, "app_running": False, "state": "stopped", "slot": None, "test": False}, {})

    assert capsys.readouterr().out.startswith("Stopped. The app does not run.\n")


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ("offline", "Offline. What is tracked is safe here and follows by itself."),
        (
            "signed-out",
            "Sign in again to deliver. Tracking goes on, and what is tracked is safe here.",
        ),
    ],
)
def test_a_server_that_cannot_be_had_is_told_with_its_reason(
    state: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    why = "The certificate of https://hours.example.org is out of date."

    report.status({**STATUS, "server": {"url": None, "state": state, "why": why}}, {})

    assert capsys.readouterr().out.splitlines()[-3:-1] == [line, why]


def test_what_still_waits_says_why_each_reason_once(capsys: pytest.CaptureFixture[str]) -> None:
    entry = {"state": "waiting", "problem": "The proxy 10.0.0.1:3128 does not answer."}

    report.waiting(
        [entry, entry, {"state": "waiting", "problem": None}, {"state": "refused", "problem": "No."}]
    )

    assert capsys.readouterr().out.splitlines() == ["Still waiting: The proxy 10.0.0.1:3128 does not answer."]


@pytest.mark.parametrize(
    ("ms", "said"),
    [
        (0, "0 min 00 s"),
        (59_999, "0 min 59 s"),
        (3_600_000, "1 h 00 m"),
        (3_659_999, "1 h 00 m"),
        (360_000_000, "100 h 00 m"),
    ],
)
def test_a_length_is_rounded_down_once(ms: int, said: str) -> None:
    assert output.duration(ms) == said


def test_an_id_is_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    contract = {
        "id": "0190a0a0-0000-7000-8000-000000000001",
        "title": "A long title " * 10,
        "client": "Fennel & Co",
        "rate": "40",
        "currency": "USD",
        "state": "active",
        "terms": {"weekly_limit_ms": None},
    }

    report.contracts([contract])

    assert "0190a0a0-0000-7000-8000-000000000001" in capsys.readouterr().out


def test_empty_lists_say_what_comes_next(capsys: pytest.CaptureFixture[str]) -> None:
    report.contracts([])
    report.outbox([])

    assert capsys.readouterr().out.splitlines() == [
        "No contracts yet. Add one: hourproof contract add --help",
        "Everything is delivered.",
    ]


def test_a_closing_week_is_told_only_where_it_lacks_something(capsys: pytest.CaptureFixture[str]) -> None:
    report.week_closes(None)
    assert capsys.readouterr().out == ""

    lacks = {"held": 0, "waiting": 2, "refused": 1, "questions": 1}
    report.week_closes({"locks_at": "2026-11-23T12:00:00.000Z", **lacks})
    said = capsys.readouterr().out
    assert said.startswith("The week locks Monday ")
    assert said.endswith("2 to deliver, 1 refused, 1 in question.\n")


@pytest.mark.parametrize(("trouble", "told"), [("lost", "Counting goes on once"), ("disagree", "doctor")])
def test_input_that_is_not_counted_is_said(
    capsys: pytest.CaptureFixture[str], trouble: str, told: str
) -> None:
    report.status({**STATUS, "sources": {"input": None, "screen": "mss", "trouble": trouble}}, {})
    assert told in capsys.readouterr().out
