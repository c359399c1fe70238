"""What must not be kept is kept nowhere: which keys, memos in the clear, tokens."""

from __future__ import annotations

import re
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from canaries import leaks
from user import HOURPROOF, segments
from waiting import until

from tracker.desktop.secrets import DEVICE_KEY, OUTBOX_KEY, TOKEN, Secrets
from tracker.paths import Home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hands import Hands
    from user import User

MEMO = "Canary memo of a quiet morning"
TYPED = "qzjxkv"


def test_no_file_of_the_home_holds_what_was_typed_or_any_secret(
    working: User, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    working.ask("start", "Checkout rebuild", "--memo", MEMO)
    hands.press(*TYPED, times=10)
    working.track_for(61)
    working.ask("stop")
    working.ask("sync")
    link = working.ask("diary", "--open")["url"]
    assert sum(minute["keys"] for one in segments(working.day()) for minute in one["minutes"]) == 60

    home = Home.at(working.home)
    hidden = kept(working, monkeypatch)
    files = {file: file.read_bytes() for file in home.data.rglob("*") if file.is_file()}
    own = {file: data for file, data in files.items() if home.server not in file.parents}

    assert len(files) > 5
    for name, secret in hidden.items():
        assert not [file for file, data in files.items() if secret.encode() in data], name
    assert not [file for file, data in files.items() if link.rpartition("/")[2].encode() in data]
    assert not [file for file, data in own.items() if MEMO.encode() in data], "memos lie encrypted"
    assert not [file for file, data in files.items() if TYPED.encode() in data]
    logs = b"".join(data for file, data in files.items() if file.suffix == ".log")
    assert not re.search(rb"(?i)keycode|keysym|Canary|Checkout", logs)


def test_the_signed_bytes_tell_how_often_and_nothing_else(working: User, hands: Hands) -> None:
    working.ask("start", "Checkout rebuild", "--memo", MEMO)
    hands.press(*TYPED)
    working.track_for(5)
    working.ask("stop")

    (one,) = segments(working.day())

    for minute in one["minutes"]:
        assert set(minute) == {"t", "ms", "active_s", "keys", "clicks", "scrolls"}
        assert all(isinstance(minute[name], int) for name in minute if name != "t")


def test_no_fault_makes_anything_speak(
    user: User, hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, said = Home.at(user.home), tmp_path / "said"
    with talking_app(user, said) as app:
        user.add_contract("Checkout rebuild", "Northbeam")
        user.ask("start", "Checkout rebuild", "--memo", MEMO)
        with server_out_of_order(user):
            hands.press(*TYPED, times=10)
            user.track_for(61)
            user.ask("memo", f"{MEMO}, and of an evening")
            with said.open("a") as told:
                told.write(user.run("sync").stderr)
            assert user.look()["server"]["state"] == "offline"
            hands.press(*TYPED, times=10)
            until(lambda: total_keys(user) >= 60, "the keys to be counted")
            app.kill()
            app.wait()
            secrets = kept(user, monkeypatch)
            left = silence(home, said, secrets)
            assert {file.name for file in left} >= {"outbox.db", "outbox.db-wal", "said", "hourproof.log"}
    with talking_app(user, said):
        assert user.ask("sync")["waiting"] == 0
        assert user.run("start", MEMO).returncode == 1
        user.end_server()
        silence(home, said, secrets)
    assert leaks(MEMO, home.server), "the server has it, for whoever may read it"
    logged = "".join(file.read_text() for file in (home.logs / "hourproof.log", said))
    assert "does not start" in logged
    assert "ended unexpectedly" in logged


def silence(home: Home, said: Path, secrets: dict[str, str]) -> list[Path]:
    """Assert that no byte anywhere is one of a secret, nor outside of the server one of the work."""
    for name, secret in secrets.items():
        assert leaks(secret, home.data, said) == [], name
    logs = [file for file in home.data.rglob("*") if ".log" in file.suffixes]
    for word in (MEMO, TYPED, "Checkout rebuild"):
        assert leaks(word, *logs, said, *home.data.glob("*.*")) == [], word
    assert leaks(TYPED, home.data) == []
    return [said, *logs, *home.data.iterdir()]


@contextmanager
def talking_app(user: User, said: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the tray app; whatever it says goes into a file."""
    with said.open("ab") as mouth:
        app = subprocess.Popen(
            [*HOURPROOF, "--home", str(user.home), "run", "--minimized"],
            env=user.env,
            stdout=mouth,
            stderr=mouth,
        )
    try:
        until(lambda: app.poll() is not None or user.answers(), "the app to take commands")
        yield app
    finally:
        app.terminate()
        app.wait(20)


@contextmanager
def server_out_of_order(user: User) -> Iterator[None]:
    """Let the embedded server find something else in its database's place."""
    place = Home.at(user.home).server
    user.end_server()
    until(lambda: not (place / "serve.json").exists(), "the server to end")
    (place / "hourproof.db").rename(place / "aside.db")
    (place / "hourproof.db").write_bytes(b"no database at all" * 100)
    yield
    (place / "aside.db").replace(place / "hourproof.db")


def kept(user: User, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return what the keyring holds."""
    home = Home.at(user.home)
    for name in ("DBUS_SESSION_BUS_ADDRESS", "HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, user.env[name])
    secrets = Secrets(home.service, home.data / "keys")
    found = {name: secrets.get(name) or "" for name in (TOKEN, DEVICE_KEY, OUTBOX_KEY)}
    assert all(found.values())
    return found


def total_keys(user: User) -> int:
    """Return how many keys the running slot counts."""
    return int((user.look()["slot"] or {}).get("keys") or 0)
