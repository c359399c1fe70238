"""The server as typed calls: its own answers, or an error of ours; whatever else answers is Offline."""

from __future__ import annotations

import base64
import binascii
import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from tracker.errors import NotDone, Offline, Refused, SignInNeeded
from tracker.evidence.receipts import holds
from tracker.evidence.signing import HEADER
from tracker.status import CONFLICT
from tracker.wire import API, PICTURE_TYPE, picture_path, revision_path, segment_path
from tracker.wire.account import Account
from tracker.wire.diary import ContractView, DayView, WeekView, contract_of
from tracker.wire.evidence import WeekEvidence
from tracker.wire.problem import Problem
from tracker.wire.receipt import Receipt, ServerInfo
from tracker.wire.request import (
    Claim,
    Claimed,
    ContractMade,
    DeviceView,
    LinkMade,
    NewContract,
    NewDevice,
    NewLink,
)

if TYPE_CHECKING:
    from tracker.model.contract import Contract
    from tracker.outbox.outbox import Parcel
    from tracker.sync.transport import Answer

T = TypeVar("T")

_JSON = {"Content-Type": "application/json"}
_TOLD_MAX = 300  # characters of what a server says that are shown
_WAIT = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
# what a server has against a picture, which is nothing against the time it belongs to
_UNFIT = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}
# what a person can do about a refusal that need not be for ever
_PARKED: dict[int, str] = {
    HTTPStatus.LOCKED: "Try again when that has changed.",
    HTTPStatus.UPGRADE_REQUIRED: "Install the newest Hourproof, then try again.",
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: "Try again when that has changed.",
}
_PROXY = "Ask whoever runs the network, or name the proxy in https_proxy. What waits is kept here."


class RetryLater(NotDone):
    """The server cannot do it now."""

    advice = "Nothing is lost: it is tried again by itself."

    def __init__(self, title: str, *, after_s: float = 0.0, everything: bool = False) -> None:
        super().__init__(title)
        self.after_s = after_s  # at least
        self.everything = everything  # it is not this request's fault: all are to wait


class Conflict(Refused):
    """The server holds other bytes than were signed here: a fault, or somebody has changed something."""

    advice = "Nothing is overwritten. Keep yours with 'hourproof outbox export', and ask who runs the server."


class MissingPictures(RetryLater):
    """The server does not hold pictures that a segment names."""

    def __init__(self, hashes: tuple[str, ...]) -> None:
        super().__init__("The server misses pictures of the segment.")
        self.hashes = frozenset(hashes)


class Backend:
    """One server, by its address; `key` is the public key (base64) its receipts have to be signed with."""

    def __init__(self, url: str, token: str = "", *, key: str = "", ca: str = "") -> None:
        from tracker.sync.transport import Transport  # noqa: PLC0415  # HTTP weighs 18 MB: not before it is used

        self.url = url
        self._transport = Transport(url, token, ca=ca)
        self.key = key

    def close(self) -> None:
        """Let the connections go."""
        self._transport.close()

    def info(self) -> ServerInfo:
        """Return who the server says it is; the token is not shown for that."""
        return _decode(_judged(self._transport.send("GET", f"{API}/server", anonymous=True)), ServerInfo)

    def claim(self, secret: str) -> Claimed:
        """Exchange the one-time secret of an embedded server for a token."""
        body = msgspec.json.encode(Claim(secret))
        path = f"{API}/embedded/token"
        answer = self._transport.send("POST", path, body=body, headers=_JSON, anonymous=True)
        return _decode(_judged(answer), Claimed)

    def me(self) -> Account:
        """Return whose token this is."""
        return self._get("/me", Account)

    def register_device(self, public: bytes, name: str) -> None:
        """Tell the server by which key this device signs; to say it again changes nothing."""
        _decode(self._post("/devices", NewDevice(base64.b64encode(public).decode(), name)), DeviceView)

    def contracts(self) -> list[Contract]:
        """Return every contract of the account."""
        return [contract_of(view) for view in self._get("/contracts", list[ContractView])]

    def add_contract(self, new: NewContract) -> Contract:
        """Make a contract, where the server permits it."""
        return contract_of(_decode(self._post("/contracts", new), ContractMade).contract)

    def day(self, date: str, tz: str, contract: str | None = None) -> DayView:
        """Return a day of the diary, of all contracts or one."""
        asked = {"date": date, "tz": tz} | ({"contract": contract} if contract else {})
        return self._get("/diary", DayView, asked)

    def week(self, contract: str, week: str) -> WeekView:
        """Return what a contract's week holds, by all devices and by hand, and its limit."""
        return self._get(f"/contracts/{contract}/weeks/{week}", WeekView)

    def evidence(self, contract: str, week: str, cursor: str = "") -> WeekEvidence:
        """Return a page of everything signed of a contract's week."""
        asked = {"cursor": cursor} if cursor else None
        return self._get(f"/contracts/{contract}/weeks/{week}/evidence", WeekEvidence, asked)

    def picture(self, contract: str, sha256: str) -> bytes | None:
        """Return a picture; None where the server has it no more, or not as it was."""
        answer = self._transport.send("GET", f"/contracts/{contract}/pictures/{sha256}")
        if answer.status == HTTPStatus.NOT_FOUND:
            _decode(answer.body, Problem)
            return None
        data = _judged(answer)
        if hashlib.sha256(data).hexdigest() == sha256:
            return data
        if not data.startswith(b"RIFF"):  # no picture at all, but the page of a network
            _decode(data, Problem)
        return None

    def link(self, path: str) -> str:
        """Return an address that opens one of the server's pages in a browser, once."""
        return _decode(self._post("/links", NewLink(path)), LinkMade).url

    def put_picture(self, contract: str, sha256: str, data: bytes) -> bool:
        """Hand a picture over; say whether the server has no objection to it."""
        path = picture_path(contract, sha256)
        answer = self._transport.send("PUT", path, body=data, headers={"Content-Type": PICTURE_TYPE})
        if answer.status in _UNFIT:
            _decode(answer.body, Problem)
            return False
        _judged(answer)
        return True

    def put(self, parcel: Parcel) -> Receipt:
        """Hand the signed bytes over; only a receipt that holds comes back."""
        path = (revision_path if parcel.kind == "revision" else segment_path)(parcel.key.contract, parcel.id)
        headers = _JSON | {HEADER: parcel.signature}
        answer = self._transport.send("PUT", path, body=parcel.body, headers=headers)
        receipt = _receipt(answer)
        if not holds(receipt, segment=parcel.id, body=parcel.body, public=public_key(self.key)):
            raise Offline("What answers has not signed for the segment.")
        return receipt

    def _get(self, path: str, type_: type[T], params: dict[str, str] | None = None) -> T:
        return _decode(_judged(self._transport.send("GET", API + path, params=params)), type_)

    def _post(self, path: str, body: Any) -> bytes:
        answer = self._transport.send("POST", API + path, body=msgspec.json.encode(body), headers=_JSON)
        return _judged(answer)


def public_key(text: str) -> bytes:
    """Return the 32 bytes of a server's key; raises Offline where they are none."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Offline("What answers has no key to sign with.") from error


def _judged(answer: Answer) -> bytes:
    """Return the body of a success; raise what a failure means to the tracker."""
    status = answer.status
    if status in {HTTPStatus.OK, HTTPStatus.CREATED}:
        return answer.body
    if status == HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED:  # only what stands in between says so
        raise _portal()
    if status in _WAIT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise RetryLater(
            f"The server cannot do it now ({status}).",
            after_s=answer.retry_after,
            everything=status == HTTPStatus.TOO_MANY_REQUESTS,
        )
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        raise Offline("A proxy on the way wants a name and a password.", advice=_PROXY)
    problem = _decode(answer.body, Problem)
    if status == HTTPStatus.UNAUTHORIZED or problem.type == "unknown-device":
        raise SignInNeeded("The server does not know this tracker any more.")
    if problem.type == "missing-pictures":
        raise MissingPictures(problem.pictures)
    told = _told(problem)
    raise Refused(f"{told} {_PARKED[status]}" if status in _PARKED else told)


def _receipt(answer: Answer) -> Receipt:
    """Return the receipt in an answer to signed bytes; whether it holds is still to be seen."""
    if answer.status == HTTPStatus.CONFLICT:
        raise Conflict(f"{CONFLICT}: {_told(_decode(answer.body, Problem))}")
    return _decode(_judged(answer), Receipt)


def _portal() -> Offline:
    return Offline(
        "Something else than the server answers: is there a page to log in to the network?",
        advice="Open any web page and see what the network wants. What waits is kept here meanwhile.",
    )


def _decode(body: bytes, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _portal() from error


def _told(problem: Problem) -> str:
    """Return what the server says in one line that no terminal takes for a command."""
    text = " ".join((problem.detail or problem.title or problem.type).split())
    return "".join(character for character in text if character.isprintable())[:_TOLD_MAX]
