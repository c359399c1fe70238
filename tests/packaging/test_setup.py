"""What `packaging/setup` finds missing, on each kind of system, and what it says without root."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TOOLS = ("awk", "basename", "comm", "dirname", "grep", "id", "sh", "sort", "tr", "xargs")
SYSTEMS = {
    "apt-get": {
        "apt-get": "true",
        "dpkg-query": r"printf 'installed,openbox,\ninstalled,libglib2.0-0t64,libglib2.0-0 (= 2.80)\n'",
    },
    "dnf": {"dnf": "true", "rpm": r"printf 'openbox = 3.6\nglib2 = 2.80\n'"},
    "pacman": {"pacman": 'shift; for p; do case $p in openbox|glib2) ;; *) echo "$p";; esac; done; exit 127'},
}
COMMANDS = {
    "apt-get": "apt-get update && apt-get install -y --no-install-recommends ",
    "dnf": "dnf install -y --setopt=install_weak_deps=False ",
    "pacman": "pacman -S --noconfirm --needed ",
}


def set_up(folder: Path, programs: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Source setup in a fresh tree, where only these programs and a few everyday tools are found."""
    tree, tools = folder / "tree", folder / "tools"
    shutil.copytree(ROOT / "packaging", tree / "packaging")
    tools.mkdir()
    for tool in TOOLS:
        (tools / tool).symlink_to(shutil.which(tool) or "")
    for name, does in programs.items():
        (tools / name).unlink(missing_ok=True)
        (tools / name).write_text(f"#!/bin/sh\n{does}\n")
        (tools / name).chmod(0o755)
    return subprocess.run(
        [shutil.which("bash") or "", "-c", "set -euo pipefail; . packaging/setup app desk"],
        cwd=tree,
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("system", SYSTEMS)
def test_without_root_the_command_for_what_is_missing_is_told(tmp_path: Path, system: str) -> None:
    done = set_up(tmp_path, {**SYSTEMS[system], "id": "echo 1000"})

    told = done.stderr.strip().splitlines()[-1].strip()
    packages = told.removeprefix(COMMANDS[system]).split()
    assert (done.returncode, told.startswith(COMMANDS[system])) == (1, True)
    assert {"chromium", "trayer", "xterm"} <= set(packages)
    assert not {"openbox", "glib2", "libglib2.0-0", "shellcheck", "-"} & set(packages)


def test_an_installation_that_fails_ends_it(tmp_path: Path) -> None:
    done = set_up(tmp_path, {**SYSTEMS["dnf"], "dnf": "exit 3", "id": "echo 0"})

    assert done.returncode == 1
    assert "could not be installed" in done.stderr


def test_a_python_that_is_too_old_is_told(tmp_path: Path) -> None:
    done = set_up(
        tmp_path, {"brew": "grep -v '^#' packaging/packages.txt | awk '{ print $5 }'", "python3": "exit 1"}
    )

    assert done.returncode == 1
    assert "Python 3.11 or newer" in done.stderr
