"""The desktops that tests run on are real ones."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

import desktop
import pytest
from Xlib.display import Display

if TYPE_CHECKING:
    from pathlib import Path

    from hands import Hands

KEEP = "import keyring; keyring.set_password('test', 'me', 'word'); print(keyring.get_password('test', 'me'))"


def _keep(settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    env = desktop.environment(**settings)
    return subprocess.run([sys.executable, "-c", KEEP], env=env, capture_output=True, text=True, check=False)


def test_hands_move_the_pointer_of_their_display(display: str, hands: Hands) -> None:
    hands.move(321, 123)
    looker = Display(display)
    place = looker.screen().root.query_pointer()
    looker.close()
    assert (place.root_x, place.root_y) == (321, 123)


@pytest.mark.usefixtures("window_manager", "tray_host")
def test_a_desktop_has_a_window_manager_and_a_tray(display: str) -> None:
    looker = Display(display)
    wm = looker.screen().root.get_full_property(looker.intern_atom("_NET_SUPPORTING_WM_CHECK"), 0)
    tray = looker.get_selection_owner(looker.intern_atom("_NET_SYSTEM_TRAY_S0"))
    looker.close()
    assert wm
    assert tray


def test_an_unlocked_keyring_keeps_a_secret(keyring_service: dict[str, str]) -> None:
    assert _keep(keyring_service).stdout == "word\n"


def test_a_locked_keyring_keeps_it_shut(session_bus: str, tmp_path: Path) -> None:
    with desktop.keyring_service(session_bus, tmp_path) as settings:
        _keep(settings)
    with desktop.keyring_service(session_bus, tmp_path, locked=True) as settings:
        assert "KeyringLocked" in _keep(settings).stderr


@pytest.mark.expects_log("lost the .*ValueError")
def test_a_foreseen_warning_is_no_failure() -> None:
    logging.getLogger("tracker.somewhere").error("lost the thread", exc_info=ValueError())
