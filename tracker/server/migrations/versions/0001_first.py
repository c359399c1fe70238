"""The first tables: accounts, contracts with terms and members, segments with chains and pictures."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply the step."""
    _accounts()
    _contracts()
    _segments()
    _beside_segments()


def _text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=optional)


def _whole(name: str, *, optional: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=optional)


def _of_account() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["account"], ["account.id"])


def _of_contract() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["contract"], ["contract.id"])


def _accounts() -> None:
    op.create_table(
        "account",
        _text("id"),
        _text("email", optional=True),
        _text("name"),
        _text("role"),
        _whole("created_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
    )
    op.create_table(
        "token",
        _text("hash"),
        _text("kind"),
        _text("account"),
        _text("path", optional=True),
        _whole("created_at"),
        _whole("expires_at", optional=True),
        sa.PrimaryKeyConstraint("hash"),
        _of_account(),
    )
    op.create_table(
        "device",
        _text("account"),
        _text("id"),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        _text("name"),
        _whole("registered_at"),
        sa.PrimaryKeyConstraint("account", "id"),
        _of_account(),
    )


def _contracts() -> None:
    op.create_table(
        "contract",
        _text("id"),
        _text("title"),
        _text("client"),
        _text("state"),
        _whole("state_since"),
        _text("invitation", optional=True),
        _whole("created_at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "terms",
        _text("contract"),
        sa.Column("number", sa.Integer, nullable=False),
        _text("rate"),
        _text("currency"),
        _whole("weekly_limit_ms", optional=True),
        _text("policy"),
        _whole("since"),
        sa.PrimaryKeyConstraint("contract", "number"),
        _of_contract(),
    )
    op.create_table(
        "member",
        _text("contract"),
        _text("account"),
        _text("role"),
        sa.PrimaryKeyConstraint("contract", "account", "role"),
        _of_contract(),
        _of_account(),
    )
    op.create_index("member_account", "member", ["account"])


def _segments() -> None:
    op.create_table(
        "segment",
        _text("contract"),
        _text("id"),
        _text("account"),
        _text("device"),
        _whole("seq"),
        _whole("start_at"),
        _whole("end_at"),
        _text("sha256"),
        sa.Column("body", sa.LargeBinary, nullable=False),
        _text("signature"),
        sa.Column("receipt", sa.LargeBinary, nullable=False),
        _whole("overlap_ms"),
        _text("flags"),
        sa.Column("test", sa.Boolean, nullable=False),
        _whole("received_at"),
        sa.PrimaryKeyConstraint("contract", "id"),
        _of_contract(),
    )
    op.create_index("segment_time", "segment", ["contract", "start_at", "end_at"])
    op.create_index("segment_account", "segment", ["account", "start_at"])
    op.create_index("segment_chain", "segment", ["contract", "device", "seq"])


def _beside_segments() -> None:
    op.create_table(
        "chain",
        _text("contract"),
        _text("device"),
        _whole("top"),
        _whole("held"),
        sa.PrimaryKeyConstraint("contract", "device"),
        _of_contract(),
    )
    op.create_table(
        "picture",
        _text("contract"),
        _text("sha256"),
        _text("state"),
        _whole("at"),
        sa.PrimaryKeyConstraint("contract", "sha256"),
        _of_contract(),
    )
