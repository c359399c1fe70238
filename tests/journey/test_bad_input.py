"""What cannot be done is said, with what to do, the right exit code, and nothing half-written."""

from __future__ import annotations

import socket
import sqlite3
from typing import TYPE_CHECKING

import pytest
from desktop import keyring_service, session_bus, tray_host, window_manager, xvfb
from user import DAY, CommandFailedError, User, desktop_user, segments
from waiting import until

from tracker.desktop.secrets import OUTBOX_KEY, Secrets
from tracker.outbox.database import Database
from tracker.paths import Home

if TYPE_CHECKING:
    from pathlib import Path

ADD = (
    "contract",
    "add",
    "--title",
    "Brand site",
    "--client",
    "Fennel & Co",
    "--rate",
    "40",
    "--currency",
    "USD",
)


def failed(user: User, *words: str) -> CommandFailedError:
    with pytest.raises(CommandFailedError) as raised:
        user.ask(*words)
    return raised.value


MISTAKES = (
    (("start", "nobody"), 1, "unknown-contract"),
    (("start", "site"), 1, "ambiguous-contract"),
    (("start", "Brand site", "--memo", "x" * 10_000), 2, "bad-value"),
    (("memo", "y" * 501), 1, "nothing-tracking"),
    (("switch", "Brand site"), 1, "nothing-tracking"),
    (("stop",), 1, "nothing-tracking"),
    (("contract", "add", *ADD[2:6], "--rate", "forty", "--currency", "USD"), 2, "bad-value"),
    (("contract", "add", *ADD[2:6], "--rate", "-1", "--currency", "USD"), 2, "bad-value"),
    (("contract", "add", *ADD[2:6], "--rate", "40", "--currency", "dollars"), 2, "bad-value"),
    ((*ADD, "--weekly-limit", "a lot"), 2, "bad-value"),
    ((*ADD, "--weekly-limit", "169"), 2, "bad-value"),
    (("contract", "add", "--title", " ", *ADD[4:]), 2, "bad-value"),
    (("diary", "--date", "yesterday"), 2, "bad-value"),
    (("diary", "--date", DAY, "--tz", "Mars/Olympus"), 2, "bad-value"),
    (("outbox", "retry", "nothing"), 1, "not-done"),
    (("settings", "set", "notice", "61"), 2, "bad-value"),
    (("settings", "set", "colour", "red"), 2, "bad-value"),
    (("sync", "--timeout", "soon"), 2, "usage"),
    (("fly",), 2, "usage"),
)


def test_each_mistake_has_its_answer_and_changes_nothing(working: User) -> None:
    working.add_contract("Second site", "Ostrava Labs")
    before = working.ask("contracts"), working.ask("status")["state"], working.ask("settings", "get")

    for words, code, kind in MISTAKES:
        error = failed(working, *words)

        assert (error.code, error.error["type"]) == (code, kind), words
        assert error.error["title"], words
        assert error.error["advice"], words
        assert (
            working.ask("contracts"),
            working.ask("status")["state"],
            working.ask("settings", "get"),
        ) == before


def test_an_empty_memo_is_allowed_and_said_to_be_unprotected(working: User) -> None:
    working.ask("start", "Brand site", "--memo", "")
    working.track_for(2)

    assert "memo-missing" in working.ask("status")["slot"]["verdict"]["reasons"]


def test_without_the_app_a_stop_says_that_it_does_not_run(user: User) -> None:
    error = failed(user, "stop")

    assert (error.code, error.error["type"]) == (1, "app-not-running")


def test_a_database_of_a_newer_version_is_left_as_it_is(user: User) -> None:
    user.ask("contracts")
    home = Home.at(user.home)
    key = secret_of(user, home)
    database = Database.open(home.database, key)
    with database.transaction() as connection:
        connection.execute("PRAGMA user_version = 99")
    database.close()
    before = home.database.read_bytes()

    error = failed(user, "contracts")

    assert (error.code, error.error["type"]) == (1, "newer-database")
    assert home.database.read_bytes() == before


def secret_of(user: User, home: Home) -> str:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DBUS_SESSION_BUS_ADDRESS", "HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME"):
            patch.setenv(name, user.env[name])
        key = Secrets(home.service, home.data / "keys").get(OUTBOX_KEY)
    assert key
    return key


def test_a_folder_that_cannot_be_written_is_told(user: User) -> None:
    user.home.parent.joinpath("file").write_text("")
    nowhere = User(user.home.parent / "file" / "home", user.env)

    error = failed(nowhere, "status")

    assert (error.code, error.error["type"]) == (1, "folder-not-writable")


def test_what_lies_in_the_database_is_encrypted(working: User) -> None:
    working.ask("start", "Brand site", "--memo", "Canary in the coal mine")
    working.track_for(10)

    database = Home.at(working.home).database
    for file in database.parent.glob("outbox.db*"):
        assert b"Canary" not in file.read_bytes()
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(database).execute("SELECT * FROM segment")


def test_a_port_in_use_is_told(user: User) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = user.run("serve", "--data", str(user.home / "elsewhere"), "--port", str(port))

    assert done.returncode == 1
    assert str(port) in done.stderr
    assert "Traceback" not in done.stderr


def test_a_locked_keyring_changes_nothing(tmp_path: Path, display: str) -> None:
    with session_bus() as bus, keyring_service(bus, tmp_path / "person") as keyring:
        user = desktop_user(tmp_path / "home", display, keyring)
        user.add_contract("Brand site")
    before = Home.at(user.home).database.read_bytes()

    with session_bus() as bus, keyring_service(bus, tmp_path / "person", locked=True) as keyring:
        error = failed(desktop_user(user.home, display, keyring), "contracts")
    assert (error.code, error.error["type"]) == (1, "secrets-locked")
    assert Home.at(user.home).database.read_bytes() == before

    with session_bus() as bus, keyring_service(bus, tmp_path / "person") as keyring:
        again = desktop_user(user.home, display, keyring)
        assert [one["title"] for one in again.ask("contracts")] == ["Brand site"]


def test_without_a_keyring_the_keys_lie_in_a_file_for_the_owner_only(tmp_path: Path, display: str) -> None:
    user = desktop_user(tmp_path / "home", display, {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)})

    user.add_contract("Brand site")

    assert (user.home / "keys").stat().st_mode & 0o777 == 0o600
    assert [one["title"] for one in user.ask("contracts")] == ["Brand site"]


def test_a_display_that_vanishes_while_tracking_costs_seconds(
    tmp_path: Path, keyring_service: dict[str, str]
) -> None:
    with xvfb() as screen, window_manager(screen.name), tray_host(screen.name):
        user = desktop_user(tmp_path / "home", screen.name, keyring_service)
        with user.app() as app:
            user.add_contract("Brand site")
            user.ask("start", "Brand site", "--memo", "Home page hero")
            before = user.track_for(30)
            screen.vanish()
            until(lambda: app.poll() is not None, "the app to end with its display")

    status = user.ask("status")
    left = segments(user.day())
    assert status["state"] == "stopped"
    assert before["session_ms"] - sum(one["tracked_ms"] for one in left) <= 6_000


def test_a_second_start_raises_the_first(working: User) -> None:
    assert working.run("run").returncode == 0
    assert working.ask("status")["app_running"]


def test_the_help_of_every_command_shows_what_it_takes(user: User) -> None:
    for words in ((), ("start",), ("contract", "add"), ("diary",), ("sync",), ("outbox", "retry")):
        done = user.run(*words, "--help")
        assert done.returncode == 0
        assert "Usage: hourproof" in done.stdout
