"""Whether the sealed segments and revisions that are here follow each other, and the heads are their last."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.evidence.archive import Fault
from tracker.evidence.chain import missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection

Numbers = dict[int, set[str]]  # the hashes that are known by their number


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a chain; of one whose bytes are gone (it has no name) the predecessor is not known."""

    name: str
    contract: str
    device: str
    seq: int
    prev: str | None
    sha256: str


def chained(connection: Connection, links: list[Link], device: str) -> Iterator[Fault]:
    """Find what is out of its chain; of another device's there may be any part here."""
    known: dict[tuple[str, str], Numbers] = defaultdict(lambda: defaultdict(set))
    for link in links:
        known[link.device, link.contract][link.seq].add(link.sha256)
    for link in filter(lambda one: one.name, links):
        before = known[link.device, link.contract].get(link.seq - 1)
        if (link.seq == 1 and link.prev is not None) or (before and link.prev not in before):
            yield Fault(link.name, f"it does not follow number {link.seq - 1} of its chain")
    query = "SELECT device, contract, seq, sha256 FROM chain"
    heads = {(of, contract): head for of, contract, *head in connection.execute(query).fetchall()}
    for of, head in heads.items():
        yield from _whole(of, known.pop(of, {}), (int(head[0]), str(head[1])))
    for of_device, contract in known:
        if of_device == device:
            yield Fault(_name(of_device, contract), "its last link is not noted")


def _whole(of: tuple[str, str], numbers: Numbers, head: tuple[int, str]) -> Iterator[Fault]:
    name, (seq, sha256) = _name(*of), head
    if not numbers:
        yield Fault(name, "nothing that is here belongs to it")
        return
    last = max(numbers)
    if seq < last or sha256 not in numbers.get(seq, {sha256}):
        yield Fault(name, f"its last link is not the one that is noted, number {seq}")
    gone = [*missing(set(numbers)), *range(last + 1, min(seq, last + 1000) + 1)]
    for number in gone:
        yield Fault(name, f"number {number} is missing")
    for number, hashes in numbers.items():
        if len(hashes) > 1:
            yield Fault(name, f"there are {len(hashes)} different links with number {number}")


def _name(device: str, contract: str) -> str:
    return f"chain of device {device} for contract {contract}"
