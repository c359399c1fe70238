"""Pictures that were sent before their segment, and are then taken back: they go at once."""

from __future__ import annotations

import pytest
from backend import Site
from device import Device, Sealed, webp
from doubles import NINE

from tracker.model.revision import Change
from tracker.model.slot import SLOT
from tracker.server.inspection import faults

TAKES_BACK = (Change.WITHHOLD, Change.DISCARD)


def files(site: Site) -> set[str]:
    return {path.name for path in site.parts.settings.pictures.rglob("*") if path.is_file()}


def send_pictures(site: Site, sealed: Sealed) -> None:
    for sha256, data in sealed.pictures.items():
        assert site.put_picture(sealed.contract, sha256, data).status_code in {200, 201}


def taking_back(device: Device, sealed: Sealed, change: Change) -> Sealed:
    return device.revise(sealed, change, gone=tuple(sealed.pictures))


@pytest.mark.parametrize("change", TAKES_BACK)
def test_they_go_at_once_and_do_not_come_back(site: Site, change: Change) -> None:
    device = site.device()
    sealed = device.work(NINE, webp())
    send_pictures(site, sealed)
    assert files(site) == set(sealed.pictures)

    answer = site.put_segment(taking_back(device, sealed, change))

    assert {one["state"] for one in answer.json()["pictures"]} == {"destroyed"}
    assert files(site) == set()
    send_pictures(site, sealed)  # one that was late on its way
    assert files(site) == set()
    assert list(faults(site.parts)) == []


@pytest.mark.parametrize("change", TAKES_BACK)
def test_what_another_segment_shows_stays(site: Site, change: Change) -> None:
    device = site.device()
    shown, sealed = device.work(NINE, webp()), device.work(NINE + SLOT, webp())
    site.deliver(shown)
    assert set(shown.pictures) == set(sealed.pictures)

    answer = site.put_segment(taking_back(device, sealed, change))

    assert {one["state"] for one in answer.json()["pictures"]} == {"stored"}
    assert files(site) == set(shown.pictures)
    assert list(faults(site.parts)) == []


def test_what_was_refused_is_not_called_stored_because_another_segment_names_it(
    site: Site, order: str
) -> None:
    device = site.device()
    named, sealed = device.work(NINE, b"RIFF"), device.work(NINE + SLOT, b"RIFF")
    (sha256,) = named.pictures
    assert site.put_picture(named.contract, sha256, b"RIFF").status_code == 422
    assert site.put_segment(named).status_code == 201

    sent = (sealed, taking_back(device, sealed, Change.WITHHOLD))
    answers = [site.put_segment(one) for one in (sent if order == "after" else reversed(sent))]

    assert [one["state"] for answer in answers for one in answer.json()["pictures"]] == ["rejected"] * 2
    assert list(faults(site.parts)) == []


def test_what_is_named_and_was_never_sent_is_kept_out(site: Site) -> None:
    device = site.device()
    sealed = device.work(NINE, webp())
    site.put_segment(taking_back(device, sealed, Change.DISCARD))
    send_pictures(site, sealed)
    assert files(site) == set()
