"""What segments and revisions have in common at the door: who sends what, in which form, and the receipt."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from tracker.evidence.receipts import issue
from tracker.evidence.signing import parse_signature
from tracker.model.contract import ContractState
from tracker.model.slot import instant
from tracker.server import ledger
from tracker.server.access import freelancers_place
from tracker.server.problems import Refusal, forbidden, malformed, too_large
from tracker.wire import SEGMENT_MAX
from tracker.wire.problem import Problem
from tracker.wire.receipt import PictureReceipt, Receipt, ReceiptFacts
from tracker.wire.revision import RevisionBody
from tracker.wire.segment import SegmentBody

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from tracker.evidence.keys import SigningKey
    from tracker.server.access import Place, Word
    from tracker.server.ledger import Link
    from tracker.server.settings import ServerSettings

Body = TypeVar("Body", SegmentBody, RevisionBody)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A segment or a revision as it came in: who put it where, the bytes, and the signature's header."""

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
    forgets: bool = False  # words that were kept before are so no more

    @property
    def destroyed(self) -> tuple[str, ...]:
        """The pictures whose bytes have to go, once what was taken is on the disk; again does no harm."""
        told = msgspec.json.decode(self.receipt, type=Receipt)
        return tuple(one.sha256 for one in told.pictures if one.state == ledger.DESTROYED)


class Admission:
    """Checks what comes in, and signs for it."""

    def __init__(self, settings: ServerSettings, key: SigningKey) -> None:
        self._settings = settings
        self._key = key
        self._key_id = key.id

    def admit(
        self, connection: Connection, parcel: Parcel, decode: Callable[[bytes], Body]
    ) -> tuple[Place, Body]:
        """Return what the parcel says, if it is what address, token and signature promise; else refuse."""
        place = freelancers_place(connection, parcel.word, parcel.contract)
        body = self._checked(parcel, place, decode)
        _authentic(connection, parcel, body, place)
        return place, body

    def _checked(self, parcel: Parcel, place: Place, decode: Callable[[bytes], Body]) -> Body:
        if len(parcel.data) > SEGMENT_MAX:
            raise too_large(SEGMENT_MAX)
        try:
            body = decode(parcel.data)
        except ValueError as error:
            raise malformed(str(error)) from error
        if (body.contract, body.id) != (parcel.contract, parcel.id):
            raise malformed(f"The body names another contract or {body.kind} than the address.")
        if body.server != self._settings.origin:
            title = f"The {body.kind} belongs to another server."
            raise Refusal(Problem("wrong-server", title, 422, f"It names {body.server}."))
        if body.account != place.account:
            raise forbidden("wrong-account", f"The {body.kind} belongs to another account.")
        if body.test and not self._settings.accept_test:
            raise forbidden("test-segment", "This server takes no time tracked in test mode.")
        return body

    def receipt(self, row: Mapping[str, Any], states: Mapping[str, str]) -> bytes:
        """Return the signed word that the row is held; it is given once the transaction is on the disk."""
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


def kept(parcel: Parcel, body: SegmentBody | RevisionBody, now: int) -> dict[str, Any]:
    """Return what is kept of any parcel, but for its receipt."""
    return {
        "contract": parcel.contract,
        "id": parcel.id,
        "account": body.account,
        "device": body.device,
        "seq": body.seq,
        "sha256": hashlib.sha256(parcel.data).hexdigest(),
        "body": parcel.data,
        "signature": parcel.signature,
        "received_at": now,
    }


def again(kind: str, row: Mapping[str, Any], there: list[Link]) -> Taken | None:
    """Return the receipt of one that came before, None if it is new; refuses other bytes under its id.

    What was discarded before it came has no receipt, and gets none any more.
    """
    for known in there:
        if (known.kind, known.id) == (kind, row["id"]):
            if known.sha256 != row["sha256"]:
                title = f"Another {kind} is kept under this id."
                raise Refusal(Problem("different-bytes", title, 409, "Nothing was changed."))
            if known.receipt is None:
                title = f"The {kind} was discarded."
                raise Refusal(Problem("discarded", title, 410, "Only its hash is kept."))
            return Taken(known.receipt, new=False)
    return None


def in_time(start: int, place: Place) -> None:
    """Refuse time no contract was active for; what was tracked before it was paused is as good as ever."""
    if place.state is not ContractState.ACTIVE and start >= place.since:
        raise forbidden("contract-not-active", "The contract was not active at that time.")


def missing_pictures(kind: str, names: tuple[str, ...]) -> Refusal:
    """Return the refusal that names the pictures which have to be sent first."""
    title = f"Pictures of the {kind} are missing."
    return Refusal(Problem("missing-pictures", title, 422, "Send them first.", names))


def _authentic(
    connection: Connection, parcel: Parcel, body: SegmentBody | RevisionBody, place: Place
) -> None:
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
