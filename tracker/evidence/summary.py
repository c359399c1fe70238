"""What a bundle comes to, in numbers: for people and for scripts, after it was written or checked."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from tracker.model.segment import Origin, ShotState

if TYPE_CHECKING:
    from tracker.evidence.bundle import ContractFacts
    from tracker.evidence.reading import Reading
    from tracker.evidence.verify import Examined


class FaultView(msgspec.Struct, frozen=True):
    """What is not as it was written, and how that shows."""

    what: str
    why: str


class Signer(msgspec.Struct, frozen=True):
    """A device and how many segments and revisions it has signed."""

    account: str
    device: str
    parcels: int


class Absent(msgspec.Struct, frozen=True):
    """Which numbers of a device's chain nobody delivered, such as `3, 7 to 9`."""

    device: str
    numbers: str


class ContractSummary(msgspec.Struct, frozen=True):
    """A contract's week: exact sums as revisions leave them; segments by what became of them."""

    id: str
    title: str
    client: str
    tracked_ms: int
    manual_ms: int
    undelivered_ms: int  # of both
    segments: int
    held: int
    waiting: int
    refused: int
    discarded: int
    test: int
    shots: dict[str, int]  # by state
    absent: tuple[Absent, ...]


class Summary(msgspec.Struct, frozen=True):
    """A bundle as it was found; all but `sound` and `faults` is empty where it cannot be read."""

    sound: bool
    faults: tuple[FaultView, ...]
    week: str | None = None
    server: str | None = None
    server_keys: tuple[str, ...] = ()
    made_at: str | None = None
    made_by: str | None = None
    signers: tuple[Signer, ...] = ()
    contracts: tuple[ContractSummary, ...] = ()
    pictures: dict[str, int] = {}  # present, destroyed, rejected, missing


def summary(examined: Examined) -> Summary:
    """Return what a bundle comes to."""
    faults = tuple(FaultView(one.what, one.why) for one in examined.faults)
    reading = examined.reading
    if reading is None:
        return Summary(sound=False, faults=faults)
    manifest = reading.contents.manifest
    parcels = Counter((body.account, body.device) for body in reading.segments.values())
    parcels.update((body.account, body.device) for body in reading.revisions.values())
    return Summary(
        sound=not faults,
        faults=faults,
        week=manifest.week,
        server=manifest.server,
        server_keys=tuple(one.id for one in reading.contents.keys.servers),
        made_at=manifest.made_at,
        made_by=manifest.device,
        signers=tuple(Signer(*who, number) for who, number in sorted(parcels.items())),
        contracts=tuple(_contract(one, reading) for one in manifest.contracts),
        pictures={"present": len(reading.contents.pictures)}
        | Counter(one.state for one in manifest.pictures),
    )


def _contract(facts: ContractFacts, reading: Reading) -> ContractSummary:
    lines = [line for line in reading.lines if line.segment.key.contract == facts.id]
    states = Counter(
        one.state
        for one in reading.contents.manifest.undelivered
        if (one.kind, one.contract) == ("segment", facts.id)
    )
    manual = sum(line.segment.tracked_ms for line in lines if line.segment.origin is Origin.MANUAL)
    shots = Counter(shot.state for line in lines for shot in line.segment.shots)
    return ContractSummary(
        id=facts.id,
        title=facts.title,
        client=facts.client,
        tracked_ms=sum(line.segment.tracked_ms for line in lines) - manual,
        manual_ms=manual,
        undelivered_ms=sum(line.segment.tracked_ms for line in lines if line.state != "delivered"),
        segments=len(lines),
        held=states["held"],
        waiting=states["waiting"],
        refused=states["refused"],
        discarded=sum(one.contract == facts.id for one in reading.discarded),
        test=sum(reading.segments[line.segment.id].test for line in lines),
        shots={state: shots[state] for state in ShotState if shots[state]},
        absent=tuple(Absent(*one) for one in reading.absent(facts.id)),
    )
