"""A home with a real outbox, beside a server that answers by script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from boxes import Box
from doubles import FakeClock, FakeSecrets
from house import House
from scripted import ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def house(server: ScriptedServer, tmp_path: Path) -> Iterator[House]:
    with Box(tmp_path) as box:
        house = House(server, box, FakeClock(), FakeSecrets())
        yield house
        house.connection.close()
