"""A week's statement as data and as a page: the same figures for both sides, in words each can act on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import backend
import pytest
from backend import Site
from device import Device, webp
from doubles import NINE

from tracker.model.slot import HOUR, SLOT
from tracker.model.week import WEEK, close_of, lock_of

NEW = {"title": "Stairs", "client": "Northbeam", "rate": "60", "currency": "USD", "manual": True}
HTML = {"Accept": "text/html"}


@dataclass
class Pair:
    """A hosted server with a freelancer's two slots, one without a memo, and the client."""

    site: Site
    device: Device
    client: str

    def statement(self, **given: Any) -> dict[str, Any]:
        path = f"/contracts/{self.device.contract}/weeks/2026-W47/statement"
        answer = self.site.call("GET", path, **given)
        assert answer.status_code == 200
        return dict(answer.json())

    def page(self, query: str = "", **given: Any) -> str:
        path = f"/contracts/{self.device.contract}/weeks/2026-W47{query}"
        answer = self.site.ask("GET", path, headers=HTML, **given)
        assert answer.status_code == 200
        return " ".join(answer.text.split())


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with backend.site(tmp_path_factory.mktemp("week"), embedded=False) as site:
        made = site.call("POST", "/contracts", json=NEW).json()
        _, client = site.person("Bo")
        site.ask("POST", made["invitation"].removeprefix("http://testserver"), token=client)
        site.clock.wall = NINE + HOUR
        device = site.device(made["contract"]["id"])
        for sealed in (device.work(NINE, webp()), device.work(NINE + SLOT, webp(), memo="")):
            assert site.deliver(sealed).status_code == 201
        yield Pair(site, device, client)


@pytest.fixture(autouse=True)
def _open(pair: Pair) -> None:
    pair.site.clock.wall = NINE + HOUR


def test_the_statement_says_the_same_to_both_sides(pair: Pair) -> None:
    mine, theirs = pair.statement(), pair.statement(token=pair.client)
    assert mine == theirs
    figures = mine.pop("figures")
    assert mine == {
        "contract": pair.device.contract,
        "week": "2026-W47",
        "start": "2026-11-16T00:00:00.000Z",
        "end": "2026-11-23T00:00:00.000Z",
        "phase": "open",
        "locks_at": "2026-11-23T12:00:00.000Z",
        "closes_at": "2026-11-28T00:00:00.000Z",
        "limit_ms": None,
        "frozen_at": None,
        "now": None,
        "adjustments": [],
    }
    assert figures.pop("charges") == [
        {"currency": "USD", "tracked": "20.00", "manual": "0.00", "total": "20.00", "protected": "10.00"}
    ]
    rate = {"terms": 1, "rate": "60", "currency": "USD", "tracked_ms": 2 * SLOT, "manual_ms": 0}
    assert figures.pop("rates") == [rate]
    assert figures.pop("reasons") == [{"reason": "memo-missing", "ms": SLOT}]
    assert {name: value for name, value in figures.items() if value} == {
        "tracked_ms": 2 * SLOT,
        "billed_tracked_ms": 2 * SLOT,
        "protected_ms": SLOT,
        "upwork_ms": 2 * SLOT,
    }


def test_the_freelancer_is_told_what_helps_and_the_client_is_not(pair: Pair) -> None:
    mine, theirs = pair.page(), pair.page(token=pair.client)
    for page in (mine, theirs):
        assert "Week 47: 16 to 22 November 2026" in page
        assert "USD 20.00" in page
        assert "Nobody said what was done." in page
    assert "Give it a memo in the diary." in mine
    assert "Give it a memo in the diary." not in theirs
    assert "You can correct the week until Mon 23 November, 12:00." in mine
    assert "The freelancer can correct it until Mon 23 November, 12:00" in theirs
    assert "13:00" in pair.page("?tz=Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "mine", "theirs"),
    [
        (lock_of(NINE) - 1, "Yours to check until", "The freelancer checks the week until"),
        (lock_of(NINE), "The client can question it until Sat 28 November, 00:00", "Yours to check until"),
        (close_of(NINE), "The week is closed", "The week is closed"),
    ],
)
def test_each_side_is_told_whose_turn_it_is(pair: Pair, now: int, mine: str, theirs: str) -> None:
    pair.site.clock.wall = now
    page = pair.page()
    assert mine in page
    assert theirs in pair.page(token=pair.client)
    assert ("Give it a memo" in page) == (now < lock_of(NINE))


def test_what_names_no_week_or_zone_is_refused(pair: Pair) -> None:
    for path in ("weeks/2026-W54", "weeks/2026-W47?tz=Mars/Base"):
        answer = pair.site.ask("GET", f"/contracts/{pair.device.contract}/{path}", headers=HTML)
        assert answer.status_code == 422


def test_a_week_without_time_says_so_and_the_diary_leads_to_the_one_with(pair: Pair) -> None:
    empty = pair.site.ask("GET", f"/contracts/{pair.device.contract}/weeks/2026-W48", headers=HTML).text
    assert "Nothing was tracked in this week." in empty
    assert "USD 0.00" in empty
    diary = pair.site.ask("GET", "/diary?date=2026-11-19&tz=UTC", headers=HTML).text
    assert f'href="/contracts/{pair.device.contract}/weeks/2026-W47"' in diary


def test_alone_with_an_embedded_server_a_week_never_locks(site: Site) -> None:
    contract = site.contract(**NEW)
    site.clock.wall = NINE + WEEK
    page = site.ask("GET", f"/contracts/{contract}/weeks/2026-W47", headers=HTML).text
    assert "what you correct now stands beside it" in page
    assert "client reviews" not in page
