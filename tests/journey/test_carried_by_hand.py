"""Work that was carried to another device by hand, and delivered from both: a real server has each once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from couriers import Courier
from device import webp
from doubles import NINE
from hosted import ORIGIN, Hosted

from tracker.carrying import outbox_check, outbox_export, outbox_import
from tracker.model.segment import Key
from tracker.model.slot import HOUR
from tracker.sync.syncer import Report
from tracker.wire.account import Account

SLOTS = 6


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Hosted]:
    hosted = Hosted(tmp_path / "server")
    hosted.settle(contracts=1)
    yield hosted
    hosted.kill()


def device(hosted: Hosted, folder: Path, seed: str) -> Courier:
    key = Key(ORIGIN, hosted.account, hosted.contracts[0])
    account = Account(ORIGIN, hosted.account, "Ada")
    return Courier(folder, seed, key, f"http://127.0.0.1:{hosted.port}", hosted.token, account=account)


def on_the_server(hosted: Hosted) -> list[tuple[str, str]]:
    """Return id and memo of each segment the server holds."""
    bearer = {"Authorization": f"Bearer {hosted.token}"}
    url = f"http://127.0.0.1:{hosted.port}/api/v1/contracts/{hosted.contracts[0]}/segments"
    span = {"from": "2026-11-19T00:00:00.000Z", "to": "2026-11-20T00:00:00.000Z"}
    page = httpx2.get(url, params=span, headers=bearer).raise_for_status().json()
    assert page["next"] is None
    return sorted((one["id"], one["memo"]) for one in page["segments"])


def test_whoever_delivers_it_the_server_has_it_once(hosted: Hosted, tmp_path: Path) -> None:
    studio, laptop = (device(hosted, tmp_path / name, seed) for name, seed in (("s", "41"), ("l", "42")))
    laptop.work(50)  # the laptop is signed in before anything is carried to it
    assert laptop.syncer.drain(20).delivered == 1
    made = [studio.work(number, webp(number)) for number in range(SLOTS)]
    studio.outbox.seal_due(NINE)
    studio.outbox.change_memo(made[0].id, "What it really was", NINE + HOUR)
    studio.outbox.withhold(made[1].id, made[1].shots[0].id, NINE + HOUR)
    studio.outbox.discard(made[2].id, NINE + HOUR)
    expected = sorted(
        (one.id, "What it really was" if one is made[0] else one.memo) for one in made if one is not made[2]
    )

    outbox_export(studio.commands, str(tmp_path / "stick"))
    outbox_import(laptop.commands, str(tmp_path / "stick"))
    first = laptop.syncer.drain(30)

    assert first == Report(delivered=SLOTS - 1 + 3, held=0, waiting=0, refused=0)
    held = on_the_server(hosted)
    assert [one for one in held if one in expected] == expected
    assert len(held) == len(expected) + 1
    assert outbox_check(laptop.commands) == []

    second = studio.syncer.drain(30)  # back online, with all of it

    assert second == first
    assert on_the_server(hosted) == held
    assert outbox_check(studio.commands) == []
    print(f"N {len(expected)}, lost 0, doubled 0")  # noqa: T201  # a promise prints its counts
    for one in (studio, laptop):
        assert set(one.states().values()) == {"delivered"}
        one.end()


@pytest.mark.expects_log("pictures of segment .* are lost: its time goes without them")
def test_a_lost_picture_does_not_cost_the_time(hosted: Hosted, tmp_path: Path) -> None:
    desk = device(hosted, tmp_path / "desk", "43")
    both, lost = desk.work(60, webp(60), webp(61)), desk.work(61, webp(62))
    desk.outbox.seal_due(NINE)
    with desk.database.transaction() as connection:  # as where a page of the file cannot be read any more
        gone = [both.shots[0].pictures[1].sha256, lost.shots[0].pictures[0].sha256]
        connection.executemany("DELETE FROM picture WHERE sha256 = ?", [(one,) for one in gone])

    report = desk.syncer.drain(30)

    assert report == Report(delivered=4, held=0, waiting=0, refused=0)
    assert {both.id, lost.id} <= {id_ for id_, _ in on_the_server(hosted)}
    assert outbox_check(desk.commands) == []
    desk.end()
