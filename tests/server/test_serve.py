"""The server as a process: how it starts, ends, and says what is wrong."""

from __future__ import annotations

import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import backend
import httpx2
import pytest
from device import webp
from doubles import NINE
from serving import embedded, gone, serve, standalone
from sqlalchemy import create_engine, text
from sqlcipher3 import dbapi2 as sqlite

from tracker.server.settings import make_folder

if TYPE_CHECKING:
    import subprocess


def test_an_embedded_server_answers_as_soon_as_it_has_said_where(tmp_path: Path) -> None:
    with embedded(tmp_path / "new" / "server") as running:
        info = httpx2.get(f"{running.url}/api/v1/server").json()
        assert info["origin"] == "embedded:home"
        assert running.url.startswith("http://127.0.0.1:")
        account = running.claim()["account"]
        assert account["server"] == "embedded:home"
        assert running.end() == 0
    with embedded(tmp_path / "new" / "server") as again:
        assert again.claim()["account"] == account
        assert httpx2.get(f"{again.url}/api/v1/server").json()["key"] == info["key"]


def test_a_second_start_leaves_the_first_alone_and_tells_where_it_is(tmp_path: Path) -> None:
    with embedded(tmp_path) as first, embedded(tmp_path) as second:
        assert (second.url, second.secret) == (first.url, None)
        assert second.process.wait(20) == 0
        assert first.claim()["token"]


def test_a_server_that_was_killed_leaves_the_folder_free(tmp_path: Path) -> None:
    with embedded(tmp_path) as first:
        first.kill()
        with embedded(tmp_path) as second:
            assert second.claim()["token"]


def test_nobody_else_reads_what_lies_in_the_folder(tmp_path: Path) -> None:
    data = tmp_path / "server"
    with embedded(data) as running:
        running.claim()
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        assert stat.S_IMODE((data / "server.key").stat().st_mode) == 0o600


def test_no_secret_is_written_to_the_log(tmp_path: Path) -> None:
    with embedded(tmp_path) as running:
        token = running.claim()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        link = httpx2.post(f"{running.url}/api/v1/links", json={"path": "/diary"}, headers=headers).json()[
            "url"
        ]
        httpx2.get(link)
        httpx2.get(link)
        running.end()
    logged = "".join(path.read_text() for path in (tmp_path / "logs").iterdir())
    assert "Shutting down" in logged
    assert not [word for word in (running.secret, token, link.rpartition("/")[2]) if word and word in logged]


def test_a_server_by_itself_serves_those_who_have_a_token(tmp_path: Path) -> None:
    added = serve("user", "add", "--data", str(tmp_path), "--email", "ada@example.org", "--name", "Ada")
    assert (added.returncode, added.stdout[:7]) == (0, "/enter/")
    token = serve("token", "--data", str(tmp_path), "--email", "ada@example.org").stdout.strip()
    with standalone(tmp_path) as running:
        me = httpx2.get(f"{running.url}/api/v1/me", headers={"Authorization": f"Bearer {token}"}).json()
        assert (me["name"], me["server"]) == ("Ada", running.url)
        link = serve(
            "user", "add", "--data", str(tmp_path), "--email", "bo@example.org", "--name", "Bo"
        ).stdout
        assert link.startswith(f"{running.url}/enter/")
        assert httpx2.get(link.strip()).status_code == 303
        assert running.end() == 0


def test_accounts_that_are_there_or_not_are_told_apart(tmp_path: Path) -> None:
    add = ("user", "add", "--data", str(tmp_path), "--email", "ada@example.org", "--name", "Ada")
    assert [serve(*add).returncode for _ in range(2)] == [0, 2]
    unknown = serve("token", "--data", str(tmp_path), "--email", "bo@example.org")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "bo@example.org" in unknown.stderr


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = serve("--data", str(tmp_path), "--port", str(port))
    assert_told(ended, 1, f"Port {port} of 127.0.0.1 cannot be used")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = serve("--data", str(tmp_path / "file" / "server"))
    assert_told(ended, 1, f"{tmp_path / 'file' / 'server'} cannot be written")


def test_processes_that_look_at_a_folder_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as looking:
        list(looking.map(make_folder, [tmp_path / "server"] * 1000))
    assert not list((tmp_path / "server").iterdir())


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    serve("--data", str(tmp_path), "--check")
    engine = create_engine(f"sqlite:///{tmp_path / 'hourproof.db'}", module=sqlite)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    before = (tmp_path / "hourproof.db").read_bytes()
    ended = serve("--data", str(tmp_path))
    assert_told(ended, 1, "The database is of version 9999")
    assert (tmp_path / "hourproof.db").read_bytes() == before


def test_something_else_in_the_databases_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "hourproof.db").write_bytes(b"no database at all" * 100)
    assert_told(serve("--data", str(tmp_path)), 1, "The database cannot be opened")


def test_a_folder_that_a_server_works_with_is_named(tmp_path: Path) -> None:
    with standalone(tmp_path) as running:
        assert_told(serve("--data", str(tmp_path)), 1, running.url)


@pytest.mark.parametrize(
    "more",
    [
        ("--embedded",),
        ("--embedded", "--origin", "embedded:x", "--host", "0.0.0.0"),
        ("--origin", "nowhere"),
        ("--port", "many"),
        ("--port", "-1"),
        ("--unknown",),
        (),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(tmp_path: Path, more: tuple[str, ...]) -> None:
    data = ("--data", str(tmp_path)) if more else ()
    ended = serve(*data, *more)
    assert ended.returncode in ({1, 2} if "-1" in more else {2})
    assert "Traceback" not in ended.stderr


def test_a_check_says_whether_the_data_is_in_order(tmp_path: Path) -> None:
    checked = serve("--data", str(tmp_path), "--check")
    assert (checked.returncode, checked.stdout) == (0, f"0 faults in {tmp_path}.\n")


def test_a_key_that_was_lost_is_not_made_anew(tmp_path: Path) -> None:
    with backend.site(tmp_path) as site:
        site.deliver(site.device().work())
    (tmp_path / "server.key").unlink()
    for more in ((), ("--check",)):
        assert_told(serve("--data", str(tmp_path), *more), 1, "server.key is gone")
    assert not (tmp_path / "server.key").exists()


def test_a_check_names_what_was_changed(tmp_path: Path) -> None:
    with backend.site(tmp_path) as site:
        sealed = site.device().work(NINE, webp())
        site.deliver(sealed)
    (picture,) = sealed.pictures
    path = tmp_path / "pictures" / sealed.contract / picture
    path.write_bytes(path.read_bytes() + b"x")
    checked = serve("--data", str(tmp_path), "--check")
    assert (checked.returncode, checked.stdout.splitlines()) == (
        1,
        [f"Picture {picture} of contract {sealed.contract} was changed.", f"1 faults in {tmp_path}."],
    )


def test_an_early_answer_reaches_one_who_is_still_sending(tmp_path: Path) -> None:
    with embedded(tmp_path) as running:
        word = running.claim()["token"]
        headers = {"Authorization": f"Bearer {word}"}
        answer = httpx2.post(f"{running.url}/api/v1/links", content=b"x" * 10_000_000, headers=headers)
        assert answer.status_code == 413
        assert not gone(running.url)


def assert_told(ended: subprocess.CompletedProcess[str], code: int, sentence: str) -> None:
    assert ended.returncode == code
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.splitlines()) == 2  # what, and what to do
