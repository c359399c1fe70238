"""The tray over D-Bus, as KDE, Xfce and GNOME's extension show it: a real panel on a real bus."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
import sni
from ui.child import Child, child
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def panel(session_bus: str) -> Iterator[sni.Panel]:
    with sni.panel(session_bus) as panel:
        yield panel


@pytest.fixture
def app(tmp_path: Path, display: str, session_bus: str, panel: sni.Panel) -> Iterator[Child]:
    with child(tmp_path, "9", "--minimized", DISPLAY=display, DBUS_SESSION_BUS_ADDRESS=session_bus) as app:
        until(panel.icons, "the icon")
        yield app


def labels(panel: sni.Panel) -> list[str]:
    return [entry.label for entry in panel.menu() if entry.visible and entry.label]


def checked(panel: sni.Panel) -> list[str]:
    return [entry.label for entry in panel.menu() if entry.checked]


def test_the_menu_says_the_state_and_lists_the_latest_contracts(panel: sni.Panel, app: Child) -> None:
    assert labels(panel)[:3] == ["Stopped", "Today 3 h 59 m, this week 18 h 20 m", "Start Northbeam"]
    assert panel.entry("Stopped").enabled is False
    more = panel.entry("More").entries
    assert [one.label for one in more] == ["Northbeam 2", "Fennel & Co 2"]
    assert app.asked == []


def test_choosing_a_contract_starts_it_and_another_switches(panel: sni.Panel, app: Child) -> None:
    panel.choose("Fennel & Co")
    until(lambda: app.asked == ["begin c01"], "the start")
    until(lambda: checked(panel) == ["Fennel & Co"], "its check")
    assert "Tracking Fennel & Co, 2 h 44 m" in labels(panel)
    assert "Not protected yet: no memo" in labels(panel)
    panel.choose("Northbeam 2")
    until(lambda: app.asked == ["begin c01", "begin c07"], "the switch")
    until(lambda: panel.tip() == "Hourproof: tracking Northbeam 2, 2 h 44 m", "the tip")


def test_choosing_what_runs_asks_nothing_and_keeps_its_check(panel: sni.Panel, app: Child) -> None:
    panel.choose("Fennel & Co")
    until(lambda: checked(panel) == ["Fennel & Co"], "its check")
    panel.choose("Fennel & Co")
    panel.choose("Stop")
    until(lambda: app.asked == ["begin c01", "stop"], "the stop")
    until(lambda: checked(panel) == [], "no check")


def test_stop_stands_apart_from_both_ends_and_from_quit(panel: sni.Panel, app: Child) -> None:
    app.tell("begin c00 Checkout: error copy")
    until(lambda: "Stop" in labels(panel), "the running state")
    lines = labels(panel)
    assert lines.index("Stop") >= 4
    assert lines.index("Quit…") == len(lines) - 1
    assert lines.index("Quit…") - lines.index("Stop") > 3


def test_a_failed_command_leaves_the_check_where_it_was(panel: sni.Panel, app: Child) -> None:
    panel.choose("Northbeam")
    until(lambda: checked(panel) == ["Northbeam"], "its check")
    app.tell("fail")
    panel.choose("Fennel & Co")
    until(lambda: app.asked[-1:] == ["begin c01"], "the attempt")
    until(lambda: checked(panel) == ["Northbeam"], "the check to return")


def test_test_mode_is_told_in_menu_and_tip(panel: sni.Panel, app: Child) -> None:
    app.tell("test")
    until(lambda: panel.tip() == "Hourproof: stopped (TEST)", "the tip")
    assert labels(panel)[0] == "TEST mode, this time is not real"


def test_quit_closes_the_segment_and_ends(panel: sni.Panel, app: Child) -> None:
    panel.choose("Quit")
    assert app.ended() == 0
    assert app.asked == ["quit"]


def test_a_panel_that_leaves_and_returns_gets_the_icon_again(
    tmp_path: Path, display: str, session_bus: str
) -> None:
    bus = {"DISPLAY": display, "DBUS_SESSION_BUS_ADDRESS": session_bus}
    with child(tmp_path, "3", "--minimized", **bus) as app:
        for _ in range(2):
            with sni.panel(session_bus) as panel:
                until(panel.icons, "the icon on a panel that came later")
                assert "Stopped" in labels(panel)
        assert app.process.poll() is None


def test_a_quit_that_is_never_done_does_not_keep_it(app: Child) -> None:
    app.tell("stick")
    app.tell("begin c00")
    until(lambda: app.asked == ["begin c00"], "the desk to stick")
    app.process.terminate()
    assert app.ended() == 0
    assert app.asked[-1] == "quit"


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_closes_the_segment_before_the_end(app: Child, name: str) -> None:
    app.process.send_signal(signal.Signals[name])
    assert app.ended() == 0
    assert app.asked == ["quit"]
