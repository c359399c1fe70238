"""The main job: from real hands on a real desktop to the diary's answer over HTTP."""

from __future__ import annotations

import base64
import os
import signal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec
import requests
from hands import DOWN, UP, Hands
from user import User, segments, total
from waiting import until

from tracker.evidence.keys import verifies
from tracker.model.slot import parse_instant
from tracker.wire.receipt import Receipt, ServerInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

CRASH_LOSES = 6_000  # ms of tracking, at most
SPEED = 30


def test_what_hands_did_is_what_the_diary_shows(working: User, hands: Hands) -> None:
    working.ask("start", "Checkout rebuild", "--memo", "Checkout: error copy")

    hands.press("a", "Return", "Shift_L", times=40)
    with hands.hold("b"):
        working.track_for(60)
    hands.click(1, times=17)
    hands.click(3, times=4)
    hands.wheel(UP, notches=5)
    hands.wheel(DOWN, notches=6)
    for step in range(300):
        hands.move(100 + step, 200)
    working.track_for(75)
    working.ask("stop")
    assert working.ask("sync")["waiting"] == 0

    day = working.day()
    tracked = segments(day)
    counts = {name: sum(total(one, name) for one in tracked) for name in ("keys", "clicks", "scrolls")}
    assert counts == {"keys": 121, "clicks": 21, "scrolls": 11}
    assert {one["memo"] for one in tracked} == {"Checkout: error copy"}
    shots = [shot for one in tracked for shot in one["shots"]]
    assert [shot["state"] for shot in shots] == ["kept"] * len(day["cells"])
    assert day["complete"]
    assert all(one["receipt"]["contract"] == one["contract"] for one in tracked)


def test_the_receipt_and_the_picture_are_there_over_http(working: User, hands: Hands) -> None:
    working.ask("start", "Checkout rebuild", "--memo", "Checkout: error copy")
    hands.press("a", times=20)
    working.track_for(61)
    working.ask("stop")
    working.ask("sync")

    (first, *_) = segments(working.day())
    with requests.Session() as browser:
        link = working.ask("diary", "--open")["url"]
        assert browser.get(link, timeout=10).ok
        origin = link.split("/enter/")[0]
        info = msgspec.json.decode(
            browser.get(f"{origin}/api/v1/server", timeout=10).content, type=ServerInfo
        )
        picture = first["shots"][0]["pictures"][0]
        image = browser.get(f"{origin}{picture['url']}", timeout=10)
    receipt = msgspec.convert(first["receipt"], Receipt)
    signature = base64.b64decode(receipt.signature)
    assert verifies(base64.b64decode(info.public_key), signature, receipt.signed_bytes)
    assert image.headers["Content-Type"] == "image/webp"
    assert len(image.content) == picture["bytes"]
    with requests.Session() as stranger:
        assert stranger.get(link, timeout=10).status_code in {401, 403, 404, 410}, "a link opens once"
        assert stranger.get(f"{origin}{picture['url']}", timeout=10).status_code in {401, 404}


def test_a_killed_app_has_lost_at_most_six_seconds(user: User, hands: Hands) -> None:
    with user.app() as app:
        user.add_contract("Checkout rebuild")
        user.ask("start", "Checkout rebuild", "--memo", "Checkout: error copy")
        hands.press("a", times=10)
        before = user.track_for(40)
        os.kill(app.pid, signal.SIGKILL)
        app.wait()

    with user.app():
        status = user.ask("status")
        user.ask("sync")
        left = segments(user.day())

    tracked = sum(one["tracked_ms"] for one in left)
    assert (status["state"], left[-1]["closed_by"]) == ("stopped", "crash")
    assert before["session_ms"] - tracked <= CRASH_LOSES
    assert sum(total(one, "keys") for one in left) == 10


def test_a_restart_goes_on_in_the_same_home(working: User) -> None:
    first = working.ask("contracts")
    working.ask("start", "Brand site")
    working.track_for(5)
    working.ask("quit")
    until(lambda: not working.answers(), "the app to end")

    status = working.ask("status")
    assert (status["app_running"], status["state"]) == (False, "stopped")
    assert status["today_ms"] >= 5_000
    assert [one["title"] for one in working.ask("contracts")] == ["Brand site", "Checkout rebuild"]
    assert len(first) == 2


def test_sigterm_closes_the_segment_first(user: User) -> None:
    with user.app() as app:
        user.add_contract("Checkout rebuild")
        user.ask("start", "Checkout rebuild")
        user.track_for(20)
        app.terminate()
        assert app.wait(10) == 0

    (left, *_) = user.ask("outbox")
    closed = [one["closed_by"] for one in segments(user.day())]
    assert closed[-1] == "quit"
    assert left["state"] in {"held", "waiting"}


def test_a_switch_from_the_command_line_leaves_no_gap(working: User) -> None:
    working.ask("start", "Checkout rebuild", "--memo", "Checkout: error copy")
    working.track_for(10)
    working.ask("switch", "Fennel", "--memo", "Home page hero")
    working.track_for(20)
    working.ask("memo", "Home page: image loading")
    working.track_for(30)
    stopped = working.ask("stop")

    day = working.day()
    parts = sorted(segments(day), key=lambda one: str(one["start"]))
    assert [one["closed_by"] for one in parts if one["closed_by"] != "slot-end"] == ["switch", "memo", "stop"]
    assert _gaps(parts) == [0] * (len(parts) - 1)
    assert sum(one["tracked_ms"] for one in parts) == stopped["session_ms"]
    assert day["totals"]["tracked_ms"] == stopped["today_ms"]


def test_start_launches_the_app_and_quit_ends_it(user: User) -> None:
    user.add_contract("Checkout rebuild")

    started = user.ask("start", "Checkout")
    assert (started["app_running"], started["state"]) == (True, "tracking")

    user.ask("quit")
    until(lambda: not user.answers(), "the app to end")


def test_without_a_desktop_a_start_says_so(user: User) -> None:
    user.add_contract("Checkout rebuild")
    away = User(user.home, {name: value for name, value in user.env.items() if name != "DISPLAY"})

    done = away.run("start", "Checkout rebuild")

    assert done.returncode == 1
    assert "There is no display" in done.stderr
    assert user.ask("status")["state"] == "stopped"


def _gaps(parts: list[Mapping[str, Any]]) -> list[int]:
    return [parse_instant(after["start"]) - parse_instant(one["end"]) for one, after in pairwise(parts)]
