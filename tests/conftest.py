"""What every test may ask for, and what every test is held to."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

import desktop
import pytest
from doubles import FakeClock
from hands import Hands
from workbench import Bench, bench_on

from tracker.outbox.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "expects_log(pattern): the tracker logs a warning or worse that matches, and no other"
    )


class _Unwelcome(logging.Handler):
    """Keeps what the tracker logs as a warning or worse."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # With the exception's text, for what went wrong is often told there.
        self.lines.append(" ".join(filter(None, (record.getMessage(), record.exc_text or _cause(record)))))


def _cause(record: logging.LogRecord) -> str:
    return repr(record.exc_info[1]) if record.exc_info and record.exc_info[1] else ""


@pytest.fixture(autouse=True)
def _no_unexpected_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which the tracker warns of what the test did not foresee, or not of what it did."""
    expected = [marker.args[0] for marker in request.node.iter_markers("expects_log")]
    tracker, unwelcome = logging.getLogger("tracker"), _Unwelcome()
    tracker.addHandler(unwelcome)
    yield
    tracker.removeHandler(unwelcome)
    unexpected = [line for line in unwelcome.lines if not any(re.search(p, line) for p in expected)]
    missing = [p for p in expected if not any(re.search(p, line) for line in unwelcome.lines)]
    assert not unexpected, f"logged, but not expected: {unexpected}"
    assert not missing, f"expected, but not logged: {missing}"


@pytest.fixture(scope="session")
def _server() -> Iterator[str]:
    with desktop.xvfb() as server:
        yield server.name


@pytest.fixture
def display(_server: str) -> str:
    """The name of a real display of 1280 x 800, shared by all tests; to kill one, run your own."""
    return _server


@pytest.fixture
def hands(display: str) -> Iterator[Hands]:
    """Keyboard and mouse of that display."""
    with Hands(display) as hands:
        yield hands


@pytest.fixture
def window_manager(display: str) -> Iterator[None]:
    """A window manager on the display."""
    with desktop.window_manager(display):
        yield


@pytest.fixture
def tray_host(display: str) -> Iterator[None]:
    """A tray on the display."""
    with desktop.tray_host(display):
        yield


@pytest.fixture
def session_bus() -> Iterator[str]:
    """The address of a D-Bus of this test's own."""
    with desktop.session_bus() as address:
        yield address


@pytest.fixture
def keyring_service(session_bus: str) -> Iterator[dict[str, str]]:
    """The settings of a program that finds an unlocked keyring, in a home of its own."""
    with desktop.keyring_service(session_bus) as settings:
        yield settings


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty outbox's database, in the plain."""
    made = Database.open(tmp_path / "outbox.db", None)
    yield made
    made.close()


@pytest.fixture
def bench(database: Database) -> Bench:
    """A session on a table, nothing tracked yet."""
    return bench_on(database, FakeClock())
