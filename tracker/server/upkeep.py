"""Looks after what is kept: sweeps what nobody needs, and what a crash has left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from tracker.model.slot import DAY, SECOND
from tracker.server.diary import STORED
from tracker.server.ledger import DESTROYED
from tracker.server.tables import picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.server.parts import Parts

_UNREFERENCED_MS = 7 * DAY


def sweep(parts: Parts) -> int:
    """Remove the pictures that no segment has named within seven days, and files that were never finished.

    Return how many pictures there were. Others may take pictures and segments in meanwhile.
    """
    before = (parts.machine_now - _UNREFERENCED_MS) / SECOND
    parts.pictures.forget_unfinished(before)
    swept = 0
    for contract, names in parts.pictures.untouched(before):
        wanted = select(picture.c.sha256).where(picture.c.contract == contract, picture.c.state == STORED)
        with parts.database.read() as connection:
            named = set(connection.execute(wanted).scalars()) if names else set()
        swept += sum(parts.pictures.let_go(contract, name, before) for name in names if name not in named)
    return swept


def destroy_again(parts: Parts) -> int:
    """Remove what is left of pictures that were taken back, where a crash came first; return how many."""
    left = list(_left(parts))
    for contract, sha256 in left:
        parts.pictures.remove(contract, sha256)
    return len(left)


def _left(parts: Parts) -> Iterator[tuple[str, str]]:
    """Return the pictures that are destroyed by what is written, but not on the disk."""
    for contract, names in parts.pictures.named():
        wanted = select(picture.c.sha256).where(picture.c.contract == contract, picture.c.state == DESTROYED)
        with parts.database.read() as connection:
            destroyed = connection.execute(wanted).scalars().all()
        yield from ((contract, sha256) for sha256 in destroyed if sha256 in names)
