"""Shots of Wayland desktops, from the screen to the diary: a picture, or why there is none."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from desktop import environment
from PIL import Image, ImageDraw
from portal import Portal, granted, portal
from sway import sway
from user import TEST_MODE, User, segments

from tracker.capture.camera import BLIND
from tracker.paths import Home

if TYPE_CHECKING:
    from collections.abc import Iterator

LEFT, RIGHT = (200, 30, 30), (30, 30, 200)


def scene() -> bytes:
    """Return a picture of a desktop: one colour on the left, another on the right."""
    image, kept = Image.new("RGB", (1280, 720), LEFT), BytesIO()
    ImageDraw.Draw(image).rectangle((640, 0, 1280, 720), fill=RIGHT)
    image.save(kept, "PNG")
    return kept.getvalue()


@pytest.fixture
def user(tmp_path: Path, keyring_service: dict[str, str]) -> Iterator[User]:
    """Somebody in a Wayland session without anything yet; the tracker's own windows are shown nowhere."""
    settings = {"HOURPROOF_TEST": TEST_MODE, "QT_QPA_PLATFORM": "offscreen", "XDG_SESSION_TYPE": "wayland"}
    somebody = User(tmp_path / "home", environment(**settings, **keyring_service))
    yield somebody
    somebody.end_server()


def shots_of_a_session(user: User) -> list[dict[str, Any]]:
    """Work for more than a minute, and return what the diary tells of the shots."""
    with user.app():
        user.add_contract("Checkout rebuild", "Northbeam")
        user.ask("start", "Checkout rebuild", "--memo", "Checkout: error copy")
        user.track_for(61)
        user.ask("stop")
        assert user.ask("sync")["waiting"] == 0
        return [shot for one in segments(user.day()) for shot in one["shots"]]


def pictures(user: User, shots: list[dict[str, Any]]) -> list[Image.Image]:
    """Return what the server keeps of the shots."""
    wanted = {picture["sha256"] for shot in shots for picture in shot["pictures"]}
    files = [file.read_bytes() for file in Home.at(user.home).server.rglob("*") if file.is_file()]
    return [Image.open(BytesIO(data)) for data in files if hashlib.sha256(data).hexdigest() in wanted]


def shows_the_scene(picture: Image.Image) -> bool:
    seen = [picture.convert("RGB").getpixel((round(part * picture.width), 99)) for part in (0.25, 0.75)]
    wanted = [pytest.approx(colour, abs=8) for colour in (LEFT, RIGHT)]
    return bool(seen == wanted)


def test_a_screen_that_may_be_copied_is_in_the_diary_though_there_is_a_black_one_beside_it(
    user: User,
) -> None:
    with sway("xwayland force", "output HEADLESS-1 scale 2") as there:
        wall = Path(there.env["XDG_RUNTIME_DIR"], "wall.png")
        wall.write_bytes(scene())
        wall.chmod(0o644)
        there.tell(f"output HEADLESS-1 bg {wall} fill")
        user.env.update(DISPLAY=there.x_display(), WAYLAND_DISPLAY=str(wall.with_name("wayland-1")))
        user.env["SWAYSOCK"] = there.env["SWAYSOCK"]
        shots = shots_of_a_session(user)
    assert {shot["state"] for shot in shots} == {"kept"}
    kept = pictures(user, shots)
    assert kept
    assert all(picture.size == (640, 360) and shows_the_scene(picture) for picture in kept)


def test_what_the_portal_gives_is_in_the_diary_and_nowhere_else(
    user: User, session_bus: str, tmp_path: Path
) -> None:
    file = tmp_path / "Screenshot.png"

    def answer() -> Any:
        file.write_bytes(scene())
        return granted(file.as_uri())

    user.ask("settings", "set", "shots_without_rules", "true")
    with portal(session_bus, Portal(answer)):
        shots = shots_of_a_session(user)
    assert {shot["state"] for shot in shots} == {"kept"}
    kept = pictures(user, shots)
    assert kept
    assert all(picture.size == (1280, 720) and shows_the_scene(picture) for picture in kept)
    assert not file.exists()


def test_no_portal_is_asked_where_no_rule_can_be_kept(user: User, session_bus: str) -> None:
    asked: list[int] = []
    with portal(session_bus, Portal(lambda: asked.append(1))):
        shots = shots_of_a_session(user)
    assert {(shot["state"], shot["reason"]) for shot in shots} == {("withheld", BLIND)}
    assert not asked


def test_a_portal_that_refuses_is_no_shot_and_the_diary_says_why(user: User, session_bus: str) -> None:
    user.ask("settings", "set", "shots_without_rules", "true")
    with portal(session_bus, Portal(lambda: ("ua{sv}", (2, {})))):
        shots = shots_of_a_session(user)
    assert {(shot["state"], shot["reason"]) for shot in shots} == {
        ("capture-failed", "The desktop refused the shot.")
    }
