"""The tables: text ids, instants in milliseconds, and keys that lead with the contract."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

metadata = MetaData()

account = Table(
    "account",
    metadata,
    Column("id", Text, primary_key=True),
    Column("email", Text, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),  # member, operator
    Column("created_at", BigInteger, nullable=False),
)

# Bearer tokens, browser sessions and one-time links: only their hashes.
token = Table(
    "token",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # bearer, session, link
    Column("account", Text, nullable=False),
    Column("path", Text),  # where a link leads
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    ForeignKeyConstraint(["account"], ["account.id"]),
)

device = Table(
    "device",
    metadata,
    Column("account", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),
    Column("registered_at", BigInteger, nullable=False),
    ForeignKeyConstraint(["account"], ["account.id"]),
)

contract = Table(
    "contract",
    metadata,
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("state_since", BigInteger, nullable=False),
    Column("invitation", Text),  # the hash of the code that the invited side has not used yet
    Column("created_at", BigInteger, nullable=False),
)

terms = Table(
    "terms",
    metadata,
    Column("contract", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("rate", Text, nullable=False),  # a decimal number
    Column("currency", Text, nullable=False),
    Column("weekly_limit_ms", BigInteger),
    Column("policy", Text, nullable=False),  # JSON
    Column("since", BigInteger, nullable=False),
    ForeignKeyConstraint(["contract"], ["contract.id"]),
)

member = Table(
    "member",
    metadata,
    Column("contract", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("role", Text, primary_key=True),  # freelancer, client
    ForeignKeyConstraint(["contract"], ["contract.id"]),
    ForeignKeyConstraint(["account"], ["account.id"]),
    Index("member_account", "account"),
)

segment = Table(
    "segment",
    metadata,
    Column("contract", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("start_at", BigInteger, nullable=False),
    Column("end_at", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),  # the signed bytes, verbatim
    Column("signature", Text, nullable=False),  # the header, verbatim
    Column("receipt", LargeBinary, nullable=False),  # the answered bytes, verbatim
    Column("overlap_ms", BigInteger, nullable=False),  # the length of the next column's, for sums
    Column("overlap", Text, nullable=False, server_default=""),  # ranges that count in another segment
    Column("flags", Text, nullable=False),  # reasons, separated by spaces
    Column("test", Boolean, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    ForeignKeyConstraint(["contract"], ["contract.id"]),
    Index("segment_time", "contract", "start_at", "end_at", "overlap_ms"),
    Index("segment_account", "account", "start_at"),
    Index("segment_chain", "contract", "device", "seq"),
)

# Later changes to segments, whether these are here yet or not.
revision = Table(
    "revision",
    metadata,
    Column("contract", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("segment", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),  # as of a segment, and so the next two
    Column("signature", Text, nullable=False),
    Column("receipt", LargeBinary, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    ForeignKeyConstraint(["contract"], ["contract.id"]),
    Index("revision_segment", "contract", "segment"),
    Index("revision_chain", "contract", "device", "seq"),
)

# What is left of a segment that was discarded, and of the other revisions of it: no word of what they said.
tombstone = Table(
    "tombstone",
    metadata,
    Column("contract", Text, primary_key=True),
    Column("kind", Text, primary_key=True),  # segment, revision
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),  # of the bytes that it stands for in the chain
    Column("start_at", BigInteger, nullable=False),  # of the segment
    Column("receipt", LargeBinary),  # the answered bytes; none if it was never here
    Column("revision", Text, nullable=False),  # the id of the one that discards
    Column("received_at", BigInteger, nullable=False),  # the moment since when it is discarded
    ForeignKeyConstraint(["contract"], ["contract.id"]),
    Index("tombstone_chain", "contract", "device", "seq"),
)

# What overlapped and the freelancer let count in this segment instead: which time, who said so and when.
choice = Table(
    "choice",
    metadata,
    Column("contract", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("segment", Text, nullable=False),
    Column("ranges", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    ForeignKeyConstraint(["contract"], ["contract.id"]),
    ForeignKeyConstraint(["account"], ["account.id"]),
    Index("choice_segment", "contract", "segment"),
)

# How far each chain reaches and how many of its links are here.
chain = Table(
    "chain",
    metadata,
    Column("contract", Text, primary_key=True),
    Column("device", Text, primary_key=True),
    Column("top", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    ForeignKeyConstraint(["contract"], ["contract.id"]),
)

# Pictures that a stored segment names, and those that were rejected.
picture = Table(
    "picture",
    metadata,
    Column("contract", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("state", Text, nullable=False),  # stored, rejected, destroyed
    Column("at", BigInteger, nullable=False),
    ForeignKeyConstraint(["contract"], ["contract.id"]),
)

# What a contract's week came to when it locked; never changed.
statement = Table(
    "statement",
    metadata,
    Column("contract", Text, primary_key=True),
    Column("week", BigInteger, primary_key=True, autoincrement=False),  # its start
    Column("body", LargeBinary, nullable=False),  # JSON
    Column("frozen_at", BigInteger, nullable=False),
    ForeignKeyConstraint(["contract"], ["contract.id"]),
)

# What either side said about a locked week: a challenge, an answer to one, late time accepted.
claim = Table(
    "claim",
    metadata,
    Column("contract", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("week", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),  # JSON, signed by the server
    Column("signature", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    ForeignKeyConstraint(["contract"], ["contract.id"]),
    ForeignKeyConstraint(["account"], ["account.id"]),
    Index("claim_week", "contract", "week"),
)
