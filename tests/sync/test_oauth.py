"""A sign-in by the browser, from both sides of the wire; and servers that are not what they should be."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx2
import msgspec
import pytest
from house import House
from scripted import PORTAL, Reply, Request, ScriptedServer

from tracker.errors import BadValue, NotDone, Offline, SignInNeeded
from tracker.sync import oauth
from tracker.sync.backend import RetryLater

FIRST, SECOND = (
    {"access_token": "first", "refresh_token": "again"},
    {
        "access_token": "second",
        "refresh_token": "and again",
    },
)


def reply(value: Any, status: int = 200) -> Reply:
    return Reply(status, msgspec.json.encode(value), {"Content-Type": "application/json"})


def ways(base: str, **other: str) -> Reply:
    own = {name: f"{base}/oauth/{name.partition('_')[0]}" for name in oauth._Ways.__struct_fields__}
    return reply(own | other)


def speak(server: ScriptedServer, grant: Reply | Callable[[Request], Reply], **other: str) -> None:
    """Let the server tell its ways in, and answer like this at the one for tokens."""
    server.poison |= {
        "oauth-authorization-server": ways(server.url, **other),
        "token": grant,
        "revocation": reply({}),
    }


def form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode()))


def test_what_the_browser_brings_is_worth_nothing_without_the_verifier(server: ScriptedServer) -> None:
    speak(server, reply(FIRST))
    with oauth.Attempt(server.url, "Ada's laptop") as attempt:
        asked = {name: one[0] for name, one in parse_qs(urlsplit(attempt.address).query).items()}
        httpx2.get(asked["redirect_uri"], params={"state": asked["state"], "code": "abc"})
        approval = attempt.wait(5)

    assert attempt.address.startswith(f"{server.url}/oauth/authorization?")
    assert (asked["response_type"], asked["client_id"]) == ("code", "hourproof-app")
    assert asked["device_name"] == "Ada's laptop"
    digest = hashlib.sha256(approval.verifier.encode()).digest()
    assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert asked["code_challenge_method"] == "S256"
    assert approval.verifier not in attempt.address

    assert oauth.redeem(approval) == oauth.Grant("first", "again")
    assert form(server.requests[-1]) == {
        "grant_type": "authorization_code",
        "client_id": "hourproof-app",
        "code": "abc",
        "redirect_uri": asked["redirect_uri"],
        "code_verifier": approval.verifier,
    }


@pytest.mark.parametrize(
    ("said", "told"),
    [({"error": "access_denied"}, "You did not allow it"), ({"error": "server_error"}, "server_error")],
)
def test_a_sign_in_that_is_not_allowed_says_so(
    server: ScriptedServer, said: dict[str, str], told: str
) -> None:
    speak(server, reply(FIRST))
    with oauth.Attempt(server.url, "laptop") as attempt:
        asked = dict(parse_qsl(urlsplit(attempt.address).query))
        httpx2.get(asked["redirect_uri"], params={"state": asked["state"], **said})
        with pytest.raises(NotDone, match=told):
            attempt.wait(5)


def test_a_browser_that_never_comes_back_is_not_waited_for_without_end(server: ScriptedServer) -> None:
    speak(server, reply(FIRST))
    with oauth.Attempt(server.url, "laptop") as attempt, pytest.raises(NotDone, match="did not come back"):
        attempt.wait(0)


@pytest.mark.parametrize(
    ("answer", "error", "told"),
    [
        (PORTAL, Offline, "no Hourproof server"),
        (Reply(404), NotDone, "people can sign in to"),
        (Reply(503), RetryLater, "cannot do it now"),
        (reply({"issuer": "x"}), Offline, "no Hourproof server"),
        (ways("https://evil.example.org"), NotDone, "leads to another server"),
    ],
)
def test_what_is_no_server_to_sign_in_to_is_told(
    server: ScriptedServer, answer: Reply, error: type[Exception], told: str
) -> None:
    server.poison["oauth-authorization-server"] = answer
    with pytest.raises(error, match=told):
        oauth.Attempt(server.url, "laptop")


def test_no_token_goes_to_another_server_though_the_first_one_says_so(server: ScriptedServer) -> None:
    speak(server, reply(FIRST), token_endpoint="https://evil.example.org/token")
    with pytest.raises(NotDone, match="leads to another server"):
        oauth.refresh(server.url, "again")


def test_a_refresh_that_is_not_accepted_wants_a_sign_in(server: ScriptedServer) -> None:
    speak(server, reply({"error": "invalid_grant"}, 400))
    with pytest.raises(SignInNeeded):
        oauth.refresh(server.url, "again")
    speak(server, Reply(400, b"<html>"))
    with pytest.raises(Offline):
        oauth.refresh(server.url, "again")


@pytest.mark.parametrize(
    "typed", ["hours.example.org", "https://hours.example.org/", " https://hours.example.org"]
)
def test_an_address_is_taken_as_people_type_it(typed: str) -> None:
    assert oauth.whole(typed) == "https://hours.example.org"


@pytest.mark.parametrize("typed", ["", "https://", "https://x.org/?a=b", "http://hours.example.org"])
def test_an_address_that_is_none_or_not_safe_is_refused(typed: str) -> None:
    with pytest.raises(BadValue):
        oauth.Attempt(typed, "laptop")


def test_a_token_that_has_run_out_is_renewed_once_and_kept(server: ScriptedServer, house: House) -> None:
    moved_in(server, house)
    server.tokens = {"second"}
    speak(server, reply(SECOND))
    house.connection.close()

    assert house.connection.open().contracts() == []

    assert form(server.seen("claim")[-1])["refresh_token"] == "again"
    assert house.secrets.kept == {"access-token": "second", "refresh-token": "and again"}
    assert house.connection.state == "online"


def test_where_it_cannot_be_renewed_a_sign_in_is_needed_and_what_waits_stays(
    server: ScriptedServer, house: House
) -> None:
    moved_in(server, house)
    segment = house.put()
    server.tokens.clear()
    speak(server, reply({"error": "invalid_grant"}, 400))
    house.connection.close()

    house.syncer.drain(5)

    assert house.connection.state == "signed-out"
    assert house.entry(segment)
    assert house.secrets.kept["refresh-token"] == "again"


def test_a_server_out_of_reach_costs_no_token(server: ScriptedServer, house: House) -> None:
    moved_in(server, house)
    server.tokens.clear()
    speak(server, Reply(cut=0))
    house.connection.close()
    with pytest.raises(Offline):
        house.connection.open()
    assert house.secrets.kept["refresh-token"] == "again"


def moved_in(server: ScriptedServer, house: House) -> None:
    """Sign the house in to the server, with the first token."""
    server.tokens.add("first")
    house.connection.move_in(server.url, oauth.Grant("first", "again"))
    assert house.outbox.address == server.url
