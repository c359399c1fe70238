"""A server that is told to end answers what is under way, whole, and takes nothing new."""

from __future__ import annotations

import hashlib
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest
from device import webp
from senders import bearer, device, put, sign_up, work
from serving import Running, embedded, gone, serve
from waiting import until

from tracker.server.durable import UNFINISHED
from tracker.wire import picture_path

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with embedded(tmp_path) as running:
        yield running


def request(token: str, contract: str, data: bytes) -> bytes:
    path = picture_path(contract, hashlib.sha256(data).hexdigest())
    head = {"Host": "127.0.0.1", "Content-Length": str(len(data)), **bearer(token)}
    lines = [f"PUT {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
    return "\r\n".join([*lines, "", ""]).encode() + data


def connect(running: Running) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(running.url.rpartition(":")[2])))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_what_is_half_sent_when_the_server_is_told_to_end_is_taken_and_answered(
    running: Running, tmp_path: Path, how: signal.Signals
) -> None:
    me = running.claim()
    contract = sign_up(running.url, me["token"], 1)
    data = webp(1)
    whole = request(me["token"], contract, data)
    with connect(running) as line:
        line.sendall(whole[:-10])
        until(lambda: told(running, me["token"]), "the server to have read so far")
        running.process.send_signal(how)
        until(lambda: gone(running.url), "the door to close")
        assert running.process.poll() is None
        line.sendall(whole[-10:])
        assert answer(line).startswith(b"HTTP/1.1 201")
    assert running.process.wait(20) == 0
    (picture,) = (tmp_path / "pictures" / contract).iterdir()
    assert picture.read_bytes() == data


def told(running: Running, token: str) -> bool:
    return httpx2.get(f"{running.url}/api/v1/me", headers=bearer(token)).status_code == 200


def answer(line: socket.socket) -> bytes:
    """Read all that comes until the server hangs up."""
    found = b""
    while more := line.recv(65_536):
        found += more
    return found


def test_nobody_who_only_keeps_a_connection_delays_the_end(running: Running) -> None:
    with httpx2.Client(base_url=running.url) as client:
        client.get("/api/v1/server")
        assert running.end() == 0


def test_what_a_kill_leaves_is_no_trouble_for_the_next_start(tmp_path: Path) -> None:
    """The address of one that is gone, a journal, half-written files."""
    with embedded(tmp_path) as running:
        me = running.claim()
        contract = sign_up(running.url, me["token"], 1)
        sealed = list(work(device(me, contract, 0), 0, 5))
        with httpx2.Client(base_url=running.url, headers=bearer(me["token"])) as client:
            receipts = [put(client, one) for one in sealed]
        running.kill()
    assert (tmp_path / "serve.json").exists()
    assert (tmp_path / "hourproof.db-wal").stat().st_size
    (tmp_path / "pictures" / contract / f"{'0' * 64}.0123{UNFINISHED}").write_bytes(webp(7)[:20])
    (tmp_path / f"server.key.0123{UNFINISHED}").write_bytes(b"0123")
    assert serve("--data", str(tmp_path), "--check").stdout == f"0 faults in {tmp_path}.\n"
    with (
        embedded(tmp_path) as running,
        httpx2.Client(base_url=running.url, headers=bearer(me["token"])) as client,
    ):
        again = [put(client, one) for one in sealed]
        assert running.end() == 0
    assert again == receipts
