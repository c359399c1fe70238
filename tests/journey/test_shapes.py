"""The shapes that scripts rely on: every key of every answer, pinned."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from user import DAY, segments

if TYPE_CHECKING:
    from user import User

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

STATUS = {
    **dict.fromkeys(
        ["app_running", "state", "account", "contract", "memo", "session_ms", "today_ms", "test"]
    ),
    **dict.fromkeys(["call_until", "resume", "disk", "shots_paused_until"]),
    "slot": {
        **dict.fromkeys(["start", "tracked_ms", "active_s", "keys", "clicks", "scrolls", "level", "minutes"]),
        "verdict": dict.fromkeys(["protected", "protected_ms", "reasons"]),
    },
    "week": dict.fromkeys(["start", "ms", "limit_ms"]),
    "questions": None,
    "shot": dict.fromkeys(["due", "taken", "last", "notice_until", "state", "reason", "id", "time_ms"]),
    "outbox": dict.fromkeys(["held", "waiting", "refused"]),
    "server": dict.fromkeys(["url", "state", "why"]),
    "sources": dict.fromkeys(["input", "screen", "trouble"]),
}
QUESTION = dict.fromkeys(["id", "from", "to", "contract", "shots"])
RESUME = dict.fromkeys(["contract", "at", "why", "memo"])
CONTRACT = {
    **dict.fromkeys(["id", "title", "client", "rate", "currency", "state"]),
    "terms": {
        "number": None,
        "weekly_limit_ms": None,
        "policy": dict.fromkeys(
            [
                *("min_level", "memo_min", "shots_per_slot", "idle_limit_s"),
                *("manual", "task_required", "client_verified_required"),
                *("rate_cap", "relationship_cap"),
            ]
        ),
    },
}
SEGMENT = {
    **dict.fromkeys(["id", "start", "end", "tracked_ms", "origin", "memo", "task", "closed_by", "source"]),
    "idle_kept": None,
    **dict.fromkeys(["flags", "over", "overlap_ms", "overlap"]),
    "verdict": dict.fromkeys(["protected", "protected_ms", "reasons"]),
    "receipt": dict.fromkeys(
        ["segment", "sha256", "received_at", "contract", "pictures", "server", "key", "signature"]
    ),
    "minutes": None,
    "shots": None,
}
SHOT = dict.fromkeys(["id", "taken_at", "state", "pictures", "reason"])
PICTURE = dict.fromkeys(["sha256", "bytes", "url", "monitor", "width", "height", "blurred"])
MINUTE = dict.fromkeys(["t", "ms", "active_s", "keys", "clicks", "scrolls"])
CHANGED = dict.fromkeys(["segment", "contract", "start", "end", "discarded", "memo", "shots"])
CELL = dict.fromkeys(["slot", "contract", "state", "level", "segments"])
TOTALS = dict.fromkeys(["tracked_ms", "manual_ms", "protected_ms", "over_ms", "contracts"])
ENTRY = {
    **dict.fromkeys(["id", "contract", "start", "end", "state", "attempts", "next", "problem"]),
    **dict.fromkeys(["change", "segment"]),
    "hold": dict.fromkeys(["why", "until"]),
}


def shape(value: Any, like: Any) -> Any:
    """Return the keys of a value, as deep as the pinned shape looks."""
    if not isinstance(like, dict) or not isinstance(value, dict):
        return None
    return {name: shape(one, like.get(name)) for name, one in value.items()}


def test_every_answer_has_its_shape(working: User) -> None:
    contract = working.ask("contracts")[0]
    started = working.ask("start", contract["id"], "--memo", "Checkout: error copy")
    tracking = working.track_for(61)
    stopped = working.ask("stop")

    assert shape(contract, CONTRACT) == CONTRACT
    assert shape(tracking, STATUS) == STATUS
    assert shape(started, STATUS).keys() == STATUS.keys()
    assert (stopped["state"], stopped["slot"], stopped["contract"]) == ("stopped", None, None)
    assert INSTANT.fullmatch(tracking["slot"]["start"])
    assert INSTANT.fullmatch(tracking["week"]["start"])
    assert len(tracking["slot"]["minutes"]) == 10

    done = working.ask("sync")
    assert set(done) == {"delivered", "held", "waiting", "refused"}
    day = working.day()
    assert set(day) == {"date", "tz", "complete", "cells", "totals"}
    assert shape(day["totals"], TOTALS) == TOTALS
    cell = day["cells"][0]
    assert shape(cell, CELL) == CELL
    (segment, *_) = cell["segments"]
    assert shape(segment, SEGMENT) == SEGMENT
    assert shape(segment["minutes"][0], MINUTE) == MINUTE
    assert shape(segment["shots"][0], SHOT) == SHOT
    assert shape(segment["shots"][0]["pictures"][0], PICTURE) == PICTURE
    assert set(working.ask("doctor")[0]) == {"capability", "state", "source", "why", "advice"}
    assert set(working.ask("diary", "--open")) == {"url"}

    changed = working.ask("segment", segment["id"], "memo", "Answering the client")
    assert shape(changed, CHANGED) == CHANGED
    assert set(changed["shots"][0]) == {"id", "taken_at", "state"}
    withheld = working.ask("shot", segment["shots"][0]["id"], "withhold")
    assert withheld == {**changed, "shots": [{**changed["shots"][0], "state": "withheld"}]}
    gone = working.ask("segment", segment["id"], "discard")
    assert gone == {**changed, "discarded": True, "memo": "", "shots": []}
    assert working.ask("sync")["waiting"] == 0
    assert segment["id"] not in {one["id"] for one in segments(working.day())}


def test_a_held_segment_says_why_and_until_when(user: User) -> None:
    user.env["HOURPROOF_TEST"] = "speed=10 seed=1 notice=60"  # six seconds to look in
    with user.app():
        user.add_contract("Checkout rebuild")
        user.ask("start", "Checkout rebuild", "--memo", "Checkout: error copy")
        user.track_for(61)
        user.ask("stop")
        (entry, *_) = user.ask("outbox")

    assert shape(entry, ENTRY) == ENTRY
    assert entry["state"] == "held"
    assert INSTANT.fullmatch(entry["hold"]["until"])


def test_what_nobody_came_back_to_is_a_question_and_an_offer_to_resume(user: User) -> None:
    user.env["HOURPROOF_TEST"] = f"speed=600 seed=1 notice=0 spread=0 now={DAY}T09:00:00Z"  # an hour: 6 s
    with user.app():
        contract = user.add_contract("Checkout rebuild")
        user.ask("start", "Checkout rebuild", "--memo", "Checkout: error copy")
        away = user.see(lambda now: now["state"] == "away", "away")
        ended = user.see(lambda now: now["resume"] is not None, "the end")
        listed = user.ask("away")
        answered = user.ask("away", ended["questions"][0]["id"], "discard")

    assert [set(status) for status in (away, ended, answered)] == [set(STATUS)] * 3
    (grows,), (question,), left = away["questions"], ended["questions"], ended["resume"]
    assert (away["slot"], away["contract"], grows["to"]) == (None, contract, None)
    assert shape(question, QUESTION) == shape(grows, QUESTION) == QUESTION
    assert all(INSTANT.fullmatch(at) for at in (question["from"], question["to"], *question["shots"]))
    assert shape(left, RESUME) == RESUME
    assert left == {
        "contract": contract,
        "at": question["to"],
        "why": "away",
        "memo": "Checkout: error copy",
    }
    assert (ended["state"], ended["contract"], listed) == ("stopped", None, [question])
    assert (answered["questions"], answered["resume"]) == ([], left)
