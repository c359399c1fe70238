"""`export`: a week's evidence in a file, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

import msgspec

from tracker import __version__
from tracker.errors import BadValue, NotDone, Offline, SignInNeeded, StorageFailed
from tracker.evidence.bundle import FORMAT, Binder, Contents, ContractFacts, Manifest, PictureFact
from tracker.evidence.reading import Reading
from tracker.evidence.report import REPORT, report
from tracker.evidence.summary import Summary, summary
from tracker.evidence.verify import examine
from tracker.model.slot import instant
from tracker.model.week import WEEK, parse_week
from tracker.outbox.queue import PictureGone
from tracker.sync.backend import RetryLater
from tracker.sync.gathering import Gathered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tracker.commands import Commands
    from tracker.sync.backend import Backend
    from tracker.wire.account import Account

_DELIVERS = 20.0  # seconds at most, before the server is asked
_NEEDS_SERVER = "Nothing was written: it holds the receipts and the pictures. Try again when it answers."


def export(
    commands: Commands, week: str, to: str, contract: str | None = None, *, replaces: bool = False
) -> Summary:
    """Write the evidence of a UTC week, of all contracts or one, and return what the file comes to."""
    try:
        begin = parse_week(week)
    except ValueError as error:
        raise BadValue(f"'{week}' is no week.", advice="Write it like 2026-W47.") from error
    path = Path(to)
    _see_that_it_is_free(path, replaces=replaces)
    chosen = [commands.find(contract, active=False).id] if contract else None
    try:
        commands.syncer.drain(_DELIVERS, notices=False)
        backend = commands.connection.open()
        account = commands.outbox.account
        if account is None:
            raise SignInNeeded("This tracker belongs to no account yet.")
        gathered = _gathered(commands, backend, account, (week, begin), chosen)
        with _whole(path, replaces=replaces) as file:
            _write(file, commands, backend, gathered, _manifest(commands, account, week, gathered))
            file.seek(0)
            return summary(examine(file, commands.outbox.pinned_key(account.server)))
    except (Offline, RetryLater) as error:
        raise Offline(error.title, advice=_NEEDS_SERVER) from error


def _see_that_it_is_free(path: Path, *, replaces: bool) -> None:
    try:
        fits, taken = path.parent.is_dir() and not path.is_dir(), path.exists()
    except OSError:  # one may not look into the folder, or the name is too long
        fits = taken = False
    if not fits:
        raise BadValue(f"'{path}' is no place for a file.", advice="Name a file in a folder that there is.")
    if taken and not replaces:
        raise NotDone(f"{path} is there already.", advice="Name another file, or add --replace.")


def _gathered(
    commands: Commands, backend: Backend, account: Account, when: tuple[str, int], chosen: list[str] | None
) -> Gathered:
    """Return all there is of the week; what waits here is noted first, as it may arrive meanwhile."""
    week, begin = when
    mine = commands.outbox.unsent(account, begin, begin + WEEK)
    gathered = Gathered()
    for id_ in chosen or [one.id for one in commands.outbox.contracts()]:
        gathered.ask(backend, id_, week)
    device, public = commands.outbox.device
    gathered.add([one for one in mine if chosen is None or one.contract in chosen], device)
    gathered.know(account.id, device, public)
    if not gathered.contracts:
        raise NotDone(f"There is nothing of {week}.", advice="Nothing was written. See 'hourproof diary'.")
    return gathered


def _manifest(commands: Commands, account: Account, week: str, gathered: Gathered) -> Manifest:
    return Manifest(
        kind="hourproof-bundle",
        format=FORMAT,
        report=REPORT,
        app=f"hourproof {__version__}",
        made_at=instant(commands.now()),
        week=week,
        server=account.server,
        account=account.id,
        device=commands.outbox.device[0],
        contracts=tuple(
            ContractFacts(one.id, one.title, one.client)
            for one in commands.outbox.contracts()
            if one.id in gathered.contracts
        ),
        chains=tuple(
            one for (contract, _), one in sorted(gathered.chains.items()) if contract in gathered.contracts
        ),
        pictures=(),
        undelivered=tuple(gathered.undelivered),
    )


def _write(
    file: BinaryIO, commands: Commands, backend: Backend, gathered: Gathered, manifest: Manifest
) -> None:
    contents = Contents(
        manifest=manifest,
        keys=gathered.keys,
        segments=tuple(gathered.segments.values()),
        revisions=tuple(gathered.revisions.values()),
        tombstones=tuple(gathered.tombstones),
        pictures=frozenset(),
    )
    try:
        binder = Binder(file, contents.keys)
        away = []
        for sha256, named in sorted(Reading(contents).pictures.items()):
            contracts = {line.segment.key.contract: line.state for line, _ in named}
            data = _picture(commands, backend, sha256, contracts)
            if data is None:
                away += [PictureFact(id_, sha256, _state(gathered, id_, sha256)) for id_ in sorted(contracts)]
            else:
                binder.picture(sha256, data)
        contents = replace(
            contents,
            manifest=msgspec.structs.replace(manifest, pictures=tuple(away)),
            pictures=binder.pictures,
        )
        binder.finish(contents, report, commands.outbox.vouch)
    except ValueError as error:
        raise NotDone(
            f"The week is larger than one file holds: {error}.", advice="Export one --contract at a time."
        ) from error


def _picture(commands: Commands, backend: Backend, sha256: str, contracts: Mapping[str, str]) -> bytes | None:
    """Return a picture from this device where it is not delivered, else from the server."""
    if any(state != "delivered" for state in contracts.values()):
        with suppress(PictureGone):  # delivered meanwhile, or with another segment
            return commands.outbox.picture(sha256)
    return next(filter(None, (backend.picture(id_, sha256) for id_ in contracts)), None)


def _state(gathered: Gathered, contract: str, sha256: str) -> Literal["destroyed", "rejected", "missing"]:
    match gathered.states.get((contract, sha256)):
        case "destroyed":
            return "destroyed"
        case "rejected":
            return "rejected"
    return "missing"


@contextmanager
def _whole(path: Path, *, replaces: bool) -> Iterator[BinaryIO]:
    """Lend a file that gets its name when all is written and on the disk."""
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "w+b") as file:
                yield file
                file.flush()
                os.fsync(descriptor)
            _see_that_it_is_free(path, replaces=replaces)
            Path(name).replace(path)
            _sync(path.parent)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise StorageFailed(f"{path} cannot be written: {error.strerror}.") from error


def _sync(folder: Path) -> None:
    """Make a name in a folder durable; Windows does that by itself."""
    if os.name != "nt":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
