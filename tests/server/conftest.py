"""A server on a fresh folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import backend
import clusters
import pytest

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
def cluster() -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    with clusters.running() as url:
        yield url
