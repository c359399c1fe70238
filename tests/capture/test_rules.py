"""Which windows and monitors rules are about, and which places of a shot they take away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tracker.capture.base import Area, Frame, Window, Windows
from tracker.capture.region import common, disjoint, grown, without
from tracker.capture.rules import Ruling, Treatment, in_force, need_windows, on_active, treat
from tracker.settings import Rule, Settings

LEFT = Frame(0, 400, 300, b"", 1.0, Area(0, 0, 400, 300), "HDMI-1")
RIGHT = Frame(1, 800, 600, b"", 2.0, Area(400, 0, 400, 300), "DP-2")
NOWHERE = Frame(0, 800, 300, b"")
PLACE = Area(50, 50, 100, 100)
areas = some.builds(Area, *[some.integers(-4, 4)] * 2, *[some.integers(0, 5)] * 2)


def own(*rules: Rule) -> tuple[Ruling, ...]:
    return in_force(Settings(password_managers="show", private_windows="show", rules=rules))


def treated(rule: Rule, *windows: Window, frames: tuple[Frame, ...] = (LEFT, RIGHT)) -> Treatment:
    return treat(frames, [Windows(windows)], own(rule))


def points(areas: list[Area]) -> list[tuple[int, int]]:
    return [
        (x, y)
        for one in areas
        for x in range(one.left, one.left + one.width)
        for y in range(one.top, one.top + one.height)
    ]


@given(some.lists(areas, max_size=5), areas)
def test_what_is_cut_out_is_gone_and_nothing_else(several: list[Area], hole: Area) -> None:
    apart = disjoint(several)
    assert len(points(apart)) == len(set(points(several)))
    assert set(points(apart)) == set(points(several))
    assert set(points(without(apart, hole))) == set(points(several)) - set(points([hole]))
    assert len(points(without(apart, hole))) == len(set(points(without(apart, hole))))


@given(areas, areas)
def test_what_is_common_lies_in_both(one: Area, other: Area) -> None:
    both = common(one, other)
    assert set(points([both] if both else [])) == set(points([one])) & set(points([other]))


def test_an_area_may_shrink_to_nothing() -> None:
    assert grown(Area(10, 10, 4, 40), -16) == Area(26, 26, 0, 8)


@pytest.mark.parametrize(
    ("rule", "app", "title", "meant"),
    [
        (Rule("blur", app="Signal"), "signal", "", True),
        (Rule("blur", app="signal"), "Signal", "x", True),
        (Rule("blur", app="signal"), "Signal Desktop", "", False),
        (Rule("blur", app="signal*"), "Signal Desktop", "", True),
        (Rule("blur", app="signal"), "org.signal.Signal", "", True),
        (Rule("blur", app="signal"), "Signal.exe", "", True),
        (Rule("blur", app="signal"), "", "signal", False),
        (Rule("blur", title="*inbox*"), "Mail", "Inbox (3)\nnew", True),
        (Rule("blur", title="inbox"), "Mail", "Inbox (3)", False),
        (Rule("blur", title="*ÜBER*"), "", "über uns", True),
        (Rule("blur", app="mail", title="*inbox*"), "Mail", "Inbox", True),
        (Rule("blur", app="mail", title="*inbox*"), "News", "Inbox", False),
        (Rule("blur", app="mail", title="*inbox*"), "", "Inbox", True),  # nobody knows whose it is
        (Rule("blur", app="mail", title="*inbox*"), "", "Outbox", False),
    ],
)
def test_a_rule_is_about_windows_by_patterns(rule: Rule, app: str, title: str, meant: bool) -> None:
    assert bool(treated(rule, Window(app, title, PLACE)).blurred) == meant


@pytest.mark.parametrize(
    "app",
    [
        *("KeePassXC", "org.keepassxc.KeePassXC", "KeePass2", "1Password", "Bitwarden", "Seahorse"),
        *("com.bitwarden.desktop", "org.gnome.seahorse.Application", "gnome-passwords", "kwalletmanager5"),
        *("org.kde.kwalletmanager5", "Enpass", "Proton Pass", "proton-pass", "LastPass", "pinentry-gtk-2"),
    ],
)
def test_password_managers_are_blurred_unless_that_is_switched_off(app: str) -> None:
    window = Windows((Window(app, "Vault", PLACE),))
    assert treat([LEFT], [window], in_force(Settings())).blurred
    assert treat([LEFT], [window], in_force(Settings(password_managers="exclude"))).withheld
    assert treat([LEFT], [window], in_force(Settings(password_managers="show"))) == Treatment()


@pytest.mark.parametrize(
    ("app", "title"),
    [
        ("firefox", "Secret — Mozilla Firefox Private Browsing"),
        ("org.mozilla.firefox", "Mozilla Firefox (Private Browsing)"),
        ("Firefox-esr", "Geheim — Mozilla Firefox Privater Modus"),
        ("firefox.exe", "Secret — Navigation privée de Mozilla Firefox"),
        ("msedge.exe", "New tab - [InPrivate] - Microsoft Edge"),
        ("Google-chrome", "New Incognito Tab - Google Chrome (Incognito)"),
        ("Google Chrome", "New Tab - Google Chrome (Inkognito)"),
        ("", "Secret — Mozilla Firefox Private Browsing"),
    ],
)
def test_private_windows_of_browsers_are_blurred_unless_that_is_switched_off(app: str, title: str) -> None:
    window = Windows((Window(app, title, PLACE),))
    assert treat([LEFT], [window], in_force(Settings())).blurred
    assert treat([LEFT], [window], in_force(Settings(private_windows="exclude"))).withheld
    assert treat([LEFT], [window], in_force(Settings(private_windows="show"))) == Treatment()


def test_an_editor_may_have_a_file_of_such_a_name() -> None:
    window = Windows((Window("code", "Incognito.md (Private Browsing)", PLACE),))
    assert treat([LEFT], [window], in_force(Settings())) == Treatment()


def test_a_blurred_window_is_taken_away_where_it_is_with_its_rim() -> None:
    assert treated(Rule("blur", app="x"), Window("x", "", PLACE)) == Treatment(
        blurred={0: [Area(48, 48, 104, 104)]}
    )


def test_a_window_on_two_monitors_is_taken_away_on_both() -> None:
    window = Window("x", "", Area(350, 100, 100, 50))
    assert treated(Rule("blur", app="x"), window).blurred == {
        0: [Area(348, 98, 52, 54)],
        1: [Area(400, 98, 52, 54)],
    }


def test_what_surely_covers_a_window_stays_but_for_its_round_corners() -> None:
    above = Window("y", "", Area(100, 0, 300, 300), opaque=True)
    (left,) = treated(Rule("blur", app="x"), above, Window("x", "", PLACE)).blurred.values()
    assert left == [Area(48, 48, 68, 104)]


def test_what_may_be_translucent_covers_nothing() -> None:
    above = Window("y", "", Area(0, 0, 400, 300))
    assert treated(Rule("blur", app="x"), above, Window("x", "", PLACE)).blurred == {
        0: [Area(48, 48, 104, 104)]
    }


def test_a_window_below_covers_nothing() -> None:
    below = Window("y", "", Area(0, 0, 400, 300), opaque=True)
    assert treated(Rule("blur", app="x"), Window("x", "", PLACE), below).blurred


def test_a_window_that_is_covered_or_elsewhere_withholds_nothing() -> None:
    rule, above = Rule("exclude", app="x"), Window("y", "", Area(0, 0, 400, 300), opaque=True)
    assert treated(rule, above, Window("x", "", PLACE)) == Treatment()
    assert treated(rule, Window("x", "", Area(900, 0, 9, 9))) == Treatment()
    assert treated(rule, Window("x", "", Area(500, 0, 9, 9)), frames=(LEFT,)) == Treatment()


def test_the_least_that_can_be_seen_of_an_excluded_window_withholds_the_shot() -> None:
    above = Window("y", "", Area(0, 0, 400, 300), opaque=True)
    assert treated(Rule("exclude", app="x"), above, Window("x", "", Area(380, 280, 100, 100))).withheld


def test_to_exclude_goes_before_to_blur() -> None:
    rulings = own(Rule("blur", app="x"), Rule("exclude", title="secret"))
    assert treat([LEFT], [Windows((Window("x", "Secret", PLACE),))], rulings).withheld


def test_both_looks_count() -> None:
    before, after = (Windows((Window("x", "", Area(at, 50, 50, 50)),)) for at in (50, 90))
    decided = treat([LEFT], [before, after], own(Rule("blur", app="x")))
    assert set(points(decided.blurred[0] or [])) == {(x, y) for x in range(48, 142) for y in range(48, 102)}
    assert treat([LEFT], [Windows(()), after], own(Rule("exclude", app="x"))).withheld
    assert treat([LEFT], [before, Windows(())], own(Rule("exclude", app="x"))).withheld


@pytest.mark.parametrize("monitor", [2, "2", "dp-2", "DP*"])
def test_a_monitor_is_meant_by_its_number_or_its_name(monitor: int | str) -> None:
    assert treated(Rule("blur", monitor=monitor)).blurred == {1: None}
    assert treated(Rule("exclude", monitor=monitor)).withheld
    assert not treated(Rule("exclude", monitor=monitor), frames=(LEFT,)).withheld


def test_a_monitor_without_a_name_is_no_other_one() -> None:
    assert treated(Rule("blur", monitor="*"), frames=(NOWHERE,)) == Treatment()


def test_where_a_monitor_lies_nowhere_all_of_it_is_taken_away() -> None:
    window = Window("x", "", PLACE)
    assert treated(Rule("blur", app="x"), window, frames=(NOWHERE,)).blurred == {0: None}
    assert treated(Rule("exclude", app="x"), window, frames=(NOWHERE,)).withheld


def test_once_all_of_a_monitor_is_taken_away_no_window_brings_any_back() -> None:
    rulings = own(Rule("blur", monitor=1), Rule("blur", app="x"))
    assert treat([LEFT], [Windows((Window("x", "", PLACE),))], rulings).blurred == {0: None}


def test_only_rules_about_windows_need_windows() -> None:
    assert need_windows(in_force(Settings()))
    assert not need_windows(own(Rule("blur", monitor=1)))
    assert not need_windows(own())


def test_the_active_monitor_is_the_one_with_most_of_the_window() -> None:
    both = (LEFT, RIGHT)
    assert on_active(both, Area(300, 0, 150, 10)) == (LEFT,)
    assert on_active(both, Area(390, 0, 150, 10)) == (RIGHT,)
    assert on_active(both, Area(500, 5, 1, 1)) == (RIGHT,)
    for unknown in (None, Area(900, 0, 9, 9)):
        assert on_active(both, unknown) == both
    assert on_active((NOWHERE, RIGHT), Area(500, 5, 1, 1)) == (NOWHERE, RIGHT)
