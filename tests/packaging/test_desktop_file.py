"""The desktop finds the tracker by a file that its own checker accepts, under the name the portal is told."""

from __future__ import annotations

import configparser
import subprocess
import tomllib
from pathlib import Path

from typer.main import get_command

from tracker.cli.commands import app
from tracker.paths import APP_ID

ROOT = Path(__file__).parent.parent.parent
FILE = ROOT / "packaging" / "linux" / f"{APP_ID}.desktop"


def test_the_checker_of_desktop_files_accepts_it() -> None:
    checked = subprocess.run(["desktop-file-validate", FILE], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, "")


def test_whatever_it_starts_is_a_command_that_there_is() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]  # its keys have capitals
    entry.read(FILE)
    known = set(get_command(app).commands)  # type: ignore[attr-defined]  # a group has them
    for section in entry.sections():
        program, *words = entry[section]["Exec"].split()
        assert program == "hourproof"
        assert set(words[:1]) <= known
    assert entry["Desktop Entry"]["Icon"] == APP_ID


def test_a_wheel_brings_it_and_the_icon_to_where_desktops_look() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert shared[str(FILE.relative_to(ROOT))] == f"share/applications/{APP_ID}.desktop"
    assert all((ROOT / source).is_file() for source in shared)
    assert f"share/icons/hicolor/scalable/apps/{APP_ID}.svg" in shared.values()
