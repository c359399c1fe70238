"""A server on a fresh folder."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import backend
import clusters
import pytest

_NUMBERS = count(1)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> Iterator[backend.Site]:
    with backend.site(tmp_path / "server") as site:
        yield site


@pytest.fixture(params=["after", "before"])
def order(request: pytest.FixtureRequest) -> str:
    """When revisions come: after their segment, or before it."""
    return str(request.param)


@pytest.fixture(scope="session")
def _cluster() -> Iterator[str]:
    with clusters.running() as url:
        yield url


@pytest.fixture
def cluster(_cluster: str) -> str:
    """The URL of an empty PostgreSQL database of this test's own."""
    return clusters.fresh(_cluster, f"test_{next(_NUMBERS)}")
