"""A display server that is killed and started again while somebody tracks: time goes on, the gap is told."""

from __future__ import annotations

from pathlib import Path

import desktop
import pytest
from hands import Hands
from user import User, desktop_user, segments, total
from waiting import until

from tracker.paths import Home

CRASH_LOSES = 6_000  # ms of tracking, at most
LIVE = {"HOURPROOF_TEST": "speed=1 seed=1 notice=0 spread=0 now=2026-11-19T09:00:10Z"}


def begin(user: User) -> None:
    user.add_contract("Checkout rebuild", "Northbeam")
    user.ask("start", "Checkout rebuild", "--memo", "Checkout: error copy")


def tracked(user: User, seconds: int) -> None:
    """Wait for so much more of tracked time."""
    goal = user.look()["session_ms"] + 1_000 * seconds
    user.see(lambda now: now["session_ms"] >= goal, f"{seconds} s more")


def type_until_counted(user: User, name: str, keys: int) -> None:
    """Type, and wait until as many are counted in this slot's last segment."""
    with Hands(name) as hands:
        user.see(lambda now: now["sources"]["input"] == "x11-record", "the source")
        hands.press("a", times=keys)
        tracked(user, 2)


@pytest.mark.usefixtures("session_bus")
def test_time_goes_on_and_counting_goes_on_when_the_display_is_back(
    tmp_path: Path, keyring_service: dict[str, str]
) -> None:
    with desktop.xvfb() as first:
        user = desktop_user(
            tmp_path / "home", first.name, keyring_service, QT_QPA_PLATFORM="offscreen", **LIVE
        )
        with user.app():
            begin(user)
            type_until_counted(user, first.name, 7)
            first.vanish()
            lost = user.see(lambda now: now["sources"]["trouble"] == "lost", "the loss")
            tracked(user, 3)
            said = user.run("status").stdout
            with desktop.xvfb(display=first.name) as second:
                back = user.see(lambda now: now["sources"]["trouble"] is None, "the display to be back")
                type_until_counted(user, second.name, 5)
                user.ask("stop")
            assert user.ask("sync")["waiting"] == 0
            found = segments(user.day())
            user.end_server()

    assert (lost["state"], lost["sources"]["input"]) == ("tracking", None)
    assert back["sources"]["input"] == "x11-record"
    assert "Input is not counted" in said
    assert [(one["source"], one["closed_by"]) for one in found] == [
        ("x11-record", "input"),
        (None, "input"),
        ("x11-record", "stop"),
    ]
    counted, gap, again = found
    assert (total(counted, "keys"), total(again, "keys")) == (7, 5)
    for minute in gap["minutes"]:
        assert [minute[name] for name in ("keys", "clicks", "scrolls")] == [None] * 3, "absent, not zero"
    assert gap["tracked_ms"] >= 3_000
    assert (counted["end"], gap["end"]) == (gap["start"], again["start"]), "time goes on"
    log = (Home.at(user.home).logs / "hourproof.log").read_text()
    assert "input is counted again" in log


@pytest.mark.usefixtures("session_bus")
def test_an_app_whose_windows_end_with_the_display_has_lost_at_most_six_seconds(
    tmp_path: Path, keyring_service: dict[str, str]
) -> None:
    with desktop.xvfb() as display:
        user = desktop_user(tmp_path / "home", display.name, keyring_service, **LIVE)
        with user.app() as app:
            begin(user)
            tracked(user, 8)
            before = user.look()
            display.vanish()
            until(lambda: app.poll() is not None, "the app to end with its display")
    with desktop.xvfb() as display:
        user.env["DISPLAY"] = display.name
        with user.app():
            found = segments(user.day())
            user.end_server()
    assert found[-1]["closed_by"] in {"quit", "crash", "input"}
    assert before["session_ms"] - sum(one["tracked_ms"] for one in found) <= CRASH_LOSES
