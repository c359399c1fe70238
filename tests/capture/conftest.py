"""What the tests of capture share."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import desktop
import pytest
from hands import Hands
from listening import Ear
from witness import Witness, witness

from tracker.capture.x11 import X11Input

if TYPE_CHECKING:
    from collections.abc import Iterator


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Forgive python-xlib the sockets it forgets when a connection fails, in the tests that let it fail."""
    for item in items:
        if "display_fails" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"))


@pytest.fixture
def display_fails() -> Iterator[None]:
    """A test that connects to a display in vain: what is left of that is collected in here."""
    yield
    gc.collect()


@pytest.fixture
def alone() -> Iterator[str]:
    """A display of this test's own, for what is done to its keyboards."""
    with desktop.xvfb() as server:
        yield server.name


@pytest.fixture
def own(alone: str) -> Iterator[Hands]:
    with Hands(alone) as hands:
        yield hands


@pytest.fixture
def watching(alone: str) -> Iterator[Witness]:
    with witness(alone) as seeing:
        yield seeing


@pytest.fixture
def ear(alone: str) -> Iterator[Ear]:
    ear = Ear(X11Input(alone))
    yield ear
    ear.source.stop()
