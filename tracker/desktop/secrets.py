"""Keys and tokens: in the system's keyring, or without one in a file for this user's eyes only."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from pathlib import Path
from secrets import token_hex

import msgspec

from tracker.desktop.keychain import DOOR, Answer, Question
from tracker.errors import FolderNotWritable, SecretsLocked, StorageFailed
from tracker.paths import program

OUTBOX_KEY = "outbox-key"
DEVICE_KEY = "device-key"
TOKEN = "token"  # noqa: S105  # the name of one: of the embedded server's
ACCESS, REFRESH = "access-token", "refresh-token"  # of the server that is signed in to
_NAMES = (OUTBOX_KEY, DEVICE_KEY, TOKEN, ACCESS, REFRESH)
_PATIENCE = 120.0  # seconds in which a person can answer the keyring's prompt
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # of a console, on Windows


class Secrets:
    """The secrets of one home; the keyring is asked once, beginning as soon as this is made.

    Every method may wait for a person to unlock the keyring, and raises SecretsLocked where nobody does.
    """

    def __init__(self, service: str, fallback: Path) -> None:
        self._service = service
        self._file = fallback
        self._lock = threading.RLock()
        self._known: dict[str, str] | None = None
        self._without = False  # a keyring
        self._asked: subprocess.Popen[bytes] | None = self._ask(Question(service, read=_NAMES))

    @property
    def warning(self) -> str:
        """What the freelancer has to know about where the secrets lie; empty where all is well."""
        with self._lock:
            self._read()
            if not self._without and not self._filed():
                return ""
            return f"There are keys in {self._file}: whoever reads that file can read what is kept here."

    @property
    def without_keyring(self) -> bool:
        """Whether there is no keyring that can be reached."""
        with self._lock:
            self._read()
            return self._without

    def get(self, name: str) -> str | None:
        """Return a secret, None where there is none of that name."""
        with self._lock:
            return self._read().get(name)

    def set(self, name: str, value: str) -> None:
        """Keep a secret."""
        self.set_all({name: value})

    def set_all(self, values: dict[str, str]) -> None:
        """Keep secrets that belong together."""
        with self._lock:
            self._write({**self._read(), **values}, Question(self._service, write=values))

    def delete(self, *names: str) -> None:
        """Forget secrets, wherever they lie."""
        with self._lock:
            known = {one: value for one, value in self._read().items() if one not in names}
            self._write(known, Question(self._service, forget=names))
            if set(names) & set(self._filed()):
                self._save(known)

    def _read(self) -> dict[str, str]:
        if self._known is None:
            asked, self._asked = self._asked, None
            answer = self._hear(asked or self._ask(Question(self._service, read=_NAMES)))
            self._without = answer.problem == "missing"
            # both may hold some: a keyring can appear, or be out of reach for a while
            self._known = self._filed() | answer.values
        return self._known

    def _write(self, known: dict[str, str], question: Question) -> None:
        if self._without:
            self._save(known)
        else:
            self._hear(self._ask(question), missing_is_locked=True)
        self._known = known

    def _ask(self, question: Question) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(  # noqa: S603  # ourselves
            [*program(), DOOR],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=_NO_WINDOW,
        )
        if child.stdin is not None:
            child.stdin.write(msgspec.json.encode(question))
            child.stdin.close()
            child.stdin = None  # for communicate, which would flush it
        return child

    @staticmethod
    def _hear(child: subprocess.Popen[bytes], *, missing_is_locked: bool = False) -> Answer:
        try:
            said, _ = child.communicate(timeout=_PATIENCE)
            answer = msgspec.json.decode(said, type=Answer)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            answer = Answer(problem="locked")
        except msgspec.DecodeError:  # it broke down
            answer = Answer(problem="locked")
        if answer.problem == "locked" or (answer.problem and missing_is_locked):
            raise SecretsLocked("The keyring is locked or does not answer.")
        return answer

    def _filed(self) -> dict[str, str]:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=dict[str, str])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            raise StorageFailed(f"{self._file} cannot be read.") from error

    def _save(self, known: dict[str, str]) -> None:
        try:
            # a temporary file is its user's alone, and the whole of it takes the old one's place
            with tempfile.NamedTemporaryFile(dir=self._file.parent, delete=False) as file:
                file.write(msgspec.json.encode(known))
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).replace(self._file)
        except OSError as error:
            raise FolderNotWritable(f"{self._file} cannot be written: {error.strerror}.") from error


def outbox_key(secrets: Secrets, database: Path) -> str:
    """Return the key of the tracker's database, made with it: beside an existing one never a new key."""
    key = secrets.get(OUTBOX_KEY)
    if key is None and database.exists():
        if secrets.without_keyring:
            raise SecretsLocked(
                f"The keyring that holds the key of {database} cannot be reached.",
                advice="Run it in the desktop session in which it ran before. Nothing was changed.",
            )
        raise StorageFailed(
            f"The keyring no longer holds the key of {database}.",
            advice="Restore the keyring, or move the file aside to begin anew. Nothing was changed.",
        )
    return key or _new(secrets, OUTBOX_KEY)


def device_key(secrets: Secrets) -> str:
    """Return the seed of the key by which this device signs, made when first asked for."""
    return secrets.get(DEVICE_KEY) or _new(secrets, DEVICE_KEY)


def _new(secrets: Secrets, name: str) -> str:
    value = token_hex(32)
    secrets.set(name, value)
    return value
