"""Later changes to segments: taken before or after them, once, by any device of the freelancer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import backend
import msgspec
import pytest
from backend import Site
from device import Device, webp
from doubles import NINE
from sqlalchemy import update

from tracker.evidence.keys import SigningKey
from tracker.evidence.receipts import holds
from tracker.evidence.signing import HEADER
from tracker.model.revision import Change
from tracker.model.slot import DAY, HOUR, SLOT
from tracker.model.week import lock_of
from tracker.server.tables import contract
from tracker.wire.receipt import Receipt

LAPTOP = SigningKey("44" * 32)
WORDS = "Choosing the doors"


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Site]:
    with backend.site(tmp_path / "hosted", embedded=False) as site:
        yield site


def test_a_memo_that_was_changed_later_is_the_one_that_counts(site: Site, order: str) -> None:
    site.clock.wall = NINE + SLOT
    device = site.device()
    sealed = device.work(NINE, webp(), memo="")
    first = device.revise(sealed, Change.MEMO, memo="Doors", at=NINE + HOUR)
    second = device.revise(sealed, Change.MEMO, memo=WORDS, at=NINE + 2 * HOUR)
    site.deliver_in(order, sealed, second, first)
    (view,) = site.shown()
    assert (view["memo"], view["verdict"]["protected"]) == (WORDS, True)
    cell = f"cell={NINE // 1000}.{sealed.contract}"
    page = site.ask("GET", f"/diary?date=2026-11-19&tz=UTC&{cell}").text
    assert "Changed Thursday 11:00" in page
    assert WORDS in page
    listed = site.call("GET", f"/contracts/{sealed.contract}/revisions?segment={sealed.id}").json()
    assert [one["memo"] for one in listed] == ["Doors", WORDS]
    assert site.call("GET", f"/contracts/{sealed.contract}/segments").json()["segments"] == [view]


def test_segment_and_revision_are_kept_verbatim_and_signed_for(site: Site, order: str) -> None:
    device = site.device()
    sealed = device.work(NINE, webp())
    revision = device.revise(sealed, Change.WITHHOLD)
    site.deliver_in(order, sealed, revision)
    for one in (sealed, revision):
        kept = site.ask("GET", one.path)
        assert (kept.content, kept.headers[HEADER]) == (one.body, one.signature)
        again = msgspec.json.decode(site.put_segment(one).content, type=Receipt)
        assert holds(again, segment=one.id, body=one.body, public=site.parts.key.public)
    assert site.parts.store.missing(site.account) == {}


@pytest.mark.parametrize("change", list(Change))
def test_the_same_revision_again_gets_the_same_receipt_to_the_byte(site: Site, change: Change) -> None:
    device = site.device()
    sealed = device.work(NINE, webp(1))
    blurred = (webp(2),) if change is Change.BLUR else ()
    revision = device.revise(sealed, change, *blurred)
    site.deliver(sealed)
    first = site.deliver(revision)
    site.clock.advance(HOUR)
    again = site.deliver(revision)
    assert (first.status_code, again.status_code, again.content) == (201, 200, first.content)


def test_other_bytes_under_a_known_id_change_nothing(site: Site) -> None:
    device = site.device()
    sealed = device.work()
    revision = device.revise(sealed, Change.MEMO, memo=WORDS)
    site.deliver_in("after", sealed, revision)
    other = device.revise(sealed, Change.DISCARD, id=revision.id)
    assert problem(site.deliver(other)) == (409, "different-bytes")
    assert [one["memo"] for one in site.shown()] == [WORDS]


def test_any_device_of_the_freelancer_may_revise_what_another_has_tracked(site: Site, order: str) -> None:
    desk = site.device()
    laptop = site.device(desk.contract, key=LAPTOP)
    sealed = desk.work(NINE, webp())
    site.deliver_in(order, sealed, laptop.revise(sealed, Change.MEMO, memo=WORDS))
    assert [one["memo"] for one in site.shown()] == [WORDS]
    assert site.parts.store.missing(site.account) == {}


@pytest.mark.parametrize(
    ("alter", "expected"),
    [
        (lambda one: one.altered(body=one.body[:-1]), (422, "malformed")),
        (lambda one: one.altered(body=one.body.replace(b'"memo":"', b'"memo":"so ')), (422, "bad-signature")),
        (lambda one: one.altered(signature=""), (422, "bad-signature")),
        (lambda one: one.altered(id="00000000-0000-7000-8000-00000000ffff"), (422, "malformed")),
        (lambda one: one.altered(revises=None), (422, "malformed")),  # put as a segment
    ],
)
def test_what_is_not_as_it_was_sealed_is_refused(site: Site, alter: Any, expected: tuple[int, str]) -> None:
    device = site.device()
    sealed = device.work()
    site.deliver(sealed)
    revision = device.revise(sealed, Change.MEMO, memo=WORDS)
    assert problem(site.put_segment(alter(revision))) == expected
    assert site.call("GET", f"/contracts/{sealed.contract}/revisions?segment={sealed.id}").json() == []


def test_a_revision_of_other_bytes_or_another_shot_is_refused(site: Site) -> None:
    device = site.device()
    sealed, other = device.work(NINE, webp()), device.work(NINE + SLOT, webp(1))
    site.deliver(sealed)
    foreign = device.revise(sealed.altered(body=sealed.body + b" "), Change.MEMO, memo=WORDS)
    assert problem(site.put_segment(foreign)) == (422, "wrong-segment")
    shot = device.revise(other, Change.WITHHOLD).body.partition(b'"shot":"')[2][:36].decode()
    assert problem(site.put_segment(device.revise(sealed, Change.WITHHOLD, shot=shot))) == (422, "wrong-shot")
    itself = Device(device.server, device.account, device.contract).revise(sealed, Change.DISCARD)
    assert problem(site.put_segment(itself)) == (422, "malformed")
    assert [one["memo"] for one in site.shown()] == ["Drawing the floor plan"]


def test_a_revision_of_other_bytes_that_came_first_changes_nothing(site: Site) -> None:
    device = site.device()
    sealed = device.work(NINE, webp())
    foreign = device.revise(sealed.altered(body=sealed.body + b" "), Change.WITHHOLD)
    assert site.deliver(foreign).status_code == 201
    assert site.deliver(sealed).json()["pictures"][0]["state"] == "stored"
    assert [shot["state"] for one in site.shown() for shot in one["shots"]] == ["kept"]


def test_test_mode_and_other_people_are_refused_as_with_segments(site: Site) -> None:
    device = site.device()
    sealed = device.work()
    site.deliver(sealed)
    tested = device.revise(sealed, Change.MEMO, memo=WORDS, test=True)
    assert problem(site.deliver(tested)) == (403, "test-segment")
    stranger = Device(device.server, device.account, device.contract, SigningKey("77" * 32))
    assert problem(site.deliver(stranger.revise(sealed, Change.DISCARD))) == (403, "unknown-device")
    somebody = Device(device.server, "somebody", device.contract, device.key)
    assert problem(site.deliver(somebody.revise(sealed, Change.DISCARD))) == (403, "wrong-account")


@pytest.mark.parametrize(
    ("change", "status"), [(Change.MEMO, 403), *((one, 201) for one in Change if one != "memo")]
)
def test_no_state_of_a_contract_stops_taking_something_back(site: Site, change: Change, status: int) -> None:
    device = site.device()
    sealed = device.work(NINE, webp(1))
    pause = update(contract).where(contract.c.id == device.contract).values(state="ended", state_since=NINE)
    site.parts.database.write(lambda connection: connection.execute(pause))
    blurred = (webp(2),) if change is Change.BLUR else ()
    assert site.deliver(device.revise(sealed, change, *blurred)).status_code == status


@pytest.mark.parametrize("change", list(Change))
def test_what_was_held_before_stays_as_it_is_when_its_week_is_locked(hosted: Site, change: Change) -> None:
    device = hosted.device(hosted.accepted())
    sealed, later = device.work(NINE, webp(1)), device.work(NINE + SLOT, webp(2))
    hosted.deliver(sealed)
    blurred = (webp(3),) if change is Change.BLUR else ()
    revisions = [device.revise(one, change, *blurred) for one in (sealed, sealed, later)]
    hosted.clock.wall = lock_of(NINE) - 1
    assert hosted.deliver(revisions[0]).status_code == 201
    hosted.clock.wall = lock_of(NINE)
    assert hosted.deliver(revisions[0]).status_code == 200
    assert hosted.deliver(revisions[2]).status_code == 201  # of what nobody has seen yet
    if change is not Change.DISCARD:
        assert problem(hosted.deliver(revisions[1])) == (403, "week-locked")


def test_whoever_is_both_sides_may_change_a_locked_week(site: Site) -> None:
    device = site.device()
    sealed = device.work()
    site.deliver(sealed)
    site.clock.wall = lock_of(NINE) + DAY
    assert site.deliver(device.revise(sealed, Change.DISCARD)).status_code == 201


def test_the_chain_is_one_for_segments_and_revisions(site: Site) -> None:
    device = site.device()
    first = device.work(NINE)
    revision = device.revise(first, Change.MEMO, memo=WORDS)
    second = device.work(NINE + SLOT)
    site.deliver(second)
    assert site.parts.store.missing(site.account) == {device.contract: 2}
    site.deliver(revision)
    assert site.parts.store.missing(site.account) == {device.contract: 1}
    site.deliver(first)
    assert site.parts.store.missing(site.account) == {}


def problem(answer: Any) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"]
