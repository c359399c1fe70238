"""A request that breaks off in the middle leaves nothing behind, and is no fault of the server."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from device import Device, webp
from serving import Running, embedded

from tracker.evidence.signing import HEADER
from tracker.wire import picture_path


@pytest.mark.parametrize("what", ["picture", "segment"])
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_half_a_body_leaves_nothing(tmp_path: Path, what: str, share: float) -> None:
    sealed = Device("embedded:home", "me", "one").work(0, webp())
    ((sha256, picture),) = sealed.pictures.items()
    path, body = {
        "picture": (picture_path("one", sha256), picture),
        "segment": (sealed.path, sealed.body),
    }[what]
    with embedded(tmp_path) as running:
        headers = {
            "Host": "127.0.0.1",
            "Authorization": f"Bearer {running.claim()['token']}",
            HEADER: sealed.signature,
            "Content-Length": str(len(body)),
        }
        lines = [f"PUT {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        cut_short(running, "\r\n".join([*lines, "", ""]).encode() + body[: int(len(body) * share)])
        assert httpx2.get(f"{running.url}/api/v1/server").status_code == 200
        assert running.end() == 0
    assert not [file for file in (tmp_path / "pictures").rglob("*") if file.is_file()]
    logged = "".join(file.read_text() for file in (tmp_path / "logs").iterdir())
    assert "Shutting down" in logged
    assert "Traceback" not in logged


def cut_short(running: Running, request: bytes) -> None:
    """Send so much, and hang up."""
    where = urlsplit(running.url)
    with socket.create_connection((str(where.hostname), int(where.port or 0))) as line:
        line.sendall(request)
