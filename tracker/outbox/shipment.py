"""Parcels in a folder, in an open form: each in a folder of its own, as it is signed, with its pictures.

README.txt, which is written with them, says what lies where.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

from tracker.errors import FolderNotWritable, NotDone, StorageFailed
from tracker.evidence.archive import Fault
from tracker.evidence.keys import key_id
from tracker.evidence.signing import parse_signature
from tracker.outbox.cargo import Carried, DeviceKey, decoded
from tracker.outbox.queue import PictureGone
from tracker.space import is_full
from tracker.wire import PICTURE_MAX, SEGMENT_MAX
from tracker.wire.segment import Id, Sha256, Uuid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

INDEX, README = "index.json", "README.txt"
BODY, SIGNATURE, DEVICE = "body.json", "signature.txt", "device.json"
_FOLDERS = {"segment": "segments", "revision": "revisions"}
_FORMAT = 1
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would change line ends
_INDEX_MAX, _SMALL = 1 << 26, 4096  # bytes
_TEXT = """\
Hours that no server had when this folder was written, by 'hourproof outbox export'.
'hourproof outbox import' takes them over on any device that is signed in to the same account, and
delivers them from there. The server counts each once, whoever delivers it, and however often.

index.json                      what belongs into this folder
segments/ID/, revisions/ID/     a piece of tracked time; a later change to one
    body.json                   the signed bytes: not one of them may change
    signature.txt               the device's id and its Ed25519 signature over these bytes
    device.json                 the device's public key
    SHA256.webp                 pictures that body.json names, by their hash

Nothing here is encrypted: whoever has this folder sees the memos and the pictures.
"""


class Item(msgspec.Struct, frozen=True):
    """A parcel that belongs into the folder, and its pictures."""

    kind: Literal["segment", "revision"]
    id: Uuid
    contract: Id
    start: str
    sha256: Sha256
    pictures: tuple[Sha256, ...]

    @property
    def folder(self) -> str:
        """Where it lies."""
        return f"{_FOLDERS[self.kind]}/{self.id}"


class Index(msgspec.Struct, frozen=True):
    """All that belongs into the folder, and whose it is."""

    kind: Literal["hourproof-outbox"]
    format: int
    app: str
    server: str
    account: Id
    parcels: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a folder holds: parcels that prove what they say."""

    index: Index
    parcels: tuple[Carried, ...]


def write(
    folder: Path,
    whose: tuple[str, str, str],
    parcels: Iterable[Carried],
    picture_of: Callable[[str], bytes],
) -> Index:
    """Write parcels into an empty folder, whole and durable, or not at all; `whose`: app, server, account."""
    with _emptied(folder):
        items = [_put(folder, one, picture_of) for one in parcels]
        index = Index("hourproof-outbox", _FORMAT, *whose, tuple(items))
        _write(folder / README, _TEXT.encode())
        _sync_names(folder)
        _write(folder / INDEX, msgspec.json.format(msgspec.json.encode(index), indent=1))
        _sync_names(folder)
        _sync_names(folder.parent)
    return index


def read(folder: Path) -> Loaded:
    """Return what was written into a folder, every byte of it checked; raises NotDone that names faults."""
    index = _index(folder)
    parcels, faults = [], [*_strangers(folder, index)]
    for item in index.parcels:
        try:
            parcels.append(_get(folder, item, index))
        except _Faulty as error:
            faults.append(Fault(f"{folder.name}/{item.folder}", str(error)))
    if faults:
        more = f"; and {len(faults) - 3} more" if len(faults) > 3 else ""  # noqa: PLR2004  # enough to go on
        told = "; ".join(f"{fault.what}: {fault.why}" for fault in faults[:3])
        raise NotDone(
            f"The folder is not whole: {told}{more}.", advice="Nothing was taken over. Copy it anew."
        )
    return Loaded(index, tuple(parcels))


def picture(folder: Path, one: Carried, sha256: str) -> bytes:
    """Return a picture of a parcel; raises NotDone where it is not that one."""
    try:
        return _picture(folder / _FOLDERS[one.kind] / one.sealed.id, sha256)
    except _Faulty as error:
        raise NotDone(f"{error}.", advice="Nothing was taken over. Copy the folder anew.") from error


class _Faulty(Exception):
    """What is wrong with a parcel."""


def _put(folder: Path, one: Carried, picture_of: Callable[[str], bytes]) -> Item:
    sealed = one.sealed
    place = folder / _FOLDERS[one.kind] / sealed.id
    place.mkdir(parents=True, mode=0o700)
    _write(place / BODY, one.body)
    _write(place / SIGNATURE, one.signature.encode() + b"\n")
    _write(place / DEVICE, msgspec.json.format(msgspec.json.encode(one.device), indent=1))
    written = []
    for sha256 in one.pictures:
        with suppress(PictureGone):  # it was delivered just now, and is not needed any more
            _write(place / f"{sha256}.webp", picture_of(sha256))
            written.append(sha256)
    _sync_names(place)
    _sync_names(place.parent)
    return Item(one.kind, sealed.id, sealed.contract, one.start, one.sha256, tuple(written))


def _index(folder: Path) -> Index:
    try:
        index = msgspec.json.decode(_bytes(folder / INDEX, _INDEX_MAX), type=Index)
    except _Faulty as error:
        raise NotDone(
            f"{folder} holds nothing that 'hourproof outbox export' has written to its end: {error}.",
            advice=f"Name the folder in which {INDEX} lies.",
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotDone(f"{folder / INDEX} cannot be read: {error}.", advice="Copy the folder anew.") from error
    if index.format != _FORMAT:
        raise NotDone(
            f"{folder} was written in form {index.format}, and this Hourproof knows {_FORMAT}.",
            advice="Install the newest Hourproof.",
        )
    return index


def _strangers(folder: Path, index: Index) -> Iterator[Fault]:
    """Find parcels that the index does not know, as where two folders were copied into one."""
    known = {item.folder for item in index.parcels}
    for name in _FOLDERS.values():
        places = (folder / name).iterdir() if (folder / name).is_dir() else ()
        for place in sorted(places):
            if f"{name}/{place.name}" not in known and (place / BODY).exists():
                yield Fault(f"{folder.name}/{name}/{place.name}", f"{INDEX} does not name it")


def _get(folder: Path, item: Item, index: Index) -> Carried:
    place = folder / item.folder
    body = _bytes(place / BODY, SEGMENT_MAX)
    if hashlib.sha256(body).hexdigest() != item.sha256:
        raise _Faulty(f"{BODY} was changed")
    try:
        sealed = decoded(body)
        signature = parse_signature(_bytes(place / SIGNATURE, _SMALL).decode("ascii", "replace"))
        device = msgspec.json.decode(_bytes(place / DEVICE, _SMALL), type=DeviceKey)
        public = base64.b64decode(device.public_key, validate=True)
    except ValueError as error:
        raise _Faulty(f"it cannot be read: {error}") from error
    if (sealed.kind, sealed.id, sealed.contract) != (item.kind, item.id, item.contract):
        raise _Faulty(f"it is {sealed.kind} {sealed.id}")
    if (sealed.server, sealed.account) != (index.server, index.account):
        raise _Faulty("it belongs to another account")
    if not sealed.device == signature.device == device.id == key_id(public):
        raise _Faulty(f"{SIGNATURE} or {DEVICE} was changed")
    if not signature.of(public, body):
        raise _Faulty(f"{SIGNATURE} is not of these bytes")
    named = {one.sha256: one.size for one in sealed.pictures}
    for sha256 in item.pictures:
        if named.get(sha256) != len(_picture(place, sha256)):
            raise _Faulty(f"{BODY} does not name {sha256}.webp")
    return Carried(body, signature.header, device, item.pictures)


def _picture(place: Path, sha256: str) -> bytes:
    data = _bytes(place / f"{sha256}.webp", PICTURE_MAX)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise _Faulty(f"{sha256}.webp was changed")
    return data


def _bytes(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise _Faulty(f"{path.name}: {error.strerror}") from error
    if len(data) > most:
        raise _Faulty(f"{path.name} is too large")
    return data


@contextmanager
def _emptied(folder: Path) -> Iterator[None]:
    """Make a folder, or use an empty one; a failure leaves nothing in it."""
    try:
        made = not folder.exists()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(not one.name.startswith(".") for one in folder.iterdir()):
            raise NotDone(f"{folder} is not empty.", advice="Name a new folder, or an empty one.")
    except FileExistsError as error:
        raise NotDone(f"{folder} is a file.", advice="Name a new folder, or an empty one.") from error
    except OSError as error:
        raise FolderNotWritable(
            f"{folder} cannot be written: {error.strerror}.", advice=_ELSEWHERE
        ) from error
    try:
        yield
    except BaseException as error:
        _clear(folder, whole=made)
        if isinstance(error, OSError) and is_full(folder if folder.exists() else folder.parent):
            raise StorageFailed(f"The disk that holds {folder} is full.", advice=_ELSEWHERE) from error
        if isinstance(error, OSError):
            told = f"{folder} cannot be written: {error.strerror}."
            raise FolderNotWritable(told, advice=_ELSEWHERE) from error
        raise


_ELSEWHERE = "Nothing was exported. Name a folder elsewhere, or make room in this one."


def _clear(folder: Path, *, whole: bool) -> None:
    for name in (*_FOLDERS.values(), INDEX, README):
        shutil.rmtree(folder / name, ignore_errors=True)
        with suppress(OSError):
            (folder / name).unlink(missing_ok=True)
    if whole:
        with suppress(OSError):
            folder.rmdir()


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_names(folder: Path) -> None:
    if os.name != "nt":  # Windows does it by itself
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
