"""The folder of pictures: a file that has its name has its whole content, on the disk."""

from __future__ import annotations

import math
import os
from io import BytesIO
from typing import TYPE_CHECKING, TypeAlias

from tracker.server import durable
from tracker.server.durable import Writing
from tracker.wire import PICTURE_MAX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

MAX_PIXELS = 64_000_000  # of one monitor; an 8K screen has 33 million
_THUMBNAIL_QUALITY = 60
_HASH = 64  # hex digits of a SHA-256
_RIFF = 8  # bytes of a RIFF header that its own length does not count


_Begun: TypeAlias = Writing | bool | Exception  # on its way, or not new, or the fault


class NotAnImage(ValueError):
    """The bytes are not one WebP picture of a size a screen can have."""


class Pictures:
    """Keeps pictures by contract and hash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._durable: set[str] = set()  # folders that are known to be on the disk

    def path(self, contract: str, sha256: str) -> Path | None:
        """Return where a picture lies, None if it is not held."""
        path = self._place(contract, sha256)
        return path if path.is_file() else None

    def store(self, wanted: Sequence[tuple[str, str, bytes]]) -> list[bool | Exception]:
        """Keep checked bytes by contract and hash durably; return for each whether it is new, or the fault.

        The fault is NotAnImage, or what the disk says. One that is held is not new, and durable, too.
        """
        begun = [self._begin(*one) for one in wanted]
        outcomes = [_finished(one) for one in begun]
        faults: dict[str, Exception] = {}
        for contract in {contract for contract, _, _ in wanted}:
            try:
                self._sync(contract)
            except OSError as error:
                faults[contract] = error
        return [
            faults.get(contract, outcome) for (contract, _, _), outcome in zip(wanted, outcomes, strict=True)
        ]

    def _begin(self, contract: str, sha256: str, data: bytes) -> _Begun:
        """Let the disk begin with one that is not held."""
        path = self._place(contract, sha256)
        try:
            if self.touch(contract, sha256):
                return False
            check(data)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            return Writing(path, data)
        except (OSError, NotAnImage) as error:
            return error

    def _sync(self, contract: str) -> None:
        """Make the names of a contract's pictures durable, and its own."""
        folder = self._folder / contract
        if not folder.is_dir():
            return
        durable.sync_names(folder)
        if contract not in self._durable:
            durable.sync_names(self._folder)  # whoever made it may have had no time for that
            self._durable.add(contract)

    def touch(self, contract: str, sha256: str) -> bool:
        """Say whether a picture is held; whoever sweeps sees then that it is wanted."""
        try:
            os.utime(self._place(contract, sha256))
        except FileNotFoundError:
            return False
        return True

    def thumbnail(self, contract: str, sha256: str, width: int) -> Path | None:
        """Return a small picture of a picture, made when it is first asked for; None if it is not held."""
        whole = self.path(contract, sha256)
        if whole is None:
            return None
        small = whole.with_suffix(f".{width}")
        if not small.is_file():
            durable.write(small, shrink(whole.read_bytes(), width))
            if not whole.is_file():  # destroyed meanwhile
                small.unlink(missing_ok=True)
                return None
        return small

    def untouched(self, before: float) -> Iterator[tuple[str, list[str]]]:
        """Return by contract the hashes of the pictures that nobody wanted since that moment, in seconds."""
        for folder in self._folder.iterdir():
            old = [path.name for path in folder.iterdir() if _touched(path) < before]
            yield folder.name, [name for name in old if len(name) == _HASH]

    def let_go(self, contract: str, sha256: str, before: float) -> bool:
        """Remove a picture if still nobody wanted it since that moment, and say whether."""
        path = self._place(contract, sha256)
        with durable.unfinished(path) as aside:
            try:
                path.replace(aside)
            except FileNotFoundError:  # another process lets it go, or it was taken back
                return False
            # whoever touches it from here on finds nothing: it has to be put again, and may be by now
            if _touched(aside) >= before:
                aside.replace(path)
                return False
        for small in path.parent.glob(f"{path.name}.*"):
            if small.suffix != durable.UNFINISHED:
                small.unlink(missing_ok=True)
        return True

    def forget_unfinished(self, before: float) -> int:
        """Remove what a crash before that moment has left half-written; return how many there were."""
        left = [path for path in self._folder.glob(f"*/*{durable.UNFINISHED}") if _touched(path) < before]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

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


def _finished(begun: _Begun) -> bool | Exception:
    """Return what became of one; its name is durable when its folder is synced."""
    if not isinstance(begun, Writing):
        return begun
    try:
        begun.finish()
    except OSError as error:
        return error
    return True


def _touched(path: Path) -> float:
    """Return when a file was written or touched, in seconds; one that is gone never is too old."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return math.inf


def check(data: bytes) -> None:
    """Raise NotAnImage unless the bytes are one whole WebP picture; nothing is decoded but its header."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  # a server starts without pictures

    if int.from_bytes(data[4:8], "little") + _RIFF != len(data) or len(data) > PICTURE_MAX:
        raise NotAnImage("it is no whole WebP file")
    try:
        with Image.open(BytesIO(data), formats=["WEBP"]) as image:
            if image.width * image.height > MAX_PIXELS or getattr(image, "n_frames", 1) != 1:
                raise NotAnImage("it is no picture of a screen")
    except Image.DecompressionBombError as error:  # Pillow's own word for far too many pixels
        raise NotAnImage("it is no picture of a screen") from error
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
