"""In this process Qt draws nowhere; what needs a display runs as a child on a real one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from ui.fake_desk import FakeDesk

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from tracker.ui.application import Interface


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def interface(qapp: QApplication, desk: FakeDesk) -> Iterator[Interface]:
    """The interface over the desk, its window not shown yet."""
    interface = Interface(qapp, desk, "light")
    yield interface
    interface.close()
    # at once: a collector in another test's thread must find no widget left
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
