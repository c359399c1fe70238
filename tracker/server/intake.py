"""Takes parcels in: everything is checked, then kept, and only then does the receipt exist."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import and_, case, insert, or_, select
from sqlalchemy.exc import IntegrityError

from tracker.evidence.receipts import issue
from tracker.evidence.signing import parse_signature
from tracker.model.contract import ContractState
from tracker.model.protection import Reason
from tracker.model.slot import HOUR, MINUTE, SLOT, instant, parse_instant
from tracker.model.week import WEEK, week_of
from tracker.server.contracts import membership
from tracker.server.database import insert_for
from tracker.server.diary import STORED
from tracker.server.pictures import NotAnImage
from tracker.server.problems import Refusal, forbidden, malformed, too_large
from tracker.server.store import public_key_of
from tracker.server.tables import chain, picture, segment
from tracker.wire import PICTURE_MAX, SEGMENT_MAX
from tracker.wire.problem import Problem
from tracker.wire.receipt import PictureReceipt, ReceiptFacts
from tracker.wire.segment import SegmentBody, decode_segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from tracker.clock import Clock
    from tracker.evidence.keys import SigningKey
    from tracker.server.database import Database
    from tracker.server.pictures import Pictures
    from tracker.server.settings import ServerSettings

REJECTED = "rejected"
_DOUBT = 5 * MINUTE  # so far may an end lie in the future
_LOCK = WEEK + 12 * HOUR  # from the start of the week


@dataclass(frozen=True, slots=True)
class Parcel:
    """A segment as it came in: who put it where, the bytes, and the signature's header."""

    account: str
    contract: str
    id: str
    data: bytes
    signature: str


@dataclass(frozen=True, slots=True)
class Taken:
    """The receipt's bytes, the same for the same parcel for ever; `new` if it was not here before."""

    receipt: bytes
    new: bool


class Intake:
    """Decides what is kept, and signs for it."""

    def __init__(
        self, settings: ServerSettings, clock: Clock, database: Database, pictures: Pictures, key: SigningKey
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._database = database
        self._pictures = pictures
        self._key = key

    def put_picture(self, contract: str, sha256: str, data: bytes) -> bool:
        """Keep a picture durably and say whether it is new; one that is refused for good is remembered."""
        if len(data) > PICTURE_MAX:
            self._reject(contract, sha256)
            raise too_large(PICTURE_MAX)
        if hashlib.sha256(data).hexdigest() != sha256:
            title = "These bytes have another hash than the address says."
            raise Refusal(Problem("wrong-hash", title, 422, "Send the picture again."))
        try:
            return self._pictures.store(contract, sha256, data)
        except NotAnImage as error:
            self._reject(contract, sha256)
            title = "The picture is no WebP image."
            raise Refusal(Problem("not-an-image", title, 422, f"It was not kept: {error}.")) from error

    def _reject(self, contract: str, sha256: str) -> None:
        """Remember that a picture cannot be had, so that it does not cost the time it belongs to."""
        now = self._clock.now().wall
        self._database.write(lambda connection: _remember(connection, contract, {sha256: REJECTED}, now))

    def put_segment(self, parcel: Parcel) -> Taken:
        """Keep a segment durably and return the receipt for it."""
        body = self._checked(parcel)
        self._authentic(parcel, body)
        states = self._picture_states(parcel, body)
        now = self._clock.now().wall
        sha256 = hashlib.sha256(parcel.data).hexdigest()
        facts = ReceiptFacts(
            segment=parcel.id,
            sha256=sha256,
            received_at=instant(now),
            contract=parcel.contract,
            pictures=tuple(PictureReceipt(one, state) for one, state in states.items()),
            server=self._settings.origin,
            key=self._key.id,
        )
        row: dict[str, Any] = {
            "contract": parcel.contract,
            "id": parcel.id,
            "account": parcel.account,
            "device": body.device,
            "seq": body.seq,
            "start_at": parse_instant(body.start),
            "end_at": parse_instant(body.end),
            "sha256": sha256,
            "body": parcel.data,
            "signature": parcel.signature,
            "receipt": msgspec.json.encode(issue(facts, self._key)),
            "test": body.test,
            "received_at": now,
        }
        row["flags"] = " ".join(self._flags(row))
        try:
            return self._database.write(lambda connection: _keep(connection, row, states))
        except IntegrityError:  # another process kept it a moment before: look again
            return self._database.write(lambda connection: _keep(connection, row, states))

    def _checked(self, parcel: Parcel) -> SegmentBody:
        """Return the body if it is what the address and the token say."""
        if len(parcel.data) > SEGMENT_MAX:
            raise too_large(SEGMENT_MAX)
        try:
            body = decode_segment(parcel.data)
        except ValueError as error:
            raise malformed(str(error)) from error
        if (body.contract, body.id) != (parcel.contract, parcel.id):
            raise malformed("The body names another contract or segment than the address.")
        if body.server != self._settings.origin:
            title = "The segment belongs to another server."
            raise Refusal(Problem("wrong-server", title, 422, f"It names {body.server}."))
        if body.account != parcel.account:
            raise forbidden("wrong-account", "The segment belongs to another account.")
        if body.test and not self._settings.accept_test:
            raise forbidden("test-segment", "This server takes no time tracked in test mode.")
        return body

    def _authentic(self, parcel: Parcel, body: SegmentBody) -> None:
        """Refuse what no registered device of the account has signed, and time no contract was active for."""
        with self._database.read() as connection:
            public = public_key_of(connection, parcel.account, body.device)
            place = membership(connection, parcel.account, parcel.contract)
        if public is None:
            raise forbidden(
                "unknown-device", "The device is not registered.", "Register its key, then send it again."
            )
        try:
            signature = parse_signature(parcel.signature)
            genuine = signature.device == body.device and signature.of(public, parcel.data)
            detail = "The bytes are not what the device has signed."
        except ValueError as error:
            genuine, detail = False, str(error)
        if not genuine:
            raise Refusal(Problem("bad-signature", "The signature does not fit.", 422, detail))
        # what was tracked before the contract was paused or ended is as good as ever
        active = place is not None and place.state is ContractState.ACTIVE
        if place is None or (not active and parse_instant(body.start) >= place.since):
            raise forbidden("contract-not-active", "The contract was not active at that time.")

    def _picture_states(self, parcel: Parcel, body: SegmentBody) -> dict[str, str]:
        """Return what is known of each picture; raises the problem that names those nobody sent."""
        names = dict.fromkeys(one.sha256 for one in body.pictures)
        away = [name for name in names if self._pictures.path(parcel.contract, name) is None]
        known: dict[str, str] = {}
        if away:
            wanted = select(picture.c.sha256, picture.c.state).where(
                picture.c.contract == parcel.contract, picture.c.sha256.in_(away)
            )
            with self._database.read() as connection:
                known = {row.sha256: row.state for row in connection.execute(wanted) if row.state != STORED}
        missing = tuple(name for name in away if name not in known)
        if missing:
            title = "Pictures of the segment are missing."
            raise Refusal(Problem("missing-pictures", title, 422, "Send them first.", missing))
        return {name: known.get(name, STORED) for name in names}

    def _flags(self, row: dict[str, Any]) -> Iterable[Reason]:
        end, received = row["end_at"], row["received_at"]
        if end > received + _DOUBT and not (row["test"] and self._settings.accept_test):
            yield Reason.CLOCK_IN_DOUBT
        # whoever is freelancer and client at once accepts late time by sending it
        if not self._settings.embedded and received >= week_of(end - 1) + _LOCK:
            yield Reason.LATE


def overlap_ms(begin: int, end: int, others: Sequence[tuple[int, int]]) -> int:
    """Return how much of a range the others cover together, a millisecond that several cover once."""
    covered, edge = 0, begin
    for start, stop in sorted(others):
        low, high = max(start, edge), min(stop, end)
        if low < high:
            covered += high - low
            edge = high
    return covered


def _keep(connection: Connection, row: dict[str, Any], states: dict[str, str]) -> Taken:
    """Write the segment with all that belongs to it, unless it is here."""
    same_link = and_(segment.c.device == row["device"], segment.c.seq == row["seq"])
    rows = connection.execute(
        select(segment.c.id, segment.c.sha256, segment.c.receipt).where(
            segment.c.contract == row["contract"], or_(segment.c.id == row["id"], same_link)
        )
    ).all()
    for there in rows:
        if there.id == row["id"]:
            if there.sha256 == row["sha256"]:
                return Taken(there.receipt, new=False)
            title = "Another segment is kept under this id."
            raise Refusal(Problem("different-bytes", title, 409, "Nothing was changed."))
    connection.execute(insert(segment), {**row, "overlap_ms": _overlap(connection, row)})
    _link(connection, row, new=not rows)
    if states:
        _remember(connection, row["contract"], states, row["received_at"])
    return Taken(row["receipt"], new=True)


def _overlap(connection: Connection, row: dict[str, Any]) -> int:
    """Return how much of the segment other devices of the account have tracked, as far as is known."""
    begin, end = row["start_at"], row["end_at"]
    others = connection.execute(
        select(segment.c.start_at, segment.c.end_at).where(
            segment.c.account == row["account"],
            segment.c.start_at.between(begin - SLOT, end),
            segment.c.end_at > begin,
            segment.c.device != row["device"],
            segment.c.flags.not_like(f"%{Reason.CLOCK_IN_DOUBT}%"),
        )
    )
    return overlap_ms(begin, end, [(other.start_at, other.end_at) for other in others])


def _link(connection: Connection, row: dict[str, Any], *, new: bool) -> None:
    """Note how far the chain of the device and contract reaches now, and how many of its links are here."""
    link = insert_for(connection, chain).values(
        contract=row["contract"], device=row["device"], top=row["seq"], held=int(new)
    )
    top = case((link.excluded.top > chain.c.top, link.excluded.top), else_=chain.c.top)
    connection.execute(
        link.on_conflict_do_update(
            index_elements=["contract", "device"],
            set_={"top": top, "held": chain.c.held + link.excluded.held},
        )
    )


def _remember(connection: Connection, contract: str, states: dict[str, str], at: int) -> None:
    """Note what became of pictures; what was noted before stays."""
    rows = [
        {"contract": contract, "sha256": name, "state": state, "at": at} for name, state in states.items()
    ]
    connection.execute(insert_for(connection, picture).on_conflict_do_nothing(), rows)
