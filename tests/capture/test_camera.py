"""A camera takes nothing where it cannot keep the rules, and lets go of all it has looked at."""

from __future__ import annotations

import gc
import random
from functools import partial
from weakref import ref

import pytest
from cameras import UNRULED, FakeWindows, blind, camera

from tracker.capture import camera as cameras
from tracker.capture import choose_windows
from tracker.capture.base import Area, Frame, Window, Windows
from tracker.capture.blur import blurred
from tracker.capture.camera import BLIND, BROKEN_SETTINGS, BY_RULE, Camera
from tracker.capture.photographer import ShotResult
from tracker.errors import BadValue, CaptureUnavailable
from tracker.model.segment import ShotState
from tracker.settings import Rule, Settings

PLACE = Area(8, 8, 16, 16)
VAULT = Windows((Window("KeePassXC", "the vault of Anna", PLACE),), active=PLACE)


class Pixels(bytearray):
    """A frame's bytes that tell when they are gone."""


class Screen:
    """A screen of one or two lively monitors; `grabs` counts how often it was taken."""

    name = "fake"

    def __init__(self, monitors: int = 1) -> None:
        self.grabs = 0
        self.pixels: list[ref[Pixels]] = []
        self._monitors = monitors

    def grab(self) -> tuple[Frame, ...]:
        self.grabs += 1
        frames = tuple(
            Frame(n, 64, 64, Pixels(random.Random(n).randbytes(4 * 64 * 64)), 1.0, Area(64 * n, 0, 64, 64))
            for n in range(self._monitors)
        )
        self.pixels += [ref(frame.bgra) for frame in frames if isinstance(frame.bgra, Pixels)]
        return frames

    def close(self) -> None:
        pass


def test_where_windows_are_not_told_nothing_is_even_looked_at() -> None:
    screen = Screen()
    taken = camera(lambda: screen, blind, Settings()).take("s1")
    assert taken == ShotResult("s1", reason=BLIND, withheld=True)
    assert (taken.state, screen.grabs) == (ShotState.WITHHELD, 0)


def test_the_freelancer_may_have_shots_all_the_same() -> None:
    taken = camera(Screen, blind, Settings(shots_without_rules=True)).take("s1")
    assert (len(taken.pictures), taken.state) == (1, ShotState.KEPT)


def test_rules_about_monitors_alone_need_no_windows() -> None:
    rules = (Rule("blur", monitor=2),)
    settings = Settings(password_managers="show", private_windows="show", rules=rules)
    taken = camera(partial(Screen, 2), blind, settings).take("s1")
    assert [one.blurred for one in taken.pictures] == [0, 100]
    assert taken.state is ShotState.BLURRED


def test_without_rules_windows_are_not_asked_for() -> None:
    windows = FakeWindows([VAULT])
    assert camera(Screen, lambda: windows, UNRULED).take("s1").pictures
    assert windows.closed == 0


@pytest.mark.parametrize("forgiving", [True, False])
@pytest.mark.parametrize("good_looks", [0, 1])
def test_a_desktop_that_tells_windows_but_not_now_has_no_shot(forgiving: bool, good_looks: int) -> None:
    class Failing(FakeWindows):
        def look(self) -> Windows:
            if not self.looks:
                raise CaptureUnavailable("The display is gone, and with it the vault of Anna.")
            return self.looks.pop()

    windows = Failing([VAULT] * good_looks)
    settings = Settings(shots_without_rules=forgiving)
    assert camera(Screen, lambda: windows, settings).take("s1").reason == BLIND
    assert windows.closed == 1


def test_settings_that_cannot_be_read_are_no_permission() -> None:
    def broken() -> Settings:
        raise BadValue("rules: 'the vault of Anna' is nothing")

    screen = Screen()
    taken = Camera(lambda: screen, FakeWindows, broken).take("s1")
    assert taken == ShotResult("s1", reason=BROKEN_SETTINGS, withheld=True)
    assert screen.grabs == 0


def test_nothing_of_an_excluded_shot_is_encoded_or_held(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[Frame] = []
    monkeypatch.setattr("tracker.capture.picture.encode", lambda frame, **_: encoded.append(frame))
    screen = Screen(2)
    settings = Settings(password_managers="exclude")
    taken = camera(lambda: screen, lambda: FakeWindows([VAULT]), settings).take("s1")
    gc.collect()
    assert taken == ShotResult("s1", reason=BY_RULE, withheld=True)
    assert not encoded
    assert [pixels() for pixels in screen.pixels] == [None, None]


def test_of_the_active_monitor_alone_a_picture_is_kept() -> None:
    for at, kept in ((0, [0]), (64, [1]), (500, [0, 1])):
        windows = FakeWindows([Windows((), active=Area(at, 0, 30, 30))])
        settings = Settings(monitors="active")
        taken = camera(partial(Screen, 2), lambda windows=windows: windows, settings).take("s1")
        assert [one.monitor for one in taken.pictures] == kept
    everywhere = camera(partial(Screen, 2), blind, Settings(monitors="active", shots_without_rules=True))
    assert len(everywhere.take("s1").pictures) == 2


def test_no_reason_names_a_window() -> None:
    for settings in (Settings(password_managers="exclude"), Settings()):
        taken = camera(Screen, lambda: FakeWindows([VAULT]), settings).take("s1")
        assert "Anna" not in repr(taken)
        assert "KeePass" not in repr(taken)
    for name in ("BY_RULE", "BLIND", "BROKEN_SETTINGS"):
        assert len(getattr(cameras, name)) <= 200


def test_a_blur_leaves_nothing_and_takes_nothing_else() -> None:
    noise = random.Random(7).randbytes(4 * 64 * 64)
    frame, percent = blurred(Frame(0, 64, 64, noise, 1.0, Area(0, 0, 64, 64)), [PLACE])
    other, _ = blurred(Frame(0, 64, 64, bytes(4 * 64 * 64), 1.0, Area(0, 0, 64, 64)), [PLACE])
    for y in range(64):
        for x in range(64):
            at = 4 * (64 * y + x)
            inside = 8 <= x < 24 and 8 <= y < 24
            assert frame.bgra[at : at + 4] == (other.bgra if inside else noise)[at : at + 4]
    assert percent == 7  # 256 of 4096, rounded up


@pytest.mark.parametrize(("scale", "zoom"), [(2.0, 2), (1.5, 1.5), (1.25, 1.25)])
def test_a_blur_finds_its_place_on_a_dense_screen(scale: float, zoom: float) -> None:
    size = round(64 * zoom)
    area = Area(100, 50, 64, 64)
    frame, _ = blurred(Frame(0, size, size, bytes(4 * size * size), scale, area), [Area(110, 60, 7, 7)])
    hidden = {(at // 4 % size, at // 4 // size) for at in range(0, len(frame.bgra), 4) if frame.bgra[at]}
    wanted = {(x, y) for x in range(size) for y in range(size) if inside(x, zoom) and inside(y, zoom)}
    assert hidden == wanted


def inside(pixel: int, zoom: float) -> bool:
    """Say whether a pixel shows any of what lies from 10 to 17."""
    return pixel < 17 * zoom and pixel + 1 > 10 * zoom


def test_a_whole_monitor_or_one_that_lies_nowhere_is_blurred_whole() -> None:
    for area, places in ((PLACE, None), (None, [PLACE]), (None, None)):
        frame, percent = blurred(Frame(0, 8, 8, random.Random(1).randbytes(256), 1.0, area), places)
        assert percent == 100
        assert set(frame.bgra[::4]) == {0x8C}


def test_where_nothing_is_blurred_the_frame_is_the_same() -> None:
    frame = Frame(0, 8, 8, bytes(256))
    assert blurred(frame, []) == (frame, 0)


@pytest.mark.parametrize(
    "environ",
    [{"XDG_SESSION_TYPE": "wayland", "DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}],
)
def test_wayland_tells_no_windows_and_xwayland_is_not_asked(environ: dict[str, str]) -> None:
    with pytest.raises(CaptureUnavailable) as refusal:
        choose_windows(environ)
    assert "shots_without_rules" in refusal.value.advice
