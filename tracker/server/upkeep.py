"""Looks after what is kept: sweeps what nobody needs, and finds what is not as it was received."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import select

from tracker.model.slot import DAY, SECOND
from tracker.server.diary import STORED
from tracker.server.tables import picture, segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.server.parts import Parts

_UNREFERENCED_MS = 7 * DAY


def sweep(parts: Parts) -> int:
    """Remove the pictures that no segment has named within seven days; return how many there were."""
    before = (parts.machine_now - _UNREFERENCED_MS) / SECOND
    swept = 0
    for contract, sha256 in list(parts.pictures.untouched(before)):
        named = select(picture.c.sha256).where(
            picture.c.contract == contract, picture.c.sha256 == sha256, picture.c.state == STORED
        )
        with parts.database.read() as connection:
            if connection.execute(named).first() is None:
                parts.pictures.remove(contract, sha256)
                swept += 1
    return swept


def faults(parts: Parts) -> Iterator[str]:
    """Return a sentence for everything stored that is not what was received."""
    with parts.database.read() as connection:
        rows = connection.execute(select(segment.c.contract, segment.c.id, segment.c.sha256, segment.c.body))
        for row in rows:
            if hashlib.sha256(row.body).hexdigest() != row.sha256:
                yield f"Segment {row.id} of contract {row.contract} was changed."
        kept = select(picture.c.contract, picture.c.sha256).where(picture.c.state == STORED)
        for row in connection.execute(kept):
            path = parts.pictures.path(row.contract, row.sha256)
            if path is None:
                yield f"Picture {row.sha256} of contract {row.contract} is gone."
            elif hashlib.sha256(path.read_bytes()).hexdigest() != row.sha256:
                yield f"Picture {row.sha256} of contract {row.contract} was changed."
