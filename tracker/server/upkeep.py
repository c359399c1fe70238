"""Looks after what is kept: sweeps what nobody needs, and finds what is not as it was received."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import select

from tracker.evidence.signing import parse_signature
from tracker.model.slot import DAY, SECOND
from tracker.server.diary import STORED
from tracker.server.ledger import DESTROYED
from tracker.server.tables import device, picture, revision, segment

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


def faults(parts: Parts) -> Iterator[str]:
    """Return a sentence for everything stored that is not what was received."""
    with parts.database.read() as connection:
        for kind, of in (("Segment", segment), ("Revision", revision)):
            signed = select(of.c.contract, of.c.id, of.c.body, of.c.signature, device.c.public_key)
            of_device = (device.c.account == of.c.account) & (device.c.id == of.c.device)
            for contract, id_, body, signature, key in connection.execute(signed.join(device, of_device)):
                if not parse_signature(signature).of(key, body):
                    yield f"{kind} {id_} of contract {contract} is not what its device has signed."
        kept = select(picture.c.contract, picture.c.sha256).where(picture.c.state == STORED)
        for contract, sha256 in connection.execute(kept):
            path = parts.pictures.path(contract, sha256)
            if path is None:
                yield f"Picture {sha256} of contract {contract} is gone."
            elif hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
                yield f"Picture {sha256} of contract {contract} was changed."
    for contract, sha256 in _left(parts):
        yield f"Picture {sha256} of contract {contract} was destroyed, but its file is still here."
