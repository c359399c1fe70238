"""What rules hide stays hidden on the whole road: not in the diary's pictures, and named nowhere."""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from canaries import leaks
from panes import CYAN, MAGENTA, Panes, panes, share
from PIL import Image
from user import CommandFailedError, segments

from tracker.capture.camera import BROKEN_SETTINGS, BY_RULE, PAUSED
from tracker.paths import Home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from user import User

SECRET = "Zugangsdaten-Tresor-7"
APP = "Panzerschrank"
PLACE = (200, 150, 400, 300)


@pytest.fixture
def program(display: str, working: User) -> Iterator[Panes]:
    """A program beside the running app, its window of two contents."""
    del working
    with panes(display) as made:
        made.open((700, 150, 400, 300), CYAN, app="Editor", title="minutes")
        yield made


def shots_of_a_minute(user: User) -> list[dict[str, Any]]:
    user.ask("start", "Checkout rebuild", "--memo", "Checkout: error copy")
    user.track_for(61)
    user.ask("stop")
    assert user.ask("sync")["waiting"] == 0
    return [shot for one in segments(user.day()) for shot in one["shots"]]


def pictures(user: User, shots: list[dict[str, Any]]) -> list[Image.Image]:
    """Return what the server keeps of the shots."""
    wanted = {picture["sha256"] for shot in shots for picture in shot["pictures"]}
    files = [file.read_bytes() for file in Home.at(user.home).server.rglob("*") if file.is_file()]
    found = [data for data in files if hashlib.sha256(data).hexdigest() in wanted]
    return [Image.open(BytesIO(data)).convert("RGB") for data in found]


def test_a_blurred_window_is_in_no_picture_and_its_title_in_no_file(
    working: User, program: Panes, tmp_path: Path
) -> None:
    program.open(PLACE, MAGENTA, app=APP, title=SECRET)
    rules = working.ask("rules", "add", "blur", "--app", f"{APP[:4]}*")
    (shot,) = shots_of_a_minute(working)
    status = working.run("status").stdout + working.run("doctor").stdout
    kept = pictures(working, [shot])

    assert rules == [{"number": 1, "treat": "blur", "app": "Panz*", "title": "", "monitor": None}]
    assert (shot["state"], shot["reason"]) == ("blurred", "")
    assert 12 <= shot["pictures"][0]["blurred"] <= 16
    assert kept
    assert all(share(one, MAGENTA) == 0 and share(one, CYAN) > 10 for one in kept)
    assert SECRET not in status
    assert APP not in status
    for word in (SECRET, APP):
        assert not leaks(word, working.home, tmp_path)


def test_a_shot_with_an_excluded_window_is_withheld_and_says_by_what(working: User, program: Panes) -> None:
    program.open(PLACE, MAGENTA, app=APP, title=SECRET)
    working.ask("rules", "add", "exclude", "--title", "*tresor*")
    shots = shots_of_a_minute(working)
    assert {(one["state"], one["reason"], len(one["pictures"])) for one in shots} == {
        ("withheld", BY_RULE, 0)
    }
    assert not leaks(SECRET, working.home)


@pytest.mark.usefixtures("program")
def test_a_rule_broken_by_hand_withholds_the_shot(working: User) -> None:
    settings = Home.at(working.home).settings
    working.ask("rules", "add", "blur", "--app", APP)
    settings.write_text(settings.read_text().replace('"blur"', '"blurr"'))
    with pytest.raises(CommandFailedError, match="blurr"):
        working.ask("rules", "list")
    shots = shots_of_a_minute(working)
    assert {(one["state"], one["reason"]) for one in shots} == {("withheld", BROKEN_SETTINGS)}


@pytest.mark.usefixtures("program")
def test_shots_are_paused_and_the_diary_says_so(working: User) -> None:
    with pytest.raises(CommandFailedError) as refusal:
        working.ask("shot", "pause", "10m")
    assert refusal.value.error["type"] == "nothing-tracking"
    working.ask("start", "Checkout rebuild", "--memo", "Checkout: error copy")
    paused = working.ask("shot", "pause", "60m")
    assert paused["shots_paused_until"].startswith("2026-11-19T10:0")
    assert "No shots until" in working.run("status").stdout
    working.track_for(61)
    stopped = working.ask("stop")
    assert stopped["shots_paused_until"] is None
    assert working.ask("sync")["waiting"] == 0
    shots = [shot for one in segments(working.day()) for shot in one["shots"]]
    assert {(one["state"], one["reason"]) for one in shots} == {("withheld", PAUSED)}


def test_a_try_shows_what_would_be_kept_and_stores_nothing(
    working: User, program: Panes, tmp_path: Path
) -> None:
    program.open(PLACE, MAGENTA, app=APP, title=SECRET)
    working.ask("rules", "add", "blur", "--title", SECRET)
    tried = working.ask("shot", "test", "--to", str(tmp_path / "try.webp"))
    assert tried["state"] == "blurred"
    (one,) = tried["pictures"]
    assert set(one) == {"monitor", "width", "height", "bytes", "blurred", "file"}
    shown = Image.open(one["file"]).convert("RGB")
    assert share(shown, MAGENTA) == 0
    assert share(shown, CYAN) > 10
    assert working.ask("outbox") == []
    data = (tmp_path / "try.webp").read_bytes()
    files = [file for file in working.home.rglob("*") if file.is_file()]
    assert not [file for file in files if data[:64] in file.read_bytes()]
    working.ask("settings", "set", "password_managers", "exclude")
    program.open((0, 0, 50, 50), MAGENTA, app="KeePassXC")
    said = working.run("shot", "test").stdout
    assert said.startswith(f"Nothing would be kept. {BY_RULE}")
