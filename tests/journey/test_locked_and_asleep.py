"""Locked or put to sleep while tracking, as logind tells it: away at once, and back with the first input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leaving import SHIFT, Worker, assert_around, length
from waiting import until

if TYPE_CHECKING:
    from logind import Logind

_LOOKS = 25  # steps of the session, far more than a key needs to count
INHIBITOR = ("sleep", "Hourproof", "delay")


def held(system: Logind) -> list[tuple[str, str, str]]:
    """Return what keeps the computer awake: what, who and how."""
    return [(what, who, how) for what, who, _why, how in system.inhibitors()]


def assert_typing_is_no_work(worker: Worker) -> None:
    for _ in range(_LOOKS):
        worker.hands.press(SHIFT)
        assert worker.user.look()["state"] == "away"


def assert_still_away(worker: Worker) -> None:
    assert {worker.user.look()["state"] for _ in range(_LOOKS)} == {"away"}


def assert_discarded(worker: Worker, question: dict[str, Any], why: str) -> None:
    """Check that the question is still there after a stop, and that its time alone goes with a discard."""
    stopped = worker.user.ask("stop")
    assert stopped["questions"] == [question]
    answered = worker.user.ask("away", question["id"], "discard")
    assert (answered["questions"], answered["today_ms"]) == ([], stopped["today_ms"])
    inside, beside = worker.day_around(question)
    assert inside == []
    assert length(question) > 0
    assert_around(beside, question, why)


def test_a_locked_screen_is_away_until_the_first_input_after_the_unlock(
    worker: Worker, system: Logind
) -> None:
    with worker.tracking():
        until(lambda: held(system), "the app to listen")
        worker.leave(system.lock)
        system.hint(locked=True)
        assert_typing_is_no_work(worker)

        system.hint(locked=False)
        assert_still_away(worker)
        question = worker.come_back()

        assert_discarded(worker, question, "lock")


def test_before_sleep_the_segment_is_closed_and_only_then_the_computer_may_sleep(
    worker: Worker, system: Logind
) -> None:
    with worker.tracking():
        assert until(lambda: held(system), "the inhibitor") == [INHIBITOR]
        worker.press()
        system.sleep()
        until(lambda: held(system) == [], "the inhibitor to be released")
        asleep = worker.user.look()
        assert_typing_is_no_work(worker)

        system.wake()
        until(lambda: held(system) == [INHIBITOR], "the inhibitor of the next sleep")
        assert_still_away(worker)
        question = worker.come_back()

        assert asleep["state"] == "away"
        assert [(one["from"], one["to"]) for one in asleep["questions"]] == [(question["from"], None)]
        assert_discarded(worker, question, "sleep")
