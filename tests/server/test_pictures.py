"""Pictures on the disk: whole or not at all, small ones made once, and swept when nobody names them."""

from __future__ import annotations

import hashlib
import os
from io import BytesIO
from pathlib import Path

import pytest
from backend import Site
from device import webp
from doubles import NINE
from PIL import Image
from sqlalchemy import update

from tracker.model.slot import DAY, SECOND
from tracker.server.pictures import NotAnImage, Pictures, shrink
from tracker.server.tables import segment
from tracker.server.upkeep import faults, sweep


def test_a_picture_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    pictures = Pictures(tmp_path)
    pictures.store("contract", "0" * 64, webp())
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        pictures.store("contract", "1" * 64, webp(1))
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["0" * 64]


@pytest.mark.parametrize(("asked", "width"), [(1, 320), (320, 320), (321, 640), (9_999, 640), (-5, 320)])
def test_a_small_picture_is_one_of_few_widths_and_made_once(site: Site, asked: int, width: int) -> None:
    data = webp(width=1280, height=720)
    contract, sha256 = site.contract(), hashlib.sha256(data).hexdigest()
    site.put_picture(contract, sha256, data)
    path = f"/contracts/{contract}/pictures/{sha256}?w={asked}"
    first, second = site.ask("GET", path), site.ask("GET", path)
    assert Image.open(BytesIO(first.content)).size == (width, width * 720 // 1280)
    assert second.content == first.content
    assert len(list(site.parts.settings.pictures.rglob(f"{sha256}.*"))) == 1


def test_a_picture_whose_inside_is_broken_has_no_small_one(site: Site) -> None:
    data = webp()[:40] + bytes(len(webp()) - 40)
    contract, sha256 = site.contract(), hashlib.sha256(data).hexdigest()
    assert site.put_picture(contract, sha256, data).status_code in {201, 422}
    assert site.ask("GET", f"/contracts/{contract}/pictures/{sha256}?w=320").status_code == 404
    with pytest.raises(NotAnImage):
        shrink(data, 320)


def test_a_moving_picture_is_none_of_a_screen(site: Site) -> None:
    out = BytesIO()
    frames = [Image.new("RGB", (64, 36), (shade, 0, 0)) for shade in (0, 200)]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    data = out.getvalue()
    assert site.put_picture(site.contract(), hashlib.sha256(data).hexdigest(), data).status_code == 422


def test_a_picture_that_no_segment_names_is_swept_after_a_week(site: Site) -> None:
    named, other = site.device().work(NINE, webp(1)), webp(2)
    site.deliver(named)
    other_id = hashlib.sha256(other).hexdigest()
    site.put_picture(named.contract, other_id, other)
    site.ask("GET", f"/contracts/{named.contract}/pictures/{other_id}?w=320")
    pictures = site.parts.settings.pictures
    for age, swept in ((7 * DAY - SECOND, 0), (7 * DAY + SECOND, 1)):
        for path in pictures.rglob("*"):
            os.utime(path, times=((site.clock.wall - age) / SECOND,) * 2)
        assert sweep(site.parts) == swept
    assert [path.name for path in pictures.rglob("*") if path.is_file()] == list(named.pictures)


def test_a_picture_that_was_put_again_is_wanted(site: Site) -> None:
    contract, data = site.contract(), webp()
    sha256 = hashlib.sha256(data).hexdigest()
    site.put_picture(contract, sha256, data)
    path = site.parts.pictures.path(contract, sha256)
    assert path is not None
    os.utime(path, times=(0, 0))
    site.put_picture(contract, sha256, data)
    site.clock.wall = int(path.stat().st_mtime * SECOND)
    assert sweep(site.parts) == 0


def test_everything_that_was_changed_behind_the_servers_back_is_named(site: Site) -> None:
    device = site.device()
    changed, lost, altered, good = (device.work(NINE - n * DAY, webp(n)) for n in range(4))
    for sealed in (changed, lost, altered, good):
        site.deliver(sealed)
    assert list(faults(site.parts)) == []
    body = altered.body.replace(b"floor", b"flour")
    site.parts.database.write(
        lambda connection: connection.execute(
            update(segment).where(segment.c.id == altered.id).values(body=body)
        )
    )
    ((changed_id, data),) = changed.pictures.items()
    (lost_id,) = lost.pictures
    folder = site.parts.settings.pictures / device.contract
    (folder / changed_id).write_bytes(data[:-1] + b"!")
    (folder / lost_id).unlink()
    found = sorted(faults(site.parts))
    assert len(found) == 3
    assert any(changed_id in line and "changed" in line for line in found)
    assert any(lost_id in line and "gone" in line for line in found)
    assert any(altered.id in line and "signed" in line for line in found)
