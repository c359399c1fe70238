"""Settings a person can edit, and the test mode."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.errors import BadValue
from tracker.settings import Settings, TestMode, change, load, read_test_mode, save


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load(tmp_path / "settings.toml") == Settings(notice=15, appearance="system")


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"

    save(file, Settings(notice=0, appearance="dark"))

    assert load(file) == Settings(notice=0, appearance="dark")
    assert [one.name for one in tmp_path.iterdir()] == ["settings.toml"]


@pytest.mark.parametrize("text", ["notice = 61", "notice = 'x'", "appearance = 'pink'", "colour = 1", "= 1"])
def test_a_broken_file_is_told_and_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)

    with pytest.raises(BadValue, match=r"settings\.toml cannot be read"):
        load(file)
    assert file.read_text() == text


def test_a_setting_is_changed_from_what_was_typed() -> None:
    assert change(Settings(), "notice", "30") == Settings(notice=30)


@pytest.mark.parametrize(("name", "value"), [("notice", "61"), ("notice", "soon"), ("appearance", "")])
def test_a_value_no_interface_offers_is_refused(name: str, value: str) -> None:
    with pytest.raises(BadValue, match=f"'{value}' is no value for {name}"):
        change(Settings(), name, value)


def test_an_unknown_setting_is_answered_with_those_there_are() -> None:
    with pytest.raises(BadValue) as raised:
        change(Settings(), "colour", "red")
    assert raised.value.advice == "The settings are: notice, appearance."


def test_the_test_mode_is_read_from_its_variable() -> None:
    mode = read_test_mode("speed=60 seed=1 notice=0 spread=0 now=2026-11-19T09:00:00Z")

    assert mode == TestMode(speed=60, seed=1, notice=0, spread=0, now=1_795_078_800_000)
    assert read_test_mode("") is None


@pytest.mark.parametrize(
    "text", ["speed=0", "speed=601", "notice=61", "spread=121", "idle=1", "speed", "seed=x", "now=x"]
)
def test_nothing_else_can_be_shortened(text: str) -> None:
    with pytest.raises(BadValue, match="is not understood"):
        read_test_mode(text)
