"""A backup made while the server serves is a whole one, and what is restored from it is the same server."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import backend
import clusters
import httpx2
import pytest
from backend import Site
from device import Sealed, webp
from doubles import NINE
from senders import bearer, device, put, sign_up, work
from serving import embedded, serve

from tracker.errors import BadValue, NotDone, StorageFailed
from tracker.evidence.keys import SigningKey
from tracker.model.slot import SLOT
from tracker.server import backup, durable, ledger
from tracker.server.backup import back_up, restore
from tracker.wire import segment_path

HOURPROOF = [sys.executable, "-m", "tracker"]


def test_a_server_that_is_backed_up_while_it_takes_work_in_goes_on_elsewhere(tmp_path: Path) -> None:
    data, safe, elsewhere = (tmp_path / name for name in ("data", "safe", "elsewhere"))
    receipts: dict[str, bytes] = {}
    sent: dict[str, Sealed] = {}
    before: dict[str, bytes] = {}
    with embedded(data) as running:
        me = running.claim()
        contract = sign_up(running.url, me["token"], 2)
        enough, done = threading.Event(), threading.Event()

        def send(sender: int) -> None:
            with httpx2.Client(base_url=running.url, headers=bearer(me["token"])) as client:
                for sealed in work(device(me, contract, sender), sender * 200, 200):
                    sent[sealed.id] = sealed
                    receipts[sealed.id] = put(client, sealed)
                    if len(receipts) > 20:
                        enough.set()
                    if done.is_set():
                        return

        with ThreadPoolExecutor(2) as pool:
            senders = [pool.submit(send, sender) for sender in range(2)]
            assert enough.wait(60)
            before = dict(receipts)
            first = hourproof("backup", safe, "--data", data, "--json")
            since = dict(receipts)  # at the second backup they are there for sure
            again = hourproof("backup", safe, "--data", data, "--json")
            done.set()
            for sender in senders:
                sender.result()
        running.kill()
    assert first["faults"] == again["faults"] == []
    assert len(before) <= first["pictures"] < again["pictures"] == first["pictures"] + again["new"]
    assert stat.S_IMODE((safe / "server.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((safe / "hourproof.db").stat().st_mode) == 0o600

    assert hourproof("restore", safe, "--data", elsewhere, "--json") == {"data": str(elsewhere), "faults": []}
    checked = serve("--data", str(elsewhere), "--check")
    assert (checked.returncode, checked.stdout) == (0, f"0 faults in {elsewhere}.\n")
    assert_it_goes_on(elsewhere, (me["token"], contract), since, receipts, sent)


def assert_it_goes_on(
    elsewhere: Path,
    of: tuple[str, str],
    since: dict[str, bytes],
    receipts: dict[str, bytes],
    sent: dict[str, Sealed],
) -> None:
    """Check that the restored server holds what the backup must hold, and takes the rest again."""
    token, contract = of
    with (
        embedded(elsewhere) as running,
        httpx2.Client(base_url=running.url, headers=bearer(token)) as client,
    ):
        held = [id_ for id_ in since if client.get(segment_path(contract, id_)).status_code == 200]
        assert set(held) == set(since)
        for id_, sealed in sent.items():  # what came later is sent again, as the tracker does
            receipt = put(client, sealed)
            assert receipt == receipts[id_] or id_ not in since
        for sealed in sent.values():
            for sha256, picture in sealed.pictures.items():
                assert client.get(f"/contracts/{contract}/pictures/{sha256}").content == picture


def test_the_diary_of_a_restored_server_is_the_same_to_the_byte(tmp_path: Path) -> None:
    with backend.site(tmp_path / "data") as site:
        fill(site, 4)
        path = "/diary?date=2026-11-19&tz=UTC"
        day = site.call("GET", path).content
        back_up(tmp_path / "data", tmp_path / "safe", None)
        token = site.token
    assert restore(tmp_path / "safe", tmp_path / "new", None) == ()
    with backend.site(tmp_path / "new") as site:
        assert site.call("GET", path, token=token).content == day


def fill(site: Site, number: int) -> list[Sealed]:
    device = site.device()
    done = [device.work(NINE - n * SLOT, webp(n)) for n in range(number)]
    for sealed in done:
        assert site.deliver(sealed).status_code == 201
    return done


def hourproof(*arguments: str | Path) -> dict[str, Any]:
    """Run a command, and return the JSON it prints."""
    command = [*HOURPROOF, *map(str, arguments)]
    return dict(json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout))


def test_a_second_backup_copies_what_is_new_and_forgets_what_was_destroyed(
    site: Site, tmp_path: Path
) -> None:
    data, safe = site.parts.settings.data, tmp_path / "safe"
    first, second = fill(site, 2)
    assert (back_up(data, safe, None).pictures, back_up(data, safe, None).new) == (2, 0)
    (gone,), (rotten,) = first.pictures, second.pictures
    site.parts.database.write(
        lambda connection: ledger.remember(connection, first.contract, {gone: "destroyed"}, 0)
    )
    (safe / "pictures" / second.contract / rotten).write_bytes(b"rotten")
    (safe / f"hourproof.db.0123{durable.UNFINISHED}").touch()  # of one that was killed
    made = back_up(data, safe, None)
    assert (made.pictures, made.new, made.faults) == (1, 1, ())
    assert [path.name for path in safe.rglob("pictures/*/*")] == [rotten]
    assert not list(safe.glob(f"*{durable.UNFINISHED}"))


def test_a_picture_that_the_server_lost_is_named_and_the_rest_backed_up(site: Site, tmp_path: Path) -> None:
    data, safe = site.parts.settings.data, tmp_path / "safe"
    first, second = fill(site, 2)
    back_up(data, safe, None)
    third = site.device(first.contract, key=SigningKey("33" * 32)).work(NINE - SLOT * 5, webp(9))
    site.deliver(third)
    for sealed in (second, third):
        (sha256,) = sealed.pictures
        (data / "pictures" / sealed.contract / sha256).write_bytes(b"rotten")
    (lost,) = third.pictures
    made = back_up(data, safe, None)
    assert (made.pictures, len(made.faults)) == (2, 1)  # the second's is still good in the backup
    assert lost in made.faults[0]
    (fault,) = restore(safe, tmp_path / "new", None)
    assert lost in fault


def test_a_picture_that_is_destroyed_while_it_is_copied_is_no_fault(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = fill(site, 2)
    (sha256,) = first.pictures
    vacuum = backup._stored

    def then(*where: Any) -> Any:
        names = vacuum(*where)
        site.parts.database.write(
            lambda connection: ledger.remember(connection, first.contract, {sha256: "destroyed"}, 0)
        )
        site.parts.pictures.remove(first.contract, sha256)
        return names

    monkeypatch.setattr(backup, "_stored", then)
    made = back_up(site.parts.settings.data, tmp_path / "safe", None)
    assert (made.pictures, made.faults) == (1, ())


def test_a_backup_that_breaks_off_leaves_the_last_one_whole(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, safe = site.parts.settings.data, tmp_path / "safe"
    fill(site, 2)
    back_up(data, safe, None)
    site.deliver(site.device().work(NINE - 9 * SLOT, webp(7)))
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            back_up(data, safe, None)
    assert not list(safe.rglob(f"*{durable.UNFINISHED}"))
    assert restore(safe, tmp_path / "new", None) == ()


def test_a_restore_that_breaks_off_leaves_the_folder_free_for_the_next(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(site, 2)
    back_up(site.parts.settings.data, tmp_path / "safe", None)
    with monkeypatch.context() as patched:
        patched.setattr(durable, "sync_file", full)
        with pytest.raises(OSError, match="No space"):
            restore(tmp_path / "safe", tmp_path / "new", None)
    assert restore(tmp_path / "safe", tmp_path / "new", None) == ()


def full(_of: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_flipped_byte_in_a_backup_is_found_when_it_is_restored(site: Site, tmp_path: Path) -> None:
    safe = tmp_path / "safe"
    body = fill(site, 2)[1].body
    back_up(site.parts.settings.data, safe, None)
    database, picture = safe / "hourproof.db", next(safe.rglob("pictures/*/*"))
    within = database.read_bytes().index(body) + len(body) // 2
    for path, at in ((picture, 20), (database, within), (safe / "server.key", 3)):
        whole = path.read_bytes()
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        new = tmp_path / f"from-{path.name}"
        assert restore(safe, new, None), path
        path.write_bytes(whole)


@pytest.mark.parametrize("within", ["", "inside", ".."])
def test_no_backup_goes_into_the_data(site: Site, within: str) -> None:
    data = site.parts.settings.data
    with pytest.raises(BadValue, match="the data itself"):
        back_up(data, data / within, None)


def test_a_backup_overwrites_nothing_else(site: Site, tmp_path: Path) -> None:
    other = tmp_path / "other"
    serve("--data", str(other), "--check")  # another server's data, or its backup
    before = {path: path.read_bytes() for path in other.rglob("*") if path.is_file()}
    with pytest.raises(NotDone, match="something else"):
        back_up(site.parts.settings.data, other, None)
    assert {path: path.read_bytes() for path in other.rglob("*") if path.is_file()} == before


def test_what_is_no_backup_and_what_is_not_empty_is_refused(site: Site, tmp_path: Path) -> None:
    back_up(site.parts.settings.data, tmp_path / "safe", None)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotDone, match="holds something"):
        restore(tmp_path / "safe", tmp_path / "full", None)
    with pytest.raises(NotDone, match="no backup"):
        restore(tmp_path / "full", tmp_path / "new", None)
    with pytest.raises(NotDone, match="no server's data"):
        back_up(tmp_path / "full", tmp_path / "other", None)
    assert restore(tmp_path / "safe", tmp_path / "empty", None) == ()
    told = hourproof("restore", tmp_path / "safe", "--data", tmp_path / "full", "--json")
    assert told["error"]["type"] == "not-done"


def test_a_damaged_database_is_not_backed_up_over_a_good_one(site: Site, tmp_path: Path) -> None:
    data, safe = site.parts.settings.data, tmp_path / "safe"
    fill(site, 2)
    back_up(data, safe, None)
    good = (safe / "hourproof.db").read_bytes()
    bad = tmp_path / "bad"
    shutil.copytree(safe, bad)
    (bad / "hourproof.db").write_bytes(good[:4096] + bytes(4096) + good[8192:])
    with pytest.raises(StorageFailed):
        back_up(bad, safe, None)
    assert (safe / "hourproof.db").read_bytes() == good


@pytest.mark.skipif(clusters.PROGRAMS is None, reason="needs Debian's package postgresql")
def test_with_postgresql_pictures_and_key_are_copied_and_the_rest_is_said(
    cluster: str, tmp_path: Path
) -> None:
    data, safe = tmp_path / "data", tmp_path / "safe"
    with backend.site(data, database=cluster) as site:
        fill(site, 2)
        told = subprocess.run(
            [*HOURPROOF, "backup", safe, "--data", data, "--database", cluster],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    assert "the key and 2 pictures, 2 of them new" in told
    assert "pg_dump" in told
    assert sorted(path.name for path in safe.iterdir()) == ["pictures", "server.key"]
    assert restore(safe, tmp_path / "new", cluster) == ()
