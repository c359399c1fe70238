"""One connection to the tracker's file, with its key; and what an error says of the file."""

from __future__ import annotations

import hashlib
import hmac
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, cast

import sqlcipher3.dbapi2 as sqlite

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path
    from sqlite3 import Connection

PAGE = 4096
SALT = 16  # bytes at the begin of an encrypted file
_PATIENCE = 10  # seconds to wait for another thread's transaction
# Deleted bytes are overwritten, on macOS a flush reaches the disk, and a megabyte of cache is plenty: the
# default is eight for each thread.
_SETTINGS = ("cache_size = -1024", "secure_delete = ON", "fullfsync = ON", "checkpoint_fullfsync = ON")

NOT_A_DATABASE = 26  # what a wrong key looks like, and a damaged first page
DISK_FAILED = 10  # to read, to write, or whatever else: which of them is not told
_CORRUPT = 11
# How SQLCipher 4 guards a page: with this key, over what lies before it and the page's number.
_TURN, _ROUNDS, _LENGTH, _GUARD = 0x3A, 2, 32, 64
_SAMPLE = 64  # pages of which one has to fit


class File(Protocol):
    """The file as the database lends it."""

    def reading(self) -> AbstractContextManager[Connection]:
        """Lend a connection that reads."""
        ...

    def transaction(self, *, durable: bool = True) -> AbstractContextManager[Connection]:
        """Lend one that does all or nothing."""
        ...

    def close(self) -> None:
        """Let the file go."""
        ...


def connect(path: Path, key: str | None, *, reading: bool = False, salt: str | None = None) -> Connection:
    """Open the file; only for reading, neither it nor its journal is changed, not by closing either.

    A salt is the file's own, unless another is given for a new one.
    """
    name = f"{path.absolute().as_uri()}?mode={'ro' if reading else 'rwc'}"
    made = sqlite.connect(name, uri=True, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    connection = cast("Connection", made)
    if key is not None:
        connection.execute("PRAGMA cipher_log_level = NONE")  # it would write to the terminal
        connection.execute(f"PRAGMA key = \"x'{key + (salt or _salt(path, key))}'\"")
    for setting in _SETTINGS:
        connection.execute(f"PRAGMA {setting}")
    return connection


def tells_damage(error: sqlite.Error) -> bool:
    """Say whether an error means that the file is not what was written."""
    return code_of(error) == _CORRUPT


def code_of(error: sqlite.Error) -> int:
    """Return SQLite's own number of an error, without what makes it more precise."""
    return int(getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def salt_of(path: Path, key: str) -> str | None:
    """Return the salt with which some page behind the first was surely written with this key, if one was."""
    with path.open("rb") as file:
        salts = {file.read(SALT).hex().ljust(2 * SALT, "0"), own_salt(key)}
        file.seek(PAGE)
        pages = file.read(_SAMPLE * PAGE)
    for salt in salts:
        secret = _secret(key, salt)
        for place in range(0, len(pages) - PAGE + 1, PAGE):
            if _guarded(secret, pages[place : place + PAGE], 2 + place // PAGE):
                return salt
    return None


def own_salt(key: str) -> str:
    """Return the salt that new files get: one that is known, so that a file's first bytes can be repaired.

    A salt makes keys from words differ. This key is random, and the salt tells nothing of it.
    """
    return hashlib.sha256(b"salt" + bytes.fromhex(key)).hexdigest()[: 2 * SALT]


def _salt(path: Path, key: str) -> str:
    """Return what follows the key for a file that has, or shall have, the salt of its own."""
    salt = own_salt(key)
    with suppress(OSError), path.open("rb") as file:
        return salt if file.read(SALT).hex() in {"", salt} else ""
    return ""


def _secret(key: str, salt: str) -> bytes:
    turned = bytes(one ^ _TURN for one in bytes.fromhex(salt))
    return hashlib.pbkdf2_hmac("sha512", bytes.fromhex(key), turned, _ROUNDS, _LENGTH)


def _guarded(secret: bytes, page: bytes, number: int) -> bool:
    guard = hmac.new(secret, page[:-_GUARD] + number.to_bytes(4, "little"), "sha512").digest()
    return hmac.compare_digest(guard, page[-_GUARD:])
