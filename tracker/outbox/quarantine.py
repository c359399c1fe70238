"""A damaged file is moved aside whole, and what can be read of it goes on in a fresh one, over any crash."""

from __future__ import annotations

import errno
import logging
import os
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

import msgspec
import sqlcipher3.dbapi2 as sqlite

from tracker.errors import StorageFailed
from tracker.model.slot import instant
from tracker.outbox.connecting import DISK_FAILED, NOT_A_DATABASE, code_of, connect, salt_of, tells_damage
from tracker.outbox.mending import readable
from tracker.outbox.salvage import salvage
from tracker.outbox.schema import STEPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tracker.outbox.connecting import File

log = logging.getLogger(__name__)

_WRITTEN = ("", "-wal", "-journal")  # the file, and what was not brought into it yet
_BESIDE = (*_WRITTEN, "-shm")
_SEEN = "-suspect"  # damage was seen while the file was in use
_UNDER_WAY = "-aside"  # holds the name to which a damaged file is being moved
_CHUNK = 1 << 20  # bytes that are read at once
_DAMAGE = "damage"  # in meta: what was set aside so far


class Damage(msgspec.Struct, frozen=True):
    """A damaged file that was set aside under this name, and what of it could not be read."""

    file: str
    lost: tuple[str, ...]


class Quarantine:
    """Looks after one file; `renew` opens a fresh one at a path."""

    def __init__(self, path: Path, key: str | None, renew: Callable[[Path], File]) -> None:
        self._path = path
        self._key = key
        self._renew = renew

    @property
    def suspected(self) -> bool:
        """Whether the file was not closed, or damage was seen in it: then it has to be checked."""
        journal = self._beside("-journal")
        if self._beside("-wal").exists() or self._beside(_SEEN).exists():
            return True
        return journal.exists() and journal.stat().st_size > 0

    def suspect(self) -> None:
        """Have the file checked at the next start."""
        with suppress(OSError):
            self._beside(_SEEN).touch(0o600)

    def trust(self) -> None:
        """Note that the file was checked and is whole."""
        with suppress(OSError):
            self._beside(_SEEN).unlink(missing_ok=True)

    def is_damaged(self) -> bool:
        """Read the whole file, each page against its checksum; nothing is changed.

        No where another key is needed, or a newer version: such a file may be whole.
        """
        try:
            with closing(connect(self._path, self._key, reading=True)) as connection:
                (version,) = connection.execute("PRAGMA user_version").fetchone()
                if version > len(STEPS):
                    return False
                return connection.execute("PRAGMA integrity_check(1)").fetchall() != [("ok",)]
        except sqlite.Error as error:
            if code_of(error) == NOT_A_DATABASE:
                return self._key is not None and salt_of(self._path, self._key) is not None
            return tells_damage(error) or (code_of(error) == DISK_FAILED and self._is_unreadable())

    def _is_unreadable(self) -> bool:
        """Say whether there are bytes that the disk does not give back any more."""
        try:
            for part in (one for one in map(self._beside, _WRITTEN) if one.exists()):
                with part.open("rb") as file:
                    while file.read(_CHUNK):
                        pass
        except OSError as error:
            return error.errno == errno.EIO
        return False

    def set_aside(self) -> None:
        """Move the damaged file to a dated name beside it, and put what can be read of it in its place."""
        with self._told():
            _write(self._beside(_UNDER_WAY), self._free_name().encode())
            self._finish()

    def resume(self) -> None:
        """End what a crash has interrupted."""
        if self._beside(_UNDER_WAY).exists():
            with self._told():
                self._finish()

    def _finish(self) -> None:
        """Move what is not moved yet, and begin the fresh file anew: nobody has used it before the end."""
        aside = self._path.with_name(self._beside(_UNDER_WAY).read_text(encoding="ascii"))
        for ending in _BESIDE:
            here, there = self._beside(ending), aside.with_name(aside.name + ending)
            if here.exists() and not there.exists():
                here.rename(there)
        _sync_names(self._path.parent)
        fresh = self._beside("-fresh")
        for ending in _BESIDE:
            fresh.with_name(fresh.name + ending).unlink(missing_ok=True)
        with closing(self._renew(fresh)) as database:
            with readable(aside, self._key) as source:
                lost = salvage(source, database)
            note(database, Damage(aside.name, tuple(lost)))
        fresh.replace(self._path)
        self.trust()
        _sync_names(self._path.parent)
        self._beside(_UNDER_WAY).unlink()
        _sync_names(self._path.parent)
        told = f"{len(lost)} could not be read: {'; '.join(lost)}" if lost else "all of it could be read"
        log.warning("%s was damaged and is kept as %s; %s", self._path, aside.name, told)

    def _free_name(self) -> str:
        """Return a name that tells when the damaged file was last written, and that nothing has yet."""
        files = [one for one in map(self._beside, _WRITTEN) if one.exists()]
        written = instant(int(1000 * max(one.stat().st_mtime for one in files)))
        stem = f"{self._path.stem}-damaged-{written[:19].replace(':', '')}"
        taken = {one.name.removesuffix(ending) for one in self._path.parent.iterdir() for ending in _BESIDE}
        names = (f"{stem}{number}{self._path.suffix}" for number in ("", *(f"-{n}" for n in range(2, 1000))))
        return next(name for name in names if name not in taken)

    def _beside(self, ending: str) -> Path:
        return self._path.with_name(self._path.name + ending)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageFailed(
                f"{self._path} is damaged, and cannot be moved aside: {error.strerror}.",
                advice="Nothing was lost by that. Make room, or the folder writable, and start again.",
            ) from error


def damages(database: File) -> tuple[Damage, ...]:
    """Return what was set aside so far, the oldest first."""
    with database.reading() as connection:
        found = connection.execute("SELECT value FROM meta WHERE name = ?", (_DAMAGE,)).fetchone()
    return () if found is None else msgspec.json.decode(found[0], type=tuple[Damage, ...])


def note(database: File, damage: Damage) -> None:
    """Remember what was set aside."""
    text = msgspec.json.encode((*damages(database), damage)).decode()
    with database.transaction() as connection:
        connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (_DAMAGE, text))


def _write(path: Path, data: bytes) -> None:
    """Write a small file whole or not at all, over a power cut, too."""
    unfinished = path.with_name(f"{path.name}.new")
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    _sync_names(path.parent)


def _sync_names(folder: Path) -> None:
    if os.name != "nt":  # Windows does it by itself
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
