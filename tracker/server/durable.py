"""Files and folders that a power cut does not take: synced themselves, and their names in their folder."""

from __future__ import annotations

import os
import secrets
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UNFINISHED = ".new"  # the end of the name of a file that is not whole yet
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would change line ends


@contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """Lend a name beside a file's own, to write it under; whatever is left there afterwards is removed."""
    fresh = _beside(path)
    try:
        yield fresh
    finally:
        with suppress(FileNotFoundError):
            fresh.unlink()


class Writing:
    """A file for this user only, on its way to the disk: finished, it has its name; its folder does not tell.

    Of several, begin each before any is finished: then the disk takes them in together.
    """

    def __init__(self, path: Path, data: bytes) -> None:
        self._path = path
        self._fresh = _beside(path)
        self._descriptor = os.open(self._fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        try:
            _write(self._descriptor, data)
            if sys.platform == "linux":  # which begins to write what is said not to be needed again
                os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        except BaseException:
            os.close(self._descriptor)
            self._fresh.unlink()
            raise

    def finish(self) -> None:
        """Return when the bytes are on the disk under the file's name; else nothing of it is left."""
        try:
            try:
                sync_bytes(self._descriptor)
            finally:
                os.close(self._descriptor)
            self._fresh.replace(self._path)
        except BaseException:
            self._fresh.unlink()
            raise


def write(path: Path, data: bytes) -> None:
    """Write a file for this user only, whole or not at all; then no power cut takes it any more."""
    Writing(path, data).finish()
    sync_names(path.parent)


def write_synced(path: Path, data: bytes) -> None:
    """Write a new file for this user only; its bytes are on the disk then, its name may not be."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
    try:
        _write(descriptor, data)
        sync_bytes(descriptor)
    finally:
        os.close(descriptor)


def name_once(fresh: Path, path: Path) -> None:
    """Give a file its name durably, unless another has it: raises FileExistsError."""
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        raise
    except OSError:  # a file system that knows no links
        fresh.rename(path)
    sync_names(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder for this user only, and those it lies in."""
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in made:
        sync_names(one.parent)


def sync_bytes(descriptor: int) -> None:
    """Bring an open file's bytes to the disk."""
    os.fsync(descriptor)


def sync_file(path: Path) -> None:
    """Bring a whole file to the disk that something else has written."""
    with path.open("r+b") as file:
        sync_bytes(file.fileno())


def sync_names(folder: Path) -> None:
    """Make the names in a folder durable; Windows does that by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.{secrets.token_hex(8)}{UNFINISHED}")
