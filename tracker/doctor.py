"""Tells what works on this machine, what does not and why, and what to do about it."""

from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING, Literal

import msgspec

from tracker.capture import choose_input, choose_screen
from tracker.capture.tally import Tally
from tracker.errors import NotDone

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracker.desktop.secrets import Secrets
    from tracker.sync.connection import Connection

_ENOUGH = 1 << 30  # bytes: some weeks of work offline


class Finding(msgspec.Struct, frozen=True):
    """How one capability stands: by which source, why, and what to do where it does not simply work."""

    capability: str
    state: Literal["works", "limited", "missing"]
    source: str | None = None
    why: str = ""
    advice: str = ""


def examine(data: Path, secrets: Secrets, connection: Connection) -> list[Finding]:
    """Try everything the tracker needs, once; nothing is kept of what is seen."""
    return [
        _tried("input", _input),
        _tried("screen", _screen),
        _tried("keyring", lambda: _keyring(secrets)),
        _tried("network", lambda: Finding("network", "works", connection.open().info().name)),
        _disk(data),
    ]


def _tried(capability: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except NotDone as error:
        return Finding(capability, "missing", None, error.title, error.advice)


def _input() -> Finding:
    source = choose_input()
    source.start(Tally(), lambda _reason: None)
    source.stop()
    return Finding("input", "works", source.name)


def _screen() -> Finding:
    with closing(choose_screen()) as screen:
        monitors = len(screen.grab())
        return Finding("screen", "works", screen.name, f"{monitors} monitor{'s' * (monitors > 1)}")


def _keyring(secrets: Secrets) -> Finding:
    if secrets.warning:
        advice = "Install and unlock a keyring, such as gnome-keyring or KWallet."
        return Finding("keyring", "limited", "file", secrets.warning, advice)
    return Finding("keyring", "works", "keyring")


def _disk(data: Path) -> Finding:
    free = shutil.disk_usage(data).free
    why = f"{free >> 20} MiB free"
    if free < _ENOUGH:
        return Finding("disk", "limited", str(data), why, "Free some space: what waits is kept here.")
    return Finding("disk", "works", str(data), why)
