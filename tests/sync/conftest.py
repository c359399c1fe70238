"""A home with a real outbox, beside a server that answers by script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from boxes import Box
from doubles import NINE, FakeClock, FakeSecrets
from house import House
from scripted import ScriptedServer
from worked import taken, worked

from tracker.sync.backend import Backend

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracker.outbox.outbox import Parcel


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


@pytest.fixture
def backend(server: ScriptedServer) -> Iterator[Backend]:
    server.tokens.add("the-token")
    backend = Backend(server.url, "the-token", key=server.public_key)
    yield backend
    backend.close()


@pytest.fixture
def parcel(tmp_path: Path) -> Iterator[Parcel]:
    with Box(tmp_path) as box:
        shot, pictures = taken(b"left", b"right")
        segment = worked(shots=(shot,))
        box.outbox.store_pictures(shot, pictures, segment=segment.id)
        box.outbox.put(segment, None)
        box.outbox.seal_due(NINE)
        (parcel,) = box.parcels(NINE)
        yield parcel
