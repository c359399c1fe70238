"""Takes parcels in: everything is checked, then kept, and only then does the receipt exist."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from tracker.evidence.receipts import issue
from tracker.evidence.signing import parse_signature
from tracker.model.contract import ContractState
from tracker.model.overlap import received
from tracker.model.protection import Reason
from tracker.model.slot import MINUTE, instant, parse_instant
from tracker.model.week import lock_of
from tracker.server import ledger
from tracker.server.access import freelancers_place
from tracker.server.diary import STORED
from tracker.server.pictures import NotAnImage
from tracker.server.problems import Refusal, forbidden, malformed, too_large
from tracker.wire import PICTURE_MAX, SEGMENT_MAX
from tracker.wire.problem import Problem
from tracker.wire.receipt import PictureReceipt, ReceiptFacts
from tracker.wire.segment import SegmentBody, decode_segment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from tracker.clock import Clock
    from tracker.evidence.keys import SigningKey
    from tracker.server.access import Place, Word
    from tracker.server.database import Database
    from tracker.server.pictures import Pictures
    from tracker.server.settings import ServerSettings

REJECTED = "rejected"
_DOUBT = 5 * MINUTE  # so far may an end lie in the future


@dataclass(frozen=True, slots=True)
class Parcel:
    """A segment as it came in: who put it where, the bytes, and the signature's header."""

    word: Word
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
        self._key_id = key.id

    def put_picture(self, word: Word, contract: str, sha256: str, data: bytes) -> bool:
        """Keep a picture durably and say whether it is new; one that is refused for good is remembered."""
        with self._database.read() as connection:
            freelancers_place(connection, word, contract)
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
        self._database.write(
            lambda connection: ledger.remember(connection, contract, {sha256: REJECTED}, now)
        )

    def put_segment(self, connection: Connection, parcel: Parcel) -> Taken:
        """Keep a segment and return the receipt for it, which is good once the transaction is on the disk."""
        place = freelancers_place(connection, parcel.word, parcel.contract)
        body = self._checked(parcel, place)
        _authentic(connection, parcel, body, place)
        row = self._row(parcel, body, place)
        links = ledger.there(connection, row)
        for known in links:
            if known.id == parcel.id:
                if known.sha256 != row["sha256"]:
                    title = "Another segment is kept under this id."
                    raise Refusal(Problem("different-bytes", title, 409, "Nothing was changed."))
                return Taken(known.receipt, new=False)
        _in_time(body, place)
        states = self._picture_states(connection, parcel, body)
        # every check is behind us: a refusal after a write would leave half of it
        row["receipt"] = self._receipt(row, states)
        ledger.one_at_a_time(connection, place.account)
        one = ledger.stretch(row)
        settled, *givers = received(one, ledger.beside(connection, place.account, one))
        ledger.keep(connection, row | ledger.overlap_columns(settled.overlap))
        ledger.settle(connection, givers)
        ledger.link(connection, row, new=not links)
        if states:
            ledger.remember(connection, parcel.contract, states, row["received_at"])
        return Taken(row["receipt"], new=True)

    def _checked(self, parcel: Parcel, place: Place) -> SegmentBody:
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
        if body.account != place.account:
            raise forbidden("wrong-account", "The segment belongs to another account.")
        if body.test and not self._settings.accept_test:
            raise forbidden("test-segment", "This server takes no time tracked in test mode.")
        return body

    def _picture_states(self, connection: Connection, parcel: Parcel, body: SegmentBody) -> dict[str, str]:
        """Return what is known of each picture; raises the problem that names those nobody sent."""
        names = dict.fromkeys(one.sha256 for one in body.pictures)
        away = [name for name in names if self._pictures.path(parcel.contract, name) is None]
        lost = ledger.lost(connection, parcel.contract, away) if away else {}
        missing = tuple(name for name in away if name not in lost)
        if missing:
            title = "Pictures of the segment are missing."
            raise Refusal(Problem("missing-pictures", title, 422, "Send them first.", missing))
        return {name: lost.get(name, STORED) for name in names}

    def _row(self, parcel: Parcel, body: SegmentBody, place: Place) -> dict[str, Any]:
        """Return what is kept of a parcel, but for what the rows beside it tell."""
        now, end = self._clock.now().wall, parse_instant(body.end)
        return {
            "contract": parcel.contract,
            "id": parcel.id,
            "account": place.account,
            "device": body.device,
            "seq": body.seq,
            "start_at": parse_instant(body.start),
            "end_at": end,
            "sha256": hashlib.sha256(parcel.data).hexdigest(),
            "body": parcel.data,
            "signature": parcel.signature,
            "flags": " ".join(self._flags(end, now, test=body.test)),
            "test": body.test,
            "received_at": now,
        }

    def _flags(self, end: int, now: int, *, test: bool) -> Iterable[Reason]:
        if end > now + _DOUBT and not test:
            yield Reason.CLOCK_IN_DOUBT
        # whoever is freelancer and client at once accepts late time by sending it
        if not self._settings.embedded and now >= lock_of(end - 1):
            yield Reason.LATE

    def _receipt(self, row: dict[str, Any], states: dict[str, str]) -> bytes:
        facts = ReceiptFacts(
            segment=row["id"],
            sha256=row["sha256"],
            received_at=instant(row["received_at"]),
            contract=row["contract"],
            pictures=tuple(PictureReceipt(name, state) for name, state in states.items()),
            server=self._settings.origin,
            key=self._key_id,
        )
        return msgspec.json.encode(issue(facts, self._key))


def _authentic(connection: Connection, parcel: Parcel, body: SegmentBody, place: Place) -> None:
    """Refuse what no registered device of the account has signed."""
    public = ledger.public_key(connection, place.account, body.device)
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


def _in_time(body: SegmentBody, place: Place) -> None:
    """Refuse time no contract was active for; what was tracked before it was paused is as good as ever."""
    if place.state is not ContractState.ACTIVE and parse_instant(body.start) >= place.since:
        raise forbidden("contract-not-active", "The contract was not active at that time.")
