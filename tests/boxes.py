"""An outbox on a real, encrypted file that can be closed, reopened and crashed."""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from tracker.evidence.keys import SigningKey
from tracker.outbox.database import Database
from tracker.outbox.draft import DraftStore
from tracker.outbox.outbox import Outbox, Parcel

KEY = "5e" * 32
DEVICE = SigningKey("0d" * 32)
SERVER = SigningKey("5e" * 32)


class Box:
    """Database, draft and outbox of a home, opened."""

    def __init__(self, folder: Path, *, test: bool = False) -> None:
        self._folder = folder
        self._rooms = count(1)
        self.path = folder / "outbox.db"
        self.open(test=test)

    def open(self, *, test: bool = False) -> None:
        """Open what is there, as a start of the app does."""
        self.database = Database.open(self.path, KEY)
        self.draft = DraftStore(self.database)
        self.outbox = Outbox(self.database, DEVICE, app="hourproof 0", test=test)

    def reopen(self) -> None:
        """End properly and start again."""
        self.database.close()
        self.open()

    def leave(self) -> Path:
        """Return a folder with what a sudden end at this moment leaves on disk."""
        room = self._folder / f"after-crash-{next(self._rooms)}"
        room.mkdir()
        for name in ("outbox.db", "outbox.db-wal"):  # the -shm is memory, and made anew
            if (self.path.parent / name).exists():
                shutil.copyfile(self.path.parent / name, room / name)
        return room

    def crash(self, left: Path | None = None) -> None:
        """Start again from what a sudden end has left, or leaves right now."""
        room = left or self.leave()
        self.database.close()
        self.path = room / "outbox.db"
        self.open()

    def parcels(self, now: int) -> list[Parcel]:
        """Everything that waits and is due, the oldest first, taken aside one after the other."""
        found: list[Parcel] = []
        while (parcel := self.outbox.oldest_due(now)) is not None:
            found.append(parcel)
            self.outbox.postpone(parcel.id, now + 1, "taken aside")
        return found

    def files(self) -> bytes:
        """Every byte on disk: the database, and what lies beside it."""
        return b"".join(path.read_bytes() for path in sorted(self.path.parent.glob("outbox.db*")))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.database.close()
