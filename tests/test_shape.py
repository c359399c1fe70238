"""The shape of the tree: sizes, names, and a README whose tree is the real one."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILE_LINES = 300
FUNCTION_LINES = 40
TOP = {
    ".ci",
    ".editorconfig",
    ".github",
    ".gitignore",
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "packaging",
    "pyproject.toml",
    "resources",
    "tests",
    "tracker",
    "uv.lock",
}
DRAWERS = {"util", "utils", "helper", "helpers", "misc", "common", "manager", "managers"}
UNFINISHED = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")))
# A folder of one machine or person has no place in what everyone shares.
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:work|root|Users|home/(?!USER\b)\w+)/")
VENDORED = ("uv.lock", ".min.js")


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """Every file git knows, as a path below the root; one that is about to be deleted is not there."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [Path(name) for name in listing.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def modules(tracked: list[Path]) -> dict[Path, str]:
    return {path: (ROOT / path).read_text(encoding="utf-8") for path in tracked if path.suffix == ".py"}


def test_no_module_is_longer_than_300_lines(modules: dict[Path, str]) -> None:
    long = {str(path): lines for path, text in modules.items() if (lines := text.count("\n")) > FILE_LINES}
    assert not long


def test_no_function_is_longer_than_40_lines(modules: dict[Path, str]) -> None:
    long = [
        f"{path}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1}"
        for path, text in modules.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= FUNCTION_LINES
    ]
    assert not long


def test_every_module_promises_something_in_its_docstring(modules: dict[Path, str]) -> None:
    silent = [
        str(path)
        for path, text in modules.items()
        if path.parts[0] != "tests" and not ast.get_docstring(ast.parse(text))
    ]
    assert not silent


def test_nothing_is_named_like_a_drawer(tracked: list[Path]) -> None:
    drawers = [
        str(path) for path in tracked if DRAWERS & {part.partition(".")[0].lower() for part in path.parts}
    ]
    assert not drawers


def test_the_top_level_holds_only_what_was_agreed(tracked: list[Path]) -> None:
    assert {path.parts[0] for path in tracked} <= TOP


def test_no_file_names_a_machines_path_or_leaves_work_unfinished(tracked: list[Path]) -> None:
    found = [
        f"{path}:{number}: {line.strip()}"
        for path in tracked
        if not path.name.endswith(VENDORED)
        for number, line in enumerate(_text(path).splitlines(), 1)
        if MACHINE_PATH.search(line) or UNFINISHED.search(line)
    ]
    assert not found


def test_the_readme_shows_the_real_tree(tracked: list[Path]) -> None:
    shown = _tree_in((ROOT / "README.md").read_text(encoding="utf-8"))
    top = {_shown(path, 1) for path in tracked if len(path.parts) > 1}
    tracker = {_shown(path, 2) for path in tracked if path.parts[0] == "tracker"}
    assert shown == (top | tracker) - {"tracker/__init__.py"}


def _text(path: Path) -> str:
    """Return a text file's text, nothing of a binary one."""
    data = (ROOT / path).read_bytes()
    return "" if b"\0" in data else data.decode("utf-8")


def _shown(path: Path, depth: int) -> str:
    """Return a path cut at a depth, a folder with a slash behind it."""
    cut = Path(*path.parts[:depth])
    return f"{cut}/" if len(path.parts) > depth else str(cut)


def _tree_in(readme: str) -> set[str]:
    """Return the paths of the README's tree: two spaces lead to what lies in the folder above."""
    block = re.search(r"^## The tree$.*?^```\w*$\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert block, "the README has a section 'The tree' with a block in it"
    paths, folder = set(), ""
    for line in block[1].splitlines():
        name = line.split()[0]
        folder = name if not line.startswith(" ") else folder
        paths.add(name if name == folder else folder + name)
    return paths
