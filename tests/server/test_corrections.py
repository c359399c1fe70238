"""What the freelancer corrects in the browser is signed, chained and receipted as what a device sends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import backend
import pytest
from backend import Site
from device import Device, Sealed, webp
from doubles import NINE
from httpx2 import Response

from tracker.evidence.signing import HEADER, parse_signature
from tracker.model.slot import DAY, HOUR, MINUTE, SLOT
from tracker.model.week import WEEK
from tracker.server.inspection import faults
from tracker.wire.segment import decode_segment

THERE = "date=2026-11-19&tz=UTC"


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    stored = {} if request.param == "sqlite" else {"database": request.getfixturevalue("cluster")}
    with backend.site(tmp_path / "server", embedded=False, **stored) as site:
        site.clock.wall = NINE + 7 * HOUR
        yield site


def agreed(site: Site, **facts: Any) -> tuple[Device, str]:
    """Return the freelancer's device for a contract, and the client's token."""
    made = site.call(
        "POST", "/contracts", json={"title": "T", "client": "C", "rate": "9", "currency": "EUR"} | facts
    ).json()
    _, client = site.person("Client")
    path = made["invitation"].removeprefix("http://testserver")
    assert site.ask("POST", path, token=client).status_code == 200
    return site.device(made["contract"]["id"]), client


def send(site: Site, path: str, *, token: str | None = None, **fields: Any) -> Response:
    body = urlencode(fields, doseq=True)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return site.ask("POST", f"{path}?{THERE}", token=token, content=body, headers=form)


def shot_of(sealed: Sealed) -> str:
    return decode_segment(sealed.body).shots[0].id


def page(site: Site, sealed: Sealed, token: str | None = None) -> str:
    start = decode_segment(sealed.body).start
    minutes = 60 * int(start[11:13]) + int(start[14:16])
    slot = (NINE - NINE % DAY) // 1000 + minutes // 10 * 600
    return str(site.ask("GET", f"/diary?{THERE}&cell={slot}.{sealed.contract}", token=token).text)


def test_one_memo_for_many_segments_is_signed_by_the_server_under_a_name_of_its_own(site: Site) -> None:
    device, client = agreed(site)
    one, two = device.work(NINE, webp()), device.work(NINE + SLOT)
    for sealed in (one, two):
        assert site.deliver(sealed).status_code == 201

    answer = send(site, f"/diary/memo/{one.contract}", segment=[one.id, two.id], memo="  The  stairs ")

    assert (answer.status_code, answer.headers["Location"].partition("#")[0]) == (303, f"/diary?{THERE}")
    assert [segment["memo"] for segment in site.shown()] == ["The stairs", "The stairs"]
    (view,) = site.call("GET", f"/contracts/{one.contract}/revisions?segment={one.id}", token=client).json()
    kept = site.call("GET", f"/contracts/{one.contract}/revisions/{view['id']}", token=client)
    signature = parse_signature(kept.headers[HEADER])
    assert signature.device == site.parts.key.id
    assert signature.of(site.parts.key.public, kept.content)
    assert [kept.json()["seq"], kept.json()["prev"], kept.json()["app"][:15]] == [1, None, "hourproof diary"]
    assert list(faults(site.parts)) == []


def test_a_shot_is_withheld_and_its_bytes_are_gone(site: Site) -> None:
    device, client = agreed(site)
    sealed = device.work(NINE, webp())
    site.deliver(sealed)
    (sha256,) = sealed.pictures
    assert "Withhold the shot" in page(site, sealed)

    withheld = f"/diary/withhold/{sealed.contract}/{sealed.id}/{shot_of(sealed)}"
    assert send(site, withheld).status_code == 303

    assert site.ask("GET", f"/contracts/{sealed.contract}/pictures/{sha256}").status_code == 404
    (segment,) = site.shown()
    assert (segment["shots"][0]["state"], segment["verdict"]["protected_ms"]) == ("withheld", 0)
    assert "Withhold the shot" not in page(site, sealed)
    assert "withheld" in page(site, sealed, client).lower()
    assert list(faults(site.parts)) == []


def test_discarded_time_is_gone_for_both_and_leaves_its_place(site: Site) -> None:
    device, client = agreed(site)
    one, two = device.work(NINE, webp()), device.work(NINE + SLOT)
    for sealed in (one, two):
        site.deliver(sealed)
    send(site, f"/diary/memo/{one.contract}", segment=one.id, memo="Drawing the stairs")

    assert send(site, f"/diary/discard/{one.contract}", segment=one.id).status_code == 303

    assert [segment["id"] for segment in site.shown()] == [two.id]
    week = site.call("GET", f"/contracts/{one.contract}/weeks/2026-W47", token=client).json()
    assert week["tracked_ms"] == SLOT
    assert send(site, f"/diary/memo/{one.contract}", segment=one.id, memo="Again").status_code == 404
    send(site, f"/diary/memo/{two.contract}", segment=two.id, memo="The chain goes on")
    assert list(faults(site.parts)) == []


def test_all_or_nothing_is_written(site: Site) -> None:
    device, _ = agreed(site)
    one = device.work(NINE)
    site.deliver(one)
    strange = "01a209d6-0000-74ae-976b-dee5782b17d0"
    answer = send(site, f"/diary/memo/{one.contract}", segment=[one.id, strange], memo="Drawing the stairs")
    assert answer.status_code == 404
    assert site.shown()[0]["memo"] == decode_segment(one.body).memo


def test_time_is_entered_on_the_page_where_the_contract_allows_it(site: Site) -> None:
    device, client = agreed(site, manual=True)
    tracked = device.work(NINE)
    site.deliver(tracked)
    of = tracked.contract
    assert "Add time by hand" in site.ask("GET", f"/diary?{THERE}").text
    assert "Add time by hand" not in site.ask("GET", f"/diary?{THERE}", token=client).text

    entered = {"contract": of, "from": "10:05", "to": "10:25", "memo": "Call about the launch"}
    assert send(site, "/diary/manual", **entered).status_code == 303

    found = [one for one in site.shown() if one["origin"] == "manual"]
    assert [one["tracked_ms"] for one in found] == [5 * MINUTE, SLOT, 5 * MINUTE]
    assert all(one["receipt"] and not one["verdict"]["protected"] for one in found)
    assert send(site, "/diary/manual", **entered).status_code == 409, "that time is there already"
    over = entered | {"from": "08:55", "to": "09:05"}
    assert send(site, "/diary/manual", **over).status_code == 409, "so is what was tracked"
    assert len(site.shown()) == 4
    assert list(faults(site.parts)) == []


@pytest.mark.parametrize(
    "wrong",
    [{"from": "9:05"}, {"to": "25:00"}, {"to": ""}, {"memo": " "}, {"memo": "x" * 501}, {"to": "16:30"}],
)
def test_what_cannot_be_meant_is_told_and_nothing_is_written(site: Site, wrong: dict[str, str]) -> None:
    device, _ = agreed(site, manual=True)
    entered = {"contract": device.contract, "from": "10:05", "to": "10:25", "memo": "Call"} | wrong
    assert send(site, "/diary/manual", **entered).status_code == 422
    assert site.shown() == []


def test_a_contract_that_takes_no_manual_time_offers_none(site: Site) -> None:
    device, _ = agreed(site)
    assert "Add time by hand" not in site.ask("GET", f"/diary?{THERE}").text
    entered = {"contract": device.contract, "from": "10:05", "to": "10:25", "memo": "Call"}
    assert send(site, "/diary/manual", **entered).status_code == 403


def test_once_the_week_is_locked_nothing_is_offered_or_taken(site: Site) -> None:
    device, _ = agreed(site, manual=True)
    sealed = device.work(NINE, webp())
    site.deliver(sealed)
    site.clock.wall = NINE + WEEK

    assert not re.search("Withhold the shot|Change memo", page(site, sealed))
    entered = {"contract": sealed.contract, "from": "10:05", "to": "10:25", "memo": "Call"}
    withheld = f"/diary/withhold/{sealed.contract}/{sealed.id}/{shot_of(sealed)}"
    answers = [
        send(site, f"/diary/memo/{sealed.contract}", segment=sealed.id, memo="Drawing the stairs"),
        send(site, withheld),
        send(site, f"/diary/discard/{sealed.contract}", segment=sealed.id),
        send(site, "/diary/manual", **entered),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 409]
    assert len(site.shown()) == 1


def test_the_client_and_other_sites_correct_nothing(site: Site) -> None:
    device, client = agreed(site)
    sealed = device.work(NINE, webp())
    site.deliver(sealed)
    assert "Change memo" not in page(site, sealed, client)
    memo = f"/diary/memo/{sealed.contract}"
    assert send(site, memo, token=client, segment=sealed.id, memo="Mine").status_code == 403
    answer = site.ask("POST", memo, content=f"segment={sealed.id}&memo=x", headers={"Origin": "http://evil"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "body", [b"\xff", b"segment=%00", b"&" * 500, b"", b"segment=nothing", b"x" * 20_000]
)
def test_a_form_that_is_none_is_refused(site: Site, body: bytes) -> None:
    device, _ = agreed(site)
    answer = site.ask("POST", f"/diary/memo/{device.contract}", content=body)
    assert answer.status_code in {413, 422}
