"""Requests and answers on the way: bounded, direct, and to nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest
from certificates import self_signed
from doubles import FakeClock
from scripted import Reply, ScriptedServer

from tracker.errors import BadValue, Offline
from tracker.sync.backend import Backend
from tracker.sync.transport import ANSWER_MAX, Transport

TOKEN = "the-token"


def test_an_answer_without_end_is_cut_off(server: ScriptedServer, backend: Backend) -> None:
    server.next("me", Reply(200, b" " * (ANSWER_MAX + 1)))

    with pytest.raises(Offline, match="more than"):
        backend.me()


def test_an_answer_that_drips_is_not_waited_for(server: ScriptedServer) -> None:
    class Slow(FakeClock):
        def now(self):  # noqa: ANN202  # as its base
            self.advance(61_000)
            return super().now()

    server.next("info", Reply(200, b" " * 1_000_000))
    transport = Transport(server.url, "", Slow())

    with pytest.raises(Offline, match="too slowly"):
        transport.send("GET", "/api/v1/server")

    transport.close()


def test_a_redirect_is_not_followed(server: ScriptedServer, backend: Backend) -> None:
    server.next("me", Reply(307, b"", {"Location": f"{server.url}/api/v1/contracts"}))

    with pytest.raises(Offline):
        backend.me()

    assert [request.kind for request in server.requests] == ["me"]


def test_the_token_is_shown_only_where_it_is_needed(server: ScriptedServer, backend: Backend) -> None:
    backend.info()
    backend.me()

    shown = [request.headers.get("authorization") for request in server.requests]
    assert shown == [None, f"Bearer {TOKEN}"]


def test_what_the_surroundings_set_for_other_addresses_is_not_for_loopback(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ada password hunter2\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there
    server.tokens.add(TOKEN)
    backend = Backend(server.url, TOKEN)

    backend.info()
    backend.me()
    backend.close()

    assert [request.headers.get("authorization") for request in server.requests] == [None, f"Bearer {TOKEN}"]


def test_cookies_are_not_kept(server: ScriptedServer, backend: Backend) -> None:
    usual = server.usual
    server.next("me", lambda request: Reply(200, usual(request).body, {"Set-Cookie": "trace=1; Path=/"}))

    backend.me()
    backend.me()

    assert all("cookie" not in request.headers for request in server.requests)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "ftp://127.0.0.1",
        "127.0.0.1:80",
        "http://",
        "",
        "https://ada:hunter2@example.org",
    ],
)
def test_an_address_where_the_token_could_be_overheard_is_refused(url: str) -> None:
    with pytest.raises(BadValue):
        Backend(url, TOKEN)


def test_a_server_that_is_not_there_is_offline(server: ScriptedServer, backend: Backend) -> None:
    server.down()

    with pytest.raises(Offline):
        backend.info()


def test_a_certificate_the_system_does_not_trust_is_told(tmp_path: Path) -> None:
    with self_signed(tmp_path) as url:
        backend = Backend(url, TOKEN)
        with pytest.raises(Offline, match="certificate"):
            backend.info()
        backend.close()


def test_a_server_elsewhere_is_reached_through_the_network_s_proxy(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", server.url)
    backend = Backend("https://hours.invalid", TOKEN)

    with pytest.raises(Offline):  # this proxy lets nothing through
        backend.me()

    backend.close()
    assert {(request.method, request.path) for request in server.requests} == {
        ("CONNECT", "hours.invalid:443")
    }
    assert all("authorization" not in request.headers for request in server.requests)
