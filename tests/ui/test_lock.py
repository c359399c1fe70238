"""The lock of a system that is asked once a second: each change is told once."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import pytest
from pytestqt.qtbot import QtBot

from tracker.desktop.lock import Lock
from tracker.desktop.locked import is_locked


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ([False, False], []),
        ([True, True, False], [(True, True), (False, True)]),
        ([True, None, True, False, True], [(True, True), (False, True), (True, True)]),
    ],
)
def test_a_change_is_told_once_and_what_is_unknown_changes_nothing(
    qtbot: QtBot, looks: Iterable[bool | None], told: list[tuple[bool, bool]]
) -> None:
    heard: list[tuple[bool, bool]] = []
    coming = [*looks]
    lock = Lock(lambda *news: heard.append(news), lambda: coming.pop(0) if coming else None, every=1)
    qtbot.waitUntil(lambda: not coming)
    lock.close()
    assert heard == told


def test_nothing_is_told_after_the_end(qtbot: QtBot) -> None:
    looks: list[int] = []

    def look() -> bool:
        looks.append(1)
        return True

    lock = Lock(lambda *_: pytest.fail("told"), look, every=1)
    lock.close()
    other = Lock(lambda *_: None, look, every=1)
    qtbot.waitUntil(lambda: len(looks) > 3)
    other.close()


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="there the system knows")
def test_elsewhere_it_is_unknown() -> None:
    assert is_locked() is None
