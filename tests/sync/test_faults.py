"""Each fault on the way to a server is called by its name, says what helps, and is never passed over."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from certificates import Authority
from scripted import PORTAL, Reply, ScriptedServer

from tracker.errors import Offline
from tracker.sync.backend import Backend

LAST_YEAR = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 12, 31, tzinfo=UTC)
IN_A_CENTURY = datetime(2120, 1, 1, tzinfo=UTC), datetime(2125, 1, 1, tzinfo=UTC)
TOKEN = "the-token"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@contextmanager
def reached(url: str, ca: Path | str = "") -> Iterator[Backend]:
    backend = Backend(url, TOKEN, ca=str(ca))
    try:
        yield backend
    finally:
        backend.close()


def fault(url: str, ca: Path | str = "") -> Offline:
    """What a server is told to be that cannot be had."""
    with pytest.raises(Offline) as told, reached(url, ca) as backend:
        backend.me()
    return told.value


def test_a_private_authority_that_is_named_is_trusted(authority: Authority) -> None:
    with ScriptedServer(certificate=authority.certificate()) as server:
        server.tokens.add(TOKEN)
        with reached(server.url, authority.path) as backend:
            assert backend.me().name == "Ada"


def test_one_that_is_not_named_is_not(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other")
    with ScriptedServer(certificate=authority.certificate()) as server:
        for ca in ("", other.path):
            told = fault(server.url, ca)
            assert told.title.endswith("is signed by nobody that this system trusts.")
            assert "'hourproof settings set ca FILE'" in told.advice
        assert server.requests == []


def test_a_library_s_own_list_of_authorities_is_not_asked(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(authority.path))
    with ScriptedServer(certificate=authority.certificate()) as server:
        assert "nobody" in fault(server.url).title


def test_a_bundle_that_the_surroundings_name_for_servers_elsewhere_is_trusted(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *rest: find("127.0.0.1", *rest))
    with ScriptedServer(certificate=authority.certificate("hours.example.org")) as server:
        url = server.url.replace("127.0.0.1", "hours.example.org")
        server.tokens.add(TOKEN)
        assert "nobody" in fault(url).title

        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.path))

        with reached(url) as backend:
            assert backend.me().name == "Ada"


@pytest.mark.parametrize("empty", ["", "0", "false"])
def test_nothing_in_the_surroundings_switches_the_check_off(
    empty: str, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PYTHONHTTPSVERIFY", "NODE_TLS_REJECT_UNAUTHORIZED"):
        monkeypatch.setenv(name, empty)
    with ScriptedServer(certificate=authority.certificate()) as server:
        assert "nobody" in fault(server.url).title
        assert server.requests == []


@pytest.mark.parametrize(
    ("host", "dates", "what", "helps"),
    [
        ("127.0.0.1", LAST_YEAR, "is out of date.", "Check this computer's date."),
        ("127.0.0.1", IN_A_CENTURY, "is not valid yet.", "Check this computer's date."),
        ("127.0.0.2", None, "is that of another server.", "Check the address"),
        ("hours.example.org", None, "is that of another server.", "Check the address"),
    ],
)
def test_what_is_wrong_with_a_certificate_is_said(
    host: str, dates: tuple[datetime, datetime] | None, what: str, helps: str, authority: Authority
) -> None:
    begin_end = dict(zip(("begin", "end"), dates, strict=True)) if dates else {}
    with ScriptedServer(certificate=authority.certificate(host, **begin_end)) as server:
        told = fault(server.url, authority.path)

        assert told.title == f"The certificate of {server.url} {what}"
        assert helps in told.advice
        assert "Nothing was sent, and nothing is lost." in told.advice
        assert server.requests == []


def test_what_speaks_no_tls_is_no_server(server: ScriptedServer) -> None:
    told = fault(server.url.replace("http:", "https:"))

    assert told.title.endswith("does not speak TLS as a server does.")


def test_a_file_of_certificates_that_is_gone_is_named(tmp_path: Path) -> None:
    told = fault("https://127.0.0.1:9", tmp_path / "gone.pem")

    assert told.title == f"The certificates in {tmp_path / 'gone.pem'} cannot be read."
    assert "'hourproof settings set ca FILE'" in told.advice


def test_a_name_that_nobody_knows_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    told = fault("https://hours.invalid")

    assert told.title.startswith("hours.invalid is not found: is this computer in a network")


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (Reply(407, b"", {"Proxy-Authenticate": "Basic"}), "wants a name and a password."),
        (Reply(403), "does not let this computer through to the server (403)."),
        (Reply(502), "does not let this computer through to the server (502)."),
        (PORTAL, None),
    ],
)
def test_a_proxy_is_named_with_what_it_wants(
    answer: Reply, what: str | None, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", server.url.replace("//", "//ada:hunter2@"))
    monkeypatch.delenv("no_proxy", raising=False)
    server.poison["hours.invalid:443"] = answer

    told = fault("https://hours.invalid")

    if what is None:  # it says yes, and lets nothing but its own page through
        assert told.title.startswith("What answers at https://hours.invalid does not speak TLS")
    else:
        assert told.title == f"The proxy 127.0.0.1:{server.port} {what}"
        assert "https_proxy" in told.advice
    assert "hunter2" not in f"{told.title} {told.advice}"
    assert all(request.method == "CONNECT" for request in server.requests)


def test_a_proxy_that_is_down_is_named(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", server.url)
    server.down()

    assert fault("https://hours.invalid").title == f"The proxy 127.0.0.1:{server.port} does not answer."


@pytest.mark.parametrize("proxy", ["http://proxy:port", "http://["])
def test_a_proxy_whose_address_is_none_is_told(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    monkeypatch.delenv("no_proxy", raising=False)

    assert "https_proxy" in fault("https://hours.invalid").advice
