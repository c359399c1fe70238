"""Contracts are switched from the tray's menu, and the diary shows it without a gap."""

from __future__ import annotations

from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING

import sni
from user import User, desktop_user, segments
from waiting import until
from xembed import Eyes

from tracker.ui.theme import LIGHT

if TYPE_CHECKING:
    from pathlib import Path

    from hands import Hands


def assert_gapless_switch(user: User) -> None:
    """Check that the day holds both contracts, the second from the millisecond the first ended."""
    user.ask("sync")
    day = user.day()
    parts = sorted(segments(day), key=lambda one: str(one["start"]))
    titles = {one["id"]: one["title"] for one in user.ask("contracts")}
    assert [titles[one["contract"]] for one in parts] == ["Checkout rebuild", "Brand site"]
    assert [one["closed_by"] for one in parts] == ["switch", "stop"]
    assert all(one["end"] == after["start"] for one, after in pairwise(parts))
    assert all(one["receipt"] for one in parts)


def test_over_statusnotifieritem(
    tmp_path: Path, display: str, session_bus: str, keyring_service: dict[str, str]
) -> None:
    user = desktop_user(tmp_path / "home", display, keyring_service)
    with sni.panel(session_bus) as panel, user.app():
        user.add_contract("Checkout rebuild", "Northbeam")
        user.add_contract("Brand site", "Fennel & Co")
        until(panel.icons, "the icon")

        panel.choose("Northbeam")
        user.track_for(10)
        panel.choose("Fennel & Co")
        user.track_for(20)
        panel.choose("Stop")
        until(lambda: user.ask("status")["state"] == "stopped", "the stop")

        assert_gapless_switch(user)
    user.end_server()


def test_over_xembed_with_the_mouse(user: User, display: str, hands: Hands) -> None:
    northbeam, fennel = LIGHT.contracts[:2]
    with closing(Eyes(display)) as eyes, user.app():
        user.add_contract("Checkout rebuild", "Northbeam")
        second = user.add_contract("Brand site", "Fennel & Co")

        choose(eyes, hands, northbeam)
        user.see(lambda status: status["state"] == "tracking", "the start")
        user.track_for(10)
        choose(eyes, hands, fennel)
        user.see(lambda status: status["contract"] == second, "the switch")
        user.track_for(20)
        user.ask("stop")

        assert_gapless_switch(user)


def choose(eyes: Eyes, hands: Hands, colour: str) -> None:
    """Open the menu with a right click, and click the contract of this colour."""
    hands.move(*until(eyes.icon, "the icon").middle)
    hands.click(3)
    menu = until(eyes.menu, "the menu")
    hands.move(*until(lambda: eyes.find(colour, menu), "the contract's colour"))
    hands.click()
    until(lambda: eyes.menu() is None, "the menu to close")
