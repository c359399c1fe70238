"""What rules hide is in no shot of a real display: its colours do not occur in the decoded pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import desktop
import paint
import pytest
from cameras import camera
from monitors import resources, split
from panes import CYAN, MAGENTA, ORANGE, Panes, image, panes, share
from waiting import until
from Xlib import X

from tracker.capture import choose_windows
from tracker.capture.base import Frame
from tracker.capture.camera import BY_RULE
from tracker.capture.photographer import ShotResult
from tracker.capture.screen import MssScreen
from tracker.model.segment import ShotState
from tracker.settings import Rule, Settings

PLACE = (200, 150, 400, 300)
SECRET = "Zugangsdaten Tresor 7"


@pytest.fixture
def program(display: str) -> Iterator[Panes]:
    """A program on a white desktop with a line of text."""
    paint.fill(display, paint.WHITE)
    paint.write(display, "the minutes of the meeting", 900, 700)
    with panes(display) as made:
        yield made
        paint.fill(display, paint.BLACK)


@pytest.fixture
def managed() -> Iterator[Panes]:
    """A program on a desktop of its own with a window manager that has not met another."""
    with desktop.xvfb() as server, desktop.window_manager(server.name), panes(server.name) as made:
        paint.fill(server.name, paint.WHITE)
        paint.write(server.name, "the minutes of the meeting", 900, 700)
        yield made


def take(display: str, *rules: Rule, screen: Any = None, **more: Any) -> ShotResult:
    more = {"password_managers": "show", "private_windows": "show", **more}
    chosen = screen or MssScreen(display)
    windows = partial(choose_windows, {"DISPLAY": display})
    return camera(lambda: chosen, windows, Settings(rules=rules, **more)).take("s1")


@pytest.mark.parametrize(
    "rule", [Rule("exclude", app="vault"), Rule("exclude", title="*tresor*"), Rule("exclude", monitor=1)]
)
def test_nothing_is_kept_of_a_shot_with_an_excluded_thing(program: Panes, display: str, rule: Rule) -> None:
    program.open(PLACE, MAGENTA, app="Vault", title=SECRET)
    assert take(display, rule) == ShotResult("s1", reason=BY_RULE, withheld=True)
    assert take(display, rule).state is ShotState.WITHHELD


@pytest.mark.parametrize("rule", [Rule("blur", app="vault"), Rule("blur", title="*tresor*")])
def test_nothing_is_kept_of_a_blurred_window_and_all_of_the_rest(
    program: Panes, display: str, rule: Rule
) -> None:
    program.open(PLACE, MAGENTA, app="Vault", title=SECRET)
    program.open((700, 150, 400, 300), CYAN, app="Editor", title="minutes")
    result = take(display, rule)
    (picture,) = result.pictures
    assert share(picture, MAGENTA) == 0
    assert share(picture, CYAN) == pytest.approx(100 * 400 * 300 / (1280 * 800), rel=0.05)
    assert (picture.blurred, result.state) == (12, ShotState.BLURRED)  # 404 x 304 of 1280 x 800


def test_without_a_rule_it_is_there(program: Panes, display: str) -> None:
    program.open(PLACE, MAGENTA, app="Vault", title=SECRET)
    result = take(display)
    (picture,) = result.pictures
    assert share(picture, MAGENTA) == pytest.approx(100 * 400 * 300 / (1280 * 800), rel=0.05)
    assert (picture.blurred, result.state) == (0, ShotState.KEPT)


def test_of_a_blurred_monitor_nothing_is_kept() -> None:
    with desktop.xvfb("1600x600") as server, panes(server.name) as program:
        split(server.name, monitors=2, width=800, height=600)
        program.open((100, 100, 300, 300), CYAN)
        program.open((900, 100, 300, 300), MAGENTA)
        left, right = take(server.name, Rule("blur", monitor=2)).pictures
    assert (left.blurred, right.blurred) == (0, 100)
    assert share(left, CYAN) > 15
    assert share(right, MAGENTA) == 0
    assert len(set(image(right).convert("L").tobytes())) < 40  # two greys, and what WebP makes of their edges


def test_a_window_on_two_monitors_is_blurred_on_both() -> None:
    with desktop.xvfb("1600x600") as server, panes(server.name) as program:
        split(server.name, monitors=2, width=800, height=600)
        program.open((0, 0, 1600, 50), CYAN)
        program.open((600, 100, 400, 300), MAGENTA, app="Vault")
        shown = take(server.name)
        hidden = take(server.name, Rule("blur", app="vault"))
    assert all(share(picture, MAGENTA) > 10 for picture in shown.pictures)
    assert [share(picture, MAGENTA) for picture in hidden.pictures] == [0, 0]
    assert all(0 < picture.blurred < 20 for picture in hidden.pictures)


def test_of_the_active_monitor_alone_a_rule_about_another_says_nothing() -> None:
    with desktop.xvfb("1600x600") as server, panes(server.name) as program:
        split(server.name, monitors=2, width=800, height=600)
        program.open((100, 100, 300, 300), CYAN)
        program.open((900, 100, 300, 300), MAGENTA, app="Vault")
        for x, monitor in ((50, 0), (1500, 1)):
            program.link.screen().root.warp_pointer(x, 50)
            program.link.sync()
            result = take(server.name, Rule("exclude", app="vault"), monitors="active")
            assert [one.monitor for one in result.pictures] == [0] * (monitor == 0)
            assert result.reason == (BY_RULE if monitor else "")


def test_a_window_is_found_on_a_screen_of_twice_the_density() -> None:
    with desktop.xvfb("1600x1200") as server, panes(server.name) as program:
        resources(server.name, "Xft.dpi: 192")
        program.open((0, 0, 1600, 100), CYAN)
        program.open((301, 301, 701, 501), MAGENTA, app="Vault")
        (picture,) = take(server.name, Rule("blur", app="vault")).pictures
    assert (picture.width, picture.height) == (800, 600)
    assert share(picture, MAGENTA) == 0
    assert share(picture, CYAN) > 7


def test_its_frame_goes_with_a_window(managed: Panes) -> None:
    display = managed.link.get_display_name()
    window = managed.open(PLACE, MAGENTA, app="Vault", title=SECRET)
    frame = window.query_tree().parent
    outer = frame.get_geometry()
    (picture,) = take(display, Rule("blur", app="vault")).pictures
    assert share(picture, MAGENTA) == 0
    assert outer.height > 300
    assert picture.blurred >= 100 * outer.width * outer.height / (1280 * 800)


def test_a_window_that_is_iconified_or_on_another_desktop_is_not_on_the_screen(managed: Panes) -> None:
    display = managed.link.get_display_name()
    window = managed.open(PLACE, MAGENTA, app="Vault")
    assert take(display, Rule("exclude", app="vault")).withheld
    managed.tell(window, "WM_CHANGE_STATE", 3)
    until(lambda: take(display, Rule("exclude", app="vault")).pictures, "the shot")
    until(lambda: window.get_attributes().map_state == X.IsUnmapped, "the icon")
    window.map()
    managed.link.sync()
    until(lambda: take(display, Rule("exclude", app="vault")).withheld, "the window again")
    managed.tell(window, "_NET_WM_DESKTOP", 1)
    until(lambda: take(display, Rule("exclude", app="vault")).pictures, "the shot again")


def test_what_covers_a_window_stays(managed: Panes) -> None:
    display = managed.link.get_display_name()
    managed.open(PLACE, MAGENTA, app="Vault")
    managed.open((300, 150, 600, 400), CYAN, app="Editor")
    (picture,) = take(display, Rule("blur", app="vault")).pictures
    assert share(picture, MAGENTA) == 0
    assert share(picture, CYAN) > 0.9 * 100 * 600 * 400 / (1280 * 800)
    assert picture.blurred < 7


def test_what_may_be_seen_through_covers_nothing(program: Panes, display: str) -> None:
    program.open(PLACE, MAGENTA, app="Vault", menu=True)
    program.open((0, 0, 1280, 780), CYAN, app="Editor", menu=True, deep=True)
    (picture,) = take(display, Rule("blur", app="vault")).pictures
    assert picture.blurred == 12


@pytest.mark.parametrize("how", ["opacity", "shape"])
def test_a_window_that_says_it_can_be_seen_through_covers_nothing(
    program: Panes, display: str, how: str
) -> None:
    program.open(PLACE, MAGENTA, app="Vault", menu=True)
    above = program.open((0, 0, 1280, 780), CYAN, app="Editor", menu=True)
    assert take(display, Rule("exclude", app="vault")).pictures
    if how == "opacity":
        kind = program.link.intern_atom("CARDINAL")
        above.change_property(program.link.intern_atom("_NET_WM_WINDOW_OPACITY"), kind, 32, [0xE0000000])
    else:
        above.shape_rectangles(0, 0, 0, 0, 0, [(0, 0, 100, 100), (700, 0, 580, 780)])
    program.link.sync()
    assert take(display, Rule("exclude", app="vault")).withheld


def test_beside_a_compositor_of_its_own_no_window_covers_another(program: Panes, display: str) -> None:
    program.open(PLACE, MAGENTA, app="Vault", menu=True)
    program.open((0, 0, 1280, 780), CYAN, app="Editor", menu=True)
    assert take(display, Rule("exclude", app="vault")).pictures
    owner = program.open((0, 0, 1, 1), CYAN, menu=True)
    owner.set_selection_owner(program.link.intern_atom("_NET_WM_CM_S0"), X.CurrentTime)
    root = program.link.screen().root  # on which a window manager that was killed has left its window's name
    check, kind = program.link.intern_atom("_NET_SUPPORTING_WM_CHECK"), program.link.intern_atom("WINDOW")
    root.change_property(check, kind, 32, [owner.id + 1000])
    program.link.sync()
    taken = take(display, Rule("exclude", app="vault"))
    root.delete_property(check)
    program.link.sync()
    assert taken.withheld


def test_a_window_behind_a_tab_of_the_same_frame_goes_with_it(program: Panes, display: str) -> None:
    frame = program.open((200, 150, 400, 320), CYAN, menu=True)
    tabs = [
        program.open(PLACE, colour, app=app, within=frame)
        for colour, app in ((MAGENTA, "Vault"), (ORANGE, "Editor"))
    ]
    root = program.link.screen().root
    listed, kind = program.link.intern_atom("_NET_CLIENT_LIST"), program.link.intern_atom("WINDOW")
    root.change_property(listed, kind, 32, [one.id for one in tabs])
    program.link.sync()
    taken = take(display, Rule("exclude", app="vault"))
    root.delete_property(listed)
    program.link.sync()
    assert taken.withheld


def test_a_menu_or_dialog_goes_with_its_window(program: Panes, display: str) -> None:
    window = program.open(PLACE, MAGENTA, app="Firefox", title=f"{SECRET} — Private Browsing")
    with panes(display) as other:
        other.open((700, 600, 100, 100), ORANGE, menu=True)
        program.open((700, 150, 100, 300), MAGENTA, menu=True)
        program.open((900, 150, 100, 300), MAGENTA, app="Firefox", title="Save as", of=window)
        (picture,) = take(display, private_windows="blur").pictures
    assert share(picture, MAGENTA) == 0
    assert share(picture, ORANGE) > 0.8
    assert 17 < picture.blurred < 22


class Eventful(MssScreen):
    """A screen on which something happens just before, and just after it is taken."""

    def __init__(
        self, display: str, before: Callable[[], object], after: Callable[[], object] = bool
    ) -> None:
        super().__init__(display)
        self._around = before, after

    def grab(self) -> tuple[Frame, ...]:
        self._around[0]()
        frames = super().grab()
        self._around[1]()
        return frames


def test_a_window_that_comes_while_the_shot_is_taken_is_noticed(program: Panes, display: str) -> None:
    screen = Eventful(display, lambda: program.open(PLACE, MAGENTA, app="Vault"), bool)
    (picture,) = take(display, Rule("blur", app="vault"), screen=screen).pictures
    assert (share(picture, MAGENTA), picture.blurred) == (0, 12)


def test_a_window_that_goes_while_the_shot_is_taken_is_not_forgotten(program: Panes, display: str) -> None:
    window = program.open(PLACE, MAGENTA, app="Vault")

    def go() -> None:
        window.unmap()
        program.link.sync()

    (picture,) = take(display, Rule("blur", app="vault"), screen=Eventful(display, bool, go)).pictures
    assert (share(picture, MAGENTA), picture.blurred) == (0, 12)


@pytest.mark.parametrize("first", [True, False])
def test_of_a_window_that_moves_meanwhile_both_places_are_taken_away(
    program: Panes, display: str, first: bool
) -> None:
    window = program.open(PLACE, MAGENTA, app="Vault")

    def move() -> None:
        window.configure(x=800, y=450)
        program.link.sync()

    around = (move, bool) if first else (bool, move)
    (picture,) = take(display, Rule("blur", app="vault"), screen=Eventful(display, *around)).pictures
    assert share(picture, MAGENTA) == 0
    assert picture.blurred == 24  # twice 404 x 304 of 1280 x 800


def test_a_title_that_changes_meanwhile_counts_as_both(program: Panes, display: str) -> None:
    window = program.open(PLACE, MAGENTA, app="Vault", title=SECRET)
    screen = Eventful(display, lambda: program.name(window, "harmless"), bool)
    assert take(display, Rule("exclude", title="*tresor*"), screen=screen).withheld
