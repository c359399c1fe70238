"""Takes revisions in, before or after their segments: what is new is kept, what is taken back destroyed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from tracker.model.overlap import discarded
from tracker.model.revision import Change, Revision
from tracker.model.slot import parse_instant
from tracker.model.week import lock_of
from tracker.server import ledger
from tracker.server.admission import Admission, Parcel, Taken, again, in_time, kept, missing_pictures
from tracker.server.diary import STORED
from tracker.server.ledger import DESTROYED, REVISION, SEGMENT
from tracker.server.problems import Refusal, forbidden, malformed
from tracker.server.shown import fallen, revisions_in, shown
from tracker.wire.problem import Problem
from tracker.wire.revision import RevisionBody, decode_revision, revision_of
from tracker.wire.segment import SegmentBody

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tracker.clock import Clock
    from tracker.evidence.keys import SigningKey
    from tracker.server.access import Place
    from tracker.server.ledger import Link
    from tracker.server.pictures import Pictures
    from tracker.server.settings import ServerSettings


@dataclass(frozen=True, slots=True)
class _Case:
    """A revision, its row, and what is here of its segment: the bytes, or the place where they were."""

    body: RevisionBody
    row: dict[str, Any]
    held: Link | None
    segment: SegmentBody | None
    earlier: tuple[Revision, ...]
    there: list[Link]

    @property
    def discarded(self) -> bool:
        """Whether the segment was discarded before."""
        return self.held is not None and self.held.body is None


class Revisions:
    """Decides which changes are taken, and signs for them."""

    def __init__(self, settings: ServerSettings, clock: Clock, pictures: Pictures, key: SigningKey) -> None:
        self._settings = settings
        self._clock = clock
        self._pictures = pictures
        self._admission = Admission(settings, key)

    def put(self, connection: Connection, parcel: Parcel) -> Taken:
        """Keep a revision and return the receipt for it, which is good once the transaction is on the disk.

        Whoever gets the receipt removes the files of the pictures it calls destroyed then, not before.
        """
        place, body = self._admission.admit(connection, parcel, decode_revision)
        row = kept(parcel, body, self._clock.now().wall)
        ledger.one_at_a_time(connection, place.account)
        there = ledger.there(connection, row, body.segment.id, parcel.id)
        known = again(REVISION, row, there)
        if known is not None:
            return known
        case = _case(body, row, there)
        self._permit(case, place)
        states = self._picture_states(connection, case)
        # every check is behind us, as with a segment
        row["receipt"] = self._admission.receipt(row, states)
        if body.change is Change.DISCARD and not case.discarded:
            _discard(connection, case)
        ledger.keep(connection, REVISION, {"segment": body.segment.id} | row)
        if case.discarded and body.change is not Change.DISCARD:
            ledger.bury(
                connection,
                _tombstone(
                    case,
                    row,
                    REVISION,
                    by=ledger.discarded_by(connection, case.row["contract"], body.segment.id),
                ),
            )
        ledger.link(connection, row, new=not ledger.linked(there, row))
        if states:
            ledger.remember(connection, parcel.contract, states, row["received_at"])
        return Taken(row["receipt"], new=True, forgets=body.change is Change.DISCARD or case.discarded)

    def _permit(self, case: _Case, place: Place) -> None:
        """Refuse what does not fit the segment that is here, and what comes too late."""
        body, held = case.body, case.held
        start = parse_instant(body.segment.start)
        if (body.device, body.seq) == (body.segment.device, body.segment.seq):
            raise malformed("The revision and its segment are the same link of a chain.")
        if body.change is Change.MEMO:
            in_time(start, place)  # to take something back is never too late for a contract
        if held is None:
            return
        target = (body.segment.sha256, body.segment.device, body.segment.seq, start)
        if target != (held.sha256, held.device, held.seq, held.start_at):
            title = "The revision is of another segment than the one that is kept."
            raise Refusal(Problem("wrong-segment", title, 422, "Its id is the same, but not its bytes."))
        if case.segment is None:
            return
        if body.shot and body.shot not in {shot.id for shot in case.segment.shots}:
            raise Refusal(Problem("wrong-shot", "The segment has no such shot.", 422))
        if not self._settings.embedded and case.row["received_at"] >= lock_of(start):
            raise forbidden("week-locked", "The week is locked.", "It locked on Monday, 12:00 UTC.")

    def _picture_states(self, connection: Connection, case: _Case) -> dict[str, str]:
        """Return what becomes of every picture that is shown anew or no more; refuses if one is missing."""
        contract, body = case.row["contract"], case.body
        new = dict.fromkeys(one.sha256 for one in body.pictures)
        before = frozenset() if case.discarded else shown(case.segment, case.earlier)
        after = frozenset() if case.discarded else shown(case.segment, (*case.earlier, revision_of(body)))
        # those it names itself, too: a segment that is not here may have sent its pictures before it
        names = new | dict.fromkeys(sorted((before | set(body.gone)) - after))
        if not names:
            return {}
        lost = ledger.lost(connection, contract, names)
        away = {name for name in names if not self._pictures.touch(contract, name)}
        missing = tuple(name for name in new if name in away & after and name not in lost)
        if missing:
            raise missing_pictures(REVISION, missing)
        gone = fallen(connection, contract, body.segment.id, frozenset(names) - after)
        kept_out = {name for name, state in lost.items() if state == DESTROYED} | gone
        became = {name: lost.get(name, STORED) if name in away else STORED for name in names}
        return became | dict.fromkeys(kept_out, DESTROYED)


def _case(body: RevisionBody, row: dict[str, Any], there: list[Link]) -> _Case:
    same = (one for one in there if (one.kind, one.id) == (SEGMENT, body.segment.id))
    held = next(same, None)
    segment = None if held is None or held.body is None else msgspec.json.decode(held.body, type=SegmentBody)
    earlier = revisions_in(there, body.segment.id, body.segment.sha256)
    return _Case(body, row, held, segment, earlier, there)


def _discard(connection: Connection, case: _Case) -> None:
    """Leave tombstones for the segment, whether it is here or not, and for the other revisions of it.

    So its link of the chain is not missed, and what others tracked at the same time counts there.
    """
    contract, account = case.row["contract"], case.row["account"]
    one = ledger.tracked(connection, account, contract, case.body.segment.id)
    target = case.body.segment
    link = {
        "contract": contract,
        "id": target.id,
        "device": target.device,
        "seq": target.seq,
        "sha256": target.sha256,
        "receipt": case.held and case.held.receipt,
    }
    if case.held is None:
        ledger.link(connection, link, new=not ledger.linked(ledger.there(connection, link, target.id), link))
    by = case.row["id"]
    ledger.bury(connection, _tombstone(case, link, SEGMENT, by=by))
    for other in case.there:
        if other.kind == REVISION and other.body is not None and other.segment == target.id:
            ledger.bury(connection, _tombstone(case, other._asdict(), REVISION, by=by))
    if one is not None:
        ledger.settle(connection, discarded(one, ledger.beside(connection, account, one)))


def _tombstone(case: _Case, link: dict[str, Any], kind: str, *, by: str) -> dict[str, Any]:
    return {name: link[name] for name in ("id", "device", "seq", "sha256", "receipt")} | {
        "contract": case.row["contract"],
        "kind": kind,
        "account": case.row["account"],
        "start_at": parse_instant(case.body.segment.start),
        "revision": by,
        "received_at": case.row["received_at"],
    }
