"""Which pictures are still to be seen: those that some shot names as its revisions leave it.

The bytes of a picture are kept once for all shots of a contract that name them. So they are destroyed when
the last of these shots is withheld, blurred or discarded, not before: another shot that still stands is the
freelancer's evidence, and theirs to take back. Once destroyed they are so for good, whoever sends them again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import or_, select

from tracker.model.revision import Change, Revision, revised_shots
from tracker.model.segment import Shot, ShotState
from tracker.server import ledger
from tracker.server.tables import revision as revision_table
from tracker.server.tables import segment as segment_table
from tracker.wire.revision import RevisionBody, revision_of
from tracker.wire.segment import SegmentBody, shot_of_body

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Column, ColumnElement, Connection

    from tracker.server.ledger import Link


def revisions_in(there: Iterable[Link], segment: str, sha256: str | None) -> tuple[Revision, ...]:
    """Return the revisions of a segment, or of no more than is known of it; those of other bytes are none."""
    bodies = (one.body for one in there if one.kind == ledger.REVISION and one.segment == segment)
    return revisions(bodies, sha256)


def revisions(bodies: Iterable[bytes | None], sha256: str | None) -> tuple[Revision, ...]:
    """Return the revisions of the segment whose bytes have this hash; of any, where none is known."""
    read = (msgspec.json.decode(body, type=RevisionBody) for body in bodies if body is not None)
    return tuple(revision_of(one) for one in read if sha256 in {None, one.segment.sha256})


def shown(segment: SegmentBody | None, revisions: Iterable[Revision]) -> frozenset[str]:
    """Return the pictures that stand; of a segment that is not here yet, of those shots that were revised."""
    made = tuple(revisions)
    if any(one.change is Change.DISCARD for one in made):
        return frozenset()
    if segment is None:
        shots = tuple(Shot(id_, 0, ShotState.KEPT) for id_ in {one.shot for one in made if one.shot})
    else:
        shots = tuple(shot_of_body(shot) for shot in segment.shots)
    return frozenset(picture.sha256 for shot in revised_shots(shots, made) for picture in shot.pictures)


def fallen(connection: Connection, contract: str, segment: str, names: frozenset[str]) -> frozenset[str]:
    """Return those of the pictures, which a segment does not show any more, that no other one shows."""
    left = names
    if left:
        for other in _naming(connection, contract, segment, names):
            left -= _shown_by(connection, contract, other)
            if not left:
                break
    return left


def _naming(connection: Connection, contract: str, but: str, names: frozenset[str]) -> set[str]:
    """Return the segments, others than one, that name pictures themselves or by a blur.

    It looks through all that the contract holds: that is seldom asked, and no parcel pays for it.
    """
    own = select(segment_table.c.id).where(
        segment_table.c.contract == contract,
        segment_table.c.id != but,
        _has(segment_table.c.body, names),
    )
    blurs = select(revision_table.c.segment).where(
        revision_table.c.contract == contract,
        revision_table.c.segment != but,
        _has(revision_table.c.body, names),
    )
    return {*connection.execute(own).scalars(), *connection.execute(blurs).scalars()}


def _has(body: Column[bytes], names: Iterable[str]) -> ColumnElement[bool]:
    return or_(*(body.bool_op("LIKE")(b"%" + name.encode() + b"%") for name in names))


def _shown_by(connection: Connection, contract: str, segment: str) -> frozenset[str]:
    own = select(segment_table.c.body, segment_table.c.sha256).where(
        segment_table.c.contract == contract, segment_table.c.id == segment
    )
    changes = select(revision_table.c.body).where(
        revision_table.c.contract == contract, revision_table.c.segment == segment
    )
    row = connection.execute(own).first()
    made = revisions(connection.execute(changes).scalars(), row and row.sha256)
    return shown(row and msgspec.json.decode(row.body, type=SegmentBody), made)
