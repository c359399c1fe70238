"""How one server runs: where its data lies, and who may reach it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.errors import FolderNotWritable

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """One server: `origin` is what segments name, `url` where it is reached."""

    data: Path
    url: str
    origin: str
    database: str | None = None  # a SQLAlchemy URL; none: a file in the data folder
    accept_test: bool = False
    embedded: bool = False
    hosts: tuple[str, ...] = LOOPBACK  # what a Host header may name; empty: anything
    name: str = "Hourproof"
    spread_s: int = 0

    @property
    def pictures(self) -> Path:
        """The folder of pictures."""
        return self.data / "pictures"

    @property
    def key(self) -> Path:
        """The file that holds the key by which receipts are signed."""
        return self.data / "server.key"

    @property
    def files(self) -> Iterator[Path]:
        """The folders that must be there before the server starts."""
        yield from (self.data, self.pictures)

    def make(self) -> None:
        """Create the folders, for this user only."""
        for folder in self.files:
            make_folder(folder)


def make_folder(folder: Path) -> None:
    """Create a folder for this user only, and see that it accepts files."""
    advice = "Make the folder writable, or choose another with --data."
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise FolderNotWritable(f"{folder} cannot be written: {error.strerror}.", advice=advice) from error
