"""How much room the disk has left: shots give way first, time never."""

from __future__ import annotations

import shutil
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LITTLE = 1 << 30  # bytes: some weeks of work with shots
_NOTHING = 64 << 10  # bytes: what SQLite needs beside a file to look into it
_NO_SHOTS = 256 << 20  # bytes: years of work without


class Room(StrEnum):
    """What the disk has room for."""

    FINE = "fine"
    LITTLE = "little"  # smaller shots
    NO_SHOTS = "no-shots"  # what is left is for time


def is_full(folder: Path) -> bool:
    """Say whether the disk that holds a folder has no room for anything."""
    try:
        return shutil.disk_usage(folder).free < _NOTHING
    except OSError:
        return False


def room(folder: Path) -> Room:
    """Return what the disk that holds a folder has room for."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError:  # whoever writes there is told by the system what is wrong
        return Room.FINE
    if free >= _LITTLE:
        return Room.FINE
    return Room.LITTLE if free >= _NO_SHOTS else Room.NO_SHOTS
