"""The status table, row by row: what an answer makes of a parcel, what is shown, and whether others go on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest
from house import House
from scripted import CUT, PORTAL, Reply, Request, problem

from tracker.evidence.keys import SigningKey
from tracker.model.slot import HOUR, SECOND
from tracker.outbox.outbox import State
from tracker.status import OutboxStatus

Answerer = Callable[[House, Request], Reply]
HTML = b"<html><body>no</body></html>"
WHY = "It says why."  # and is told, as everything here, as a pattern
PORTAL_TEXT = r"Something else than the server answers: is there a page to log in to the network\?"
NOT_SIGNED = r"What answers has not signed for the segment\."
BUSY = r"The server cannot do it now \(%d\)\."
AWAY = r"http://127.0.0.1:\d+ does not answer\."
MISSES = r"The server misses pictures of the segment\."
UNKNOWN = r"The server does not know this tracker any more\."
CONFLICT = "The server holds other content for this segment: It says why."


@dataclass(frozen=True)
class Row:
    """An answer to a segment: `left` is what becomes of it, `shown` its problem.

    `others` go on at once, or wait with it for as long as that trouble lasts.
    """

    name: str
    answer: Reply | Answerer
    left: str  # delivered, refused, waiting
    shown: str = ""
    others: str = "go on"
    floor_s: float = 0.0  # at least so long until its next try


def told(status: int, kind: str = "some-reason", **facts: object) -> Reply:
    return problem(status, kind, WHY, **facts)


def after(status: int, said: str, date: str = "") -> Reply:
    return Reply(status, b"", {"Retry-After": said} | ({"Date": date} if date else {}))


def signed(house: House, request: Request, *, by: SigningKey | None = None) -> Reply:
    return Reply(200, house.server.receipt(request, by))


def stranger(house: House, request: Request) -> Reply:
    return signed(house, request, by=SigningKey("bad0" * 16))


def of_another_segment(house: House, request: Request) -> Reply:
    honest = signed(house, request)
    return Reply(201, honest.body.replace(request.name.encode(), request.name[:-4].encode() + b"ffff"))


def without_signature(house: House, request: Request) -> Reply:
    return Reply(201, re.sub(rb',"signature":"[^"]+"', b"", signed(house, request).body))


def cut_short(house: House, request: Request) -> Reply:
    return Reply(201, signed(house, request).body, cut=120)


NOON, LATER = "Thu, 19 Nov 2026 12:00:00 GMT", "Thu, 19 Nov 2026 12:10:00 GMT"

TABLE = [
    # success is a valid signed receipt, and nothing else
    Row("200-receipt", signed, "delivered"),
    Row("201-receipt", lambda house, request: Reply(201, signed(house, request).body), "delivered"),
    Row("200-nothing", Reply(200), "waiting", PORTAL_TEXT),
    Row("200-json", Reply(200, b"{}"), "waiting", PORTAL_TEXT),
    Row("201-no-signature", without_signature, "waiting", PORTAL_TEXT),
    Row("201-other-segment", of_another_segment, "waiting", NOT_SIGNED),
    Row("200-other-key", stranger, "waiting", NOT_SIGNED),
    Row("200-html", PORTAL, "waiting", PORTAL_TEXT),
    Row("200-garbage", Reply(200, bytes(range(256))), "waiting", PORTAL_TEXT),
    Row("202", Reply(202, b"{}"), "waiting", PORTAL_TEXT),
    Row("204", Reply(204), "waiting", PORTAL_TEXT),
    # refused in the server's own words: set aside, and tried again when the freelancer says so
    Row("400", told(400), "refused", WHY),
    Row("403-not-active", told(403, "contract-not-active"), "refused", WHY),
    Row("403-test", told(403, "test-segment"), "refused", WHY),
    Row("403-locked", told(403, "week-locked"), "refused", WHY),
    Row("404", told(404, "not-found"), "refused", WHY),
    Row("409", told(409, "conflict"), "refused", CONFLICT),
    Row("410", told(410, "discarded"), "refused", WHY),
    Row("413", told(413, "too-large"), "refused", WHY),
    Row("415", told(415), "refused", WHY),
    Row("422", told(422, "invalid"), "refused", WHY),
    Row("423", told(423, "locked"), "refused", f"{WHY} Try again when that has changed."),
    Row("426", told(426, "too-old"), "refused", f"{WHY} Install the newest Hourproof, then try again."),
    Row("451", told(451, "legal"), "refused", f"{WHY} Try again when that has changed."),
    # the same numbers from somebody else say nothing
    *(
        Row(f"{status}-html", Reply(status, HTML), "waiting", PORTAL_TEXT)
        for status in (400, 401, 403, 404, 409, 410, 413, 415, 422, 423, 426, 451)
    ),
    *(
        Row(f"{status}-elsewhere", Reply(status, HTML, {"Location": "/login"}), "waiting", PORTAL_TEXT)
        for status in (301, 302, 303, 304, 307, 308, 511)
    ),
    Row("407", Reply(407, HTML), "waiting", "A proxy on the way wants a name and a password."),
    # what passes: again, later
    Row("422-missing", told(422, "missing-pictures", pictures=("00" * 32,)), "waiting", MISSES),
    Row("401", told(401, "unauthorized"), "waiting", UNKNOWN),
    Row("403-device", told(403, "unknown-device"), "waiting", UNKNOWN),
    *(
        Row(f"{status}", reply, "waiting", BUSY % status)
        for status in (408, 425, 500, 501, 502, 503, 504, 507)
        for reply in (told(status), Reply(status, HTML))
    ),
    Row("503-after", after(503, "600"), "waiting", BUSY % 503, floor_s=600),
    Row("503-huge", after(503, "99999999999"), "waiting", BUSY % 503, floor_s=21_000),
    Row("429", Reply(429), "waiting", BUSY % 429, "wait"),
    Row("429-seconds", after(429, "600"), "waiting", BUSY % 429, "wait", 600),
    Row("429-date", after(429, LATER, NOON), "waiting", BUSY % 429, "wait", 600),
    Row("429-past", after(429, NOON, LATER), "waiting", BUSY % 429, "wait"),
    Row("429-garbage", after(429, "a while, perhaps"), "waiting", BUSY % 429, "wait"),
    Row("429-huge", after(429, "99999999999"), "waiting", BUSY % 429, "wait", 21_000),
    Row("cut-before", CUT, "waiting", AWAY),
    Row("cut-within", cut_short, "waiting", AWAY),
    Row("cut-head", Reply(200, b"x" * 50, cut=9), "waiting", AWAY),
]


def marks(row: Row) -> list[pytest.MarkDecorator]:
    if row.left != "refused":
        return []
    loud = "holds other bytes than were signed here" if row.name == "409" else "the server refuses segment"
    return [pytest.mark.expects_log(loud)]


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name, marks=marks(row)) for row in TABLE])
def test_an_answer_to_a_segment(row: Row, house: House) -> None:
    first, second = house.put(0, b"picture"), house.put(1)
    answer = row.answer
    house.server.poison[first.id] = partial(answer, house) if callable(answer) else answer

    house.syncer.step()

    house.server.poison.clear()
    entry = house.entry(first)
    if entry is None:
        assert row.left == "delivered"
    else:
        assert (entry.state, entry.attempts) == (State(row.left), 1)
        assert re.fullmatch(row.shown, entry.problem or "")
    if row.left == "waiting":
        wait = entry.next - house.clock.wall
        assert row.floor_s * SECOND <= wait < 6 * HOUR
        assert row.floor_s or wait <= 2 * SECOND + 1

    house.syncer.step()
    assert (house.entry(second) is None) == (row.others == "go on")
    house.run(lambda: house.entry(second) is None, hours=8)
    if row.left == "refused":
        house.outbox.retry(first.id)
    house.run(lambda: house.entry(first) is None, hours=8)
    assert house.outbox.counts() == OutboxStatus(0, 0, 0)
    taken = [second.id] if row.left == "delivered" else [first.id, second.id]  # the script's receipt is real
    assert sorted(house.server.segments) == sorted(set(house.server.deliveries)) == taken


@pytest.mark.parametrize(
    ("reply", "state", "why"),
    [
        (CUT, "offline", AWAY),
        (PORTAL, "offline", PORTAL_TEXT),
        (Reply(302, HTML, {"Location": "/login"}), "offline", PORTAL_TEXT),
        (Reply(511, HTML), "offline", PORTAL_TEXT),
        (Reply(407, HTML), "offline", "A proxy on the way wants a name and a password."),
        (Reply(404, HTML), "offline", PORTAL_TEXT),
        (Reply(502, HTML), "offline", BUSY % 502),
        (after(503, "600"), "offline", BUSY % 503),
        (after(429, "600"), "offline", BUSY % 429),
    ],
    ids=["cut", "portal", "302", "511", "407", "404", "502", "503-after", "429-after"],
)
def test_where_the_server_itself_cannot_be_had_no_parcel_is_touched(
    reply: Reply, state: str, why: str, house: House
) -> None:
    parcels = [house.put(number) for number in range(5)]
    house.server.poison["server"] = reply

    for _ in range(5):
        house.clock.advance(round(house.steps() * SECOND))

    assert house.connection.state == state
    assert re.fullmatch(why, house.connection.why)
    assert {request.kind for request in house.server.requests} == {"info"}
    entries = [house.entry(parcel) for parcel in parcels]
    assert [(entry.state, entry.attempts) for entry in entries] == [(State.WAITING, 0)] * 5
    assert all(re.fullmatch(why, entry.problem) for entry in entries)
    house.server.poison.clear()
    house.run(lambda: len(house.server.deliveries) == 5, hours=1)


def test_signed_out_is_no_fault_of_a_parcel_s_and_not_asked_for_often(house: House) -> None:
    house.put(0)
    house.server.poison["me"] = told(401, "unauthorized")

    house.run(lambda: house.clock.boot > 5_000_000 + 6 * HOUR)

    (entry,) = house.outbox.entries()
    assert (entry.state, entry.attempts) == (State.WAITING, 0)
    assert entry.problem == house.connection.why
    assert house.connection.state == "signed-out"
    assert len(house.server.seen("claim")) == 1  # there is one secret
    assert 6 * 4 <= len(house.server.seen("me")) < 6 * 4 * 4  # after 7.5 minutes as a rule
