"""The door for commands: a real socket between two threads."""

from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest

from tracker.desktop.control import Control, ask
from tracker.errors import AppNotRunning


def test_a_request_is_answered_and_after_closing_nobody_is_there(tmp_path: Path) -> None:
    address = str(tmp_path / "s.sock")
    control = Control(address, lambda request: request.upper())

    assert ask(address, b"status") == b"STATUS"
    assert ask(address, b"again") == b"AGAIN"
    control.close()
    with pytest.raises(AppNotRunning):
        ask(address, b"status")


def test_a_socket_that_a_killed_app_left_is_taken_over(tmp_path: Path) -> None:
    address = str(tmp_path / "s.sock")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(address)

    control = Control(address, lambda _: b"new")

    assert ask(address, b"status") == b"new"
    control.close()


def test_an_asker_that_goes_away_or_asks_too_much_disturbs_nobody(tmp_path: Path) -> None:
    address = str(tmp_path / "s.sock")
    control = Control(address, lambda request: request)

    with pytest.raises(AppNotRunning):
        ask(address, b"x" * 2_000_000)

    assert ask(address, b"status") == b"status"
    control.close()


def test_nobody_else_may_ask(tmp_path: Path) -> None:
    address = tmp_path / "s.sock"
    control = Control(str(address), lambda request: request)

    assert stat.S_IMODE(address.stat().st_mode) & 0o077 == 0
    control.close()
