"""A week's evidence as the API tells it: all that was signed, verbatim, and what is known to be missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import backend
import clusters
import msgspec
import pytest
from backend import Site
from device import webp
from doubles import NINE
from sqlalchemy import update

from tracker.evidence.receipts import holds
from tracker.evidence.signing import parse_signature
from tracker.model.revision import Change
from tracker.model.slot import DAY, HOUR
from tracker.server import evidence, tables
from tracker.wire.evidence import ChainView, Link, WeekEvidence
from tracker.wire.receipt import Receipt


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param(
            "postgresql",
            marks=pytest.mark.skipif(clusters.PROGRAMS is None, reason="needs Debian's package postgresql"),
        ),
    ]
)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    database = request.getfixturevalue("cluster") if request.param == "postgresql" else None
    with backend.site(tmp_path, database=database) as site:
        yield site


def told(site: Site, contract: str, week: str = "2026-W47", cursor: str = "") -> WeekEvidence:
    answer = site.call("GET", f"/contracts/{contract}/weeks/{week}/evidence", params={"cursor": cursor})
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=WeekEvidence)


def test_what_was_received_is_told_verbatim_with_the_keys_to_check_it(site: Site) -> None:
    device = site.device()
    sealed = device.work(NINE, webp())
    receipt = site.deliver(sealed).content
    memo = device.revise(sealed, Change.MEMO, memo="Checkout: error copy")
    site.deliver(memo)
    site.deliver(device.work(NINE + 7 * DAY))

    week = told(site, device.contract)

    (kept,) = week.segments
    assert (kept.id, kept.body, kept.signature, kept.receipt) == (
        *(sealed.id, sealed.body, sealed.signature),
        receipt,
    )
    assert [one.body for one in week.revisions] == [memo.body]
    (signer,), (server,) = week.devices, week.keys
    assert parse_signature(kept.signature).of(signer.public_key, kept.body)
    read = msgspec.json.decode(kept.receipt, type=Receipt)
    assert holds(read, segment=kept.id, body=kept.body, public=server.public_key)
    assert [one.state for one in week.pictures] == ["stored"]
    assert week.chains == (ChainView(device.contract, device.key.id, 3, (), ()),)
    assert week.next is None
    assert [one.id for one in told(site, device.contract, "2026-W48").segments] != [sealed.id]


def test_what_was_not_delivered_and_what_lies_elsewhere_is_told_by_its_number(site: Site) -> None:
    device = site.device()
    for number in range(1, 10):
        other_week, lost = number in {3, 5}, number in {2, 6, 7, 9}
        sealed = device.work(NINE + number * HOUR + other_week * 7 * DAY)
        if not lost:
            site.deliver(sealed)
        if number == 3:
            third = sealed.sha256
        elif number == 5:
            fifth = sealed.sha256

    week = told(site, device.contract)

    (chain,) = week.chains
    assert [one.seq for one in chain.elsewhere] == [3, 5]
    assert chain.elsewhere == (Link(3, third), Link(5, fifth))
    assert chain.absent == ((2, 3), (6, 8))  # that 9 was sealed nobody here can know
    assert chain.top == 8
    (next_week,) = told(site, device.contract, "2026-W48").chains
    assert next_week.absent == ((2, 3), (6, 8))  # 6 and 7 may be of either


def test_a_discarded_segment_has_a_tombstone_and_its_revision(site: Site) -> None:
    device = site.device()
    sealed = device.work(NINE, webp())
    site.deliver(sealed)
    memo = device.revise(sealed, Change.MEMO, memo="Something private")
    site.deliver(memo)
    discard = device.revise(sealed, Change.DISCARD)
    assert site.deliver(discard).status_code == 201

    week = told(site, device.contract)

    assert week.segments == ()
    assert [one.id for one in week.revisions] == [discard.id]
    assert {(one.kind, one.id, one.sha256, one.revision) for one in week.tombstones} == {
        ("segment", sealed.id, sealed.sha256, discard.id),
        ("revision", memo.id, memo.sha256, discard.id),
    }
    assert [one.absent for one in week.chains] == [()]
    assert told(site, device.contract, "2026-W48").tombstones == ()


def test_a_revision_that_came_before_its_segment_belongs_to_its_week(site: Site) -> None:
    device = site.device()
    sealed = device.work(NINE)
    memo = device.revise(sealed, Change.MEMO, memo="Checkout: error copy")
    site.deliver(memo)

    week = told(site, device.contract)
    assert ([one.id for one in week.revisions], week.segments) == ([memo.id], ())
    assert week.chains[0].absent == ((1, 2),)
    assert told(site, device.contract, "2026-W48").revisions == ()


def test_a_long_week_comes_in_pages(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "_PAGE", 3000)
    device = site.device()
    sent = [device.work(NINE + n * HOUR) for n in range(8)]
    for sealed in sent:
        site.deliver(sealed)

    pages = [told(site, device.contract)]
    while pages[-1].next:
        pages.append(told(site, device.contract, cursor=pages[-1].next))

    assert len(pages) > 2
    assert [one.id for page in pages for one in page.segments] == [one.id for one in sent]
    assert [len(page.chains) for page in pages] == [1] + [0] * (len(pages) - 1)
    assert all(page.devices for page in pages)


def test_a_cursor_of_another_week_leads_to_nothing_of_it(site: Site) -> None:
    device = site.device()
    before, sealed = device.work(NINE - 7 * DAY), device.work(NINE)
    for one in (before, sealed):
        site.deliver(one)

    cursor = f"{NINE - 8 * DAY}.{before.id}"
    assert [one.id for one in told(site, device.contract, cursor=cursor).segments] == [sealed.id]
    assert told(site, device.contract, cursor=f"{NINE}.{sealed.id}").segments == ()


@pytest.mark.parametrize("asked", ["2026-W54/evidence", "x/evidence", "2026-W47/evidence?cursor=x"])
def test_what_is_no_week_or_cursor_is_refused(site: Site, asked: str) -> None:
    contract = site.contract()
    assert site.call("GET", f"/contracts/{contract}/weeks/{asked}").status_code == 422


@pytest.mark.parametrize("broken", [b"{", b"\xff\xfe"])
def test_damaged_bytes_are_told_as_they_are(site: Site, broken: bytes) -> None:
    device = site.device()
    sealed = device.work(NINE, webp())
    memo = device.revise(sealed, Change.MEMO, memo="Checkout: error copy")
    for one in (sealed, memo):
        site.deliver(one)
    for of in (tables.segment, tables.revision):
        site.parts.database.write(
            lambda connection, of=of: connection.execute(update(of).values(body=broken))
        )

    week = told(site, device.contract)
    assert {one.body for one in (*week.segments, *week.revisions)} == {broken}
