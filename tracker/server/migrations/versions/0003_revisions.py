"""Later changes to segments, and what is left of those that were discarded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_CHAINED = ("account", "device", "sha256")


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "revision",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("contract", "id", "segment", *_CHAINED)),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.Column("receipt", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("contract", "id"),
        sa.ForeignKeyConstraint(["contract"], ["contract.id"]),
    )
    op.create_index("revision_segment", "revision", ["contract", "segment"])
    op.create_index("revision_chain", "revision", ["contract", "device", "seq"])
    op.create_table(
        "tombstone",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("contract", "kind", "id", *_CHAINED)),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("start_at", sa.BigInteger, nullable=False),
        sa.Column("receipt", sa.LargeBinary),
        sa.Column("revision", sa.Text, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("contract", "kind", "id"),
        sa.ForeignKeyConstraint(["contract"], ["contract.id"]),
    )
    op.create_index("tombstone_chain", "tombstone", ["contract", "device", "seq"])


def downgrade() -> None:
    """Take the step back: the changes are forgotten, what they destroyed stays destroyed."""
    op.drop_table("tombstone")
    op.drop_table("revision")
