"""What the disk has room for, asked of a real small one."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_disk import ballast, small_disk

from tracker.space import Room, room

MIB = 1 << 20


def test_shots_give_way_as_a_disk_fills_up(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1100 * MIB) as disk:
        assert room(disk) is Room.FINE
        with ballast(disk, leaving=1000 * MIB):
            assert room(disk) is Room.LITTLE
        with ballast(disk, leaving=200 * MIB):
            assert room(disk) is Room.NO_SHOTS
        assert room(disk) is Room.FINE


@pytest.mark.parametrize("missing", ["nowhere", "nowhere/else"])
def test_a_folder_that_cannot_be_asked_is_somebody_else_s_trouble(tmp_path: Path, missing: str) -> None:
    assert room(tmp_path / missing) is Room.FINE
