"""The tables of the tracker's file; a version is a step, and a step that was released never changes."""

_FIRST = """
CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO meta VALUES ('home', lower(hex(randomblob(16))));

CREATE TABLE contract (
    id TEXT NOT NULL PRIMARY KEY,
    place INTEGER NOT NULL,  -- as the server lists them
    facts BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE draft (
    id TEXT NOT NULL PRIMARY KEY,  -- of the open segment; more than one only after faults
    contract TEXT NOT NULL,
    begins INTEGER NOT NULL,
    facts BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE segment (
    id TEXT NOT NULL PRIMARY KEY,
    contract TEXT NOT NULL,
    begins INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    memo TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('held', 'waiting', 'delivered', 'refused')),
    why TEXT,                -- of the hold
    until INTEGER,           -- the end of the hold
    attempts INTEGER NOT NULL DEFAULT 0,
    next INTEGER,            -- not to be tried before
    problem TEXT,
    sha256 TEXT,
    signature TEXT,
    receipt BLOB,
    facts BLOB,              -- the segment, until it is delivered
    body BLOB,               -- the signed bytes, from sealing on and for good
    CHECK ((facts IS NULL) = (state = 'delivered') AND (body IS NULL) = (state = 'held'))
) STRICT;

CREATE INDEX segment_by_state ON segment (state, begins, next);
CREATE INDEX segment_by_time ON segment (begins, contract, ends);
CREATE INDEX segment_by_contract ON segment (contract, begins, memo);
CREATE INDEX segment_by_end ON segment (ends);

CREATE TABLE picture (
    segment TEXT NOT NULL,   -- open or closed
    shot TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (segment, shot, sha256)
) STRICT;

CREATE INDEX picture_by_hash ON picture (sha256);

CREATE TABLE chain (
    device TEXT NOT NULL,
    contract TEXT NOT NULL,
    seq INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (device, contract)
) STRICT, WITHOUT ROWID
"""

_SECOND = """
-- Time in question: its end moves on while it is open, and its shots' pictures lie under its id.
CREATE TABLE question (
    id TEXT NOT NULL PRIMARY KEY,
    contract TEXT NOT NULL,
    begins INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    open INTEGER NOT NULL,
    doubted INTEGER NOT NULL DEFAULT 0,  -- as of a segment
    facts BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What is known of a contract's week beyond this device's segments.
CREATE TABLE week (
    contract TEXT NOT NULL,
    begins INTEGER NOT NULL,
    elsewhere_ms INTEGER NOT NULL DEFAULT 0,  -- what the server holds from other devices and by hand
    limit_ms INTEGER,                         -- the highest limit known in that week, null for none
    PRIMARY KEY (contract, begins)
) STRICT, WITHOUT ROWID;

-- A server has shown that the segment ends in its future: nothing needs to begin after it.
ALTER TABLE segment ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0
"""

_THIRD = """
-- A change to a sealed segment, sealed as soon as it is made. That of a segment that is discarded before it
-- is delivered is all that is left of it.
CREATE TABLE revision (
    id TEXT NOT NULL PRIMARY KEY,
    segment TEXT NOT NULL,
    contract TEXT NOT NULL,
    change TEXT NOT NULL,
    made INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'refused')),
    attempts INTEGER NOT NULL DEFAULT 0,
    next INTEGER,
    problem TEXT,
    sha256 TEXT NOT NULL,
    signature TEXT NOT NULL,
    receipt BLOB,
    facts BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE INDEX revision_by_state ON revision (state, made, next);
CREATE INDEX revision_by_segment ON revision (segment);

-- Other devices of the account whose parcels were carried here by hand: each is registered at a sign-in.
CREATE TABLE device (
    id TEXT NOT NULL PRIMARY KEY,
    public_key TEXT NOT NULL,  -- base64
    name TEXT NOT NULL
) STRICT, WITHOUT ROWID
"""

STEPS: tuple[str, ...] = (_FIRST, _SECOND, _THIRD)
