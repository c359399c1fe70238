"""The replayed power cuts themselves: they leave what was synced, and anything of the rest."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from random import Random

from powercut import Cutting, record

LINE, PAGE = b"a line\n", b"\x07" * 4096


def cuts(tmp_path: Path, program: str) -> list[Cutting]:
    """Every cut of a program that works in `folder`, which holds the file `old`."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "old").write_bytes(LINE)
    head = f"import os, threading; from pathlib import Path; folder = Path({str(folder)!r})\n"
    command = [sys.executable, "-c", head + program]
    recording = record(command, folder, tmp_path / "trace", PYTHONPATH=os.pathsep.join(sys.path))
    return list(recording.cuts(Random(5)))


def after(found: list[Cutting], word: str, name: str) -> set[bytes | None]:
    """What a file may hold once the program has said a word; None is no file."""
    return {cutting.files.get(name) for cutting in found if word in cutting.said}


def test_what_was_not_synced_may_be_there_or_not(tmp_path: Path) -> None:
    found = cuts(tmp_path, f"(folder / 'new').write_bytes({LINE!r}); os.write(1, b'done')")

    assert {None, b"", LINE} <= after(found, "done", "new")
    assert after(found, "", "old") == {LINE}


def test_what_was_synced_is_there(tmp_path: Path) -> None:
    program = f"""
with open(folder / "new", "wb", buffering=0) as file:
    file.write({LINE!r})
    os.fsync(file.fileno())
    os.write(1, b"done")
    file.write({PAGE!r})
    os.write(1, b"more")
"""
    found = cuts(tmp_path, program)

    assert None in after(found, "", "new")
    assert all(data.startswith(LINE) for data in after(found, "done", "new"))
    sizes = {len(data) for data in after(found, "more", "new")}
    assert {len(LINE), len(LINE + PAGE)} < sizes  # and a part of the page


def test_a_name_is_changed_for_sure_with_its_folder(tmp_path: Path) -> None:
    program = f"""
with open(folder / "new", "wb", buffering=0) as file:
    file.write({PAGE!r})
    os.fsync(file.fileno())
os.rename(folder / "new", folder / "old")
os.write(1, b"renamed")
names = os.open(folder, os.O_RDONLY)
os.fsync(names)
os.write(1, b"synced")
"""
    found = cuts(tmp_path, program)

    assert after(found, "renamed", "old") == {LINE, PAGE}
    assert after(found, "synced", "old") == {PAGE}
    assert after(found, "synced", "new") == {None}


def test_another_thread_s_writes_are_replayed_too(tmp_path: Path) -> None:
    program = f"""
def work(name):
    with open(folder / name, "ab", buffering=0) as file:
        for _ in range(50):
            file.write({LINE!r})
            os.fsync(file.fileno())
threads = [threading.Thread(target=work, args=(name,)) for name in ("old", "new")]
for one in threads: one.start()
for one in threads: one.join()
os.write(1, b"done")
"""
    found = cuts(tmp_path, program)

    assert after(found, "done", "old") == {LINE * 51}
    assert after(found, "done", "new") == {LINE * 50}
