"""Somebody who tracks at a real desktop and leaves it, and what the diary must say of the time between."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from user import DAY, User, segments, total

from tracker.model.slot import MINUTE, SLOT, parse_instant

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from hands import Hands

FAST = f"speed=120 seed=1 notice=0 spread=0 now={DAY}T09:00:00Z"  # ten minutes pass in five seconds
LIMIT = 10 * MINUTE
MEMO = "Checkout: error copy"
SHIFT = "Shift_L"  # input that does nothing, whatever has the keyboard


@dataclass(frozen=True)
class Worker:
    """Somebody who tracks at a desk, and can leave it."""

    user: User
    hands: Hands

    @contextmanager
    def tracking(self) -> Iterator[subprocess.Popen[bytes]]:
        """Have the app running meanwhile, and track; there is another contract to move time to."""
        with self.user.app() as app:
            self.user.add_contract("Checkout rebuild", "Northbeam")
            self.user.add_contract("Brand site", "Fennel & Co")
            self.user.ask("start", "Checkout rebuild", "--memo", MEMO)
            yield app

    def press(self) -> tuple[int, int]:
        """Press a key; return what the session had tracked before, and as soon as the key had counted."""
        while True:
            before = self.user.look()
            self.hands.press(SHIFT)
            after = self._more_than(before)
            if after["slot"]["start"] == before["slot"]["start"]:
                return before["session_ms"], after["session_ms"]

    def _more_than(self, before: dict[str, Any]) -> dict[str, Any]:
        return self.user.see(lambda now: _counted(now) != _counted(before), "the key to count")

    def leave(self, then: Callable[[], None] = lambda: None) -> dict[str, Any]:
        """Press a key for the last time, then do this; return the status when that makes away."""
        before, after = self.press()
        then()
        status = self.user.see(lambda now: now["state"] == "away", "away")
        tracked = status["session_ms"]
        short_tail = _on_grid(status["questions"][-1]) and 0 <= tracked - after < MINUTE
        assert before < tracked <= after or short_tail, "tracked time ends with the last input"
        return status

    def come_back(self) -> dict[str, Any]:
        """Press a key until that counts, and return the question, which has its end then."""

        def back(status: dict[str, Any]) -> bool:
            if status["state"] == "away":
                self.hands.press(SHIFT)  # again: an unlocking may still be on its way
            return status["state"] == "tracking"

        return dict(self.user.see(back, "to be tracking again")["questions"][-1])

    def day_around(self, question: dict[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Deliver; return what the diary holds within the time of a question, and what beside it."""
        assert self.user.ask("sync")["waiting"] == 0
        day = self.user.day()
        every = sorted(segments(day), key=lambda one: str(one["start"]))
        assert all(one["receipt"] for one in every)
        assert all(one["end"] <= after["start"] for one, after in pairwise(every)), "no moment twice"
        assert day["totals"]["tracked_ms"] == sum(one["tracked_ms"] for one in every)
        inside = [one for one in every if question["from"] <= one["start"] < question["to"]]
        return inside, [one for one in every if one not in inside]


def _counted(status: dict[str, Any]) -> tuple[str, int]:
    return status["slot"]["start"], status["slot"]["keys"]


def _on_grid(question: dict[str, Any]) -> bool:
    """Say whether it begins at a slot's end: a tail of less than a minute stays with its slot."""
    return parse_instant(question["from"]) % SLOT == 0


def length(question: dict[str, Any]) -> int:
    return parse_instant(question["to"]) - parse_instant(question["from"])


def least(question: dict[str, Any]) -> int:
    """Return how long a question is at least that silence brought up."""
    return LIMIT - MINUTE if _on_grid(question) else LIMIT


def assert_around(parts: list[dict[str, Any]], question: dict[str, Any], why: str) -> None:
    """Check that tracked time ends where the question begins, and goes on where it ends."""
    (before,) = (one for one in parts if one["end"] == question["from"])
    (after,) = (one for one in parts if one["start"] == question["to"])
    assert before["closed_by"] == ("slot-end" if _on_grid(question) else why)
    assert {(one["contract"], one["memo"]) for one in (before, after)} == {(question["contract"], MEMO)}
    assert not any(one["idle_kept"] for one in parts)


def assert_idle(parts: list[dict[str, Any]], question: dict[str, Any]) -> None:
    """Check that segments fill the time that was in question, one in each slot, counted without any input."""
    assert (parts[0]["start"], parts[-1]["end"]) == (question["from"], question["to"])
    assert all(one["end"] == after["start"] for one, after in pairwise(parts))
    assert all(parse_instant(after["start"]) % SLOT == 0 for after in parts[1:])
    assert sum(one["tracked_ms"] for one in parts) == length(question)
    assert all(one["idle_kept"] and "idle-kept" in one["verdict"]["reasons"] for one in parts)
    assert {(one["verdict"]["protected"], one["verdict"]["protected_ms"]) for one in parts} == {(False, 0)}
    assert {total(one, name) for one in parts for name in ("active_s", "keys", "clicks", "scrolls")} == {0}
