"""What goes wrong while work is carried by hand: nothing is left half-written, out, or undone in silence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from couriers import Courier
from device import webp
from doubles import NINE

from tracker.carrying import Imported, outbox_check, outbox_export, outbox_import
from tracker.errors import FolderNotWritable, StorageFailed
from tracker.model.segment import Key, ShotState
from tracker.model.slot import HOUR
from tracker.outbox import shipment
from tracker.wire.account import Account

KEY = Key("https://hours.example.org", "ada", "northbeam")


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Courier]:
    """A device with work that waits."""
    studio = Courier(tmp_path / "studio", "11", KEY, account=Account(KEY.server, KEY.account, "Ada"))
    studio.work(1, webp(1))
    yield studio
    studio.end()


def test_what_was_taken_back_stays_so_though_the_server_refuses_to_know(
    studio: Courier, tmp_path: Path
) -> None:
    ((segment, _),) = studio.outbox.segments(0, 2 * NINE)
    outbox_export(studio.commands, str(tmp_path / "stick"))
    studio.outbox.withhold(segment.id, segment.shots[0].id, NINE + HOUR)
    (revision,) = set(studio.states()) - {segment.id}
    studio.outbox.refuse(revision, "no")

    assert outbox_import(studio.commands, str(tmp_path / "stick")) == Imported(0, 1)

    assert not studio.outbox.has_picture(segment.shots[0].pictures[0].sha256)
    assert outbox_check(studio.commands) == []
    studio.outbox.retry(revision)
    ((shown, _),) = studio.outbox.segments(0, 2 * NINE)
    assert shown.shots[0].state is ShotState.WITHHELD


def test_a_folder_that_takes_no_more_is_left_empty(
    studio: Courier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shipment._write

    def full(path: Path, data: bytes) -> None:
        if path.name == "README.txt":
            raise OSError(30, "Read-only file system")
        real(path, data)

    monkeypatch.setattr(shipment, "_write", full)
    with pytest.raises(FolderNotWritable, match="Read-only"):
        outbox_export(studio.commands, str(tmp_path / "new"))

    assert not (tmp_path / "new").exists()


def test_a_picture_that_cannot_be_read_is_not_left_out_in_silence(
    studio: Courier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(_: str) -> bytes:
        raise StorageFailed("The disk cannot be read.")

    monkeypatch.setattr(studio.outbox, "picture", unreadable)
    with pytest.raises(StorageFailed):
        outbox_export(studio.commands, str(tmp_path / "new"))

    assert not (tmp_path / "new").exists()


def test_a_name_that_the_disk_does_not_take_is_told(studio: Courier, tmp_path: Path) -> None:
    with pytest.raises(FolderNotWritable, match="cannot be written"):
        outbox_export(studio.commands, str(tmp_path / ("long" * 100)))


def test_a_new_folder_s_own_name_is_on_the_disk_too(
    studio: Courier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(shipment, "_sync_names", synced.append)

    outbox_export(studio.commands, str(tmp_path / "new"))

    assert synced[-2:] == [tmp_path / "new", tmp_path]
