"""What a picture roughly shows: recorded, checked, shown to say that nothing changed, and never asked for."""

from __future__ import annotations

import hashlib

import pytest
from backend import Site
from device import Device, Sealed, webp
from doubles import NINE
from worked import new_id

from tracker.evidence.signing import sign
from tracker.model.segment import Picture, Shot, ShotState
from tracker.model.slot import MINUTE, SLOT

SAME = "Same screen as before"
DATA = webp()


def work(device: Device, slot: int, dhash: str | None) -> Sealed:
    """Return a slot of work whose shot roughly shows that."""
    picture = Picture(hashlib.sha256(DATA).hexdigest(), len(DATA), 0, 64, 36, dhash=dhash)
    shot = Shot(new_id(), NINE + slot * SLOT + MINUTE, ShotState.KEPT, (picture,))
    return device.work(NINE + slot * SLOT, DATA, shots=(shot,))


def page(site: Site, sealed: Sealed, slot: int) -> str:
    cell = f"{(NINE + slot * SLOT) // 1000}.{sealed.contract}"
    return site.ask("GET", f"/diary?date=2026-11-19&tz=UTC&cell={cell}").text


@pytest.mark.parametrize(("then", "now", "same"), [("0", "0", True), ("0", "f", False), ("0", None, False)])
def test_the_cell_says_that_its_shot_shows_what_the_one_before_did(
    site: Site, then: str, now: str | None, same: bool
) -> None:
    device = site.device()
    first, second = work(device, 0, then * 16), work(device, 1, now and now * 16)
    for sealed in (first, second):
        assert site.deliver(sealed).status_code == 201
    assert SAME not in page(site, first, 0)
    assert (SAME in page(site, second, 1)) is same


@pytest.mark.parametrize(
    "dhash", [b'""', b'"000000000000000"', b'"00000000000000000"', b'"000000000000000G"', b"7"]
)
def test_what_cannot_be_such_a_hash_is_refused(site: Site, dhash: bytes) -> None:
    answer = site.deliver(said(site.device(), b',"dhash":' + dhash))
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "malformed")


def test_a_tracker_that_does_not_know_of_it_yet_is_served_as_ever(site: Site) -> None:
    sealed = said(site.device(), b"")
    assert b"dhash" not in sealed.body
    assert site.deliver(sealed).status_code == 201
    assert SAME not in page(site, sealed, 0)


def said(device: Device, instead: bytes) -> Sealed:
    """Return signed work that says this in the place of its hash."""
    sealed = work(device, 0, None)
    body = sealed.body.replace(b',"dhash":null', instead)
    assert body != sealed.body
    return sealed.altered(body=body, signature=sign(body, device.key).header)
