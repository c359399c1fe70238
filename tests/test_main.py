"""The first look at the command line."""

from __future__ import annotations

import pytest

from tracker.__main__ import _home


@pytest.mark.parametrize(
    ("arguments", "variable", "home", "rest"),
    [
        (["status"], "", "", ["status"]),
        (["status"], "/elsewhere", "/elsewhere", ["status"]),
        (["--home", "/here", "status"], "/elsewhere", "/here", ["status"]),
        (["status", "--home=/here", "--json"], "", "/here", ["status", "--json"]),
        (["status", "--home"], "", "", ["status", "--home"]),
    ],
)
def test_a_home_may_stand_anywhere(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], variable: str, home: str, rest: list[str]
) -> None:
    monkeypatch.setenv("HOURPROOF_HOME", variable)

    assert _home(arguments) == (home, rest)
