"""How one server runs: where its data lies, and who may reach it."""

from __future__ import annotations

from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from tracker.errors import FolderNotWritable
from tracker.server import durable

if TYPE_CHECKING:
    from pathlib import Path

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
    def file(self) -> Path:
        """The database, where it is a file."""
        return self.data / "hourproof.db"

    @property
    def pictures(self) -> Path:
        """The folder of pictures."""
        return self.data / "pictures"

    @property
    def key(self) -> Path:
        """The file that holds the key by which receipts are signed."""
        return self.data / "server.key"

    def make(self) -> None:
        """Create the folders, for this user only."""
        for folder in (self.data, self.pictures):
            make_folder(folder)


def make_folder(folder: Path) -> None:
    """Create a folder for this user only, and see that it accepts files."""
    advice = "Make the folder writable, or choose another with --data."
    try:
        durable.make_folder(folder)
        TemporaryFile(dir=folder).close()  # under no name that another process might use
    except OSError as error:
        raise FolderNotWritable(f"{folder} cannot be written: {error.strerror}.", advice=advice) from error
