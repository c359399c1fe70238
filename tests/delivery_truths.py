"""What has to be true of trackers and their server: on the way, and when everything has arrived."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
from delivery_site import Site
from delivery_tracker import Tracker, Work
from sqlalchemy import select

from tracker.evidence.receipts import holds
from tracker.model.segment import Segment, ShotState
from tracker.model.slot import MINUTE
from tracker.server.tables import chain, picture, revision, segment, tombstone
from tracker.wire.receipt import Receipt

ALWAYS = 2**53


class Link(NamedTuple):
    """A sealed thing as the server keeps it; of what was discarded only its hash."""

    contract: str
    device: str
    seq: int
    id: str
    sha256: str
    receipt: bytes | None
    body: bytes | None
    signature: str


class _Prev(msgspec.Struct):
    prev: str | None


def links(site: Site) -> dict[str, Link]:
    """Return everything sealed that the server holds, by its id."""
    names = ("contract", "device", "seq", "id", "sha256", "receipt")
    found: list[Link] = []
    with site.parts.database.read() as connection:
        for table in (segment, revision):
            columns = [table.c[name] for name in (*names, "body", "signature")]
            found += [Link(*row) for row in connection.execute(select(*columns))]
        columns = [tombstone.c[name] for name in names]
        found += [Link(*row, None, "") for row in connection.execute(select(*columns))]
    by_id = {one.id: one for one in found}
    assert len(by_id) == len(found), "doubled"
    return by_id


def nothing_is_gone(trackers: Sequence[Tracker], site: Site) -> None:
    """Whatever is still under way: what was put is somewhere, and a receipt is the truth."""
    there = links(site)
    for tracker in trackers:
        states = tracker.states()
        for one in tracker.works.values():
            state = states.get(one.id)
            assert one.discarded or state is not None, f"lost: {one}"
            assert not one.silent or one.discarded or state == "held", f"nobody has decided: {one}"
            assert state != "held" or one.id not in there, f"held, and sent: {one}"
        for id_, (body, signature, receipt) in tracker.sealed().items():
            held = there.get(id_)
            if receipt is not None:
                told = msgspec.json.decode(receipt, type=Receipt)
                assert holds(told, segment=id_, body=body, public=site.parts.key.public)
                assert held is not None, f"a receipt for what the server does not hold: {id_}"
            if held is not None:
                assert held.sha256 == hashlib.sha256(body).hexdigest(), f"other bytes: {id_}"
                assert held.body is None or (held.body, held.signature) == (body, signature)
    chains_fit(there.values())


def chains_fit(there: Iterable[Link], *, whole: bool = False) -> None:
    """No number is given twice, and what is there follows upon what is there before it."""
    by_chain: dict[tuple[str, str], dict[int, Link]] = defaultdict(dict)
    for one in there:
        numbers = by_chain[one.contract, one.device]
        assert one.seq not in numbers, f"two links with a number: {one} {numbers[one.seq]}"
        numbers[one.seq] = one
    for numbers in by_chain.values():
        for seq, one in numbers.items():
            if one.body is None:
                continue
            assert hashlib.sha256(one.body).hexdigest() == one.sha256
            prev = msgspec.json.decode(one.body, type=_Prev).prev
            assert (prev is None) == (seq == 1)
            assert seq - 1 not in numbers or prev == numbers[seq - 1].sha256, f"it does not follow: {one}"
        assert not whole or set(numbers) == set(range(1, len(numbers) + 1)), "a link of a chain is missing"


def may_be_sent(sender: Tracker | None, kind: str, name: str) -> None:
    """Nothing held is ever sent, and nothing that was taken back before."""
    if sender is None or kind not in {"segments", "pictures"}:
        return
    works = sender.works
    if kind == "segments" and name in works:
        assert not works[name].discarded, "sent after it was discarded"
        assert sender.states()[name] == "waiting"
    if kind == "pictures" and any(name in one.taken_back for one in works.values()):
        assert any(name in one.shots.values() for one in works.values()), "sent after it was taken back"


def everything_arrives(trackers: Sequence[Tracker], site: Site) -> None:
    """Where the network is well, everything that can be delivered arrives in not many steps more."""
    for tracker in trackers:
        tracker.end_silence()
        tracker.retry_refused()
    for tracker in trackers:
        site.restart()  # whoever has no token gets the new secret
        counts = tracker.outbox.counts()
        for _ in range(20 + 5 * (counts.held + counts.waiting)):
            tracker.clock.advance(20 * MINUTE)
            tracker.step(1, asked=False)
            counts = tracker.outbox.counts()
            if not counts.waiting and not counts.held:
                break
        # but for a segment that was carried here by hand, and taken back where it was tracked
        gone = {one.id for other in trackers for one in other.works.values() if one.discarded}
        left = [one for one in tracker.outbox.entries() if one.id not in gone]
        assert left == [], f"it does not arrive: {tracker.connection.state} {tracker.connection.why} {left}"


def everything_has_arrived(trackers: Sequence[Tracker], site: Site, account: str) -> int:
    """Every segment is at the server once, as its freelancer means it to be; return how many there are."""
    works = [one for tracker in trackers for one in tracker.works.values()]
    standing = {one.id: one for one in works if not one.discarded}
    there, store = links(site), site.parts.store
    for tracker in trackers:
        for id_, (_, _, receipt) in tracker.sealed().items():
            assert receipt is not None or standing.get(id_) is None, "no receipt"
            assert id_ in there
    found = store.segments(account, 0, ALWAYS)
    assert len(found) == len({one.segment.id for one in found}), "doubled"
    assert {one.segment.id for one in found} == set(standing), "lost, or back from the dead"
    for stored in found:
        _is_as_meant(standing[stored.segment.id], stored.segment)
    chains_fit(there.values(), whole=True)
    with site.parts.database.read() as connection:
        for row in connection.execute(select(chain)):
            assert row.top == row.held, "a link of a chain is missing"
    worked = store.tracked(account, 0, ALWAYS).values()
    assert sum(one.ms for one in worked) == sum(one.end - one.start for one in standing.values())
    counted = sum(one.ms - one.overlap_ms for one in worked)
    assert counted == _covered(standing.values()), "a moment counts twice, or not at all"
    return len(found)


def _is_as_meant(one: Work, held: Segment) -> None:
    assert (held.memo, held.start, held.end) == (one.memo, one.start, one.end)
    for shot in held.shots:
        there = {picture.sha256 for picture in shot.pictures}
        assert there == ({one.shots[shot.id]} if shot.id in one.shots else set())
        assert (shot.state is ShotState.WITHHELD) == (shot.id not in one.shots)


def _covered(works: Iterable[Work]) -> int:
    """Return how much time any of them covers."""
    covered, upto = 0, 0
    for begin, end in sorted((one.start, one.end) for one in works):
        covered += max(0, end - max(begin, upto))
        upto = max(upto, end)
    return covered


def pictures_are_right(works: Sequence[Work], site: Site, may_be_gone: set[tuple[str, str]]) -> None:
    """What stands is there byte for byte; what was taken back is gone."""
    with site.parts.database.read() as connection:
        noted = {(row.contract, row.sha256): row.state for row in connection.execute(select(picture))}
    standing = {(one.contract, sha256) for one in works for sha256 in one.shots.values()}
    for contract, sha256 in standing:
        path = site.parts.pictures.path(contract, sha256)
        if path is None:
            assert (contract, sha256) in may_be_gone, "a picture is gone"
            assert noted[contract, sha256] == "destroyed"
        else:
            assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    for one in works:
        for sha256 in one.taken_back:
            if (one.contract, sha256) not in standing:
                path = site.parts.pictures.path(one.contract, sha256)
                assert path is None, f"taken back, and still there: {one}"
