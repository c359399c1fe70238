"""The tray on a real display, with a real mouse and keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import desktop
import pytest
from ui.child import Child, child
from waiting import until
from xembed import Eyes

from tracker.ui.theme import LIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hands import Hands

pytestmark = pytest.mark.usefixtures("window_manager")

FENNEL = LIGHT.contracts[1]


@pytest.fixture
def eyes(display: str) -> Iterator[Eyes]:
    eyes = Eyes(display)
    yield eyes
    eyes.close()


@pytest.fixture
def app(tmp_path: Path, display: str) -> Iterator[Child]:
    with child(tmp_path, "3", "--minimized", DISPLAY=display) as app:
        yield app


def open_menu(eyes: Eyes, hands: Hands) -> None:
    hands.move(*until(eyes.icon, "the icon").middle)
    hands.click(3)
    until(eyes.menu, "the menu")


@pytest.mark.usefixtures("tray_host")
def test_a_contract_is_chosen_with_the_mouse(app: Child, eyes: Eyes, hands: Hands) -> None:
    open_menu(eyes, hands)
    hands.move(*until(lambda: eyes.find(FENNEL, until(eyes.menu, "the menu")), "the contract's colour"))
    hands.click()
    until(lambda: app.asked == ["begin c01"], "the start")
    until(lambda: eyes.menu() is None, "the menu to close")


@pytest.mark.usefixtures("tray_host")
def test_a_contract_is_chosen_with_the_keyboard(app: Child, eyes: Eyes, hands: Hands) -> None:
    open_menu(eyes, hands)
    hands.press("Down")  # Start; what only tells the state is passed over
    hands.press("Down")
    hands.press("Down")
    hands.press("Return")
    until(lambda: app.asked == ["begin c01"], "the start")


@pytest.mark.usefixtures("tray_host")
def test_a_click_where_the_menu_opens_does_nothing(app: Child, eyes: Eyes, hands: Hands) -> None:
    app.tell("begin c00 Checkout: error copy")
    until(lambda: app.asked == ["begin c00 Checkout: error copy"], "the start")
    open_menu(eyes, hands)
    hands.click()
    until(lambda: eyes.menu() is None, "the menu to close")
    assert app.asked == ["begin c00 Checkout: error copy"]
    assert app.process.poll() is None


@pytest.mark.usefixtures("tray_host", "app")
def test_a_click_on_the_icon_shows_the_window(eyes: Eyes, hands: Hands) -> None:
    hands.move(*until(eyes.icon, "the icon").middle)
    assert eyes.titles() == []
    hands.click()
    until(lambda: eyes.titles() == ["Hourproof"], "the window")


def test_a_tray_that_starts_later_returns_or_goes_is_noticed(app: Child, eyes: Eyes, display: str) -> None:
    for _ in range(2):
        with desktop.tray_host(display):
            until(eyes.icon, "the icon in a tray that came later")
        until(lambda: eyes.titles() == ["■ Stopped — Hourproof"], "the window that stands in for the tray")
    app.tell("begin c00")
    until(lambda: eyes.titles() == ["● Tracking Northbeam — Hourproof"], "the title that tells the state")
    app.tell("raise")
    until(lambda: eyes.titles() == ["● Tracking Northbeam — Hourproof"], "the window")
