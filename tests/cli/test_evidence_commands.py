"""`verify`, typed by somebody who has nothing but the file."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bundling import SERVER, Desk, small
from device import webp
from doubles import NINE

from tracker.cli.commands import run
from tracker.evidence.bundle import ContractFacts
from tracker.model.revision import Change
from tracker.paths import Home
from tracker.wire.evidence import ChainView


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "week.zip"
    path.write_bytes(small().bundle())
    return path


def typed(tmp_path: Path, *words: str) -> int:
    return run(Home.at(tmp_path / "no-home"), list(words))


def test_it_needs_no_home_no_account_no_display_and_no_network(bundle: Path, tmp_path: Path) -> None:
    bare = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path / "nobody"), "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-m", "tracker", "--home", str(tmp_path / "no-home"), "verify", str(bundle)]
    alone = ["unshare", "--net"] if network_can_be_taken() else []

    done = subprocess.run(
        [*alone, *command], env=bare, capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Sound: every signature, receipt and byte is as it was written.\n")
    assert not (tmp_path / "no-home").exists()
    assert not (tmp_path / "nobody").exists()


def test_it_says_who_signed_how_many_hours_and_what_is_lacking(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk()
    first = desk.work(0, webp())
    desk.pictures.clear()
    desk.deliver(desk.device.revise(first, Change.WITHHOLD))
    desk.device.work(NINE)
    desk.work(2)
    chains = (ChainView("northbeam", desk.device.key.id, 4, (), ((3, 4),)),)
    path = tmp_path / "week.zip"
    path.write_bytes(desk.bundle(desk.contents(chains=chains)))

    assert typed(tmp_path, "verify", str(path)) == 0

    told = capsys.readouterr().out
    device = desk.device.key.id
    for sentence in (
        f"2026-W47 at https://hours.example.org, written 2026-11-19 19:00:00 UTC by device {device}.",
        f"The server signs with {SERVER.id}.",
        f"Device {device} of account ada signed 3.",
        "Checkout, Northbeam: 20 min 00 s tracked, in 2 segments.",
        "1 shots withheld.",
        f"Not delivered by {device}: number 3.",
        "Pictures: 0 present.",
    ):
        assert sentence in told


def test_nothing_that_it_says_is_a_command_to_the_terminal(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil, desk = "\x1b[2J\x9b1A", Desk()
    contracts = (ContractFacts("northbeam", evil, evil),)
    contents = desk.contents(week=evil, server=evil, contracts=contracts)
    bundle.write_bytes(desk.bundle(contents))

    typed(tmp_path, "verify", str(bundle))
    told = capsys.readouterr().out
    assert "[2J" in told
    assert told.replace("\n", "").isprintable()


def test_a_fault_is_named_and_ends_with_1(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(bundle.read_bytes())
    data[data.index(b"RIFF")] ^= 1
    bundle.write_bytes(data)

    assert typed(tmp_path, "verify", str(bundle)) == 1
    told = capsys.readouterr().out
    assert told.startswith("Not sound: 1 fault.\n  pictures/")
    assert typed(tmp_path, "verify", str(bundle), "--json") == 1
    shown = json.loads(capsys.readouterr().out)
    assert (shown["sound"], len(shown["faults"])) == (False, 1)
    assert shown["faults"][0]["why"] == "it was changed"


def test_another_server_s_key_than_the_one_that_is_known_is_a_fault(bundle: Path, tmp_path: Path) -> None:
    assert typed(tmp_path, "verify", str(bundle), "--server-key", SERVER.id) == 0
    assert typed(tmp_path, "verify", str(bundle), "--server-key", "77" * 16) == 1


def test_a_file_that_is_not_there_or_no_bundle_is_told(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(tmp_path, "verify", str(tmp_path / "none.zip")) == 1
    assert "cannot be read" in capsys.readouterr().err
    bundle.write_text("no bundle")
    assert typed(tmp_path, "verify", str(bundle), "--json") == 1
    assert json.loads(capsys.readouterr().out)["week"] is None
    assert typed(tmp_path, "verify") == 2


def network_can_be_taken() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode == 0
