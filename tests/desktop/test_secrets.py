"""Secrets against a real keyring: kept, locked, absent, and never replaced."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import desktop
import pytest

from tracker.desktop.keychain import Answer, Question
from tracker.desktop.secrets import DEVICE_KEY, OUTBOX_KEY, TOKEN, Secrets, device_key, outbox_key
from tracker.errors import FolderNotWritable, SecretsLocked, StorageFailed
from tracker.paths import program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SERVICE = "io.github.hourproof.Tracker-test"


@contextmanager
def living_in(settings: Mapping[str, str]) -> Iterator[None]:
    """Let this process and its children see this desktop and no other."""
    with pytest.MonkeyPatch.context() as patch:
        for name in desktop.os.environ.keys() - desktop.environment().keys():
            patch.delenv(name)
        for name, value in settings.items():
            patch.setenv(name, value)
        yield


@pytest.fixture
def with_keyring(keyring_service: dict[str, str]) -> Iterator[dict[str, str]]:
    with living_in(keyring_service):
        yield keyring_service


@pytest.fixture
def without_keyring() -> Iterator[None]:
    with living_in({}):
        yield


@pytest.mark.usefixtures("with_keyring")
def test_a_secret_is_kept_in_the_keyring_and_nowhere_else(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    mine = Secrets(SERVICE, file)
    assert mine.get(TOKEN) is None

    mine.set(TOKEN, "a token")

    assert mine.get(TOKEN) == "a token"
    later = Secrets(SERVICE, file)
    assert later.get(TOKEN) == "a token"
    assert later.warning == ""
    assert not file.exists()


@pytest.mark.usefixtures("with_keyring")
def test_homes_do_not_see_each_other_s_secrets(tmp_path: Path) -> None:
    Secrets(SERVICE, tmp_path / "keys").set(TOKEN, "mine")

    assert Secrets(f"{SERVICE}-other", tmp_path / "keys").get(TOKEN) is None


@pytest.mark.usefixtures("with_keyring")
def test_a_deleted_secret_is_gone_and_deleting_it_again_is_no_fault(tmp_path: Path) -> None:
    mine = Secrets(SERVICE, tmp_path / "keys")
    mine.set(TOKEN, "a token")

    mine.delete(TOKEN)
    mine.delete(TOKEN)

    assert mine.get(TOKEN) is None
    assert Secrets(SERVICE, tmp_path / "keys").get(TOKEN) is None


@pytest.mark.usefixtures("with_keyring")
def test_keys_are_made_once_and_are_64_hexadecimal_digits(tmp_path: Path) -> None:
    database = tmp_path / "outbox.db"
    first = Secrets(SERVICE, tmp_path / "keys")
    keys = (outbox_key(first, database), device_key(first))
    database.touch()

    second = Secrets(SERVICE, tmp_path / "keys")

    assert (outbox_key(second, database), device_key(second)) == keys
    assert [len(bytes.fromhex(key)) for key in keys] == [32, 32]
    assert keys[0] != keys[1]


@pytest.mark.usefixtures("with_keyring")
def test_a_lost_key_is_never_replaced_beside_an_existing_database(tmp_path: Path) -> None:
    database = tmp_path / "outbox.db"
    database.write_bytes(b"unreadable without its key")
    mine = Secrets(SERVICE, tmp_path / "keys")

    with pytest.raises(StorageFailed) as told:
        outbox_key(mine, database)

    assert "Nothing was changed" in told.value.advice
    assert mine.get(OUTBOX_KEY) is None
    assert database.read_bytes() == b"unreadable without its key"


def test_a_locked_keyring_is_told_and_left_as_it_is(session_bus: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with desktop.keyring_service(session_bus, home) as settings, living_in(settings):
        Secrets(SERVICE, tmp_path / "keys").set(OUTBOX_KEY, "ab" * 32)

    with desktop.keyring_service(session_bus, home, locked=True) as settings, living_in(settings):
        mine = Secrets(SERVICE, tmp_path / "keys")
        for ask in (lambda: mine.get(OUTBOX_KEY), lambda: outbox_key(mine, tmp_path / "new.db")):
            with pytest.raises(SecretsLocked) as told:
                ask()
        assert "Unlock the keyring" in told.value.advice

    with desktop.keyring_service(session_bus, home) as settings, living_in(settings):
        assert Secrets(SERVICE, tmp_path / "keys").get(OUTBOX_KEY) == "ab" * 32


def test_a_keyring_that_is_unlocked_meanwhile_answers(session_bus: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with desktop.keyring_service(session_bus, home) as settings, living_in(settings):
        Secrets(SERVICE, tmp_path / "keys").set(TOKEN, "a token")
    with desktop.keyring_service(session_bus, home, locked=True) as settings, living_in(settings):
        mine = Secrets(SERVICE, tmp_path / "keys")
        with pytest.raises(SecretsLocked):
            mine.get(TOKEN)

    with desktop.keyring_service(session_bus, home) as settings, living_in(settings):
        assert mine.get(TOKEN) == "a token"


@pytest.mark.usefixtures("without_keyring")
def test_without_a_keyring_a_private_file_holds_the_keys_and_a_warning_says_so(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    mine = Secrets(SERVICE, file)
    key = outbox_key(mine, tmp_path / "outbox.db")
    mine.set(TOKEN, "a token")
    mine.delete(TOKEN)

    assert file.stat().st_mode & 0o777 == 0o600
    assert str(file) in mine.warning
    later = Secrets(SERVICE, file)
    assert (later.get(OUTBOX_KEY), later.get(TOKEN)) == (key, None)
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


@pytest.mark.usefixtures("without_keyring")
def test_a_keyring_out_of_reach_is_no_reason_for_a_new_key(tmp_path: Path) -> None:
    database = tmp_path / "outbox.db"
    database.touch()

    with pytest.raises(SecretsLocked, match="cannot be reached"):
        outbox_key(Secrets(SERVICE, tmp_path / "keys"), database)

    assert not (tmp_path / "keys").exists()


def test_a_key_from_the_time_without_a_keyring_is_still_found_and_can_be_deleted(
    session_bus: str, tmp_path: Path
) -> None:
    file = tmp_path / "keys"
    with living_in({}):
        Secrets(SERVICE, file).set(DEVICE_KEY, "cd" * 32)

    with desktop.keyring_service(session_bus) as settings, living_in(settings):
        mine = Secrets(SERVICE, file)
        assert device_key(mine) == "cd" * 32
        assert str(file) in mine.warning
        mine.delete(DEVICE_KEY)

        assert Secrets(SERVICE, file).get(DEVICE_KEY) is None


@pytest.mark.usefixtures("without_keyring")
def test_a_keyring_that_writes_plain_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "plainkeys.py").write_text(
        "from keyring.backend import KeyringBackend\n"
        "class Plain(KeyringBackend):\n"
        "    priority = 99\n"
        "    def get_password(self, service, name): return 'plain'\n"
        "    def set_password(self, service, name, value): raise SystemExit('written')\n"
        "    def delete_password(self, service, name): pass\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(plain))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "plainkeys.Plain")
    file = tmp_path / "keys"

    mine = Secrets(SERVICE, file)
    mine.set(TOKEN, "a token")

    assert json.loads(file.read_bytes()) == {TOKEN: "a token"}
    assert mine.warning


@pytest.mark.usefixtures("without_keyring")
def test_a_key_file_that_cannot_be_written_or_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(FolderNotWritable):
        Secrets(SERVICE, tmp_path / "nowhere" / "keys").set(TOKEN, "a token")
    (tmp_path / "keys").write_bytes(b"\x00 broken")
    with pytest.raises(StorageFailed):
        Secrets(SERVICE, tmp_path / "keys").get(TOKEN)


@pytest.mark.usefixtures("with_keyring")
def test_no_secret_is_an_argument_or_in_the_environment_of_the_process_that_asks(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    asked = json.dumps({"service": SERVICE, "write": {TOKEN: "canary"}, "read": [TOKEN]})

    answer = subprocess.run(
        ["strace", "-f", "-v", "-s", "4096", "-e", "trace=execve", "-o", trace, *program(), "keychain"],
        input=asked.encode(),
        capture_output=True,
        check=True,
    ).stdout

    assert json.loads(answer)["values"] == {TOKEN: "canary"}
    assert "keychain" in trace.read_text()
    assert "canary" not in trace.read_text()


@pytest.mark.usefixtures("with_keyring")
def test_asking_loads_no_keyring_into_the_process_that_asks(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tracker.desktop.secrets import Secrets;"
        f"Secrets({SERVICE!r}, Path({str(tmp_path / 'keys')!r})).get('token');"
        "print([name for name in sys.modules if name.split('.')[0] in {'keyring', 'jeepney'}])"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout

    assert said == "[]\n"


def test_question_and_answer_have_no_secret_in_how_they_are_shown() -> None:
    assert "canary" not in repr(Question(SERVICE, write={TOKEN: "canary"}))
    assert "canary" not in repr(Answer({TOKEN: "canary"}))
