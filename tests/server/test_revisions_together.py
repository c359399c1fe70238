"""Revisions beside other work: on PostgreSQL, in two processes at once, in one commit with a refusal."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import backend
import clusters
import pytest
from backend import Site
from device import Sealed, webp
from doubles import NINE, FakeClock
from waiting import until

from tracker.evidence.keys import SigningKey
from tracker.model.revision import Change
from tracker.model.slot import MINUTE, SLOT
from tracker.server.access import Word
from tracker.server.admission import Parcel, Taken
from tracker.server.application import assemble
from tracker.server.parts import Parts
from tracker.server.problems import Refusal
from tracker.server.tokens import BEARER, digest

WORDS = "Choosing the doors"


@pytest.fixture
def hosted(cluster: str, tmp_path: Path) -> Iterator[Site]:
    with backend.site(tmp_path, database=cluster) as site:
        yield site


def parcel(site: Site, sealed: Sealed) -> Parcel:
    word = Word(BEARER, digest(site.token), site.clock.wall)
    return Parcel(word, sealed.contract, sealed.id, sealed.body, sealed.signature)


def take(parts: Parts, of: Parcel, sealed: Sealed) -> Taken:
    put = parts.revisions.put if sealed.revises else parts.intake.put_segment
    return parts.database.write(lambda connection: put(connection, of))


postgresql = pytest.mark.skipif(clusters.PROGRAMS is None, reason="needs Debian's package postgresql")


@postgresql
def test_all_changes_are_the_same_as_on_sqlite(hosted: Site, order: str) -> None:
    site = hosted
    site.clock.wall = NINE + 6 * SLOT
    device = site.device()
    slots = [device.work(NINE + n * SLOT, webp(n % 3)) for n in range(4)]
    changes = [
        device.revise(slots[0], Change.MEMO, memo=WORDS),
        device.revise(slots[1], Change.WITHHOLD),
        device.revise(slots[2], Change.BLUR, webp(9)),
    ]
    for sealed, change in zip(slots, changes, strict=False):
        site.deliver_in(order, sealed, change)
    for one in (slots[3], device.revise(slots[3], Change.DISCARD)):  # the picture of the first, too
        assert site.deliver(one).status_code == 201
    shown = site.call("GET", f"/contracts/{device.contract}/segments").json()["segments"]
    assert [one["memo"] == WORDS for one in shown] == [True, False, False]
    assert [shot["state"] for one in shown for shot in one["shots"]] == ["kept", "withheld", "blurred"]
    folder = site.parts.settings.pictures / device.contract
    assert {path.name for path in folder.iterdir()} == {*slots[0].pictures, *changes[2].pictures}
    assert device.contract not in site.parts.store.missing(site.account)
    for one in (*slots, *changes):
        assert site.deliver(one).status_code == 200


@postgresql
def test_a_segment_and_its_revision_that_come_to_two_processes_at_once_agree(
    hosted: Site,
) -> None:
    ours, clock = hosted.parts, FakeClock(hosted.clock.wall + MINUTE)
    other = assemble(ours.settings, clock, clock)
    device = hosted.device()
    rounds = 15
    for n in range(rounds):
        sealed = device.work(NINE + n * SLOT, webp(n))
        change = device.revise(sealed, (Change.WITHHOLD, Change.DISCARD)[n % 2])
        for sha256, data in sealed.pictures.items():
            hosted.put_picture(sealed.contract, sha256, data)
        work = [(ours, parcel(hosted, sealed), sealed), (other, parcel(hosted, change), change)]
        with ThreadPoolExecutor(2) as pool:
            came, changed = [pool.submit(take, *one) for one in work]
        told = [*changed.result().destroyed]
        if came.exception() is None:
            told += came.result().destroyed
        else:  # discarded a moment before it came: its picture is one that nobody needs, and is swept
            assert n % 2
            told += sealed.pictures
        assert told == [*sealed.pictures]  # by whichever came later
    stored = ours.store.segments(hosted.account, NINE, NINE + rounds * SLOT, device.contract)
    assert [one.segment.start for one in stored] == [NINE + n * SLOT for n in range(0, rounds, 2)]
    assert {shot.state for one in stored for shot in one.segment.shots} == {"withheld"}
    assert device.contract not in ours.store.missing(hosted.account)
    other.database.close()


def test_what_is_refused_in_a_shared_commit_leaves_nothing_and_costs_the_others_nothing(site: Site) -> None:
    desk, laptop = site.device(), site.device(key=SigningKey("44" * 32))
    held, other = desk.work(NINE, webp(1)), laptop.work(NINE + SLOT, webp(2))
    for one in (held, other):
        site.deliver(one)
    refused = desk.revise(held, Change.BLUR, webp(7))  # its picture was never sent
    good = [laptop.revise(other, Change.WITHHOLD), laptop.revise(other, Change.MEMO, memo=WORDS)]
    busy, release = threading.Event(), threading.Event()

    def slow(_connection: object) -> None:
        busy.set()
        release.wait(20)

    with ThreadPoolExecutor(4) as pool:
        pool.submit(site.parts.database.write, slow)
        busy.wait(20)
        work = [pool.submit(take, site.parts, parcel(site, one), one) for one in (good[0], refused, good[1])]
        until(lambda: site.parts.database._jobs.qsize() == 3, "all to wait")
        release.set()
        assert [work[n].result(20).new for n in (0, 2)] == [True, True]
        with pytest.raises(Refusal, match="missing-pictures"):
            work[1].result(20)
    assert site.ask("GET", refused.path).status_code == 404
    assert site.parts.store.missing(site.account) == {}
    assert [(one["memo"], one["shots"][0]["state"]) for one in site.shown()] == [
        ("Drawing the floor plan", "kept"),
        (WORDS, "withheld"),
    ]
