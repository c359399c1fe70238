"""The folder of pictures: a file that has its name has its whole content, on the disk."""

from __future__ import annotations

import os
import tempfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.wire import PICTURE_MAX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_PIXELS = 64_000_000  # of one monitor; an 8K screen has 33 million
_THUMBNAIL_QUALITY = 60
_HASH = 64  # hex digits of a SHA-256
_RIFF = 8  # bytes of a RIFF header that its own length does not count


class NotAnImage(ValueError):
    """The bytes are not one WebP picture of a size a screen can have."""


class Pictures:
    """Keeps pictures by contract and hash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, contract: str, sha256: str) -> Path | None:
        """Return where a picture lies, None if it is not held."""
        path = self._place(contract, sha256)
        return path if path.is_file() else None

    def store(self, contract: str, sha256: str, data: bytes) -> bool:
        """Keep the checked bytes durably; say whether they are new here. Raises NotAnImage."""
        path = self._place(contract, sha256)
        try:
            os.utime(path)  # held: whoever sweeps sees that it is wanted
        except FileNotFoundError:
            check(data)
        else:
            return False
        folder = path.parent
        if not folder.is_dir():
            folder.mkdir(mode=0o700, exist_ok=True)
            _sync(self._folder)
        _write_durably(path, data)
        return True

    def thumbnail(self, contract: str, sha256: str, width: int) -> Path | None:
        """Return a small picture of a picture, made when it is first asked for; None if it is not held."""
        whole = self.path(contract, sha256)
        if whole is None:
            return None
        small = whole.with_suffix(f".{width}")
        if not small.is_file():
            _write_durably(small, shrink(whole.read_bytes(), width))
            if not whole.is_file():  # destroyed meanwhile
                small.unlink(missing_ok=True)
                return None
        return small

    def untouched(self, before: float) -> Iterator[tuple[str, str]]:
        """Return contract and hash of every picture that nobody put since that moment, in seconds."""
        for path in self._folder.glob("*/*"):
            if len(path.name) == _HASH and path.stat().st_mtime < before:
                yield path.parent.name, path.name

    def named(self) -> Iterator[tuple[str, set[str]]]:
        """Return by contract the hashes of which there is a file: a picture, or what was made from it."""
        for folder in self._folder.iterdir():
            yield folder.name, {path.name[:_HASH] for path in folder.iterdir()}

    def remove(self, contract: str, sha256: str) -> None:
        """Destroy a picture and everything made from it; the whole first, so that nothing more is made."""
        path = self._place(contract, sha256)
        path.unlink(missing_ok=True)
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink(missing_ok=True)

    def destroy(self, contract: str, names: Iterable[str]) -> None:
        """Destroy some pictures of a contract."""
        for sha256 in names:
            self.remove(contract, sha256)

    def _place(self, contract: str, sha256: str) -> Path:
        """Return the place of a picture; both names come from checked patterns, so none leads outside."""
        return self._folder / contract / sha256


def check(data: bytes) -> None:
    """Raise NotAnImage unless the bytes are one whole WebP picture; nothing is decoded but its header."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  # a server starts without pictures

    if int.from_bytes(data[4:8], "little") + _RIFF != len(data) or len(data) > PICTURE_MAX:
        raise NotAnImage("it is no whole WebP file")
    try:
        with Image.open(BytesIO(data), formats=["WEBP"]) as image:
            if image.width * image.height > MAX_PIXELS or getattr(image, "n_frames", 1) != 1:
                raise NotAnImage("it is no picture of a screen")
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise NotAnImage("it is no WebP picture") from error


def shrink(data: bytes, width: int) -> bytes:
    """Return the picture at most that wide, encoded anew; raises NotAnImage where it cannot be decoded."""
    from PIL import Image  # noqa: PLC0415  # as above

    out = BytesIO()
    try:
        with Image.open(BytesIO(data), formats=["WEBP"]) as image:
            image.thumbnail((width, image.height))
            image.convert("RGB").save(out, "WEBP", quality=_THUMBNAIL_QUALITY, method=2)
    except (OSError, SyntaxError, ValueError) as error:
        raise NotAnImage("it cannot be decoded") from error
    return out.getvalue()


def _write_durably(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; when this returns, a power cut does not take it."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Make the names in a folder durable; Windows does that by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
