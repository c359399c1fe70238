"""Errors a person can act on.

TrackerError
├── NotDone                   the command was understood but not carried out (exit 1)
│   ├── UnknownContract
│   ├── AmbiguousContract
│   ├── ContractNotActive
│   ├── NothingTracking
│   ├── AppNotRunning
│   ├── AlreadyRunning
│   ├── NoDisplay
│   ├── CaptureUnavailable
│   ├── StorageFailed
│   │   ├── FileDamaged
│   │   ├── NewerDatabase
│   │   └── FolderNotWritable
│   ├── SecretsLocked
│   ├── Offline
│   ├── Refused
│   ├── SignInNeeded
│   └── OnlyInTestMode
└── BadValue                  what was typed cannot be meant (exit 2)
"""

from __future__ import annotations

from typing import ClassVar


class TrackerError(Exception):
    """Something went wrong that the freelancer can do something about."""

    exit_code: ClassVar[int] = 1
    type: ClassVar[str] = "error"
    advice: str = "The log says more: hourproof.log in the home's folder of logs."

    def __init__(self, title: str, *, advice: str | None = None) -> None:
        super().__init__(title)
        self.title = title
        if advice is not None:
            self.advice = advice

    @classmethod
    def told(cls, type: str, title: str, advice: str) -> TrackerError:  # noqa: A002  # its name on the wire
        """Return the error that another process named: of its own class where that is known."""
        known = [cls]
        for one in known:
            known += one.__subclasses__()
        found = next((one for one in known if one.type == type), cls)
        error = found.__new__(found)
        TrackerError.__init__(error, title, advice=advice)
        return error

    def __init_subclass__(cls) -> None:
        """Name the error on the wire after its class: UnknownContract is 'unknown-contract'."""
        super().__init_subclass__()
        cls.type = "".join(f"-{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("-")


class NotDone(TrackerError):
    """The command was understood, but could not be carried out."""


class BadValue(TrackerError):
    """A value that was given cannot be meant."""

    exit_code = 2
    advice = "Correct the value and try again."


class UnknownContract(NotDone):
    """No contract goes by that name."""

    advice = "Run 'hourproof contracts' to see the contracts there are."


class AmbiguousContract(NotDone):
    """More than one contract goes by that name."""

    advice = "Type more of the title, or the contract's id."


class ContractNotActive(NotDone):
    """The contract is pending, paused or ended, so nothing can be tracked for it."""

    advice = "Choose an active contract: 'hourproof contracts' lists them."


class NothingTracking(NotDone):
    """The command needs a running track, and there is none."""

    advice = "Start with 'hourproof start CONTRACT'."


class AppNotRunning(NotDone):
    """The command is for the running app, and it does not run."""

    advice = "Start tracking with 'hourproof start CONTRACT', or the app with 'hourproof run'."


class AlreadyRunning(NotDone):
    """Another process works with this home."""

    advice = "Wait for it to end, or use another --home."


class NoDisplay(NotDone):
    """There is no screen to show the app on."""

    advice = "Run it in a desktop session, or see 'packaging/run' for a virtual display."


class CaptureUnavailable(NotDone):
    """Input or screen cannot be read on this desktop."""


class StorageFailed(NotDone):
    """The data on disk cannot be read or written."""

    advice = "Nothing was changed. Free some disk space or check the folder, then try again."


class FileDamaged(StorageFailed):
    """The tracker's file is not what was written: a fault of the disk."""

    advice = "Quit and start again: the file is then set aside, and what can be read of it is taken over."


class NewerDatabase(StorageFailed):
    """The database was written by a newer version."""

    advice = "Nothing was changed. Install the newest Hourproof to open it."


class FolderNotWritable(StorageFailed):
    """The data folder does not accept files."""

    advice = "Make the folder writable, or choose another with --home."


class SecretsLocked(NotDone):
    """The system's keyring is locked."""

    advice = "Unlock the keyring (log in to the desktop) and try again. Nothing was changed."


class Offline(NotDone):
    """The server does not answer."""

    advice = "Nothing is lost: what waits is kept here and follows by itself."


class Refused(NotDone):
    """The server does not accept the request."""

    advice = "It is kept here: 'hourproof outbox' lists it."


class SignInNeeded(NotDone):
    """The server does not know this tracker any more."""

    advice = "Sign in again to deliver. Tracking goes on."


class OnlyInTestMode(NotDone):
    """The home holds test time, and the test mode is off."""

    advice = "Set HOURPROOF_TEST again, or use another --home."
