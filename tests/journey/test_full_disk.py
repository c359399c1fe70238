"""A disk that fills up under the tracker, and has space again: the state is told, no time is lost."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from small_disk import ballast, small_disk
from user import User, desktop_user, segments

from tracker.model.slot import parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hands import Hands

SIZE = 64 << 20  # bytes: too little for shots from the start, plenty for time


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", SIZE) as disk:
        yield disk


@pytest.fixture
def cramped(disk: Path, user: User, display: str, keyring_service: dict[str, str]) -> Iterator[User]:
    """Somebody at a real desktop whose home lies on the small disk."""
    assert user.home.parent == disk.parent, "the desktop is the same"
    somebody = desktop_user(disk / "home", display, keyring_service)
    yield somebody
    somebody.end_server()


def test_time_goes_on_over_a_full_disk_and_is_delivered_when_there_is_space(
    cramped: User, disk: Path, hands: Hands
) -> None:
    with cramped.app() as app:
        cramped.add_contract("Checkout rebuild", "Northbeam")
        cramped.add_contract("Brand site", "Fennel & Co")
        cramped.ask("start", "Checkout rebuild", "--memo", "Checkout: error copy")
        cramped.see(lambda now: now["session_ms"] > 60_000, "a minute")
        with ballast(disk, leaving=0):
            failing = cramped.see(lambda now: now["disk"] == "failing", "the full disk")
            assert "Nothing can be written to the disk" in cramped.run("status").stdout
            hands.press("a", times=30)
            cramped.ask("switch", "Brand site", "--memo", "Brand site: colours")
            now = cramped.see(
                lambda now: now["session_ms"] > failing["session_ms"] + 120_000, "two minutes more"
            )
            assert (now["state"], now["disk"]) == ("tracking", "failing")
            assert cramped.run("outbox").returncode == 0, "what is kept can be looked at"
            assert app.poll() is None
        cramped.see(lambda now: now["disk"] == "no-shots", "space again")
        tracked = cramped.ask("stop")["session_ms"]
        assert cramped.ask("sync")["waiting"] == 0

        day = cramped.day()
        pieces = segments(day)
        assert sum(one["tracked_ms"] for one in pieces) == tracked
        assert all(parse_instant(one["end"]) == parse_instant(two["start"]) for one, two in pairwise(pieces))
        assert {one["memo"] for one in pieces} == {"Checkout: error copy", "Brand site: colours"}
        shots = [shot for one in pieces for shot in one["shots"]]
        assert shots
        assert not any(shot["pictures"] for shot in shots)
        # with a fast clock on a busy machine another may come first
        busy = "The moment passed while the computer was busy."
        assert {shot["reason"] for shot in shots} - {busy} <= {"The disk is nearly full."}
        assert day["complete"]


def test_without_the_app_a_full_disk_is_told_and_nothing_is_changed(cramped: User, disk: Path) -> None:
    with cramped.app():
        cramped.add_contract("Checkout rebuild", "Northbeam")
    with ballast(disk, leaving=0):
        for words in (("status",), ("outbox",), ("sync",), ("run", "--minimized")):
            done = cramped.run(*words)
            assert done.returncode == 1, words
            assert "outbox.db is full" in done.stderr, words
            assert "Free some disk space" in done.stderr, words
    (contract,) = cramped.ask("contracts")
    assert contract["title"] == "Checkout rebuild"
