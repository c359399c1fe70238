"""In this process Qt draws nowhere; what needs a display runs as a child on a real one."""

from __future__ import annotations

import os

import pytest
from ui.fake_desk import FakeDesk

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()
