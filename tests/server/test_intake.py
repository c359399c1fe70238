"""What the server takes, what it refuses, and that it signs for exactly what it holds."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import backend
import msgspec
import pytest
from backend import Site
from device import Device, Sealed, webp
from doubles import NINE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from tracker.evidence.keys import SigningKey
from tracker.evidence.receipts import holds
from tracker.evidence.signing import HEADER, sign
from tracker.model.protection import Reason
from tracker.model.slot import DAY, HOUR, MINUTE, SLOT, instant
from tracker.model.week import WEEK, week_of
from tracker.server.tables import contract
from tracker.wire import PICTURE_MAX, SEGMENT_MAX
from tracker.wire.receipt import Receipt

TOMORROW = NINE + DAY


def test_a_delivered_segment_is_kept_verbatim_and_signed_for(site: Site) -> None:
    sealed = site.device().work(NINE, webp(1), webp(2))
    answer = site.deliver(sealed)
    assert answer.status_code == 201
    receipt = msgspec.json.decode(answer.content, type=Receipt)
    assert holds(receipt, segment=sealed.id, body=sealed.body, public=site.parts.key.public)
    assert [one.state for one in receipt.pictures] == ["stored", "stored"]
    assert (receipt.server, receipt.contract) == (backend.ORIGIN, sealed.contract)
    assert receipt.received_at == instant(NINE)
    kept = site.call("GET", f"/contracts/{sealed.contract}/segments/{sealed.id}")
    assert (kept.content, kept.headers[HEADER]) == (sealed.body, sealed.signature)


def test_the_same_parcel_again_gets_the_same_receipt_to_the_byte(site: Site) -> None:
    sealed = site.device().work(NINE, webp())
    first = site.deliver(sealed)
    site.clock.advance(HOUR)
    again = site.deliver(sealed)
    assert (again.status_code, again.content) == (200, first.content)


def test_other_bytes_under_a_known_id_change_nothing(site: Site) -> None:
    device = site.device()
    sealed = device.work()
    receipt = site.deliver(sealed).content
    other = device.work(id=sealed.id, memo="Something else entirely")
    assert problem(site.deliver(other)) == (409, "different-bytes")
    assert site.deliver(sealed).content == receipt


@pytest.mark.parametrize(
    ("alter", "expected"),
    [
        (lambda one: one.altered(body=one.body[:-1]), (422, "malformed")),
        (lambda one: one.altered(body=b""), (422, "malformed")),
        (lambda one: one.altered(body=b"\xff" * 40), (422, "malformed")),
        (lambda one: one.altered(body=one.body.replace(b'"ms":60000', b'"ms":59999', 1)), (422, "malformed")),
        (lambda one: one.altered(id="00000000-0000-7000-8000-00000000ffff"), (422, "malformed")),
        (lambda one: one.altered(body=b" " * (SEGMENT_MAX + 1)), (413, "too-large")),
        (lambda one: one.altered(body=one.body.replace(b"Drawing", b"drawing")), (422, "bad-signature")),
        (lambda one: one.altered(signature=""), (422, "bad-signature")),
        (lambda one: one.altered(signature=one.signature[:-4]), (422, "bad-signature")),
        (
            lambda one: one.altered(signature=sign(one.body, SigningKey("22" * 32)).header),
            (422, "bad-signature"),
        ),
    ],
)
def test_what_is_not_as_it_was_sealed_is_refused(site: Site, alter: Any, expected: tuple[int, str]) -> None:
    sealed = site.device().work()
    assert problem(site.put_segment(alter(sealed))) == expected
    assert nothing_kept(site, sealed)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"server": "embedded:elsewhere"}, (422, "wrong-server")),
        ({"account": "somebody"}, (403, "wrong-account")),
        ({"key": SigningKey("33" * 32)}, (403, "unknown-device")),
    ],
)
def test_a_segment_of_another_place_person_or_device_is_refused(
    site: Site, facts: dict[str, Any], expected: tuple[int, str]
) -> None:
    registered = site.device()
    usual = {"server": backend.ORIGIN, "account": site.account, "key": registered.key}
    sealed = Device(contract=registered.contract, **(usual | facts)).work()
    assert problem(site.put_segment(sealed)) == expected
    assert nothing_kept(site, sealed)


def test_a_segment_of_another_contract_than_its_address_is_refused(site: Site) -> None:
    sealed = site.device().work()
    assert problem(site.put_segment(sealed.altered(contract=site.contract()))) == (422, "malformed")


def test_time_of_the_test_mode_needs_a_server_that_accepts_it(site: Site, tmp_path: Path) -> None:
    assert problem(site.deliver(site.device().work(test=True))) == (403, "test-segment")
    with backend.site(tmp_path / "testing", accept_test=True) as testing:
        assert testing.deliver(testing.device().work(TOMORROW, test=True)).status_code == 201
        assert flags(testing, TOMORROW) == set()  # nor is its clock judged


def test_a_pending_contract_takes_no_time(tmp_path: Path) -> None:
    with backend.site(tmp_path, embedded=False) as site:
        device = site.device()
        assert problem(site.deliver(device.work(NINE))) == (403, "contract-not-active")


@pytest.mark.parametrize(("state", "since", "status"), [("paused", NINE, 403), ("ended", NINE + 1, 201)])
def test_what_was_tracked_before_a_contract_ended_is_as_good_as_ever(
    site: Site, state: str, since: int, status: int
) -> None:
    device = site.device()
    change = update(contract).where(contract.c.id == device.contract).values(state=state, state_since=since)
    site.parts.database.write(lambda connection: connection.execute(change))
    assert site.deliver(device.work(NINE)).status_code == status


def test_pictures_that_were_not_sent_are_named(site: Site) -> None:
    sealed = site.device().work(NINE, webp(1), webp(2))
    sent, missing = sealed.pictures
    site.put_picture(sealed.contract, sent, sealed.pictures[sent])
    answer = site.put_segment(sealed)
    assert problem(answer) == (422, "missing-pictures")
    assert answer.json()["pictures"] == [missing]
    assert nothing_kept(site, sealed)


def test_a_picture_that_is_no_image_costs_no_time(site: Site) -> None:
    sealed = site.device().work(NINE, b"no image at all", webp())
    for sha256, data in sealed.pictures.items():
        site.put_picture(sealed.contract, sha256, data)
    answer = site.put_segment(sealed)
    assert answer.status_code == 201
    assert [one["state"] for one in answer.json()["pictures"]] == ["rejected", "stored"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", (422, "not-an-image")),
        (b"no image", (422, "not-an-image")),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, (422, "not-an-image")),
        (webp()[:-2], (422, "not-an-image")),
        (webp() + b"more", (422, "not-an-image")),
        (webp(width=16_000, height=4_100), (422, "not-an-image")),
        (b"\0" * (PICTURE_MAX + 1), (413, "too-large")),
        (b"\0" * (8 * PICTURE_MAX), (413, "too-large")),
    ],
)
def test_bytes_that_are_no_picture_leave_nothing_behind(
    site: Site, data: bytes, expected: tuple[int, str]
) -> None:
    contract = site.contract()
    assert problem(site.put_picture(contract, hashlib.sha256(data).hexdigest(), data)) == expected
    assert files(site.parts.settings.pictures) == []


def test_a_picture_under_another_hash_leaves_nothing_behind_and_may_be_sent_again(site: Site) -> None:
    sealed = site.device().work(NINE, webp())
    (sha256,) = sealed.pictures
    assert problem(site.put_picture(sealed.contract, sha256, webp(7))) == (422, "wrong-hash")
    assert files(site.parts.settings.pictures) == []
    assert site.deliver(sealed).json()["pictures"] == [{"sha256": sha256, "state": "stored"}]


def test_a_picture_is_new_once(site: Site) -> None:
    contract, data = site.contract(), webp()
    sha256 = hashlib.sha256(data).hexdigest()
    assert [site.put_picture(contract, sha256, data).status_code for _ in range(2)] == [201, 200]
    assert files(site.parts.settings.pictures) == [f"{contract}/{sha256}"]


def test_a_picture_that_was_too_large_once_may_come_as_it_is(site: Site) -> None:
    sealed = site.device().work(NINE, webp())
    (sha256,) = sealed.pictures
    site.put_picture(sealed.contract, sha256, os.urandom(PICTURE_MAX + 1))
    assert site.deliver(sealed).json()["pictures"] == [{"sha256": sha256, "state": "stored"}]


@pytest.mark.parametrize(
    ("ahead", "expected"), [(5 * MINUTE, set()), (5 * MINUTE + 1, {Reason.CLOCK_IN_DOUBT})]
)
def test_an_end_in_the_future_is_kept_and_flagged(site: Site, ahead: int, expected: set[Reason]) -> None:
    start = site.clock.wall
    site.clock.wall = start + SLOT - ahead
    assert site.deliver(site.device().work(start)).status_code == 201
    assert flags(site, start) == expected


@pytest.mark.parametrize(("embedded", "expected"), [(False, {Reason.LATE}), (True, set())])
def test_time_after_the_lock_of_its_week_is_late_where_there_is_another_side(
    tmp_path: Path, *, embedded: bool, expected: set[Reason]
) -> None:
    with backend.site(tmp_path, embedded=embedded) as site:
        contract = accepted(site)
        site.clock.wall = week_of(NINE) + WEEK + 12 * HOUR
        assert site.deliver(site.device(contract).work()).status_code == 201
        assert flags(site, NINE) == expected


def test_a_second_device_is_billed_for_what_the_first_has_not_tracked(site: Site) -> None:
    desk = site.device()
    laptop = site.device(site.contract(), key=SigningKey("44" * 32))
    site.deliver(desk.work(NINE, ms=4 * MINUTE))
    site.deliver(laptop.work(NINE + MINUTE, ms=8 * MINUTE))
    overlaps = [one.overlap for one in site.parts.store.segments(site.account, NINE, TOMORROW)]
    assert overlaps == [(), ((NINE + MINUTE, NINE + 4 * MINUTE),)]


@pytest.mark.parametrize("same_device", [False, True])
def test_a_segment_in_doubt_gives_way_to_an_honest_one_that_comes_after_it(
    site: Site, *, same_device: bool
) -> None:
    begin = NINE + 2 * SLOT
    ahead = site.device()
    honest = ahead if same_device else site.device(site.contract(), key=SigningKey("44" * 32))
    site.deliver(ahead.work(begin, ms=4 * MINUTE))  # its clock is ahead
    site.clock.wall = begin + SLOT
    site.deliver(honest.work(begin + MINUTE, ms=8 * MINUTE))
    overlaps = [one.overlap for one in site.parts.store.segments(site.account, NINE, TOMORROW)]
    assert overlaps == [((begin + MINUTE, begin + 4 * MINUTE),), ()]


def test_the_chain_says_how_many_parcels_were_not_delivered(site: Site) -> None:
    device = site.device()
    first, _, third = (device.work(NINE + n * SLOT) for n in range(3))
    for sealed in (third, first, first):
        site.deliver(sealed)
    assert site.parts.store.missing(site.account) == {device.contract: 1}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_changed_byte_is_found(site: Site, data: st.DataObject) -> None:
    sealed = site.device().work()
    place = data.draw(st.integers(0, len(sealed.body) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != sealed.body[place]))
    body = sealed.body[:place] + bytes([byte]) + sealed.body[place + 1 :]
    assert problem(site.put_segment(sealed.altered(body=body)))[0] in {403, 422}
    assert nothing_kept(site, sealed)


def problem(answer: Any) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == answer.status_code
    assert told["title"].endswith(".")
    return answer.status_code, told["type"]


def nothing_kept(site: Site, sealed: Sealed) -> bool:
    return not site.parts.store.segments(site.account, 0, 2 * NINE) and (
        site.parts.store.sealed(sealed.contract, sealed.id) is None
    )


def flags(site: Site, start: int) -> set[Reason]:
    (stored,) = site.parts.store.segments(site.account, start, start + SLOT)
    return set(stored.flags)


def accepted(site: Site) -> str:
    """Return a contract that is active, on whatever server."""
    answer = site.call(
        "POST", "/contracts", json={"title": "T", "client": "C", "rate": "1", "currency": "EUR"}
    ).json()
    if answer["invitation"]:
        _, client = site.person("Client")
        path = answer["invitation"].removeprefix("http://testserver/api/v1")
        assert site.call("POST", path, token=client).status_code == 200
    return str(answer["contract"]["id"])


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
