"""Sessions on Wayland desktops, from the key to the diary: active seconds, and counts that are absent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import wayland
from desktop import environment
from hands import Hands
from logind import logind
from sway import sway
from user import DAY, User, segments
from waiting import until
from wayland import OnSway, Typed

REAL_TIME = f"speed=1 seed=1 notice=0 spread=0 now={DAY}T09:00:10Z"  # a desktop's own seconds are no others
TYPED, SILENT = 4, 5  # seconds
CRASH_LOSES = 6_000  # ms of tracking, at most
COUNTS = ("keys", "clicks", "scrolls")
Begin = Callable[[str], AbstractContextManager[Typed]]
DESKTOPS: dict[str, tuple[Begin, str, str]] = {
    "sway": (lambda _: wayland.on_sway(), "kde-idle", "wayland"),
    "mutter": (wayland.on_mutter, "mutter-idle", "wayland"),
    "ext-idle": (lambda _: wayland.idle_only(), "ext-idle", "offscreen"),
    "screen-saver": (lambda bus: wayland.on_saver(bus=bus), "screensaver-idle", "offscreen"),
}


@pytest.fixture
def user(tmp_path: Path, keyring_service: dict[str, str]) -> Iterator[User]:
    """Somebody in a Wayland session without anything yet; the tracker's own windows are shown nowhere."""
    settings = {"HOURPROOF_TEST": REAL_TIME, "QT_QPA_PLATFORM": "offscreen", "XDG_SESSION_TYPE": "wayland"}
    somebody = User(tmp_path / "home", environment(**settings, **keyring_service))
    yield somebody
    somebody.end_server()


def sit_down(user: User, desk: Typed, **more: str) -> None:
    """Let what the user starts be on that desktop."""
    name = desk.env.get("WAYLAND_DISPLAY", "")
    user.env.update(more)
    if name:
        user.env["WAYLAND_DISPLAY"] = str(Path(desk.env["XDG_RUNTIME_DIR"], name))


def begin(user: User) -> None:
    user.add_contract("Checkout rebuild", "Northbeam")
    user.ask("start", "Checkout rebuild", "--memo", "Checkout: error copy")


def wait(user: User, seconds: int, do: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Do this again and again for so many seconds of tracked time; return the status then."""
    end = user.look()["session_ms"] + seconds * 1_000

    def there(status: dict[str, Any]) -> bool:
        do()
        return bool(status["session_ms"] >= end)

    return user.see(there, f"{seconds} s of tracked time")


def tracked(user: User) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the segments of the day, and their minutes."""
    assert user.ask("sync")["waiting"] == 0
    found = segments(user.day())
    return found, [minute for one in found for minute in one["minutes"]]


def assert_absent(counted: dict[str, Any]) -> None:
    assert [counted[name] for name in COUNTS] == [None] * 3, "absent, which is not zero"


@pytest.mark.parametrize("kind", list(DESKTOPS))
def test_the_diary_shows_the_active_seconds_and_no_counts(user: User, session_bus: str, kind: str) -> None:
    start, source, qt = DESKTOPS[kind]
    with start(session_bus) as desk:
        sit_down(user, desk, QT_QPA_PLATFORM=qt)
        with user.app():
            begin(user)
            wait(user, 2)
            typed = wait(user, TYPED, desk.press)
            silent = wait(user, SILENT)
            (told,) = [one for one in user.ask("doctor") if one["capability"] == "input"]
            user.ask("stop")
            found, minutes = tracked(user)

    assert typed["sources"]["input"] == silent["sources"]["input"] == source
    assert_absent(silent["slot"])
    assert {one["source"] for one in found} == {source}
    for minute in minutes:
        assert_absent(minute)
    assert TYPED <= sum(minute["active_s"] for minute in minutes) <= TYPED + 2
    assert silent["slot"]["active_s"] - typed["slot"]["active_s"] <= 1
    assert (told["state"], told["source"]) == ("limited", source)
    assert "absent" in told["advice"]


def test_beside_xwayland_no_zero_is_stored(user: User) -> None:
    with sway("xwayland force") as there:
        desk = OnSway(there)
        sit_down(user, desk, DISPLAY=there.x_display())
        with user.app():
            begin(user)
            wait(user, 2)
            wait(user, TYPED, desk.press)
            user.ask("stop")
            found, minutes = tracked(user)
    assert {one["source"] for one in found} == {"kde-idle"}
    assert sum(minute["active_s"] for minute in minutes) >= TYPED
    for minute in minutes:
        assert_absent(minute)


@pytest.mark.parametrize("hinted", [False, True])
def test_where_no_desktop_tells_there_is_no_source_and_no_level_though_an_x_display_is_typed_on(
    user: User, display: str, hands: Hands, session_bus: str, *, hinted: bool
) -> None:
    user.env["DISPLAY"] = display
    with logind(session_bus, sessions=hinted) as system:
        if hinted:  # whose hint says minutes later that nobody is there, or never
            user.env.update(DBUS_SYSTEM_BUS_ADDRESS=session_bus, XDG_SESSION_ID="c1")
            system.hint_idle(idle=False)
        with user.app():
            begin(user)
            at_last = wait(user, 3, lambda: hands.press("Shift_L"))
            user.ask("stop")
            found, minutes = tracked(user)
            level = {cell["level"] for cell in user.day()["cells"]}
    assert at_last["sources"]["input"] is None
    assert_absent(at_last["slot"])
    assert {one["source"] for one in found} == {None}
    assert level == {None}
    for minute in minutes:
        assert_absent(minute)


@pytest.mark.parametrize("kind", list(DESKTOPS))
def test_time_goes_on_without_the_compositor_and_the_gap_is_told(
    user: User, session_bus: str, kind: str
) -> None:
    start, source, _ = DESKTOPS[kind]
    with start(session_bus) as desk:
        sit_down(user, desk)
        with user.app():
            begin(user)
            wait(user, 2)
            wait(user, 2, desk.press)
            desk.vanish()
            lost = user.see(lambda status: status["sources"]["input"] is None, "the loss")
            after = wait(user, 3)
            user.ask("stop")
            found, minutes = tracked(user)
    assert after["state"] == "tracking"
    assert sum(minute["ms"] for minute in minutes) >= after["session_ms"] >= lost["session_ms"] + 3_000
    for minute in minutes:
        assert_absent(minute)
    assert source in {one["source"] for one in found}


def test_an_app_whose_windows_end_with_the_compositor_has_lost_at_most_six_seconds(user: User) -> None:
    with wayland.on_sway() as desk:
        sit_down(user, desk, QT_QPA_PLATFORM="wayland")
        with user.app() as app:
            begin(user)
            before = wait(user, 8, desk.press)
            desk.vanish()
            until(lambda: app.poll() is not None, "the app to end with its display")
    sit_down(user, desk, QT_QPA_PLATFORM="offscreen")
    with user.app():
        found, minutes = tracked(user)
    assert found[-1]["closed_by"] == "crash"
    assert before["session_ms"] - sum(minute["ms"] for minute in minutes) <= CRASH_LOSES
    assert {one["source"] for one in found} == {"kde-idle"}
