"""What is taken back is gone: pictures and time, on the disk too, whichever came first; the chain knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import backend
import pytest
from backend import Site
from device import Sealed, webp
from doubles import NINE
from sqlalchemy import select

from tracker.evidence.keys import SigningKey
from tracker.model.protection import Reason
from tracker.model.revision import Change
from tracker.model.slot import MINUTE, SLOT
from tracker.server.inspection import faults
from tracker.server.pictures import Pictures
from tracker.server.tables import choice, segment, tombstone
from tracker.server.upkeep import destroy_again, sweep

LAPTOP = SigningKey("44" * 32)
WORDS = "Choosing the doors"


def files(site: Site) -> set[str]:
    """Return the names of all files of pictures, small ones included."""
    return {path.name for path in site.parts.settings.pictures.rglob("*") if path.is_file()}


def states(answer: Any) -> dict[str, str]:
    return {one["sha256"]: one["state"] for one in answer.json()["pictures"]}


def picture(sealed: Sealed, *, w: int | None = None) -> str:
    (sha256,) = sealed.pictures
    return f"/contracts/{sealed.contract}/pictures/{sha256}" + (f"?w={w}" if w else "")


def test_a_withheld_picture_is_gone_with_all_that_was_made_of_it(site: Site) -> None:
    site.clock.wall = NINE + SLOT
    device = site.device()
    sealed = device.work(NINE, webp())
    site.deliver(sealed)
    assert [site.ask("GET", picture(sealed, w=w)).status_code for w in (None, 320)] == [200, 200]
    assert len(files(site)) == 2
    answer = site.deliver(device.revise(sealed, Change.WITHHOLD))
    assert set(states(answer).values()) == {"destroyed"}
    assert files(site) == set()
    assert [site.ask("GET", picture(sealed, w=w)).status_code for w in (None, 320)] == [404, 404]
    (view,) = site.shown()
    assert "Shot withheld" in site.ask("GET", "/diary?date=2026-11-19&tz=UTC").text
    assert [(shot["state"], shot["pictures"]) for shot in view["shots"]] == [("withheld", [])]
    assert view["verdict"]["reasons"] == [Reason.SHOT_WITHHELD]
    assert view["tracked_ms"] == SLOT


def test_a_picture_withheld_before_its_segment_came_is_not_missing(site: Site) -> None:
    device = site.device()
    sealed = device.work(NINE, webp())
    site.deliver(device.revise(sealed, Change.WITHHOLD))
    answer = site.put_segment(sealed)
    assert (answer.status_code, set(states(answer).values())) == (201, {"destroyed"})
    (view,) = site.shown()
    assert [shot["state"] for shot in view["shots"]] == ["withheld"]
    for sha256, data in sealed.pictures.items():  # one that was late on its way
        assert site.put_picture(sealed.contract, sha256, data).status_code == 200
    assert files(site) == set()


def test_a_picture_that_was_sent_before_it_was_withheld_goes_with_its_segments_receipt(site: Site) -> None:
    device = site.device()
    sealed = device.work(NINE, webp())
    ((sha256, data),) = sealed.pictures.items()
    site.put_picture(sealed.contract, sha256, data)
    site.deliver(device.revise(sealed, Change.WITHHOLD))
    assert states(site.put_segment(sealed)) == {sha256: "destroyed"}
    assert files(site) == set()


def test_a_blur_shows_its_own_pictures_and_destroys_the_sharp_ones(site: Site, order: str) -> None:
    device = site.device()
    sealed = device.work(NINE, webp(1), webp(2))
    blur = device.revise(sealed, Change.BLUR, webp(3), webp(4))
    if order == "before":
        sealed, sent = sealed.altered(pictures={}), sealed  # the sharp ones never leave the machine
    else:
        sent = sealed
    site.deliver_in(order, sealed, blur)
    assert files(site) == set(blur.pictures)
    (view,) = site.shown()
    ((shot),) = view["shots"]
    assert shot["state"] == "blurred"
    assert [(one["sha256"], one["blurred"]) for one in shot["pictures"]] == [
        (name, 30) for name in blur.pictures
    ]
    assert all(site.ask("GET", one["url"]).status_code == 200 for one in shot["pictures"])
    page = site.ask("GET", "/diary?date=2026-11-19&tz=UTC").text
    assert "Blurred" in page
    assert shot["pictures"][0]["url"] in page
    assert not set(sent.pictures) & files(site)


def test_the_pictures_of_a_blur_come_first(site: Site) -> None:
    device = site.device()
    sealed = device.work(NINE, webp(1))
    site.deliver(sealed)
    blur = device.revise(sealed, Change.BLUR, webp(2))
    answer = site.put_segment(blur)
    assert problem(answer) == (422, "missing-pictures")
    assert answer.json()["pictures"] == list(blur.pictures)
    assert files(site) == set(sealed.pictures)
    assert site.deliver(blur).status_code == 201


def test_whoever_withholds_after_a_blur_destroys_that_too(site: Site, order: str) -> None:
    device = site.device()
    sealed = device.work(NINE, webp(1))
    blur = device.revise(sealed, Change.BLUR, webp(2))
    withheld = device.revise(sealed, Change.WITHHOLD, at=NINE + 5)  # by a clock that is behind
    site.deliver_in(order, sealed, blur, withheld)
    assert files(site) == set()
    assert [shot["state"] for one in site.shown() for shot in one["shots"]] == ["withheld"]


def test_a_picture_that_two_shots_name_goes_with_the_last_of_them(site: Site) -> None:
    device = site.device()
    both = [device.work(NINE + n * SLOT, webp()) for n in range(2)]
    elsewhere = site.device().work(NINE + 2 * SLOT, webp())
    for one in (*both, elsewhere):
        site.deliver(one)
    answers = [site.deliver(device.revise(one, Change.WITHHOLD)) for one in both]
    assert [[*states(answer).values()] for answer in answers] == [["stored"], ["destroyed"]]
    assert [site.ask("GET", picture(one)).status_code for one in (*both, elsewhere)] == [404, 404, 200]
    # for good: one that comes with the same picture later has none
    late = device.work(NINE + 3 * SLOT, webp())
    assert set(states(site.deliver(late)).values()) == {"destroyed"}


def test_discarded_time_is_gone_from_day_week_and_sums(site: Site) -> None:
    device = site.device()
    sealed, other = device.work(NINE, webp(1)), device.work(NINE + SLOT, webp(2))
    memo = device.revise(sealed, Change.MEMO, memo=WORDS)
    discard = device.revise(sealed, Change.DISCARD)
    receipts = [site.deliver(one).content for one in (sealed, other, memo)]
    assert set(states(site.deliver(discard)).values()) == {"destroyed"}
    assert [one["id"] for one in site.shown()] == [other.id]
    assert files(site) == set(other.pictures)
    week = site.call("GET", f"/contracts/{device.contract}/weeks/2026-W47").json()
    assert week["tracked_ms"] == SLOT
    assert site.parts.store.missing(site.account) == {}
    for gone, receipt in ((sealed, receipts[0]), (memo, receipts[2])):  # nothing of what they said
        assert site.ask("GET", gone.path).status_code == 404
        again = site.deliver(gone)
        assert (again.status_code, again.content) == (200, receipt)
        assert problem(site.put_segment(gone.altered(**vars(other) | {"id": gone.id})))[0] in {404, 409, 422}
    assert files(site) == set(other.pictures)
    assert [one.id for one in graves(site)] == [sealed.id, memo.id]
    assert {one.revision for one in graves(site)} == {discard.id}


def test_no_word_of_discarded_time_stays_on_the_disk(site: Site) -> None:
    device = site.device()
    sealed = device.work(NINE, memo="Canary of the segment")
    memo = device.revise(sealed, Change.MEMO, memo="Canary of the revision")
    for one in (sealed, memo):
        site.deliver(one)
    folder = site.parts.settings.data
    assert any(b"Canary" in path.read_bytes() for path in folder.glob("hourproof.db*"))
    site.deliver(device.revise(sealed, Change.DISCARD))
    assert not [path for path in folder.rglob("*") if path.is_file() and b"Canary" in path.read_bytes()]


def test_a_segment_that_was_discarded_before_it_came_is_not_missed_and_not_taken(site: Site) -> None:
    device = site.device()
    sealed = device.work(NINE, webp())
    memo = device.revise(sealed, Change.MEMO, memo=WORDS)
    discard = device.revise(sealed, Change.DISCARD)
    for one in (discard, memo):
        assert site.deliver(one).status_code == 201
    assert site.parts.store.missing(site.account) == {}
    assert problem(site.deliver(sealed)) == (410, "discarded")
    assert site.parts.store.missing(site.account) == {}
    assert site.shown() == []
    assert site.ask("GET", memo.path).status_code == 404
    assert {one.revision for one in graves(site)} == {discard.id}
    device.work(NINE + SLOT)
    site.deliver(device.work(NINE + 2 * SLOT))
    assert site.parts.store.missing(site.account) == {device.contract: 1}


def test_two_devices_may_discard_the_same_segment(site: Site, order: str) -> None:
    desk = site.device()
    laptop = site.device(desk.contract, key=LAPTOP)
    sealed = desk.work(NINE, webp())
    if order == "after":
        site.deliver(sealed)
    both = [one.revise(sealed, Change.DISCARD) for one in (desk, laptop)]
    assert [site.deliver(one).status_code for one in both] == [201, 201]
    assert site.parts.store.missing(site.account) == {}
    assert [site.ask("GET", one.path).status_code for one in both] == [200, 200]


def test_what_a_discarded_segment_was_counted_in_counts_in_the_others(site: Site) -> None:
    site.clock.wall = NINE + SLOT
    devices = [site.device(key=SigningKey(f"{n}{n}" * 32)) for n in range(1, 4)]
    times = ((0, 6), (2, 6), (4, 6))  # from minute, minutes
    sent = [
        device.work(NINE + begin * MINUTE, webp(begin), ms=length * MINUTE)
        for device, (begin, length) in zip(devices, times, strict=True)
    ]
    for one in sent:
        site.deliver(one)
    claimed = sent[1]
    assert (
        site.call("POST", f"/contracts/{claimed.contract}/segments/{claimed.id}/overlap").status_code == 200
    )
    assert counted(site) == 10 * MINUTE
    site.deliver(devices[1].revise(claimed, Change.DISCARD))
    assert counted(site) == 10 * MINUTE
    overlaps = {
        one.segment.id: one.overlap for one in site.parts.store.segments(site.account, NINE, NINE + SLOT)
    }
    assert overlaps == {sent[0].id: (), sent[2].id: ((NINE + 4 * MINUTE, NINE + 6 * MINUTE),)}
    with site.parts.database.read() as connection:  # who chose it is still known
        assert [row.segment for row in connection.execute(select(choice))] == [claimed.id]
    site.deliver(devices[0].revise(sent[0], Change.DISCARD))
    assert counted(site) == 6 * MINUTE
    assert (
        site.call("POST", f"/contracts/{claimed.contract}/segments/{claimed.id}/overlap").status_code == 404
    )


def counted(site: Site) -> int:
    worked = site.parts.store.tracked(site.account, NINE, NINE + SLOT).values()
    return sum(one.ms - one.overlap_ms for one in worked)


@pytest.mark.parametrize("change", [Change.WITHHOLD, Change.DISCARD])
def test_a_crash_before_the_files_are_gone_is_made_good_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    with backend.site(tmp_path, embedded=True) as site:
        device = site.device()
        sealed, other = device.work(NINE, webp(1)), device.work(NINE + SLOT, webp(2))
        for one in (sealed, other):
            site.deliver(one)
        assert site.ask("GET", picture(sealed, w=320)).status_code == 200
        revision = device.revise(sealed, change)
        with monkeypatch.context() as crash:
            crash.setattr(Pictures, "destroy", killed)
            with pytest.raises(KilledError):
                site.deliver(revision)
        assert set(sealed.pictures) < files(site)  # still there, and shown to nobody
        assert [site.ask("GET", picture(sealed, w=w)).status_code for w in (None, 320)] == [404, 404]
    with backend.site(tmp_path, embedded=True) as site:
        assert [one for one in faults(site.parts) if next(iter(sealed.pictures)) in one]
        assert destroy_again(site.parts) == 1
        assert files(site) == set(other.pictures)
        assert list(faults(site.parts)) == []
        assert site.deliver(revision).status_code == 200
        assert sweep(site.parts) == 0


class KilledError(Exception):
    """Stands for the end of the process."""


def killed(*_: object) -> None:
    raise KilledError


def test_files_that_could_not_be_removed_are_when_the_revision_is_sent_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = site.device()
    sealed = device.work(NINE, webp())
    revision = device.revise(sealed, Change.WITHHOLD)
    site.deliver(sealed)
    with monkeypatch.context() as broken:
        broken.setattr(Pictures, "destroy", lambda *_: None)
        assert site.deliver(revision).status_code == 201
    assert files(site) == set(sealed.pictures)
    assert site.deliver(revision).status_code == 200
    assert files(site) == set()


def graves(site: Site) -> list[Any]:
    with site.parts.database.read() as connection:
        assert not connection.execute(
            select(segment.c.id).join(tombstone, segment.c.id == tombstone.c.id)
        ).all()
        return list(connection.execute(select(tombstone).order_by(tombstone.c.seq)))


def problem(answer: Any) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"]
