"""Which milliseconds of a segment overlap, and what the freelancer chose to count where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from collections.abc import Iterable

revision = "0002"
down_revision = "0001"

_DOUBT = "clock-in-doubt"
_SEGMENT = sa.table(
    "segment",
    *(sa.column(name) for name in ("contract", "id", "account", "device", "start_at", "end_at")),
    *(sa.column(name) for name in ("overlap_ms", "overlap", "flags", "received_at")),
)


def upgrade() -> None:
    """Apply the step."""
    op.add_column("segment", sa.Column("overlap", sa.Text, nullable=False, server_default=""))
    _index_time("contract", "start_at", "end_at", "overlap_ms")
    op.create_table(
        "choice",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("contract", "id", "segment", "ranges")),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("contract", "id"),
        sa.ForeignKeyConstraint(["contract"], ["contract.id"]),
        sa.ForeignKeyConstraint(["account"], ["account.id"]),
    )
    op.create_index("choice_segment", "choice", ["contract", "segment"])
    connection = op.get_bind()
    for row in connection.execute(sa.select(_SEGMENT).where(_SEGMENT.c.overlap_ms > 0)).all():
        placed = " ".join(f"{begin}-{end}" for begin, end in _placed(connection, row))
        same = (_SEGMENT.c.contract == row.contract) & (_SEGMENT.c.id == row.id)
        connection.execute(sa.update(_SEGMENT).where(same).values(overlap=placed))


def downgrade() -> None:
    """Take the step back: how much overlaps stays known, which of it and why is forgotten."""
    op.drop_table("choice")
    _index_time("contract", "start_at", "end_at")
    op.drop_column("segment", "overlap")


def _index_time(*columns: str) -> None:
    op.drop_index("segment_time", "segment")
    op.create_index("segment_time", "segment", list(columns))


def _placed(connection: sa.Connection, row: sa.Row[tuple[object, ...]]) -> list[tuple[int, int]]:
    """Return where the overlap of a stored segment lies.

    It came from the segments of other devices that were received before, so from them it is found again.
    Where that gives another length (of two received in the same millisecond nobody knows which was first),
    it is put at the segment's end, where verdicts took it from until now.
    """
    other = _SEGMENT.c
    beside = sa.select(other.start_at, other.end_at, other.received_at).where(
        other.account == row.account,
        other.device != row.device,
        other.start_at < row.end_at,
        other.end_at > row.start_at,
        other.start_at > row.start_at - 600_000,
        other.received_at <= row.received_at,
        other.flags.not_like(f"%{_DOUBT}%"),
    )
    there = connection.execute(beside).all()
    for earlier in ([one for one in there if one.received_at < row.received_at], there):
        cuts = ((max(one.start_at, row.start_at), min(one.end_at, row.end_at)) for one in earlier)
        found = _joined(cuts)
        if sum(end - begin for begin, end in found) == row.overlap_ms:
            return found
    return [(row.end_at - row.overlap_ms, row.end_at)]


def _joined(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    for begin, end in sorted(ranges):
        if made and begin <= made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((begin, end))
    return made
