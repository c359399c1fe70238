"""The same server on PostgreSQL: a throw-away cluster on a socket of its own."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import backend
import clusters
import pytest
from backend import Site
from device import webp
from doubles import NINE, FakeClock
from sqlalchemy import select

from tracker.errors import StorageFailed
from tracker.evidence.keys import SigningKey
from tracker.model.slot import MINUTE, SLOT
from tracker.server.access import Word
from tracker.server.admission import Parcel, Taken
from tracker.server.database import Database
from tracker.server.diary import Worked
from tracker.server.intake import Intake
from tracker.server.tables import account
from tracker.server.tokens import BEARER, digest

NEW = {"title": "T", "client": "C", "rate": "1", "currency": "EUR"}

pytestmark = pytest.mark.skipif(clusters.PROGRAMS is None, reason="needs Debian's package postgresql")


@pytest.fixture
def site(cluster: str, tmp_path: Path) -> Iterator[Site]:
    with backend.site(tmp_path, database=cluster) as site:
        yield site


def test_a_parcel_is_taken_once_and_its_receipt_never_changes(site: Site) -> None:
    device = site.device()
    sealed = device.work(NINE, webp())
    first, again = site.deliver(sealed), site.deliver(sealed)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
    assert site.deliver(device.work(id=sealed.id, memo="Other words of it")).status_code == 409
    kept = site.call("GET", f"/contracts/{sealed.contract}/segments/{sealed.id}")
    assert kept.content == sealed.body


def test_two_processes_that_take_the_same_parcel_agree_on_the_receipt(site: Site, cluster: str) -> None:
    device = site.device()
    clock = FakeClock(site.clock.wall + MINUTE)
    other = Database.by_url(cluster)
    ours = site.parts
    theirs = Intake(ours.settings, clock, ours.pictures, ours.key)
    places = [(ours.database, ours.intake), (other, theirs)]
    word = Word(BEARER, digest(site.token), site.clock.wall)
    for n in range(20):
        sealed = device.work(NINE + n * SLOT)
        parcel = Parcel(word, sealed.contract, sealed.id, sealed.body, sealed.signature)
        with ThreadPoolExecutor(2) as pool:
            work = [partial(take, *place, parcel) for place in places]
            taken = [one.result(20) for one in [pool.submit(one) for one in work]]
        assert taken[0].receipt == taken[1].receipt
        assert sorted(one.new for one in taken) == [False, True]
    other.close()
    assert device.contract not in site.parts.store.missing(site.account)


def take(database: Database, intake: Intake, parcel: Parcel) -> Taken:
    return database.write(lambda connection: intake.put_segment(connection, parcel))


def test_chains_overlaps_and_days_are_the_same_as_on_sqlite(site: Site) -> None:
    desk, laptop = site.device(), site.device(key=SigningKey("44" * 32))
    begin = NINE + 7 * 24 * 60 * MINUTE
    desk.work(begin - SLOT)  # never delivered
    site.clock.wall = begin + SLOT
    site.deliver(desk.work(begin, ms=4 * MINUTE))
    site.deliver(laptop.work(begin + MINUTE, ms=8 * MINUTE))
    store = site.parts.store
    assert store.missing(site.account)[desk.contract] == 1
    assert [one.overlap for one in store.segments(site.account, begin, begin + SLOT)] == [
        (),
        ((begin + MINUTE, begin + 4 * MINUTE),),
    ]
    tracked = store.tracked(site.account, begin, begin + SLOT)
    assert tracked == {
        desk.contract: Worked(4 * MINUTE),
        laptop.contract: Worked(8 * MINUTE, overlap_ms=3 * MINUTE),
    }
    day = site.call("GET", "/diary?date=2026-11-26&tz=UTC").json()
    assert day["totals"]["tracked_ms"] == 12 * MINUTE


def test_two_devices_that_deliver_to_two_processes_at_once_bill_a_second_once(
    site: Site, cluster: str
) -> None:
    ours = site.parts
    site.clock.wall = NINE + 14 * 24 * 60 * MINUTE
    other = Database.by_url(cluster)
    places = [
        (ours.database, ours.intake),
        (other, Intake(ours.settings, site.clock, ours.pictures, ours.key)),
    ]
    devices = [site.device(key=SigningKey(f"{number}{number}" * 32)) for number in (5, 6)]
    word = Word(BEARER, digest(site.token), site.clock.wall)
    rounds = 40
    for n in range(rounds):
        begin = site.clock.wall - (n + 1) * SLOT
        both = [device.work(begin) for device in devices]
        parcels = [Parcel(word, one.contract, one.id, one.body, one.signature) for one in both]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda at: take(*at[0], at[1]), zip(places, parcels, strict=True)))
    other.close()
    worked = ours.store.tracked(site.account, site.clock.wall - rounds * SLOT, site.clock.wall).values()
    assert sum(one.ms for one in worked) == 2 * rounds * SLOT
    assert sum(one.overlap_ms for one in worked) == rounds * SLOT


def test_what_overlaps_is_counted_elsewhere_as_on_sqlite(site: Site) -> None:
    begin = NINE + 21 * 24 * 60 * MINUTE
    site.clock.wall = begin + SLOT
    desk, laptop = site.device(), site.device(key=SigningKey("44" * 32))
    site.deliver(desk.work(begin, ms=4 * MINUTE))
    sealed = laptop.work(begin + MINUTE, ms=8 * MINUTE)
    site.deliver(sealed)
    answer = site.call("POST", f"/contracts/{sealed.contract}/segments/{sealed.id}/overlap")
    assert (answer.status_code, answer.json()["overlap_ms"]) == (200, 0)
    assert [one.overlap for one in site.parts.store.segments(site.account, begin, begin + SLOT)] == [
        ((begin + MINUTE, begin + 4 * MINUTE),),
        (),
    ]
    week = site.call("GET", f"/contracts/{desk.contract}/weeks/2026-W50").json()
    assert (week["tracked_ms"], week["overlap_ms"]) == (4 * MINUTE, 3 * MINUTE)


def test_who_reads_sees_one_moment_as_on_sqlite(site: Site) -> None:
    with site.parts.database.read() as connection:
        before = connection.execute(select(account.c.id)).all()
        site.person("Bo")
        assert connection.execute(select(account.c.id)).all() == before
    with site.parts.database.read() as connection:
        assert len(connection.execute(select(account.c.id)).all()) == len(before) + 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", f"/contracts/a%00b/pictures/{'0' * 64}", None),
        ("PUT", "/contracts/a%00b/segments/00000000-0000-7000-8000-000000000000", None),
        ("GET", "/contracts/a%00b/segments", None),
        ("GET", "/contracts/{contract}/revisions?segment=a%00b", None),
        ("GET", "/diary?contract=a%00b", None),
        ("POST", "/contracts", NEW | {"title": "a\0b"}),
        ("POST", "/devices", {"public_key": base64.b64encode(bytes(32)).decode(), "name": "a\0b"}),
    ],
)
def test_a_character_that_it_cannot_hold_is_refused(
    site: Site, method: str, path: str, body: dict[str, str] | None
) -> None:
    answer = site.call(method, path.format(contract=site.contract()), json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, "malformed")


def test_links_and_invitations_are_used_once(cluster: str, tmp_path: Path) -> None:
    with backend.site(tmp_path, database=cluster, embedded=False) as site:
        path = (
            site.call("POST", "/contracts", json=NEW).json()["invitation"].removeprefix("http://testserver")
        )
        words = [site.person(name)[1] for name in ("Bo", "Cy")]
        assert [site.ask("POST", path, token=word).status_code for word in words] == [200, 404]
        link = site.call("POST", "/links", json={"path": "/diary"}).json()["url"]
        with ThreadPoolExecutor(4) as pool:
            answers = sorted(answer.status_code for answer in pool.map(site.client.get, [link] * 4))
        assert answers == [303, 410, 410, 410]


def test_a_server_that_is_away_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match="cannot be opened"):
        Database.by_url(f"postgresql+psycopg://nobody@/nothing?host={tmp_path}")
