"""A real disk of little size, and what fills it up."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

_PIECE = 1 << 16  # bytes


@contextmanager
def small_disk(place: Path, size: int) -> Iterator[Path]:
    """Mount a disk of that many bytes meanwhile; whoever still works there at the end keeps it."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def ballast(disk: Path, *, leaving: int) -> Iterator[None]:
    """Fill a disk meanwhile, all but so many bytes."""
    file = disk / "ballast"
    free = os.statvfs(disk)
    left = free.f_bavail * free.f_bsize - leaving
    with file.open("wb", buffering=0) as written, suppress(OSError):  # somebody else has filled it up
        while left > 0:
            left -= written.write(bytes(min(left, _PIECE)))
    try:
        yield
    finally:
        file.unlink()
