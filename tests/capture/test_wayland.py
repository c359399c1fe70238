"""Activity on real Wayland desktops: what is typed there is told, a second at a time, and how much is not."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import wayland
from waiting import until
from wayland import Typed

from tracker.capture import activity, choose_idle, choose_input
from tracker.capture.base import IdleTime
from tracker.capture.tally import Tally
from tracker.errors import CaptureUnavailable

DESKTOPS: dict[str, tuple[Callable[[], AbstractContextManager[Typed]], str]] = {
    "sway": (wayland.on_sway, "kde-idle"),
    "mutter": (wayland.on_mutter, "mutter-idle"),
    "ext-idle": (wayland.idle_only, "ext-idle"),
    "ext-idle-2": (lambda: wayland.idle_only(2), "ext-idle"),
    "screen-saver": (wayland.on_saver, "screensaver-idle"),
}


class Ear:
    """Listens to what the source chosen for a desktop tells."""

    def __init__(self, desktop: Typed) -> None:
        self.source = choose_input(desktop.env)
        self.reasons: list[str] = []
        self.tally = Tally()
        self.source.start(self.tally, self.reasons.append)

    def hears(self) -> bool:
        self.source.poll()
        counts = self.tally.take()
        assert (counts.keys, counts.clicks, counts.scrolls) == (0, 0, 0)
        return counts.active

    def hears_typing(self, desktop: Typed) -> bool:
        """Press a key and listen: what comes in the first moment after the start may stay unheard."""
        desktop.press()
        return self.hears()

    def lost(self) -> bool:
        return self.hears() or bool(self.reasons)


@contextmanager
def listening(desktop: Typed) -> Iterator[Ear]:
    ear = Ear(desktop)
    yield ear
    ear.source.stop()


@pytest.fixture(params=list(DESKTOPS))
def case(request: pytest.FixtureRequest) -> Iterator[tuple[Typed, str]]:
    begin, name = DESKTOPS[request.param]
    with begin() as desktop:
        yield desktop, name


def typing(desktop: Typed, idle: IdleTime) -> int | None:
    desktop.press()
    return idle.idle_ms()


def silent(idle_ms: int | None) -> bool:
    return idle_ms is not None and idle_ms > 1_500


def test_a_key_is_told_once_and_silence_tells_nothing(case: tuple[Typed, str]) -> None:
    desktop, name = case
    idle = choose_idle(desktop.env)
    assert idle
    with closing(idle), listening(desktop) as ear:
        assert ear.source.name == name
        idle.idle_ms()
        until(lambda: ear.hears_typing(desktop), "activity")
        for _ in range(2):
            until(lambda: silent(idle.idle_ms()), "silence")
            ear.hears()  # what came last
            assert not any(ear.hears() for _ in range(5))
            desktop.press()
            until(ear.hears, "activity")
        assert not ear.reasons


def test_the_time_since_a_key_grows_and_begins_anew_with_the_next(case: tuple[Typed, str]) -> None:
    desktop, _ = case
    idle = choose_idle(desktop.env)
    assert idle
    with closing(idle):
        until(lambda: typing(desktop, idle) is not None, "a word")
        until(lambda: silent(idle.idle_ms()), "silence")
        desktop.press()
        until(lambda: (idle.idle_ms() or 0) <= 1_000, "activity")
        desktop.vanish()
        until(lambda: idle.idle_ms() is None, "nothing to be known")


def test_a_desktop_that_crashes_is_lost_once(case: tuple[Typed, str]) -> None:
    desktop, _ = case
    with listening(desktop) as ear:
        desktop.vanish()
        until(ear.lost, "the loss")
        assert not any(ear.hears() for _ in range(3))
        assert len(ear.reasons) == 1
        with pytest.raises(CaptureUnavailable):
            Ear(desktop)


def test_a_forced_source_is_the_only_one_that_is_asked(case: tuple[Typed, str]) -> None:
    desktop, there = case
    for forced in {name for _, name in DESKTOPS.values()}:
        source = choose_input(desktop.env | {"HOURPROOF_INPUT": forced})
        if forced == there:
            source.start(Tally(), lambda _: None)
            source.stop()
        else:
            with pytest.raises(CaptureUnavailable):
                source.start(Tally(), lambda _: None)


@pytest.mark.parametrize(("version", "tells"), [(1, True), (2, False)])
def test_a_video_that_keeps_the_screen_on_hides_silence_from_the_first_version(
    version: int, *, tells: bool
) -> None:
    with wayland.idle_only(version) as desktop, listening(desktop) as ear:
        assert (activity.KEPT_AWAKE in activity.limits(ear.source)) is tells
        idle = choose_idle(desktop.env)
        assert idle
        with closing(idle):
            desktop.play(video=True)
            until(lambda: typing(desktop, idle) is not None, "a word")
            if tells:
                for _ in range(3):
                    until(ear.hears, "activity")
            else:
                until(lambda: silent(idle.idle_ms()), "silence")
            desktop.play(video=False)
            until(lambda: silent(idle.idle_ms()), "silence")


def test_a_seat_that_is_unplugged_is_a_loss() -> None:
    with wayland.idle_only() as desktop, listening(desktop) as ear:
        desktop.lose_seat()
        until(ear.lost, "the loss")
        assert ear.reasons


@pytest.mark.parametrize("answer", ["0", "(now - self.used) // 1000", "4000000000", "-1"])
def test_a_screen_saver_that_does_not_count_milliseconds_is_not_believed(answer: str) -> None:
    with wayland.on_saver(answer) as desktop, pytest.raises(CaptureUnavailable, match="does not tell"):
        Ear(desktop)


@contextmanager
def x_display() -> Iterator[tuple[str, socket.socket]]:
    """Tell the name of an X display that is there, and who calls it."""
    for number in range(90, 200):
        path = Path(f"/tmp/.X11-unix/X{number}")
        path.parent.mkdir(exist_ok=True)
        with socket.socket(socket.AF_UNIX) as server:
            try:
                server.bind(str(path))
            except OSError:
                continue
            server.listen()
            server.setblocking(False)
            try:
                yield f":{number}", server
            finally:
                path.unlink()
            return


@pytest.mark.parametrize("here", [True, False])
def test_the_x_display_of_a_wayland_session_is_never_called(*, here: bool) -> None:
    with x_display() as (name, server), TemporaryDirectory() as nowhere:
        bare = {"XDG_SESSION_TYPE": "wayland", "XDG_RUNTIME_DIR": nowhere}
        with wayland.idle_only() as desktop:
            env = (desktop.env if here else bare) | {"DISPLAY": name}
            source, idle = choose_input(env), choose_idle(env)
            assert idle
            with closing(idle):
                try:
                    source.start(Tally(), lambda _: None)
                    source.poll()
                    source.stop()
                except CaptureUnavailable:
                    assert not here
                idle.idle_ms()
            with pytest.raises(BlockingIOError):
                server.accept()


@pytest.mark.parametrize(
    "env",
    [
        {"WAYLAND_DISPLAY": "wayland-0"},
        {"XDG_SESSION_TYPE": "wayland", "DBUS_SESSION_BUS_ADDRESS": "nonsense"},
        {"XDG_SESSION_TYPE": "wayland", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"},
    ],
)
@pytest.mark.parametrize("forced", ["", *[name for _, name in DESKTOPS.values()]])
def test_where_nothing_answers_each_source_says_so(env: dict[str, str], forced: str) -> None:
    source = choose_input(env | {"HOURPROOF_INPUT": forced})
    with pytest.raises(CaptureUnavailable, match="does not tell") as refusal:
        source.start(Tally(), lambda _: None)
    assert "X11" in refusal.value.advice
