"""A damaged file: kept aside as it was, what can be read goes on, what cannot is named."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from boxes import KEY, Box
from doubles import NINE
from stocked import EACH, states, stock
from worked import worked

from tracker.errors import FileDamaged, StorageFailed
from tracker.evidence.chain import Head
from tracker.model.slot import SLOT
from tracker.outbox.connecting import PAGE
from tracker.outbox.database import Database
from tracker.outbox.quarantine import Quarantine, damages
from tracker.wire.segment import decode_segment

DAMAGED = pytest.mark.expects_log("was damaged and is kept as")


def aside(folder: Path) -> list[Path]:
    return sorted(one for one in folder.glob("outbox-damaged-*") if not one.name.endswith(("-wal", "-shm")))


def flip(path: Path, place: int) -> bytes:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    return bytes(data)


def unclean(path: Path) -> None:
    """Leave the file as if nobody had closed it."""
    path.with_name("outbox.db-wal").touch()


def head(box: Box) -> Head | None:
    with box.database.reading() as connection:
        found = connection.execute("SELECT seq, sha256 FROM chain").fetchone()
    return None if found is None else Head(*found)


@DAMAGED
def test_whichever_page_is_damaged_all_others_are_saved(tmp_path: Path) -> None:
    with Box(tmp_path) as box:
        pictures = stock(box)
        before, last = states(box), head(box)
    whole, chance = box.path.read_bytes(), Random(3)
    worst, unused = [], 0
    pages = len(whole) // PAGE
    for page in (*range(24), *range(24, pages, 3)):  # every table's first page, and some of the others
        box.path.write_bytes(whole)
        data = flip(box.path, page * PAGE + chance.randrange(PAGE))
        unclean(box.path)
        box.open()

        if not aside(tmp_path):  # of pictures that were delivered nothing is left
            assert (states(box), head(box), damages(box.database)) == (before, last, ())
            box.database.close()
            unused += 1
            continue
        (kept,) = aside(tmp_path)
        assert kept.read_bytes() == data
        (told,) = damages(box.database)
        assert told.file == kept.name
        after = states(box)
        missing = before.keys() - after.keys()
        worst.append(len(missing))
        named = [one for one in told.lost if one.startswith(("the segment", "segment"))]
        assert len(named) == len(missing), (page, told.lost)
        anew = [one for one in told.lost if "sealed anew" in one]
        assert sum(state != before[one] for one, state in after.items()) == len(anew), (page, told.lost)
        gone = [one for one in pictures.keys() & after.keys() if not _shown(box, pictures[one])]
        assert bool(gone) == any("pictures" in one for one in told.lost), (page, told.lost)
        assert head(box) in {last, _highest(box)}
        assert box.outbox.account is not None
        box.outbox.put(worked(NINE + 60 * SLOT), None)
        box.outbox.seal_due(NINE)
        box.database.close()
        for file in tmp_path.iterdir():
            file.unlink()
    assert unused < EACH * 2
    assert sorted(worst)[-2] < 6  # a page holds a few rows; one leads to all of them


def _shown(box: Box, data: bytes) -> bool:
    with box.database.reading() as connection:
        (found,) = connection.execute("SELECT count(*) FROM picture WHERE data = ?", (data,)).fetchone()
    return bool(found)


def _highest(box: Box) -> Head | None:
    with box.database.reading() as connection:
        rows = connection.execute("SELECT body, sha256 FROM segment WHERE body IS NOT NULL").fetchall()
    found = (Head(decode_segment(body).seq, sha256) for body, sha256 in rows)
    return max(found, key=lambda one: one.seq, default=None)


@DAMAGED
@pytest.mark.parametrize("place", [0, 15, 16, 20, 100, 2000, PAGE - 1])
def test_a_damaged_first_page_costs_nothing_even_after_a_clean_end(tmp_path: Path, place: int) -> None:
    with Box(tmp_path) as box:
        pictures = stock(box)
        before, last = states(box), head(box)
        home = box.outbox.home_id
    data = flip(box.path, place)
    box.open()

    if place >= 16:  # the first bytes are known
        (kept,) = aside(tmp_path)
        assert kept.read_bytes() == data
        (told,) = damages(box.database)
        assert told.lost == ()
    assert (states(box), head(box), box.outbox.home_id) == (before, last, home)
    assert all(_shown(box, one) for one in pictures.values())
    assert box.draft.load() is not None
    assert len(box.outbox.questions()) == 1
    box.database.close()


def test_a_whole_file_that_nobody_closed_is_checked_and_goes_on(box: Box) -> None:
    stock(box)
    before = states(box)

    box.crash()

    assert states(box) == before
    assert damages(box.database) == ()


def test_a_clean_end_costs_no_check(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    stock(box)
    checked: list[Path] = []
    monkeypatch.setattr(Quarantine, "is_damaged", lambda one: checked.append(one._path))

    box.reopen()
    assert checked == []

    box.crash()
    assert checked == [box.path]


@DAMAGED
def test_damage_that_is_met_while_running_is_told_and_checked_at_the_next_start(tmp_path: Path) -> None:
    with Box(tmp_path) as box:
        stock(box)
    size = box.path.stat().st_size
    box.open()
    data = bytearray(box.path.read_bytes())
    data[size // 2 :] = bytes(size - size // 2)
    box.path.write_bytes(data)

    with pytest.raises(FileDamaged, match="damaged"):
        box.outbox.segments(0, NINE + 100 * SLOT)
    box.reopen()

    assert aside(tmp_path)[0].read_bytes()[size // 2 :] == data[size // 2 :]
    assert box.outbox.account is not None
    box.database.close()


class CrashError(BaseException):
    """The process ends here."""


class Steps:
    """Counts what is done to the disk, and lets the process end before the n-th time, if there is one."""

    def __init__(self, patch: pytest.MonkeyPatch, last: int) -> None:
        self.done = 0
        self._last = last
        for owner, name in ((Path, "rename"), (Path, "replace"), (Path, "unlink"), (os, "fsync")):
            patch.setattr(owner, name, self._counted(getattr(owner, name)))

    def _counted(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def do(*given: Any, **more: Any) -> Any:
            self.done += 1
            if self.done == self._last:
                raise CrashError
            return real(*given, **more)

        return do


@DAMAGED
def test_a_crash_at_any_moment_of_it_loses_neither_the_file_nor_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Box(tmp_path) as box:
        stock(box)
        before = states(box)
    whole = box.path.read_bytes()
    step = steps = 0
    while step <= steps:
        folder = tmp_path / f"crash-{step}"
        folder.mkdir()
        (folder / "outbox.db").write_bytes(whole)
        data = flip(folder / "outbox.db", 12 * PAGE + 99)
        unclean(folder / "outbox.db")

        with monkeypatch.context() as patch, suppress(CrashError):
            counted = Steps(patch, step)
            Database.open(folder / "outbox.db", KEY).close()
        steps = steps or counted.done

        with Box(folder) as after:
            (kept,) = aside(folder)
            assert kept.read_bytes() == data
            assert len(states(after)) >= len(before) - 6
            assert len(damages(after.database)) == 1
            assert after.outbox.account is not None
        names = {one.name for one in folder.iterdir()} - {f"{kept.name}-shm"}
        assert names == {"outbox.db", kept.name, f"{kept.name}-wal"}
        step += 1
    assert steps > 10


@DAMAGED
def test_two_damaged_files_of_one_second_are_both_kept(tmp_path: Path) -> None:
    kept = []
    for place in (PAGE * 12 + 1, PAGE * 12 + 2):
        with Box(tmp_path) as box:
            if not kept:
                stock(box)
        kept.append(flip(box.path, place))
        os.utime(box.path, (NINE // 1000, NINE // 1000))
        unclean(box.path)
        os.utime(tmp_path / "outbox.db-wal", (NINE // 1000, NINE // 1000))
        box.open()
        box.database.close()

    assert [one.name for one in aside(tmp_path)] == [
        "outbox-damaged-2026-11-19T090000-2.db",
        "outbox-damaged-2026-11-19T090000.db",
    ]
    assert {one.read_bytes() for one in aside(tmp_path)} == set(kept)
    box.open()
    assert len(damages(box.database)) == 2
    box.database.close()


def test_a_folder_that_takes_no_new_name_leaves_all_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Box(tmp_path) as box:
        stock(box)
    data = flip(box.path, PAGE * 12)
    unclean(box.path)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", _refuse)
        with pytest.raises(StorageFailed, match="cannot be moved aside"):
            box.open()
    assert box.path.read_bytes() == data


def _refuse(*_: object) -> None:
    raise PermissionError(13, "Permission denied")


@DAMAGED
def test_the_chain_goes_on_behind_the_highest_link_that_is_left(tmp_path: Path) -> None:
    with Box(tmp_path) as box:
        stock(box)
        with box.database.reading() as connection:
            query = "SELECT rootpage FROM sqlite_schema WHERE name = 'chain'"
            (page,) = connection.execute(query).fetchone()
        last = head(box)
    flip(box.path, (page - 1) * PAGE + 100)
    unclean(box.path)
    with Box(tmp_path) as after:
        assert head(after) == last
        assert damages(after.database)[0].lost == ("some chains' last links",)
        after.outbox.put(worked(NINE + 60 * SLOT), None)
        after.outbox.seal_due(NINE + 60 * SLOT)
        made = head(after)
    assert last is not None
    assert made is not None
    assert made.seq == last.seq + 1
