"""The server's answers as values or errors of ours; anything else that answers is nobody."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from boxes import SERVER
from scripted import CUT, PORTAL, Reply, Request, ScriptedServer, problem

from tracker.errors import NotDone, Offline, Refused, SignInNeeded
from tracker.evidence.keys import SigningKey
from tracker.outbox.outbox import Parcel
from tracker.sync.backend import Backend, MissingPictures, RetryLater, public_key

TOKEN = "the-token"
STRANGER = SigningKey("bad0" * 16)


@dataclass(frozen=True)
class Case:
    """An answer to a segment, and the error it means."""

    reply: Reply
    error: type[NotDone]


def _cases() -> Iterator[Case]:
    """The status table: a refusal counts only in the server's own words."""
    for status in (400, 403, 404, 409, 410, 413, 415, 422, 423, 426, 451):
        yield Case(problem(status, "some-reason"), Refused)
        yield Case(Reply(status, b"<html>blocked</html>"), Offline)
    yield Case(problem(401, "unauthorized"), SignInNeeded)
    yield Case(problem(422, "missing-pictures", pictures=("00" * 32,)), MissingPictures)
    for status in (408, 425, 429, 500, 502, 503, 504, 507):
        yield Case(problem(status, "busy"), RetryLater)
        yield Case(Reply(status, b"<html>busy</html>"), RetryLater)
    for status in (202, 204, 301, 302, 304, 307, 308, 401, 407, 511):
        yield Case(Reply(status, b"", {"Location": "/api/v1/server"}), Offline)
    yield from (Case(reply, Offline) for reply in (CUT, PORTAL, Reply(200, b"{}"), Reply(200, b"\xff")))
    yield Case(Reply(200, b"x" * 5_000, cut=2_000), Offline)
    yield Case(Reply(403, b'["a problem?"]'), Offline)


@pytest.mark.parametrize(
    "case", list(_cases()), ids=lambda case: f"{case.reply.status}-{case.error.__name__}"
)
def test_every_answer_but_a_receipt_is_an_error_of_ours(
    case: Case, server: ScriptedServer, backend: Backend, parcel: Parcel
) -> None:
    server.next("segment", case.reply, case.reply)

    with pytest.raises(case.error) as told:
        backend.put(parcel)

    assert isinstance(told.value, Refused) == (case.error is Refused)
    assert told.value.title
    assert told.value.advice


def test_the_signed_bytes_are_sent_as_they_are(
    server: ScriptedServer, backend: Backend, parcel: Parcel
) -> None:
    server.pictures.update(parcel.pictures)

    receipt = backend.put(parcel)

    (request,) = server.seen("segment")
    assert request.body == parcel.body
    assert request.headers["hourproof-signature"] == parcel.signature
    assert request.path == f"/api/v1/contracts/northbeam/segments/{parcel.id}"
    assert receipt.sha256 == parcel.sha256


@pytest.mark.parametrize("lie", ["another key", "another segment", "other bytes", "a changed word"])
def test_a_receipt_that_does_not_hold_is_no_success(
    lie: str, server: ScriptedServer, backend: Backend, parcel: Parcel
) -> None:
    def answer(request: Request) -> Reply:
        honest = server.receipt(request)
        return Reply(
            200,
            {
                "another key": server.receipt(request, STRANGER),
                "another segment": honest.replace(parcel.id.encode(), parcel.id[:-4].encode() + b"ffff"),
                "other bytes": honest.replace(parcel.sha256.encode(), b"00" * 32),
                "a changed word": honest.replace(b'"stored"', b'"broken"'),
            }[lie],
        )

    server.next("segment", answer)

    with pytest.raises(Offline):
        backend.put(parcel)


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_a_picture_the_server_objects_to_is_told_and_no_error(
    status: int, server: ScriptedServer, backend: Backend
) -> None:
    server.next("picture", problem(status, "unfit"))

    assert not backend.put_picture("northbeam", "00" * 32, b"no image")
    assert backend.put_picture("northbeam", "00" * 32, b"an image")


@pytest.mark.parametrize(
    ("reply", "error"), [(PORTAL, None), (problem(403, "ended"), Refused), (CUT, Offline)]
)
def test_only_objections_to_the_picture_itself_are_its_own(
    reply: Reply, error: type[NotDone] | None, server: ScriptedServer, backend: Backend
) -> None:
    server.next("picture", reply, reply)

    if error is None:  # whether it arrived shows when the segment is put
        assert backend.put_picture("northbeam", "00" * 32, b"an image")
    else:
        with pytest.raises(error):
            backend.put_picture("northbeam", "00" * 32, b"an image")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "Thu, 19 Nov 2026 09:01:30 GMT", "Date": "Thu, 19 Nov 2026 09:00:00 GMT"}, 90),
        ({"Retry-After": "Thu, 19 Nov 2026 08:00:00 GMT", "Date": "Thu, 19 Nov 2026 09:00:00 GMT"}, 0),
        ({"Retry-After": "Thu, 19 Nov 2026 09:01:30 GMT"}, 0),
        ({"Retry-After": "99999999"}, 21_600),
        ({"Retry-After": "soon"}, 0),
        ({"Retry-After": "-5"}, 0),
        ({}, 0),
    ],
)
def test_a_server_may_say_how_long_to_wait(
    said: dict[str, str], meant: int, server: ScriptedServer, backend: Backend
) -> None:
    server.next("me", Reply(503, b"", said))

    with pytest.raises(RetryLater) as told:
        backend.me()

    assert told.value.after_s == meant
    assert not told.value.everything


def test_too_many_requests_makes_everything_wait(server: ScriptedServer, backend: Backend) -> None:
    server.next("me", Reply(429))

    with pytest.raises(RetryLater) as told:
        backend.me()

    assert told.value.everything


def test_what_a_server_says_is_shown_in_one_harmless_line(server: ScriptedServer, backend: Backend) -> None:
    server.next("me", problem(403, "ended", "The contract\nhas ended.\x1b[2J " + "x" * 1_000))

    with pytest.raises(Refused) as told:
        backend.me()

    assert told.value.title.startswith("The contract has ended.[2J xxx")
    assert len(told.value.title) == 300


@pytest.mark.parametrize("reply", [CUT, PORTAL, problem(401, "unauthorized"), problem(403, "no"), Reply(500)])
def test_no_error_tells_a_secret(reply: Reply, server: ScriptedServer, backend: Backend) -> None:
    secret = "a-secret-nobody-should-read"
    server.next("claim", reply)
    server.next("me", reply, reply)

    for call in (lambda: backend.claim(secret), backend.me):
        with pytest.raises(NotDone) as told:
            call()
        text = "".join(traceback.format_exception(told.value))
        assert secret not in text
        assert TOKEN not in text


def test_a_key_that_is_none_is_nobody_s() -> None:
    with pytest.raises(Offline):
        public_key("no base64")


def test_a_page_is_opened_by_a_one_time_address(server: ScriptedServer, backend: Backend) -> None:
    assert backend.link("/diary") == f"{server.url}/enter/once?to=/diary"


def test_a_week_is_told_as_the_server_adds_it_up(server: ScriptedServer, backend: Backend) -> None:
    server.weeks["northbeam"] = (7_200_000, None)

    told = backend.week("northbeam", "2026-W47")

    assert (told.week, told.start, told.end) == (
        "2026-W47",
        "2026-11-16T00:00:00.000Z",
        "2026-11-23T00:00:00.000Z",
    )
    assert (told.tracked_ms, told.manual_ms, told.limit_ms, told.over_ms) == (7_200_000, 0, None, 0)


def test_receipts_are_checked_with_the_key_that_is_pinned(server: ScriptedServer, parcel: Parcel) -> None:
    server.tokens.add(TOKEN)
    server.pictures.update(parcel.pictures)
    pinned = server.public_key
    server.key = STRANGER
    backend = Backend(server.url, TOKEN, key=pinned)

    with pytest.raises(Offline):
        backend.put(parcel)

    server.key = SERVER
    assert backend.put(parcel).key == SERVER.id
    backend.close()
