"""The way to the server: woken, recognised, signed in to; and found again after a fault."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from boxes import DEVICE
from certificates import Authority
from house import House
from scripted import CUT, PORTAL, Reply, problem

from tracker.errors import NotDone, Offline, SignInNeeded
from tracker.evidence.keys import SigningKey
from tracker.sync.backend import RetryLater


def test_the_first_opening_signs_in_and_learns_whose_time_it_is(house: House) -> None:
    backend = house.connection.open()

    assert house.secrets.kept == {"token": "the-token"}
    assert house.outbox.account is not None
    assert house.outbox.account.name == "Ada"
    assert house.outbox.pinned_key("embedded:home") == backend.key
    (device,) = house.server.seen("devices")
    said = msgspec.json.decode(device.body)
    assert base64.b64decode(said["public_key"]) == DEVICE.public
    assert said["name"] == "laptop"
    assert (house.connection.state, house.connection.url) == ("online", house.server.url)


def test_a_server_that_is_awake_is_used_again(house: House) -> None:
    first = house.connection.open()

    assert house.connection.open() is first
    assert house.starts == 1


def test_a_kept_token_needs_no_secret(house: House) -> None:
    house.connection.open()
    house.build(hourly=True)

    house.connection.open()

    assert house.starts == 2
    assert len(house.server.seen("claim")) == 1


def test_a_token_that_is_not_known_any_more_is_claimed_anew(house: House) -> None:
    house.secrets.set("token", "of a server that was replaced")

    house.connection.open().contracts()

    assert house.secrets.get("token") == "the-token"


def test_without_a_secret_a_sign_in_is_needed_and_the_token_stays(house: House) -> None:
    house.secrets.set("token", "refused")
    house.server.secret = None

    with pytest.raises(SignInNeeded):
        house.connection.open()

    assert house.connection.state == "signed-out"
    assert house.secrets.get("token") == "refused"


def test_a_secret_is_kept_until_it_has_worked(house: House) -> None:
    house.server.next("claim", CUT)
    with pytest.raises(Offline):
        house.connection.open()

    house.connection.open()

    assert house.connection.state == "online"


def test_a_server_with_another_key_is_not_signed_in_to(house: House) -> None:
    house.connection.open()
    house.server.key = SigningKey("bad0" * 16)
    before = len(house.server.requests)

    with pytest.raises(SignInNeeded, match="key"):
        house.connection.open()

    assert {request.kind for request in house.server.requests[before:]} == {"info"}
    assert house.connection.state == "signed-out"


def test_a_server_whose_key_is_not_what_it_says_is_not_signed_in_to(house: House) -> None:
    def lie(request):  # noqa: ANN001, ANN202  # as the script wants
        told = msgspec.json.decode(house.server.usual(request).body)
        return Reply(200, msgspec.json.encode(told | {"key": "0" * 32}))

    house.server.next("info", lie)

    with pytest.raises(SignInNeeded):
        house.connection.open()


def test_another_server_than_that_of_the_account_is_not_signed_in_to(house: House) -> None:
    house.connection.open()
    house.connection.close()
    house.server.origin = "embedded:other"

    with pytest.raises(SignInNeeded, match="Another server"):
        house.connection.open()


@pytest.mark.parametrize("kind", ["info", "claim", "me", "devices", "contracts"])
@pytest.mark.parametrize("reply", [CUT, PORTAL, Reply(503), problem(403, "no")])
def test_a_fault_at_any_point_leaves_it_offline_until_the_next_opening(
    kind: str, reply: Reply, house: House
) -> None:
    house.server.next(kind, reply, *([reply] if reply is CUT else []))
    with pytest.raises(NotDone):
        house.connection.open()
    wants_sign_in = kind == "claim" and reply.status == 403
    assert house.connection.state == ("signed-out" if wants_sign_in else "offline")

    house.server._script.clear()
    house.connection.open()

    assert house.connection.state == "online"
    assert house.outbox.account is not None


def test_a_server_that_ended_is_started_again(house: House) -> None:
    house.connection.open()
    house.server.down()
    with pytest.raises(Offline):
        house.connection.open()
    house.server.up()

    house.connection.open()

    assert house.starts == 3


def test_what_answers_at_its_address_in_its_place_is_not_taken_for_it(house: House) -> None:
    house.connection.open()
    house.server.next("info", PORTAL)

    house.connection.open()

    assert house.starts == 2


def test_a_busy_server_is_not_taken_for_a_sign_out(house: House) -> None:
    house.server.next("me", Reply(429, b"", {"Retry-After": "30"}))

    with pytest.raises(RetryLater):
        house.connection.open()

    assert house.connection.state == "offline"


def together(number: int, call: Callable[[], object]) -> list[object]:
    """What a call from so many threads at the same time came to: values, and errors."""
    line, found = threading.Barrier(number), []

    def one() -> None:
        line.wait()
        try:
            found.append(call())
        except NotDone as error:
            found.append(error)

    threads = [threading.Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_many_whose_token_is_refused_one_signs_in_for_all(house: House) -> None:
    house.connection.open()
    house.server.tokens.clear()
    house.server.secret = "the next start's"

    found = together(24, lambda: house.connection.ask(lambda backend: backend.me().name))

    assert found == ["Ada"] * 24
    assert len(house.server.seen("claim")) == 1 + 1  # at first, and for all of them
    assert house.connection.sign_ins == 1 + 1
    assert house.connection.state == "online"


def test_where_no_sign_in_is_possible_none_of_many_is_let_in_and_nothing_is_lost(house: House) -> None:
    house.connection.open()
    house.server.tokens.clear()

    found = together(24, lambda: house.connection.ask(lambda backend: backend.me().name))

    assert {type(one) for one in found} == {SignInNeeded}
    assert len(house.server.seen("claim")) == 1
    assert (house.connection.state, house.connection.why) == (
        "signed-out",
        "The server does not know this tracker.",
    )
    assert house.secrets.get("token") == "the-token"


def test_who_stands_in_line_for_a_server_that_is_not_there_gets_the_same_answer(house: House) -> None:
    house.server.poison["server"] = PORTAL

    found = together(24, house.connection.open)

    assert {(type(one), one.title) for one in found} == {(Offline, house.connection.why)}
    house.server.poison.clear()
    house.connection.open()
    assert (house.connection.state, house.connection.why) == ("online", "")


def test_a_question_is_asked_again_once_only(house: House) -> None:
    house.connection.open()
    house.server.next("contracts", problem(401, "unauthorized"))

    assert house.connection.ask(lambda server: server.contracts()) == []
    assert len(house.server.seen("contracts")) == 1 + 1 + 1 + 1  # sign-in, refused, sign-in, answered


def test_a_private_authority_is_trusted_from_the_next_opening_on(house: House, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    house.server.down()
    house.server.certificate = authority.certificate()
    house.server.up()
    with pytest.raises(Offline, match="signed by nobody"):
        house.connection.open()
    assert "signed by nobody" in house.connection.why

    house.connection.ca = str(authority.path)

    assert house.connection.open().info().origin == house.server.origin
