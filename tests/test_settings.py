"""Settings a person can edit, and the test mode."""

from __future__ import annotations

from pathlib import Path

import pytest
from certificates import Authority

from tracker.errors import BadValue
from tracker.settings import Rule, Settings, TestMode, change, load, parse_hours, read_test_mode, save


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    defaults = Settings(notice=15, appearance="system", memo_reminder=120, working_hours="")
    assert load(tmp_path / "settings.toml") == defaults


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"

    save(file, Settings(notice=0, appearance="dark", memo_reminder=60, working_hours="22:00-06:00"))

    assert load(file) == Settings(notice=0, appearance="dark", memo_reminder=60, working_hours="22:00-06:00")
    assert [one.name for one in tmp_path.iterdir()] == ["settings.toml"]


@pytest.mark.parametrize(
    "text",
    [
        "notice = 61",
        "notice = 'x'",
        "appearance = 'pink'",
        "memo_reminder = 1441",
        "working_hours = '9 to 5'",
        "colour = 1",
        "= 1",
        "shots_without_rules = 1",
        "private_windows = 'hide'",
        "monitors = 'mine'",
        "rules = 1",
        "[[rules]]",
        "[[rules]]\ntreat = 'blur'",
        "[[rules]]\napp = 'x'",
        "[[rules]]\ntreat = 'hide'\napp = 'x'",
        "[[rules]]\ntreat = 'blur'\napp = 'x'\ncolour = 1",
        "[[rules]]\ntreat = 'blur'\napp = 1",
        "[[rules]]\ntreat = 'blur'\napp = 'x'\nmonitor = 1",
        "[[rules]]\ntreat = 'blur'\nmonitor = 0",
        "[[rules]]\ntreat = 'blur'\nmonitor = ' '",
        "[[rules]]\ntreat = 'blur'\ntitle = ' '",
        "[[rule]]\ntreat = 'blur'\napp = 'x'",
    ],
)
def test_a_broken_file_is_told_and_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)

    with pytest.raises(BadValue, match=r"settings\.toml cannot be read"):
        load(file)
    assert file.read_text() == text


RULES = (
    Rule("exclude", app="Signal"),
    Rule("blur", app='C:\\odd "name"\x7f\n', title="*grüne Bücher*"),
    Rule("blur", monitor=2),
    Rule("exclude", monitor="HDMI-*"),
)


def test_rules_are_saved_as_a_person_would_write_them(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    save(file, Settings(rules=RULES))
    assert load(file) == Settings(rules=RULES)
    assert '[[rules]]\ntreat = "exclude"\napp = "Signal"\n\n[[rules]]' in file.read_text(encoding="utf-8")


def test_rules_outlive_the_change_of_a_setting() -> None:
    assert change(Settings(rules=RULES), "notice", "30") == Settings(rules=RULES, notice=30)
    assert change(Settings(), "shots_without_rules", "true") == Settings(shots_without_rules=True)
    with pytest.raises(BadValue, match="Rules are not one value") as raised:
        change(Settings(), "rules", "[]")
    assert "hourproof rules" in raised.value.advice


def test_a_setting_is_changed_from_what_was_typed() -> None:
    assert change(Settings(), "notice", "30") == Settings(notice=30)
    assert change(Settings(), "memo_reminder", "0") == Settings(memo_reminder=0)
    assert change(Settings(), "working_hours", "09:00-17:00") == Settings(working_hours="09:00-17:00")
    assert change(Settings(working_hours="09:00-17:00"), "working_hours", "") == Settings()


def test_an_authority_is_named_by_a_file_of_its_certificate(tmp_path: Path) -> None:
    path = Authority(tmp_path).path

    changed = change(Settings(), "ca", str(path))

    assert changed == Settings(ca=str(path))
    assert change(changed, "ca", "") == Settings()
    path.unlink()
    assert change(changed, "notice", "30") == Settings(ca=str(path), notice=30)


def test_a_file_that_holds_no_certificate_is_refused(tmp_path: Path) -> None:
    empty, key = tmp_path / "empty.pem", tmp_path / "key.pem"
    empty.touch()
    key.write_text("-----BEGIN PRIVATE KEY-----\nnothing\n-----END PRIVATE KEY-----\n")
    for file, why in (
        (empty, "it holds no certificate"),
        (key, "it holds no certificate"),
        (tmp_path, "it"),
        (tmp_path / "gone.pem", "it cannot be read"),
    ):
        with pytest.raises(BadValue, match=f"is no value for ca: {why}") as told:
            change(Settings(), "ca", str(file))
        assert "PEM" in told.value.advice


def test_a_path_of_any_system_is_read_back(tmp_path: Path) -> None:
    for path in (r"C:\Users\Ada\new firm.pem", '/srv/"quoted"/ça.pem'):
        save(tmp_path / "settings.toml", Settings(ca=path))
        assert load(tmp_path / "settings.toml").ca == path


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("", None), ("09:00-17:30", (540, 1050)), ("22:00-06:00", (1320, 360)), ("00:00-23:59", (0, 1439))],
)
def test_working_hours_are_minutes_of_the_day(text: str, minutes: tuple[int, int] | None) -> None:
    assert parse_hours(text) == minutes


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("notice", "61"),
        ("notice", "soon"),
        ("appearance", ""),
        ("memo_reminder", "-1"),
        ("memo_reminder", "1441"),
        ("working_hours", "9-17"),
        ("working_hours", "09:00-24:00"),
        ("working_hours", "09:60-17:00"),
        ("working_hours", "09:00-09:00"),
        ("working_hours", '09:00-17:00"'),
    ],
)
def test_a_value_no_interface_offers_is_refused(name: str, value: str) -> None:
    with pytest.raises(BadValue, match=f"'{value}' is no value for {name}"):
        change(Settings(), name, value)


def test_an_unknown_setting_is_answered_with_those_there_are() -> None:
    with pytest.raises(BadValue) as raised:
        change(Settings(), "colour", "red")
    assert raised.value.advice == (
        "The settings are: notice, appearance, memo_reminder, working_hours, ca, input, monitors, "
        "password_managers, private_windows, shots_without_rules."
    )


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
