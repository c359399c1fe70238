"""Ways in: the secret said once, the link used once, tokens, sessions, and what keeps others out."""

from __future__ import annotations

from typing import Any

import backend
import pytest
from backend import Site
from sqlalchemy import select

from tracker.model.slot import MINUTE
from tracker.server.tables import token
from tracker.server.tokens import LINK_MS, SESSION_MS, digest


def test_the_secret_gives_the_token_once(site: Site) -> None:
    secret = site.parts.secret.word if site.parts.secret else ""
    claimed = claim(site, secret).json()
    assert claimed["account"] == {"server": backend.ORIGIN, "id": site.account, "name": "Ada"} | {
        "name": claimed["account"]["name"]
    }
    assert site.call("GET", "/me", token=claimed["token"]).json() == claimed["account"]
    assert problem(claim(site, secret)) == (403, "wrong-secret")


def test_the_secret_cannot_be_guessed_fast(site: Site) -> None:
    secret = site.parts.secret.word if site.parts.secret else ""
    assert {claim(site, "guess").status_code for _ in range(5)} == {403}
    site.clock.advance(MINUTE - 1_500)
    refused = claim(site, secret)
    assert problem(refused) == (429, "too-many-tries")
    assert refused.headers["Retry-After"] == "2"
    site.clock.advance(1_500)
    assert claim(site, secret).status_code == 200


def test_the_database_knows_no_token(site: Site) -> None:
    with site.parts.database.read() as connection:
        assert connection.execute(select(token.c.hash)).scalars().all() == [digest(site.token)]


def test_a_link_opens_its_page_once(site: Site) -> None:
    link = make_link(site, "/diary?date=2026-11-19")
    entered = site.client.get(link)
    assert (entered.status_code, entered.headers["Location"]) == (303, "/diary?date=2026-11-19")
    (cookie,) = entered.headers.get_list("Set-Cookie")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert site.client.get("/api/v1/me").json()["id"] == site.account
    assert problem(site.client.get(link)) == (410, "link-used")


def test_a_link_is_good_for_five_minutes(site: Site) -> None:
    link = make_link(site)
    site.clock.advance(LINK_MS)
    assert problem(site.client.get(link)) == (410, "link-used")


def test_a_session_ends(site: Site) -> None:
    site.client.get(make_link(site))
    site.clock.advance(SESSION_MS)
    assert problem(site.client.get("/api/v1/me")) == (401, "unauthorized")


def test_a_session_is_no_bearer_token(site: Site) -> None:
    site.client.get(make_link(site))
    (word,) = site.client.cookies.values()
    site.client.cookies.clear()
    assert site.call("GET", "/me", token=word).status_code == 401


@pytest.mark.parametrize(
    "path", ["", "diary", "//elsewhere.example", "https://elsewhere.example", "/\\elsewhere", "/a\n"]
)
def test_a_link_leads_to_this_server_only(site: Site, path: str) -> None:
    answer = site.call("POST", "/links", json={"path": path})
    assert problem(answer) == (422, "malformed")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Sec-Fetch-Site": "none"}, 201),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://testserver"}, 201),
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 201),
    ],
)
def test_another_site_cannot_use_the_session(site: Site, headers: dict[str, str], status: int) -> None:
    site.client.get(make_link(site))
    assert site.client.post("/api/v1/links", json={"path": "/"}, headers=headers).status_code == status


@pytest.mark.parametrize(
    "host", ["elsewhere.example", "testserver.elsewhere.example", "", "[", "testserver@elsewhere"]
)
def test_a_name_that_was_made_to_point_here_is_refused(site: Site, host: str) -> None:
    answer = site.call("GET", "/server", headers={"Host": host})
    assert problem(answer) == (421, "wrong-host")


def test_the_port_of_the_host_does_not_matter(site: Site) -> None:
    assert site.call("GET", "/server", headers={"Host": "testserver:4711"}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/api/v1/me", "/diary", "/nothing/here", "/api/v1/openapi.json", "/static/nothing.css"]
)
def test_every_answer_has_the_headers_that_keep_it_safe(site: Site, path: str) -> None:
    headers = site.client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Cache-Control" in headers


@pytest.mark.parametrize(
    ("method", "path", "given", "expected"),
    [
        ("GET", "/nothing", {}, (404, "not-found")),
        ("PATCH", "/me", {}, (405, "method-not-allowed")),
        ("GET", "/diary?date=2026-02-30", {}, (422, "malformed")),
        ("GET", "/diary?tz=Mars/Olympus", {}, (422, "malformed")),
        ("GET", "/diary?date=" + "9" * 101, {}, (422, "malformed")),
        ("POST", "/devices", {"content": b"{"}, (422, "malformed")),
        ("POST", "/devices", {"json": {"public_key": "short", "name": "desk"}}, (422, "malformed")),
        ("POST", "/devices", {"content": b" " * 20_000}, (413, "too-large")),
        ("GET", "/me", {"headers": {"Authorization": "Basic abc"}}, (401, "unauthorized")),
    ],
)
def test_every_error_is_a_problem(
    site: Site, method: str, path: str, given: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert problem(site.call(method, path, **given)) == expected


def claim(site: Site, secret: str) -> Any:
    return site.call("POST", "/embedded/token", token="", json={"secret": secret})


def make_link(site: Site, path: str = "/api/v1/me") -> str:
    return str(site.call("POST", "/links", json={"path": path}).json()["url"])


def problem(answer: Any) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"]
