"""Writes down what a freelancer does in the browser as a device of theirs would: signed, chained, receipted.

A browser holds no key. So the server signs for it, by its own key and under a device of that name, and who
reads the evidence sees that it did.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from secrets import token_hex
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import insert, select, union_all
from uuid_utils import uuid7

from tracker import __version__
from tracker.evidence.signing import sign
from tracker.model.revision import Change, Revision
from tracker.model.segment import MEMO_MAX, Key, by_hand
from tracker.model.slot import DAY, instant
from tracker.server import ledger
from tracker.server.access import freelancers_place
from tracker.server.admission import Parcel, Taken
from tracker.server.problems import malformed, not_found
from tracker.server.shown import revisions_in, shown
from tracker.server.tables import chain, device, revision, segment, tombstone
from tracker.wire.revision import Target, encode_revision
from tracker.wire.segment import Seal, SegmentBody, encode_segment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from tracker.clock import Clock
    from tracker.evidence.keys import SigningKey
    from tracker.server.access import Word
    from tracker.server.intake import Intake
    from tracker.server.revisions import Revisions
    from tracker.server.settings import ServerSettings

DEVICE = "Work Diary"  # as which it signs
_APP = f"hourproof diary {__version__}"


@dataclass(frozen=True, slots=True)
class Pen:
    """Every method is for a savepoint: what is refused may have begun to write.

    The receipts are good once the transaction is on the disk.
    """

    settings: ServerSettings
    clock: Clock
    key: SigningKey
    intake: Intake
    revisions: Revisions

    def memo(
        self, connection: Connection, word: Word, contract: str, ids: Iterable[str], memo: str
    ) -> list[Taken]:
        """Give segments another memo."""
        said = _line(memo)
        return [
            self._revise(connection, word, contract, Revision("", id_, 0, Change.MEMO, memo=said))
            for id_ in ids
        ]

    def withhold(self, connection: Connection, word: Word, contract: str, id_: str, shot: str) -> list[Taken]:
        """Take a shot back: its pictures go, its time stays."""
        return [self._revise(connection, word, contract, Revision("", id_, 0, Change.WITHHOLD, shot=shot))]

    def discard(self, connection: Connection, word: Word, contract: str, ids: Iterable[str]) -> list[Taken]:
        """Take segments back, with their time and their shots."""
        return [self._revise(connection, word, contract, Revision("", id_, 0, Change.DISCARD)) for id_ in ids]

    def enter(
        self, connection: Connection, word: Word, contract: str, begin: int, end: int, memo: str
    ) -> list[Taken]:
        """Enter time by hand: a range that has passed, as a segment for each slot."""
        account, said = self._device(connection, word, contract), _line(memo)
        if not begin < end <= self.clock.now().wall or end - begin > DAY:
            raise malformed("Time is entered once it has passed, a day at most, and ends after it begins.")
        if not said:
            raise malformed("It is not said what that time was.")
        made = by_hand(Key(self.settings.origin, account, contract), begin, end, said, lambda: str(uuid7()))
        return [
            self.intake.put_segment(
                connection,
                self._parcel(
                    word, one.key.contract, one.id, encode_segment(one, self._seal(connection, contract))
                ),
            )
            for one in made
        ]

    def _revise(self, connection: Connection, word: Word, contract: str, change: Revision) -> Taken:
        account = self._device(connection, word, contract)
        asked = {"contract": contract, "device": self.key.id, "seq": 0}
        there = ledger.there(connection, asked, change.segment)
        held = next((one for one in there if (one.kind, one.id) == (ledger.SEGMENT, change.segment)), None)
        if held is None or held.body is None:
            raise not_found("No such segment")
        body = msgspec.json.decode(held.body, type=SegmentBody)
        earlier = revisions_in(there, held.id, held.sha256)
        at = max([self.clock.now().wall, *(one.at + 1 for one in earlier)])
        made = replace(change, id=str(uuid7()), at=at)
        gone = shown(body, earlier) - shown(body, (*earlier, made))
        target = Target(held.id, held.sha256, held.device, held.seq, instant(held.start_at))
        data = encode_revision(
            replace(made, gone=tuple(sorted(gone))),
            Key(self.settings.origin, account, contract),
            target,
            self._seal(connection, contract, test=body.test),
        )
        return self.revisions.put(connection, self._parcel(word, contract, made.id, data))

    def _parcel(self, word: Word, contract: str, id_: str, data: bytes) -> Parcel:
        return Parcel(word, contract, id_, data, sign(data, self.key).header)

    def _device(self, connection: Connection, word: Word, contract: str) -> str:
        """Return the freelancer's account, which knows the server's key as a device from now on."""
        account = freelancers_place(connection, word, contract).account
        ledger.one_at_a_time(connection, account)
        if ledger.public_key(connection, account, self.key.id) is None:
            row = {
                "account": account,
                "id": self.key.id,
                "public_key": self.key.public,
                "name": DEVICE,
                "registered_at": self.clock.now().wall,
            }
            connection.execute(insert(device), row)
        return account

    def _seal(self, connection: Connection, contract: str, *, test: bool = False) -> Seal:
        """Return the next place in the chain of what was signed here for a contract."""
        own = (chain.c.contract == contract, chain.c.device == self.key.id)
        top = connection.execute(select(chain.c.top).where(*own)).scalar() or 0
        links = (
            select(one.c.sha256).where(
                one.c.contract == contract, one.c.device == self.key.id, one.c.seq == top
            )
            for one in (segment, revision, tombstone)
        )
        before = connection.execute(union_all(*links)).scalars().first() if top else None
        return Seal(self.key.id, top + 1, before, _APP, token_hex(16), test)


def _line(text: str) -> str:
    """Return a memo as one line; refuses one that is too long."""
    said = " ".join(text.split())
    if len(said) > MEMO_MAX:
        raise malformed(f"The memo has {len(said)} characters; {MEMO_MAX} are the most.")
    return said
