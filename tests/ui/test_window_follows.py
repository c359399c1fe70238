"""The window follows what is commanded elsewhere: another window, the tray, the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QWidget
from ui.fake_desk import FakeDesk
from ui.reading import button, press

from tracker.ui.application import Interface
from tracker.ui.theme import DARK

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot


@pytest.fixture
def window(interface: Interface, qtbot: QtBot) -> Callable[[], QWidget]:
    interface.begin(minimized=False)
    qtbot.waitUntil(lambda: interface._window is not None and interface._window.isVisible())
    return lambda: interface._window  # it is made anew in another mode


def test_who_was_about_to_switch_is_offered_a_start_once_all_is_stopped(
    qtbot: QtBot, desk: FakeDesk, window: Callable[[], QWidget]
) -> None:
    desk.begin("c00", "Checkout: error copy")
    qtbot.waitUntil(lambda: bool(button(window(), "Switch")))
    press(qtbot, window(), "Switch")
    qtbot.waitUntil(lambda: bool(button(window(), "Switch to Fennel && Co")))

    desk.stop()

    qtbot.waitUntil(lambda: bool(button(window(), "Start Northbeam")))
    with pytest.raises(AssertionError):
        button(window(), "Back")


def test_an_appearance_that_is_set_elsewhere_applies_at_once(
    qtbot: QtBot, desk: FakeDesk, window: Callable[[], QWidget]
) -> None:
    desk.change_setting("appearance", "dark")

    qtbot.waitUntil(lambda: DARK.paper in window().styleSheet())
