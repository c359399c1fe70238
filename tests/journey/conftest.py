"""A desktop with everything, and somebody at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browsing import browse, chromium, me  # noqa: F401  # fixtures of the diary's tests
from leaving import FAST, Worker
from logind import Logind, logind
from user import User, desktop_user
from xembed import Eyes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hands import Hands


@pytest.fixture
def user(
    request: pytest.FixtureRequest, tmp_path: Path, display: str, keyring_service: dict[str, str]
) -> Iterator[User]:
    """Somebody at a real desktop whose app does not run yet."""
    for part in ("window_manager", "tray_host"):
        request.getfixturevalue(part)
    somebody = desktop_user(tmp_path / "home", display, keyring_service)
    yield somebody
    somebody.end_server()


@pytest.fixture
def working(user: User) -> Iterator[User]:
    """Somebody whose app runs, with two contracts."""
    with user.app():
        user.add_contract("Checkout rebuild", "Northbeam")
        user.add_contract("Brand site", "Fennel & Co")
        yield user


@pytest.fixture
def worker(user: User, hands: Hands) -> Worker:
    """Somebody whose app does not run yet, and whose minutes will be short."""
    user.env["HOURPROOF_TEST"] = FAST
    return Worker(user, hands)


@pytest.fixture
def eyes(display: str) -> Iterator[Eyes]:
    """Eyes on the desktop."""
    eyes = Eyes(display)
    yield eyes
    eyes.close()


@pytest.fixture
def system(worker: Worker, session_bus: str) -> Iterator[Logind]:
    """A logind that the worker's app finds, with the session they work in."""
    worker.user.env.update(DBUS_SYSTEM_BUS_ADDRESS=session_bus, XDG_SESSION_ID="c1")
    with logind(session_bus) as system:
        yield system
