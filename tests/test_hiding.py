"""Pausing shots, trying one, and rules, as they are commanded."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from absences import STOP, WORK
from cameras import FakeWindows, blind, camera
from senses import PICTURE
from workbench import PICTURED, Bench

from tracker.answering import answer
from tracker.capture.base import Area, Frame, Window, Windows
from tracker.capture.camera import BLIND, BROKEN_SETTINGS, BY_RULE, PAUSED, Camera
from tracker.capture.photographer import ShotResult
from tracker.cli import hiding as printing
from tracker.commands import Commands
from tracker.errors import BadValue, NothingTracking
from tracker.hiding import rules_add, rules_list, rules_remove, shot_pause, shot_test
from tracker.model.protection import Reason
from tracker.model.segment import Picture, ShotState
from tracker.model.slot import MINUTE, SECOND, SLOT, instant
from tracker.orders import Begin
from tracker.outbox.database import Database
from tracker.paths import Home
from tracker.settings import Rule, Settings, load
from tracker.typed import pause

VAULT = Windows((Window("KeePassXC", "the vault of Anna", Area(0, 0, 16, 16)),))


class Screen:
    """Two lively monitors."""

    name = "fake"

    def grab(self) -> tuple[Frame, ...]:
        noise = random.Random(1).randbytes(4 * 64 * 64)
        return tuple(Frame(n, 64, 64, noise, 1.0, Area(64 * n, 0, 64, 64)) for n in range(2))

    def close(self) -> None:
        pass


class Direct:
    """Obeys at once, in the test's thread."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bench.session, name)

    def post(self, order: Any) -> Any:
        done = self._bench.session.post(order)
        self._bench.session.step()
        return done


@pytest.fixture
def commands(bench: Bench, tmp_path: Path) -> Commands:
    none: Any = None
    syncer = type("Syncer", (), {"request": lambda _self: None})()
    home = replace(Home.at(tmp_path), runtime=tmp_path)
    session: Any = Direct(bench)
    take = camera(Screen, lambda: FakeWindows([VAULT]), Settings()).take
    return Commands(home, bench.outbox, none, syncer, none, session, bench.status, lambda: 0, take_shot=take)


@pytest.mark.parametrize(
    ("text", "minutes"), [("10m", 10), ("1", 1), (" 60 min ", 60), ("5 minutes", 5), ("0", 0), ("0m", 0)]
)
def test_a_pause_is_some_minutes(text: str, minutes: int) -> None:
    assert pause(text) == minutes * MINUTE


@pytest.mark.parametrize("text", ["", "61", "-1", "1h", "10s", "1.5m", "m", "٣", "99999999999"])
def test_any_other_pause_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="no length of a pause") as refusal:
        pause(text)
    assert "0 to have shots again" in refusal.value.advice


def test_what_is_due_in_a_pause_is_withheld_and_says_so(bench: Bench, commands: Commands) -> None:
    bench.do(Begin(PICTURED, "Checkout: error copy"))
    status = shot_pause(commands, "10m")
    assert status.shots_paused_until == instant(bench.clock.wall + 10 * MINUTE)
    bench.work(SLOT, keys=1)
    assert not bench.camera.asked
    (shot,) = [shot for one in bench.segments for shot in one.shots]
    assert (shot.state, shot.reason, shot.pictures) == (ShotState.WITHHELD, PAUSED, ())


def test_the_status_says_what_became_of_the_last_shot(bench: Bench, commands: Commands) -> None:
    bench.do(Begin(PICTURED, "Checkout: error copy"))
    shot_pause(commands, "60m")
    while not bench.status().shot.taken:
        bench.work(SECOND, keys=1)
    bench.work(MINUTE, keys=1)
    status = bench.status()
    assert (status.shot.state, status.shot.reason) == (ShotState.WITHHELD, PAUSED)
    assert status.slot is not None
    assert Reason.SHOT_WITHHELD in status.slot.verdict.reasons


def test_after_a_pause_shots_are_taken_again(bench: Bench, commands: Commands) -> None:
    bench.do(Begin(PICTURED, "Checkout: error copy"))
    shot_pause(commands, "10m")
    bench.work(SLOT, keys=1)
    assert bench.status().shots_paused_until is None
    bench.work(SLOT, keys=1)
    assert len(bench.camera.asked) == 1


def test_a_pause_of_nothing_ends_it(bench: Bench, commands: Commands) -> None:
    bench.do(Begin(PICTURED, "Checkout: error copy"))
    shot_pause(commands, "10m")
    assert shot_pause(commands, "0").shots_paused_until is None
    bench.work(SLOT, keys=1)
    assert len(bench.camera.asked) == 1


def test_the_shot_due_at_a_stop_is_paused_and_the_next_run_is_not(bench: Bench, commands: Commands) -> None:
    bench.do(Begin(PICTURED, "Checkout: error copy"))
    shot_pause(commands, "60m")
    bench.work(2 * MINUTE, keys=1)
    commands.stop()
    assert not bench.camera.asked
    assert [shot.reason for one in bench.segments for shot in one.shots] == [PAUSED]
    bench.do(Begin(PICTURED, "Checkout: error copy"))
    assert bench.status().shots_paused_until is None


def test_where_nothing_is_tracked_there_is_nothing_to_pause(commands: Commands) -> None:
    with pytest.raises(NothingTracking):
        shot_pause(commands, "10m")


def test_a_blurred_shot_is_kept_as_one(bench: Bench) -> None:
    bench.do(Begin(PICTURED, "Checkout: error copy"))
    bench.work(SLOT, keys=1)
    ((shot, done),) = bench.camera.asked
    done(ShotResult(shot, (replace(PICTURE, blurred=60),)))
    bench.session.step()
    bench.do(STOP)
    (kept,) = [shot for one in bench.segments for shot in one.shots]
    assert (kept.state, kept.reason) == (ShotState.BLURRED, "")
    assert kept.pictures == (Picture(PICTURE.sha256, len(PICTURE.data), 0, 8, 8, 60),)


def test_a_withheld_shot_is_kept_with_its_reason(bench: Bench) -> None:
    bench.do(WORK)
    bench.do(Begin(PICTURED, "Checkout: error copy"))
    bench.work(SLOT, keys=1)
    ((shot, done),) = bench.camera.asked
    done(ShotResult(shot, reason=BY_RULE, withheld=True))
    bench.session.step()
    (kept,) = [shot for one in bench.segments for shot in one.shots]
    assert (kept.state, kept.reason, kept.pictures) == (ShotState.WITHHELD, BY_RULE, ())


def test_a_try_tells_what_would_be_kept_and_stores_nothing(
    commands: Commands, database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = shot_test(commands)
    assert [(one.monitor, one.width, one.height, one.file) for one in tried.pictures] == [
        (1, 64, 64, None),
        (2, 64, 64, None),
    ]
    assert [one.blurred > 0 for one in tried.pictures] == [True, False]
    assert (tried.state, tried.reason) == ("blurred", "")
    assert sorted(one.name for one in tmp_path.iterdir() if not one.name.startswith("outbox.db")) == []
    with database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM picture").fetchone() == (0,)
    printing._print_try(msgspec.to_builtins(tried))
    first, second, last = capsys.readouterr().out.splitlines()
    assert first.startswith("Monitor 1: 64 x 64, ")
    assert first.endswith("% blurred")
    assert "blurred" not in second
    assert last == "This is what would be kept. Nothing was stored."


def test_a_try_is_saved_where_it_is_asked_for_and_nothing_else_is_lost(
    commands: Commands, tmp_path: Path
) -> None:
    folder = tmp_path / "looks"
    folder.mkdir()
    tried = shot_test(commands, str(folder / "try.webp"))
    files = [Path(str(one.file)) for one in tried.pictures]
    assert [file.name for file in files] == ["try.webp", "try-2.webp"]
    assert [(file.stat().st_size, file.stat().st_mode & 0o777) for file in files] == [
        (one.bytes, 0o600) for one in tried.pictures
    ]
    with pytest.raises(BadValue, match=r"try\.webp cannot be written: File exists"):
        shot_test(commands, str(folder / "try.webp"))
    with pytest.raises(BadValue, match="No such file"):
        shot_test(commands, str(folder / "nowhere" / "try.webp"))


@pytest.mark.parametrize(
    ("settings", "choose", "reason", "advice"),
    [
        (Settings(password_managers="exclude"), lambda: FakeWindows([VAULT]), BY_RULE, "rules list"),
        (Settings(), blind, BLIND, "doctor"),
    ],
)
def test_a_try_says_why_nothing_would_be_kept(
    commands: Commands,
    settings: Settings,
    choose: Any,
    reason: str,
    advice: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tried = shot_test(replace(commands, take_shot=camera(Screen, choose, settings).take))
    assert (tried.state, tried.reason, tried.pictures) == ("withheld", reason, ())
    assert advice in tried.advice
    printing._print_try(msgspec.to_builtins(tried))
    assert capsys.readouterr().out == f"Nothing would be kept. {reason}\n{tried.advice}\n"


def test_rules_are_added_listed_and_removed(commands: Commands) -> None:
    rules_add(commands, "blur", app="Signal")
    rules_add(commands, "exclude", app="fire*", title="*bank*")
    rules_add(commands, "blur", monitor="2")
    rules_add(commands, "blur", monitor="HDMI-1")
    rules_add(commands, "blur", app="Signal")  # said again, it is the same rule
    assert load(commands.home.settings).rules == (
        Rule("exclude", app="fire*", title="*bank*"),
        Rule("blur", monitor=2),
        Rule("blur", monitor="HDMI-1"),
        Rule("blur", app="Signal"),
    )
    left = rules_remove(commands, 2)
    assert left == rules_list(commands)
    assert [one["number"] for one in left] == [1, 2, 3]
    assert left[0] == {"number": 1, "treat": "exclude", "app": "fire*", "title": "*bank*", "monitor": None}
    for number in (0, 4, -1):
        with pytest.raises(BadValue, match=f"no rule {number}"):
            rules_remove(commands, number)


@pytest.mark.parametrize(
    "said",
    [
        {"treat": "hide", "app": "x"},
        {"treat": "blur"},
        {"treat": "blur", "app": " "},
        {"treat": "blur", "app": "x", "monitor": "1"},
        {"treat": "blur", "monitor": "0"},
        {"treat": "blur", "monitor": ""},
    ],
)
def test_what_is_no_rule_is_refused_and_changes_nothing(commands: Commands, said: dict[str, str]) -> None:
    rules_add(commands, "blur", app="Signal")
    with pytest.raises(BadValue, match="That is no rule") as refusal:
        rules_add(commands, **said)
    assert "--monitor" in refusal.value.advice
    assert load(commands.home.settings).rules == (Rule("blur", app="Signal"),)


def test_the_settings_in_force_are_those_of_the_file_at_each_shot(commands: Commands) -> None:
    home = commands.home
    taking = Camera(Screen, lambda: FakeWindows([VAULT]), lambda: load(home.settings))
    assert taking.take("s1").state is ShotState.BLURRED
    rules_add(commands, "exclude", title="*vault*")
    assert taking.take("s2").reason == BY_RULE
    home.settings.write_text("[[rules]]\ntreat = 'blur'\n")
    assert taking.take("s3").reason == BROKEN_SETTINGS


def test_a_broken_rule_is_an_error_wherever_rules_are_asked_for(commands: Commands) -> None:
    commands.home.settings.write_text("[[rules]]\ntreat = 'blur'\n")
    for ask in (rules_list, lambda c: rules_add(c, "blur", app="x"), lambda c: rules_remove(c, 1)):
        with pytest.raises(BadValue, match="a rule names an app"):
            ask(commands)


def test_another_process_asks_by_name(commands: Commands) -> None:
    for request in (
        b'{"command": "rules_add", "args": {"treat": "blur", "app": "x"}}',
        b'{"command": "rules_list", "args": {}}',
        b'{"command": "shot_test", "args": {"to": null}}',
    ):
        assert b'"result"' in answer(commands, request)
    assert b"nothing-tracking" in answer(commands, b'{"command": "shot_pause", "args": {"length": "5"}}')
