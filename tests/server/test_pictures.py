"""Pictures on the disk: whole or not at all, small ones made once, and swept when nobody names them."""

from __future__ import annotations

import hashlib
import os
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from backend import Site
from device import webp
from doubles import NINE
from PIL import Image
from sqlalchemy import update

from tracker.model.slot import DAY, SECOND
from tracker.server import durable
from tracker.server import pictures as server_pictures
from tracker.server.durable import UNFINISHED
from tracker.server.inspection import faults
from tracker.server.pictures import NotAnImage, Pictures, shrink
from tracker.server.tables import segment
from tracker.server.upkeep import sweep
from tracker.wire import PICTURE_MAX


def test_a_picture_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    pictures = Pictures(tmp_path)
    assert pictures.store([("contract", "0" * 64, webp())]) == [True]
    monkeypatch.setattr(os, "fsync", full)
    (fault,) = pictures.store([("contract", "1" * 64, webp(1))])
    assert "No space" in str(fault)
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


def test_a_named_picture_whose_hash_was_refused_once_is_not_swept(site: Site) -> None:
    sealed = site.device().work(NINE, webp())
    (sha256,) = sealed.pictures
    assert site.put_picture(sealed.contract, sha256, bytes(PICTURE_MAX + 1)).status_code == 413
    site.deliver(sealed)
    path = site.parts.settings.pictures / sealed.contract / sha256
    os.utime(path, times=((site.clock.wall - 8 * DAY) / SECOND,) * 2)
    assert sweep(site.parts) == 0
    assert list(faults(site.parts)) == []
    assert site.put_picture(sealed.contract, sha256, bytes(PICTURE_MAX + 1)).status_code == 413
    assert sweep(site.parts) == 0  # nor is it refused afterwards


def test_files_that_were_never_finished_are_swept_when_they_are_old(site: Site) -> None:
    sealed = site.device().work(NINE, webp(1))
    site.deliver(sealed)
    folder = site.parts.settings.pictures / sealed.contract
    for name, age in (("old", 8 * DAY), ("young", 6 * DAY)):
        left = folder / f"{name}.0123{UNFINISHED}"
        left.write_bytes(webp(2)[:20])
        os.utime(left, times=((site.clock.wall - age) / SECOND,) * 2)
    sweep(site.parts)
    (sha256,) = sealed.pictures
    assert sorted(path.name for path in folder.iterdir()) == sorted([sha256, f"young.0123{UNFINISHED}"])


def test_a_picture_that_is_wanted_while_it_is_swept_stays(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A segment names it after the sweep has asked who does."""
    sealed = site.device().work(NINE, webp(1))
    ((sha256, data),) = sealed.pictures.items()
    site.put_picture(sealed.contract, sha256, data)
    path = site.parts.settings.pictures / sealed.contract / sha256
    os.utime(path, times=((site.clock.wall - 8 * DAY) / SECOND,) * 2)
    let_go = Pictures.let_go

    def later(pictures: Pictures, *names: Any) -> bool:
        assert site.put_segment(sealed).status_code == 201
        return let_go(pictures, *names)

    monkeypatch.setattr(Pictures, "let_go", later)
    assert sweep(site.parts) == 0
    assert path.read_bytes() == data
    assert [one.name for one in path.parent.iterdir()] == [sha256]


def test_a_picture_that_is_put_again_while_it_is_swept_stays(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies aside for a moment, so that whoever wants it has to put it again."""
    sealed = site.device().work(NINE, webp(1))
    ((sha256, data),) = sealed.pictures.items()
    site.put_picture(sealed.contract, sha256, data)
    path = site.parts.settings.pictures / sealed.contract / sha256
    os.utime(path, times=(0, 0))
    touched = server_pictures._touched

    def later(file: Path) -> float:
        if file.suffix == UNFINISHED and not path.exists():
            assert site.deliver(sealed).status_code == 201
        return touched(file)

    monkeypatch.setattr(server_pictures, "_touched", later)
    assert sweep(site.parts) == 1
    assert path.read_bytes() == data
    assert list(faults(site.parts)) == []


def test_two_processes_may_sweep_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    contract, data = site.contract(), webp()
    site.put_picture(contract, hashlib.sha256(data).hexdigest(), data)
    (path,) = (site.parts.settings.pictures / contract).iterdir()
    os.utime(path, times=(0, 0))
    let_go = Pictures.let_go

    def second(pictures: Pictures, *names: Any) -> bool:
        assert let_go(pictures, *names)
        return let_go(pictures, *names)

    monkeypatch.setattr(Pictures, "let_go", second)
    assert sweep(site.parts) == 0
    assert not path.exists()


def test_what_is_held_is_durable_before_anybody_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wrote it may have been killed before its folder was on the disk."""
    Pictures(tmp_path).store([("contract", "0" * 64, webp())])
    synced: list[Path] = []
    monkeypatch.setattr(durable, "sync_names", synced.append)
    pictures = Pictures(tmp_path)
    assert pictures.store([("contract", "0" * 64, webp())]) == [False]
    assert synced == [tmp_path / "contract", tmp_path]
    pictures.store([("contract", f"{n}" * 64, webp(n)) for n in range(1, 4)])
    assert synced[2:] == [tmp_path / "contract"]  # once for all of them


def test_one_bad_picture_among_several_costs_the_others_nothing(tmp_path: Path) -> None:
    wanted = [("contract", "0" * 64, webp()), ("contract", "1" * 64, b"RIFF"), ("other", "2" * 64, webp(2))]
    first, second, third = Pictures(tmp_path).store(wanted)
    assert (first, third) == (True, True)
    assert isinstance(second, NotAnImage)


def test_a_picture_of_more_pixels_than_any_screen_has_is_refused_for_good(site: Site) -> None:
    """Its header alone says so, in few bytes; the segment that names it is taken without it."""
    canvas = bytes(4) + ((1 << 15) - 1).to_bytes(3, "little") * 2
    chunks = b"WEBPVP8X" + len(canvas).to_bytes(4, "little") + canvas
    huge = b"RIFF" + len(chunks).to_bytes(4, "little") + chunks
    sealed = site.device().work(NINE, huge)
    (sha256,) = sealed.pictures
    answer = site.put_picture(sealed.contract, sha256, huge)
    assert (answer.status_code, answer.json()["type"]) == (422, "not-an-image")
    assert site.put_segment(sealed).status_code == 201


@pytest.mark.parametrize("width", ["", "?w=320"])
def test_a_picture_that_is_destroyed_while_somebody_asks_for_it_is_not_here(
    site: Site, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    sealed = site.device().work(NINE, webp())
    site.deliver(sealed)
    (sha256,) = sealed.pictures
    path = Pictures.path

    def too_soon(pictures: Pictures, *names: str) -> Path | None:
        found = path(pictures, *names)
        pictures.remove(*names)
        return found

    monkeypatch.setattr(Pictures, "path", too_soon)
    answer = site.ask("GET", f"/contracts/{sealed.contract}/pictures/{sha256}{width}")
    assert answer.status_code == 404


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
    assert not any(good.id in line for line in found)
    assert any(changed_id in line and "changed" in line for line in found)
    assert any(lost_id in line and "gone" in line for line in found)
    assert any(altered.id in line and "signed" in line for line in found)
