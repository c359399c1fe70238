"""One parcel handed over: its pictures, then the signed bytes, for a receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.errors import Refused
from tracker.outbox.queue import PictureGone
from tracker.sync.backend import MissingPictures

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.outbox.outbox import Outbox, Parcel
    from tracker.sync.backend import Backend
    from tracker.wire.receipt import Receipt


class PicturesLost(Refused):
    """The server does not hold pictures of a parcel, and nor does this device any more."""

    def __init__(self, parcel: Parcel, hashes: set[str]) -> None:
        super().__init__(f"Pictures of {parcel.kind} {parcel.id} are lost.")
        self.hashes = hashes


def deliver(parcel: Parcel, outbox: Outbox, backend: Backend) -> Receipt:
    """Return the server's receipt for a parcel; raises Refused for good, any other NotDone for now."""
    if (
        not parcel.attempts
    ):  # later ones ask first what is missing: most is there when only an answer was lost
        _put(parcel.pictures, parcel, outbox, backend)
    try:
        return backend.put(parcel)
    except MissingPictures as missing:
        wanted = [sha256 for sha256 in parcel.pictures if sha256 in missing.hashes]
        unfit = _put(wanted, parcel, outbox, backend)
    try:
        return backend.put(parcel)
    except MissingPictures as still:
        if lost := {one for one in still.hashes & unfit if not outbox.has_picture(one)}:
            raise PicturesLost(parcel, lost) from still
        if still.hashes <= unfit:
            raise Refused("The server does not take a picture, nor the segment without it.") from still
        raise


def _put(hashes: Iterable[str], parcel: Parcel, outbox: Outbox, backend: Backend) -> set[str]:
    """Hand pictures over; return those that cannot be: they never cost the time they belong to."""
    unfit = set()
    for sha256 in hashes:
        try:
            data = outbox.picture(sha256)
        except PictureGone:  # whether the server needs it shows when the segment is put
            unfit.add(sha256)
            continue
        if not backend.put_picture(parcel.key.contract, sha256, data):
            unfit.add(sha256)
    return unfit
