"""Contracts: made from what a person typed, accepted by the other side, seen by their members."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import backend
import pytest
from backend import ORIGIN, Site
from device import Device
from doubles import NINE

from tracker.model.slot import HOUR, SLOT, instant
from tracker.model.week import WEEK

GOOD = {
    "title": "Checkout",
    "client": "Northbeam",
    "rate": "62.50",
    "currency": "USD",
    "weekly_limit_ms": 20 * HOUR,
}


def test_an_embedded_contract_is_active_at_once(site: Site) -> None:
    made = site.call("POST", "/contracts", json=GOOD | {"manual": True})
    assert made.status_code == 201
    contract = made.json()["contract"]
    assert (contract["rate"], contract["currency"], contract["state"]) == ("62.50", "USD", "active")
    assert contract["terms"]["weekly_limit_ms"] == 20 * HOUR
    assert contract["terms"]["policy"]["manual"] is True
    assert made.json()["invitation"] is None
    assert site.call("GET", "/contracts").json() == [contract]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"rate": "much"}, "rate"),
        ({"rate": "-1"}, "rate"),
        ({"rate": "NaN"}, "rate"),
        ({"rate": "1e5"}, "rate"),
        ({"rate": "100000.01"}, "rate"),
        ({"rate": "\u0661"}, "rate"),  # an Arabic digit
        ({"rate": 40}, "rate"),
        ({"rate": ""}, "rate"),
        ({"currency": "usd"}, "currency"),
        ({"currency": "DOLLARS"}, "currency"),
        ({"weekly_limit_ms": -1}, "weekly_limit"),
        ({"weekly_limit_ms": WEEK + 1}, "weekly_limit"),
        ({"weekly_limit_ms": "many"}, "weekly_limit"),
        ({"title": ""}, "title"),
        ({"title": "  "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"client": "x" * 201}, "client"),
    ],
)
def test_terms_that_cannot_be_meant_are_refused_by_name(
    site: Site, change: dict[str, Any], word: str
) -> None:
    answer = site.call("POST", "/contracts", json=GOOD | change)
    assert (answer.status_code, answer.json()["type"]) == (422, "malformed")
    assert word in answer.json()["detail"]
    assert site.call("GET", "/contracts").json() == []


def test_an_invitation_is_accepted_once_by_somebody_else(tmp_path: Path) -> None:
    with backend.site(tmp_path, embedded=False) as site:
        made = site.call("POST", "/contracts", json=GOOD).json()
        assert made["contract"]["state"] == "pending"
        path = made["invitation"].removeprefix("http://testserver/api/v1")
        (_, client), (_, late) = site.person("Client"), site.person("Late")
        assert site.call("POST", path).status_code == 404  # one's own
        accepted = site.call("POST", path, token=client).json()
        assert accepted["state"] == "active"
        assert site.call("POST", path, token=late).status_code == 404
        assert [site.call("GET", "/contracts", token=word).json() for word in (client, late)] == [
            [accepted],
            [],
        ]


def test_segments_come_page_by_page_in_order_of_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.server.api.diary._PAGE", 3)
    device = site.device()
    sent = [device.work(NINE + n * SLOT // 2, ms=SLOT // 2) for n in range(14)]
    for sealed in reversed(sent):
        site.deliver(sealed)
    found, asked = pages(site, device, {})
    assert found == [one.id for one in sent]
    assert asked > 2
    between = {"from": instant(NINE + SLOT // 2), "to": instant(NINE + 3 * SLOT)}
    assert pages(site, device, between)[0] == [one.id for one in sent[1:6]]


def test_a_contract_without_segments_has_one_empty_page(site: Site) -> None:
    answer = site.call("GET", f"/contracts/{site.contract()}/segments")
    assert answer.json() == {"segments": [], "next": None}


@pytest.mark.parametrize("given", ["from=yesterday", "to=9999", "cursor=x", "from=99999-01-01"])
def test_an_instant_that_cannot_be_read_is_refused(site: Site, given: str) -> None:
    answer = site.call("GET", f"/contracts/{site.contract()}/segments?{given}")
    assert (answer.status_code, answer.json()["type"]) == (422, "malformed")
    assert given.partition("=")[0] in answer.json()["detail"]


def test_a_day_shows_what_was_delivered(site: Site) -> None:
    device = site.device()
    sealed = device.work(NINE)
    receipt = site.deliver(sealed).json()
    day = site.call("GET", "/diary?date=2026-11-19&tz=UTC").json()
    ((cell,), totals) = day["cells"], day["totals"]
    assert cell["segments"][0]["receipt"] == receipt
    assert (cell["contract"], totals["tracked_ms"]) == (device.contract, SLOT)
    assert site.call("GET", f"/diary?date=2026-11-19&contract={site.contract()}").json()["cells"] == []


def test_two_devices_of_one_account_keep_their_own_chains(site: Site) -> None:
    contract = site.contract()
    first, second = site.device(contract), Device(ORIGIN, site.account, contract)
    assert site.deliver(first.work(NINE)).status_code == 201
    assert site.deliver(second.work(NINE + SLOT)).status_code == 201  # the same key, begun anew
    assert site.parts.store.missing(site.account) == {}


def pages(site: Site, device: Device, given: dict[str, str]) -> tuple[list[str], int]:
    """Return the ids of all segments, and how many pages they filled."""
    found: list[str] = []
    asked, cursor = 0, ""
    while cursor is not None:
        params = given | ({"cursor": cursor} if cursor else {})
        page = site.call("GET", f"/contracts/{device.contract}/segments", params=params).json()
        found += [one["id"] for one in page["segments"]]
        asked, cursor = asked + 1, page["next"]
    return found, asked
