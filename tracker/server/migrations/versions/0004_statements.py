"""Statements of locked weeks, and what was said about them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "statement",
        sa.Column("contract", sa.Text, nullable=False),
        sa.Column("week", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("frozen_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("contract", "week"),
        sa.ForeignKeyConstraint(["contract"], ["contract.id"]),
    )
    op.create_table(
        "claim",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("contract", "id", "account")),
        sa.Column("week", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("contract", "id"),
        sa.ForeignKeyConstraint(["contract"], ["contract.id"]),
        sa.ForeignKeyConstraint(["account"], ["account.id"]),
    )
    op.create_index("claim_week", "claim", ["contract", "week"])


def downgrade() -> None:
    """Take the step back: statements can be worked out again, what was said about them is forgotten."""
    op.drop_table("claim")
    op.drop_table("statement")
