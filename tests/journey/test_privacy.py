"""What must not be kept is kept nowhere: which keys, memos in the clear, tokens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from user import segments

from tracker.desktop.secrets import DEVICE_KEY, OUTBOX_KEY, TOKEN, Secrets
from tracker.paths import Home

if TYPE_CHECKING:
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
    for name in ("DBUS_SESSION_BUS_ADDRESS", "HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, working.env[name])
    secrets = Secrets(home.service, home.data / "keys")
    hidden = {name: secrets.get(name) for name in (TOKEN, DEVICE_KEY, OUTBOX_KEY)}
    files = {file: file.read_bytes() for file in home.data.rglob("*") if file.is_file()}
    own = {file: data for file, data in files.items() if home.server not in file.parents}

    assert len(files) > 5
    for name, secret in hidden.items():
        assert secret, name
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
