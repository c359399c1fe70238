"""What the interface relies on in the binding to Qt."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Signal


class _Bell(QObject):
    rings = Signal()


def test_emitting_for_a_whole_day_costs_no_reference() -> None:
    """A binding that loses one at each emit would end the app after some hours of a visible clock."""
    bell, heard = _Bell(), []
    bell.rings.connect(lambda: heard.append(1))
    before = sys.getrefcount(True)
    for _ in range(500):
        bell.rings.emit()
    assert len(heard) == 500
    assert abs(sys.getrefcount(True) - before) < 50
