"""The system's keychain, asked in a short process of its own: its libraries would weigh on the app for good.

One question as JSON on standard input, one answer on standard output: no secret is ever an argument.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

DOOR = "keychain"  # the program's argument that leads here

# The only ones that encrypt what they keep. Others are never asked, whatever is installed or configured.
_BACKENDS = (
    ("SecretService", "Keyring"),
    ("libsecret", "Keyring"),
    ("kwallet", "DBusKeyring"),
    ("macOS", "Keyring"),
    ("Windows", "WinVaultKeyring"),
)


class Question(msgspec.Struct, frozen=True):
    """What to write and forget, then what to read, of one service."""

    service: str
    write: dict[str, str] = {}
    forget: tuple[str, ...] = ()
    read: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Show no secret, wherever this is shown."""
        return f"Question({self.service})"


class Answer(msgspec.Struct, frozen=True):
    """What was read, or why nothing could be done."""

    values: dict[str, str] = {}
    problem: Literal["missing", "locked"] | None = None

    def __repr__(self) -> str:
        """Show no secret, wherever this is shown."""
        return f"Answer({self.problem})"


def main() -> int:
    """Answer the question on standard input."""
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    sys.stdout.buffer.write(msgspec.json.encode(_answer(question)))
    return 0


def _answer(question: Question) -> Answer:
    from keyring.errors import InitError, KeyringLocked, PasswordDeleteError  # noqa: PLC0415  # as above

    backend = _best()
    if backend is None:
        return Answer(problem="missing")
    try:
        for name, value in question.write.items():
            backend.set_password(question.service, name, value)
        for name in question.forget:
            try:
                backend.delete_password(question.service, name)
            except PasswordDeleteError:  # it was not there
                continue
        found = {name: backend.get_password(question.service, name) for name in question.read}
    except (InitError, KeyringLocked):
        return Answer(problem="locked")
    return Answer({name: value for name, value in found.items() if value is not None})


def _best() -> KeyringBackend | None:
    """Return the keychain this desktop prefers, None where it has none."""
    kinds = [getattr(import_module(f"keyring.backends.{module}"), name) for module, name in _BACKENDS]
    return max((kind() for kind in kinds if kind.viable), key=lambda one: one.priority, default=None)
