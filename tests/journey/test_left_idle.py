"""Left idle at a real desktop: away since the last input, asked about once, answered on the command line."""

from __future__ import annotations

import os
import signal

import pytest
from leaving import MEMO, Worker, assert_around, assert_idle, least, length
from user import DAY, CommandFailedError, User
from waiting import until
from xembed import Eyes

from tracker.model.slot import SECOND, parse_instant
from tracker.ui.theme import LIGHT

SAVED = 6 * SECOND  # so old the newest of a question is on disk


def test_silence_is_in_question_from_the_last_input_and_kept_when_it_was_work(
    worker: Worker, eyes: Eyes
) -> None:
    user = worker.user
    with worker.tracking():
        until(lambda: _icon_has(eyes, LIGHT.accent), "the icon of tracking")
        left = worker.leave()
        until(lambda: _icon_has(eyes, LIGHT.away) and not _icon_has(eyes, LIGHT.accent), "the icon of away")
        away, said = user.ask("status"), user.run("status").stdout
        question = worker.come_back()
        until(lambda: _icon_has(eyes, LIGHT.accent), "the icon of tracking again")
        stopped = user.ask("stop")
        kept = user.ask("away", question["id"], "keep")
        inside, beside = worker.day_around(question)

    assert (left["contract"], left["memo"], left["slot"]) == (question["contract"], MEMO, None)
    assert (away["state"], away["session_ms"]) == ("away", left["session_ms"]), "tracked time stands still"
    assert [(one["from"], one["to"]) for one in away["questions"]] == [(question["from"], None)]
    assert said.startswith("Away since ")
    assert length(question) >= least(question)
    assert (stopped["questions"], kept["questions"]) == ([question], [])
    assert kept["today_ms"] - stopped["today_ms"] == length(question)
    assert_idle(inside, question)
    assert {(one["contract"], one["memo"]) for one in inside} == {(question["contract"], MEMO)}
    assert sum(len(one["shots"]) for one in inside) == len(question["shots"])
    assert_around(beside, question, "away")


def _icon_has(eyes: Eyes, colour: str) -> bool:
    place = eyes.icon()
    return place is not None and eyes.find(colour, place) is not None


def test_a_question_outlives_a_quit_and_is_discarded_without_the_app(worker: Worker) -> None:
    user = worker.user
    with worker.tracking() as app:
        worker.leave()
        question = worker.come_back()
        user.ask("quit")
        app.wait(10)
    told = user.run("status").stdout, user.run("diary", "--date", DAY, "--tz", "UTC").stdout
    with user.app() as app:
        before = user.look()
        user.ask("quit")
        app.wait(10)
    discarded = user.ask("away", question["id"], "discard")

    assert before["questions"] == [question]
    assert f"hourproof away {question['id'][-4:]} keep|discard|move CONTRACT" in told[0]
    assert "In question, and not in the totals: " in told[1]
    assert user.ask("away") == []
    assert discarded["today_ms"] == before["today_ms"]
    with pytest.raises(CommandFailedError, match="one is answered once"):
        user.ask("away", question["id"], "keep")
    inside, beside = worker.day_around(question)
    assert inside == []
    assert_around(beside, question, "away")


def test_a_question_outlives_a_crash_while_away_and_is_moved(worker: Worker) -> None:
    user = worker.user
    with worker.tracking() as app:
        left = worker.leave()
        os.kill(app.pid, signal.SIGKILL)
        app.wait()
    with user.app():
        crashed = user.look()
        (question,) = user.ask("away")
        moved = user.ask("away", question["id"][-8:], "move", "Fennel")
        inside, beside = worker.day_around(question)
        titles = {one["id"]: one["title"] for one in user.ask("contracts")}

    assert (question["id"], question["from"]) == tuple(left["questions"][0][name] for name in ("id", "from"))
    assert length(question) >= least(question) - SAVED
    offer = {"contract": question["contract"], "at": question["to"], "why": "crash", "memo": MEMO}
    assert (crashed["state"], crashed["resume"]) == ("stopped", offer)
    assert crashed["today_ms"] == left["session_ms"], "what was tracked is all there"
    assert moved["today_ms"] == crashed["today_ms"] + length(question)
    assert_idle(inside, question)
    assert {titles[one["contract"]] for one in inside} == {"Brand site"}
    assert {(one["memo"], len(one["shots"])) for one in inside} == {("", 0)}
    assert beside[-1]["end"] == question["from"]


MISTAKES = (
    (("away", "nothing", "keep"), 1, "not-done"),
    (("away", "nothing"), 2, "bad-value"),
    (("away", "nothing", "perhaps"), 2, "bad-value"),
    (("away", "nothing", "move"), 2, "bad-value"),
    (("call",), 2, "bad-value"),
    (("call", "--until", "soon"), 2, "bad-value"),
    (("call", "--until", f"{DAY}T08:00:00Z"), 2, "bad-value"),
    (("call", "--until", "15:30", "--end"), 2, "bad-value"),
)


def test_a_call_is_announced_and_what_cannot_be_meant_is_refused(working: User) -> None:
    until_then = f"{DAY}T10:00:00.000Z"
    with pytest.raises(CommandFailedError) as raised:
        working.ask("call", "--until", until_then)
    assert (raised.value.code, raised.value.error["type"]) == (1, "nothing-tracking")

    working.ask("start", "Brand site")
    called = working.ask("call", "--until", until_then)["call_until"]
    assert abs(parse_instant(called) - parse_instant(until_then)) < SECOND  # clocks tell scaled milliseconds
    for words, code, kind in MISTAKES:
        with pytest.raises(CommandFailedError) as raised:
            working.ask(*words)
        assert (raised.value.code, raised.value.error["type"]) == (code, kind), words
        assert raised.value.error["advice"], words
    assert working.ask("status")["call_until"] == called
    assert working.ask("call", "--end")["call_until"] is None
