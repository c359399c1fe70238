"""Copies what a server keeps into a folder and back, while it serves: a copy that is there is a whole one."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, select
from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2 as sqlite

from tracker.clock import SystemClock
from tracker.errors import BadValue, NotDone, StorageFailed
from tracker.server import durable
from tracker.server.application import assemble
from tracker.server.diary import STORED
from tracker.server.inspection import faults
from tracker.server.lease import LOCK, Lease
from tracker.server.settings import ServerSettings
from tracker.server.tables import picture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TRIES = 5  # as pictures can be destroyed while they are copied
Names = AbstractSet[tuple[str, str]]  # contract and hash of pictures
_NONE: Names = frozenset()
_ELSEWHERE = "Name an empty folder, or that of an earlier backup of the same server."


@dataclass(frozen=True, slots=True)
class Copied:
    """How many pictures a backup holds, how many of them are new in it, and what could not be copied."""

    pictures: int
    new: int
    faults: tuple[str, ...]


def back_up(data: Path, to: Path, url: str | None) -> Copied:
    """Make a folder hold what the server keeps now; what was destroyed is no longer in it.

    The database is copied as it is at one moment, then the pictures that it names, then it gets its name.
    """
    source, target = _settings(data, url), _settings(to, url)
    _check_places(source, target)
    durable.make_folder(target.pictures)
    durable.write(target.key, source.key.read_bytes())
    new, names, gone, gone_before = 0, _NONE, _NONE, _NONE
    with durable.unfinished(target.file) as snapshot:
        for _ in range(_TRIES):
            names = _stored(source, snapshot)
            copied, gone = _copy_pictures(source, target, names)
            new += copied
            if gone <= gone_before:
                break  # there is none, or the server lacks it
            gone_before = gone  # destroyed meanwhile, perhaps: then it is not in the next copy
        if url is None:
            durable.sync_file(snapshot)
            snapshot.replace(target.file)
            durable.sync_names(to)
    _forget_others(target, names)
    lacking = [f"Picture {sha256} of contract {contract} could not be copied." for contract, sha256 in gone]
    return Copied(len(names) - len(gone), new, tuple(sorted(lacking)))


def restore(source_folder: Path, data: Path, url: str | None) -> tuple[str, ...]:
    """Bring a backup back into a folder that holds nothing; return a sentence for everything wrong in it."""
    source, target = _settings(source_folder, url), _settings(data, url)
    _check_whole(source, "backup")
    if data.exists() and (not data.is_dir() or {path.name for path in data.iterdir()} - {LOCK}):
        raise NotDone(f"{data} holds something already.", advice="Name a folder that is empty or not there.")
    durable.make_folder(data)
    lease = Lease.take(data)
    if lease is None:
        raise NotDone(f"Another process works with {data}.", advice="Wait for it to end.")
    try:
        _copy_back(source, target)
    except BaseException:
        for path in (target.key, target.file):
            path.unlink(missing_ok=True)
        shutil.rmtree(target.pictures, ignore_errors=True)
        raise
    else:
        return tuple(_check(target))
    finally:
        lease.end()


def _settings(data: Path, url: str | None) -> ServerSettings:
    return ServerSettings(data=data.absolute(), url="", origin="", database=url)


def _check_places(source: ServerSettings, target: ServerSettings) -> None:
    _check_whole(source, "server's data")
    here, there = source.data.resolve(), target.data.resolve()
    if here.is_relative_to(there) or there.is_relative_to(here):
        raise BadValue(f"{target.data} is the data itself, or part of it.", advice=_ELSEWHERE)
    if not there.exists():
        return
    if not there.is_dir():
        raise BadValue(f"{target.data} is no folder.", advice=_ELSEWHERE)
    whole = [path for path in there.iterdir() if path.suffix != durable.UNFINISHED]
    same = target.key.is_file() and target.key.read_bytes() == source.key.read_bytes()
    if any(path.name != target.pictures.name for path in whole) and not same:
        raise NotDone(f"{target.data} holds something else.", advice=_ELSEWHERE)


def _stored(source: ServerSettings, snapshot: Path) -> Names:
    """Return the pictures that segments name: in a new copy of the database's file, or in PostgreSQL."""
    url = source.database
    if url is None:
        snapshot.unlink(missing_ok=True)
        durable.write_synced(snapshot, b"")  # for this user only
        connection = sqlite.connect(source.file, isolation_level=None)
        try:
            connection.execute("VACUUM INTO ?", (str(snapshot),))
        except sqlite.DatabaseError as error:
            raise StorageFailed(f"The database cannot be copied: {error}.") from error
        finally:
            connection.close()
    engine = create_engine(url) if url else create_engine(f"sqlite:///{snapshot}", module=sqlite)
    try:
        with engine.connect() as reading:
            wanted = select(picture.c.contract, picture.c.sha256).where(picture.c.state == STORED)
            return {(contract, sha256) for contract, sha256 in reading.execute(wanted)}
    except DBAPIError as error:
        raise StorageFailed(f"The database cannot be read: {error.orig}.") from error
    finally:
        engine.dispose()


def _copy_pictures(source: ServerSettings, target: ServerSettings, names: Names) -> tuple[int, Names]:
    """Copy the pictures that are not there yet; return how many that were, and which could not be."""
    copied, gone = 0, set()
    for contract, sha256 in sorted(names):
        place = target.pictures / contract / sha256
        if _right(place) is not None:
            continue
        data = _right(source.pictures / contract / sha256)
        if data is None:
            gone.add((contract, sha256))
            continue
        durable.make_folder(place.parent)
        durable.write(place, data)
        copied += 1
    return copied, gone


def _right(picture_file: Path) -> bytes | None:
    """Return the bytes of a picture if they are those of its name."""
    try:
        data = picture_file.read_bytes()
    except FileNotFoundError:
        return None
    return data if hashlib.sha256(data).hexdigest() == picture_file.name else None


def _forget_others(target: ServerSettings, names: Names) -> None:
    """Remove what this backup does not hold: what was destroyed since an earlier one, or is half-written."""
    for path in [*target.pictures.glob("*/*"), *target.data.glob(f"*{durable.UNFINISHED}")]:
        if (path.parent.name, path.name) not in names:
            path.unlink(missing_ok=True)
            durable.sync_names(path.parent)


def _copy_back(source: ServerSettings, target: ServerSettings) -> None:
    for path in sorted(source.pictures.glob("*/*")):
        place = target.pictures / path.parent.name / path.name
        durable.make_folder(place.parent)
        durable.write(place, path.read_bytes())
    durable.write(target.key, source.key.read_bytes())
    if source.database is None:
        with durable.unfinished(target.file) as fresh:
            durable.write_synced(fresh, b"")  # for this user only
            shutil.copyfile(source.file, fresh)
            durable.sync_file(fresh)
            fresh.replace(target.file)
        durable.sync_names(target.data)


def _check(restored: ServerSettings) -> Iterator[str]:
    """Open it as a server does, and return what is wrong."""
    try:
        parts = assemble(restored, SystemClock())
    except DBAPIError as error:
        yield f"The database cannot be read: {error.orig}."
        return
    except StorageFailed as error:
        yield error.title
        return
    yield from faults(parts)
    parts.close()


def _check_whole(settings: ServerSettings, what: str) -> None:
    needed = [settings.key] if settings.database else [settings.key, settings.file]
    if not all(path.is_file() for path in needed):
        raise NotDone(
            f"There is no {what} in {settings.data}.", advice="Look whether the folder is the right one."
        )
