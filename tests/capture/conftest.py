"""What the tests of capture share."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

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
