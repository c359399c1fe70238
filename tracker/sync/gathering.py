"""Brings a week's evidence together: what the server tells of it, and what this device has not delivered."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from tracker.evidence.bundle import Bound, Keys, Undelivered
from tracker.model.revision import Change
from tracker.wire.evidence import ChainView, DeviceKey, Link, ServerKey
from tracker.wire.revision import RevisionBody
from tracker.wire.segment import SegmentBody

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.outbox.unsent import Unsent
    from tracker.sync.backend import Backend
    from tracker.wire.evidence import KeptParcel, Tombstone

_Chain = tuple[str, str]  # contract and device


@dataclass
class Gathered:
    """Everything of a week but the pictures' bytes."""

    segments: dict[str, Bound] = field(default_factory=dict)
    revisions: dict[str, Bound] = field(default_factory=dict)
    tombstones: list[Tombstone] = field(default_factory=list)
    devices: dict[tuple[str, str], DeviceKey] = field(default_factory=dict)
    servers: dict[str, ServerKey] = field(default_factory=dict)
    chains: dict[_Chain, ChainView] = field(default_factory=dict)
    states: dict[tuple[str, str], str] = field(default_factory=dict)  # of pictures, by contract and hash
    undelivered: list[Undelivered] = field(default_factory=list)
    contracts: set[str] = field(default_factory=set)  # those of which there is something

    @property
    def keys(self) -> Keys:
        """The keys by which all of it is checked."""
        return Keys(
            tuple(one for _, one in sorted(self.servers.items())),
            tuple(one for _, one in sorted(self.devices.items())),
        )

    def ask(self, backend: Backend, contract: str, week: str) -> None:
        """Take in what the server tells of a contract's week."""
        cursor: str | None = ""
        while cursor is not None:
            page = backend.evidence(contract, week, cursor)
            self.segments |= _bound(page.segments)
            self.revisions |= _bound(page.revisions)
            self.tombstones += page.tombstones
            self.devices |= {(one.account, one.id): one for one in page.devices}
            self.servers |= {one.id: one for one in page.keys}
            self.chains |= {(one.contract, one.device): one for one in page.chains}
            self.states |= {(contract, one.sha256): one.state for one in page.pictures}
            if page.segments or page.revisions or page.tombstones:
                self.contracts.add(contract)
            cursor = page.next

    def add(self, unsent: Iterable[Unsent], device: str) -> None:
        """Take in what this device has not delivered, unless the server told of it meanwhile."""
        fresh = [one for one in unsent if one.id not in self.segments and one.id not in self.revisions]
        for one in fresh:
            told = (one.kind, one.id, one.contract, one.start, one.end, one.state)
            self.undelivered.append(Undelivered(*told))
            self.contracts.add(one.contract)
            if one.body:
                bound = Bound(one.id, one.body, one.signature, None)
                (self.segments if one.kind == "segment" else self.revisions)[one.id] = bound
        known = self._numbers()
        for place, chain in self.chains.items():
            absent = tuple(part for one in chain.absent for part in _without(one, known[place]))
            self.chains[place] = msgspec.structs.replace(chain, absent=absent)
        for one in fresh:
            if one.body:
                self._follow(one, device, known)

    def know(self, account: str, device: str, public: bytes) -> None:
        """Take in the key of the device that writes the bundle, which may have signed nothing in it."""
        self.devices[account, device] = DeviceKey(account, device, public)

    def _follow(self, one: Unsent, device: str, known: dict[_Chain, set[int]]) -> None:
        """See that the link before an undelivered one is accounted for: what it follows, it has signed."""
        place, before = (one.contract, device), one.seq - 1
        chain = self.chains.get(place) or ChainView(*place, 0, (), ())
        absent = any(begin <= before < end for begin, end in chain.absent)
        if one.prev is not None and before not in known[place] and not absent:
            known[place].add(before)
            chain = msgspec.structs.replace(chain, elsewhere=(*chain.elsewhere, Link(before, one.prev)))
        self.chains[place] = msgspec.structs.replace(chain, top=max(chain.top, one.seq))

    def _numbers(self) -> dict[_Chain, set[int]]:
        """Return by chain the numbers of the links that are here."""
        known: dict[_Chain, set[int]] = defaultdict(set)
        for one in self.segments.values():
            body = msgspec.json.decode(one.body, type=SegmentBody)
            known[body.contract, body.device].add(body.seq)
        for one in self.revisions.values():
            change = msgspec.json.decode(one.body, type=RevisionBody)
            known[change.contract, change.device].add(change.seq)
            if change.change is Change.DISCARD:
                known[change.contract, change.segment.device].add(change.segment.seq)
        for stone in self.tombstones:
            known[stone.contract, stone.device].add(stone.seq)
        for place, chain in self.chains.items():
            known[place].update(link.seq for link in chain.elsewhere)
        return known


def _bound(kept: Iterable[KeptParcel]) -> dict[str, Bound]:
    return {one.id: Bound(one.id, one.body, one.signature, one.receipt) for one in kept}


def _without(absent: tuple[int, int], numbers: set[int]) -> list[tuple[int, int]]:
    """Return what is left of a range without some numbers."""
    begin, end = absent
    inside = sorted(number for number in numbers if begin <= number < end)
    edges = zip([begin, *(number + 1 for number in inside)], [*inside, end], strict=True)
    return [(one, other) for one, other in edges if one < other]
