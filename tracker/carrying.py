"""What waits carried by hand, from one device to another; and all that is kept here checked."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tracker import __version__
from tracker.errors import NotDone
from tracker.evidence.archive import Fault
from tracker.outbox import shipment
from tracker.outbox.cargo import Carried
from tracker.outbox.parcel import State

if TYPE_CHECKING:
    from tracker.commands import Commands

_EMBEDDED = "embedded:"  # how the origin of a server on this machine begins
_NOTHING = "Nothing was taken over."


class Trouble(msgspec.Struct, frozen=True):
    """What is not as it was written, and how that shows."""

    what: str
    why: str


class Exported(msgspec.Struct, frozen=True):
    """What was written into a folder, and what was not: held, of other accounts, or damaged."""

    folder: str
    segments: int
    revisions: int
    pictures: int
    held: int
    others: int
    left_out: tuple[Trouble, ...]


class Imported(msgspec.Struct, frozen=True):
    """How much was taken over, and how much was here before, delivered or not."""

    imported: int
    known: int


def outbox_check(commands: Commands) -> list[Trouble]:
    """Return everything in the outbox that is not as it was sealed, signed or received."""
    return [Trouble(fault.what, fault.why) for fault in commands.outbox.check()]


def outbox_export(commands: Commands, folder: str) -> Exported:
    """Write what is sealed and no server holds into a new folder; it waits here as before."""
    outbox = commands.outbox
    outbox.seal_due(commands.now())
    found = list(outbox.to_carry(socket.gethostname()))
    left_out = tuple(Trouble(one.what, one.why) for one in found if isinstance(one, Fault))
    parcels = [one for one in found if isinstance(one, Carried)]
    server, account = _whose(commands, parcels)
    own = [one for one in parcels if (one.sealed.server, one.sealed.account) == (server, account)]
    index = shipment.write(Path(folder), (f"hourproof {__version__}", server, account), own, outbox.picture)
    kinds = [item.kind for item in index.parcels]
    return Exported(
        folder,
        segments=kinds.count("segment"),
        revisions=kinds.count("revision"),
        pictures=sum(len(item.pictures) for item in index.parcels),
        held=sum(entry.state is State.HELD for entry in outbox.entries()),
        others=len(parcels) - len(own),
        left_out=left_out,
    )


def outbox_import(commands: Commands, folder: str) -> Imported:
    """Let what another device has exported wait here, all of it or nothing, and deliver it as usual."""
    outbox, path = commands.outbox, Path(folder)
    loaded = shipment.read(path)
    _see_that_it_fits(commands, loaded)
    new = outbox.take_in(loaded.parcels, lambda one, sha256: shipment.picture(path, one, sha256))
    if new:
        commands.connection.close()  # the next sign-in lets the server know of the other device
        commands.syncer.request()
    return Imported(new, len(loaded.parcels) - new)


def _whose(commands: Commands, parcels: list[Carried]) -> tuple[str, str]:
    """Return server and account of what is exported: of whoever is signed in, else of the newest parcel."""
    account = commands.outbox.account
    if account is not None:
        return account.server, account.id
    if not parcels:
        raise NotDone("Nothing waits here.", advice="'hourproof outbox' lists what is here.")
    newest = max(parcels, key=lambda one: one.start).sealed
    return newest.server, newest.account


def _see_that_it_fits(commands: Commands, loaded: shipment.Loaded) -> None:
    """Refuse what could never be delivered from here."""
    outbox, index = commands.outbox, loaded.index
    account = outbox.account
    own = f"{_EMBEDDED}{outbox.home_id}" if account is None else account.server
    whose = None if account is None else account.id
    if index.server.startswith(_EMBEDDED) and index.server != own:
        raise NotDone(
            "The folder belongs to the diary of another computer or home, and only that one takes it.",
            advice=f"{_NOTHING} Import it there.",
        )
    if whose is not None and (own, whose) != (index.server, index.account):
        raise NotDone(
            f"The folder belongs to another account, at {index.server}.",
            advice=f"{_NOTHING} Import it where that account is signed in.",
        )
    if any(one.sealed.test != outbox.is_test for one in loaded.parcels):
        kinds = "real" if outbox.is_test else "test", "test" if outbox.is_test else "real"
        raise NotDone(
            f"The folder holds {kinds[0]} time, and this home {kinds[1]} time.",
            advice=f"{_NOTHING} Import it into another --home.",
        )
