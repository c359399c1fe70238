"""What this device has sealed or holds and no server has signed for, to be shown as evidence all the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tracker.evidence.signing import Signature, sign
from tracker.model.slot import instant, parse_instant
from tracker.outbox.parcel import unpack
from tracker.wire.revision import decode_revision
from tracker.wire.segment import decode_segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.outbox.database import Database
    from tracker.outbox.rows import Sealer
    from tracker.wire.account import Account
    from tracker.wire.revision import RevisionBody
    from tracker.wire.segment import SegmentBody


@dataclass(frozen=True, slots=True)
class Unsent:
    """A segment or revision the server does not hold; one that is held is not sealed, and has no bytes."""

    kind: Literal["segment", "revision"]
    id: str
    contract: str
    start: str
    end: str
    state: Literal["held", "waiting", "refused"]
    body: bytes = b""
    signature: str = ""
    seq: int = 0
    prev: str | None = None


class Evidence:
    """Answers what is not delivered of a week, and signs for what is told of it."""

    _db: Database
    _sealer: Sealer

    @property
    def device(self) -> tuple[str, bytes]:
        """The id of this device and its public key."""
        return self._sealer.key.id, self._sealer.key.public

    def vouch(self, data: bytes) -> Signature:
        """Sign as this device."""
        return sign(data, self._sealer.key)

    def unsent(self, account: Account, begin: int, end: int) -> list[Unsent]:
        """Return what an account's segments that start in a range have not delivered, in order."""
        found = [*self._segments(account, begin, end), *self._revisions(account, begin, end)]
        return sorted(found, key=lambda one: (one.start, one.seq))

    def _segments(self, account: Account, begin: int, end: int) -> Iterator[Unsent]:
        query = """
            SELECT id, contract, begins, ends, state, facts, body, signature FROM segment
            WHERE begins >= ? AND begins < ? AND state IN ('held', 'waiting', 'refused')
        """
        with self._db.reading() as connection:
            rows = connection.execute(query, (begin, end)).fetchall()
        for id_, contract, begins, ends, state, facts, body, signature in rows:
            when = instant(begins), instant(ends)
            if body is None:
                key = unpack(facts).key
                if (key.server, key.account) == (account.server, account.id):
                    yield Unsent("segment", id_, contract, *when, state)
                continue
            sealed = decode_segment(body)
            if _belongs(sealed, account):
                link = sealed.seq, sealed.prev
                yield Unsent("segment", id_, contract, *when, state, body, signature, *link)

    def _revisions(self, account: Account, begin: int, end: int) -> Iterator[Unsent]:
        query = "SELECT id, contract, state, body, signature FROM revision WHERE state <> 'delivered'"
        with self._db.reading() as connection:
            rows = connection.execute(query).fetchall()
        for id_, contract, state, body, signature in rows:
            sealed = decode_revision(body)
            start = sealed.segment.start
            if _belongs(sealed, account) and begin <= parse_instant(start) < end:
                link = sealed.seq, sealed.prev
                yield Unsent("revision", id_, contract, start, sealed.at, state, body, signature, *link)


def _belongs(body: SegmentBody | RevisionBody, account: Account) -> bool:
    return (body.server, body.account) == (account.server, account.id)
