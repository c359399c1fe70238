"""Signing in to a server by the browser: OAuth 2 with a code and PKCE (RFC 6749, 7636, 8252).

Nobody types a password into the tracker. The browser brings a code back to this machine, which is worth
nothing without the verifier that never left it.
"""

from __future__ import annotations

import base64
import hashlib
from contextlib import closing
from http import HTTPStatus
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from tracker.errors import BadValue, NotDone, Offline, SignInNeeded
from tracker.sync.backend import RetryLater
from tracker.sync.landing import Landing

if TYPE_CHECKING:
    from tracker.sync.transport import Answer, Transport

T = TypeVar("T")

CLIENT = "hourproof-app"
_METADATA = "/.well-known/oauth-authorization-server"  # RFC 8414
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_PATIENCE = 600.0  # seconds a person may take in the browser
_AGAIN = "Begin the sign-in once more."


class Grant(msgspec.Struct, frozen=True):
    """What opens an account until it expires, and what gets the next one."""

    access_token: str
    refresh_token: str


class Approval(msgspec.Struct, frozen=True):
    """The browser's word that the freelancer agreed: good once, for whoever knows the verifier."""

    url: str
    code: str
    verifier: str
    redirect: str


class _Ways(msgspec.Struct, frozen=True):
    """Where a server lets people in, as it says itself."""

    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str


class _Fault(msgspec.Struct, frozen=True):
    """An error of RFC 6749, section 5.2."""

    error: str
    error_description: str = ""


class Attempt:
    """One sign-in: the address the browser has to open, and what it comes back with."""

    def __init__(self, url: str, device: str, *, ca: str = "") -> None:
        """Ask the server at `url` for its ways in; raises BadValue, Offline or NotDone."""
        self.url = whole(url)
        with closing(_Server(self.url, ca)) as server:
            ways = server.ways()
        self._state, self._verifier = token_urlsafe(24), token_urlsafe(64)
        self._landing = Landing(self._state)
        challenge = hashlib.sha256(self._verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": self._landing.address,
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "state": self._state,
            "device_name": device,
        }
        self.address = f"{ways.authorization_endpoint}?{urlencode(asked)}"

    def __enter__(self) -> Self:
        """Listen for the browser until the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait(self, seconds: float = _PATIENCE) -> Approval:
        """Return what the browser brought; raises NotDone where nobody agreed in time."""
        said = self._landing.wait(seconds)
        if said is None:
            raise NotDone("The browser did not come back from the sign-in.", advice=_AGAIN)
        if "code" not in said:
            refused = said.get("error") == "access_denied"
            why = "You did not allow it." if refused else f"The server says {said.get('error', 'nothing')!r}."
            raise NotDone(f"You are not signed in. {why}", advice=_AGAIN)
        return Approval(self.url, said["code"], self._verifier, self._landing.address)

    def close(self) -> None:
        """Wait no longer."""
        self._landing.close()


def redeem(approval: Approval, *, ca: str = "") -> Grant:
    """Return the tokens for an approval; raises NotDone where the server does not take it."""
    form = {
        "grant_type": "authorization_code",
        "client_id": CLIENT,
        "code": approval.code,
        "redirect_uri": approval.redirect,
        "code_verifier": approval.verifier,
    }
    return _granted(approval.url, form, ca, NotDone("The server does not accept the sign-in.", advice=_AGAIN))


def refresh(url: str, token: str, *, ca: str = "") -> Grant:
    """Return new tokens for a refresh token; raises SignInNeeded where it is not accepted any more."""
    form = {"grant_type": "refresh_token", "client_id": CLIENT, "refresh_token": token}
    return _granted(url, form, ca, SignInNeeded("The server does not know this tracker any more."))


def revoke(url: str, token: str, *, ca: str = "") -> None:
    """Have the server forget a refresh token and all that came of it (RFC 7009)."""
    with closing(_Server(url, ca)) as server:
        server.post(server.ways().revocation_endpoint, {"client_id": CLIENT, "token": token})


def whole(url: str) -> str:
    """Return a server's address as people type it, in full; raises BadValue for what is none."""
    typed = url.strip()
    full = (typed if "://" in typed else f"https://{typed}").rstrip("/")
    parts = urlsplit(full)
    if not parts.hostname or parts.query or parts.fragment:
        raise BadValue(
            f"'{url}' is no address of a server.", advice="It reads like https://hours.example.org."
        )
    return full


def _granted(url: str, form: dict[str, str], ca: str, refused: NotDone) -> Grant:
    with closing(_Server(url, ca)) as server:
        answer = server.post(server.ways().token_endpoint, form)
    if answer.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
        _decode(answer, _Fault)
        raise refused
    return _decode(_well(answer), Grant)


class _Server:
    """The ways in of one server, all of them its own."""

    def __init__(self, url: str, ca: str) -> None:
        from tracker.sync.transport import Transport  # noqa: PLC0415  # HTTP weighs 18 MB: not before it is used

        self._url = url
        self._transport: Transport = Transport(url, "", ca=ca)

    def ways(self) -> _Ways:
        """Return where people are let in; a server that names another's address is not believed."""
        answer = self._transport.send("GET", _METADATA, anonymous=True)
        if answer.status == HTTPStatus.NOT_FOUND:
            raise NotDone(
                f"{self._url} is no Hourproof server that people can sign in to.",
                advice="Check the address with whoever gave it to you.",
            )
        ways = _decode(_well(answer), _Ways)
        if not all(one.startswith(f"{self._url}/") for one in msgspec.structs.astuple(ways)):
            raise NotDone(
                f"{self._url} leads to another server for the sign-in.",
                advice="Ask whoever runs it: its own address is not set right.",
            )
        return ways

    def post(self, address: str, form: dict[str, str]) -> Answer:
        """Send a form to one of the ways."""
        path, body = address.removeprefix(self._url), urlencode(form).encode()
        return self._transport.send("POST", path, body=body, headers=_FORM, anonymous=True)

    def close(self) -> None:
        """Let the connections go."""
        self._transport.close()


def _well(answer: Answer) -> Answer:
    """Return an answer that is one; raises RetryLater where the server cannot do it now."""
    if answer.status == HTTPStatus.OK:
        return answer
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise RetryLater(f"The server cannot do it now ({answer.status}).", after_s=answer.retry_after)
    raise Offline("What answers is no Hourproof server.")


def _decode(answer: Answer, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.body, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Offline("What answers is no Hourproof server.") from error
