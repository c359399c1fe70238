"""Whether the parcels of a bundle prove what they say: signatures, receipts, keys and chains."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from tracker.evidence.archive import Fault
from tracker.evidence.bundle import KEYS, MANIFEST
from tracker.evidence.keys import key_id
from tracker.evidence.receipts import vouches
from tracker.evidence.signing import parse_signature
from tracker.model.revision import Change
from tracker.model.slot import parse_instant, slot_of
from tracker.model.week import week_name, week_of
from tracker.wire.receipt import Receipt
from tracker.wire.revision import RevisionBody, decode_revision
from tracker.wire.segment import SegmentBody, decode_segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tracker.evidence.bundle import Bound, Keys, Manifest
    from tracker.evidence.reading import Reading
    from tracker.wire.evidence import ChainView, Tombstone

Body = SegmentBody | RevisionBody


def proven(reading: Reading) -> Iterator[Fault]:
    """Find every parcel that is not what its device signed or the server received, or is out of its chain."""
    yield from _keys(reading.contents.keys)
    for kind, parcels in (
        ("segments", reading.contents.segments),
        ("revisions", reading.contents.revisions),
    ):
        for one in parcels:
            yield from _parcel(f"{kind}/{one.id}", one, reading)
    for stone in reading.contents.tombstones:
        yield from _stone(stone, reading)
    for body in reading.revisions.values():
        yield from _target(body, reading)
    yield from chained(reading)


def _keys(keys: Keys) -> Iterator[Fault]:
    held = [(one.id, one.public_key) for one in keys.servers]
    for id_, public in (*held, *((one.id, one.public_key) for one in keys.devices)):
        if key_id(public) != id_:
            yield Fault(KEYS, f"the key of {id_} is another's")


def _parcel(name: str, one: Bound, reading: Reading) -> Iterator[Fault]:
    try:
        body: Body = (decode_segment if name.startswith("seg") else decode_revision)(one.body)
    except ValueError as error:
        yield Fault(f"{name}.json", f"it cannot be read: {error}")
        return
    yield from (Fault(f"{name}.json", why) for why in _misplaced(one, body, reading.contents.manifest))
    devices = {(key.account, key.id): key.public_key for key in reading.contents.keys.devices}
    public = devices.get((body.account, body.device))
    if public is None:
        yield Fault(KEYS, f"the key of device {body.device} is missing, which signed {name}")
    elif not _signed(one, body.device, public):
        yield Fault(f"{name}.signature", f"it is not what device {body.device} has signed")
    state = {(u.kind, u.id): u.state for u in reading.contents.manifest.undelivered}.get((body.kind, one.id))
    if one.receipt is None and state not in {"waiting", "refused"}:
        yield Fault(f"{name}.receipt", "it is missing")
    elif one.receipt is not None and state is not None:
        yield Fault(MANIFEST, f"{name} is said to be {state}, but has a receipt")
    if one.receipt is not None:
        sha256 = reading.hashes[one.id]
        yield from _receipt(f"{name}.receipt", one.receipt, (one.id, body.contract, sha256), reading)


def _misplaced(one: Bound, body: Body, manifest: Manifest) -> Iterator[str]:
    start = body.segment.start if isinstance(body, RevisionBody) else body.start
    if body.id != one.id:
        yield f"it is {body.id}"
    if body.contract not in {contract.id for contract in manifest.contracts}:
        yield f"its contract {body.contract} is not in the manifest"
    if body.server != manifest.server:
        yield f"it belongs to another server, {body.server}"
    if week_name(week_of(slot_of(parse_instant(start)))) != manifest.week:
        yield f"it belongs to another week: its segment begins {start}"


def _signed(one: Bound, device: str, public: bytes) -> bool:
    try:
        signature = parse_signature(one.signature)
    except ValueError:
        return False
    return signature.device == device and signature.of(public, one.body)


def _receipt(name: str, data: bytes, what: tuple[str, str, str], reading: Reading) -> Iterator[Fault]:
    """Find what speaks against a receipt for what has this id, contract and hash."""
    id_, contract, sha256 = what
    servers = {one.id: one.public_key for one in reading.contents.keys.servers}
    try:
        receipt = msgspec.json.decode(data, type=Receipt)
    except (ValueError, RecursionError) as error:
        yield Fault(name, f"it cannot be read: {error}")
        return
    public = servers.get(receipt.key)
    if public is None:
        yield Fault(KEYS, f"the server's key {receipt.key} is missing, which signed {name}")
    elif not vouches(receipt, segment=id_, sha256=sha256, public=public):
        yield Fault(name, "it is not the server's word for these bytes")
    elif (receipt.contract, receipt.server) != (contract, reading.contents.manifest.server):
        yield Fault(name, "it is of another contract or server")


def _stone(stone: Tombstone, reading: Reading) -> Iterator[Fault]:
    """Find what speaks against a tombstone: there has to be a revision that discards just that segment."""
    name = f"tombstones/{stone.id}.json"
    body = reading.revisions.get(stone.revision)
    target = body.segment if body is not None and body.change is Change.DISCARD else None
    if target is None or target.start != stone.start:
        yield Fault(name, f"no revision {stone.revision} discards it")
    elif stone.kind == "segment":
        said = (stone.id, stone.sha256, stone.device, stone.seq)
        if (target.id, target.sha256, target.device, target.seq) != said:
            yield Fault(name, f"revision {stone.revision} discards another segment")
    if stone.id in reading.segments or stone.id in reading.revisions:
        yield Fault(name, "what it stands for is here all the same")
    if stone.receipt is not None:
        yield from _receipt(name, stone.receipt, (stone.id, stone.contract, stone.sha256), reading)


def _target(body: RevisionBody, reading: Reading) -> Iterator[Fault]:
    """Find what speaks against a revision: it has to change the segment that it names."""
    name, target = f"revisions/{body.id}.json", body.segment
    segment = reading.segments.get(target.id)
    if segment is not None:
        link = (segment.contract, segment.account, segment.device, segment.seq, segment.start)
        said = (body.contract, body.account, target.device, target.seq, target.start)
        if link != said or reading.hashes[target.id] != target.sha256:
            yield Fault(name, f"it changes another segment than the {target.id} that is here")
    elif body.change is not Change.DISCARD and not any(
        chain.contract == body.contract and chain.device == target.device and _within(target.seq, chain)
        for chain in reading.contents.manifest.chains
    ):
        yield Fault(f"segments/{target.id}.json", f"it is missing: {name} changes it")


def chained(reading: Reading) -> Iterator[Fault]:
    """Find links that do not follow the one before, and numbers that are neither here nor accounted for."""
    chains = {(one.contract, one.device): one for one in reading.contents.manifest.chains}
    known = _links(reading)
    parcels: list[Body] = [*reading.segments.values(), *reading.revisions.values()]
    for body in parcels:
        folder = "revisions" if isinstance(body, RevisionBody) else "segments"
        name, place = f"{folder}/{body.id}.json", (body.contract, body.device)
        before = known[place].get(body.seq - 1)
        if body.seq == 1 or before is not None:
            if body.prev not in (before or {None}):
                yield Fault(name, f"it does not follow number {body.seq - 1} of its chain")
        elif place not in chains or not _within(body.seq - 1, chains[place]):
            yield Fault(name, f"number {body.seq - 1} of its chain, which it follows, is missing")
    for place, chain in chains.items():
        for number in known[place]:
            if _within(number, chain):
                yield Fault(MANIFEST, f"number {number} of {chain.device} is said to be absent, but is here")


def _links(reading: Reading) -> Mapping[tuple[str, str], dict[int, set[str | None]]]:
    """Return by contract and device the hashes of all known links, by their number."""
    known: dict[tuple[str, str], dict[int, set[str | None]]] = defaultdict(lambda: defaultdict(set))
    parcels: list[Body] = [*reading.segments.values(), *reading.revisions.values()]
    for body in parcels:
        known[body.contract, body.device][body.seq].add(reading.hashes[body.id])
    for body in reading.revisions.values():
        if body.change is Change.DISCARD:  # all that is left of a segment that was never sent
            known[body.contract, body.segment.device][body.segment.seq].add(body.segment.sha256)
    for stone in reading.contents.tombstones:
        known[stone.contract, stone.device][stone.seq].add(stone.sha256)
    for chain in reading.contents.manifest.chains:
        for link in chain.elsewhere:
            known[chain.contract, chain.device][link.seq].add(link.sha256)
    return known


def _within(number: int, chain: ChainView) -> bool:
    return any(begin <= number < end for begin, end in chain.absent)
