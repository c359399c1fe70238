"""Every door of the server against everyone who may stand before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import backend
import pytest
from backend import Site
from device import Sealed, webp
from doubles import NINE

from tracker.evidence.signing import HEADER
from tracker.model.revision import Change
from tracker.server.tokens import SESSION, SESSION_MS

CONTRACT = {"title": "T", "client": "C", "rate": "1", "currency": "EUR"}
KEY = {"public_key": "A" * 43 + "=", "name": "desk"}


@dataclass
class Ground:
    """A hosted server with one contract: its freelancer has delivered a segment, its client has accepted."""

    site: Site
    contract: str
    sealed: Sealed
    revision: Sealed
    words: dict[str, str]

    @property
    def picture(self) -> str:
        return next(iter(self.sealed.pictures))


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with backend.site(tmp_path_factory.mktemp("access"), embedded=False) as site:
        made = site.call("POST", "/contracts", json=CONTRACT).json()
        _, client = site.person("Client")
        _, stranger = site.person("Stranger")
        path = made["invitation"].removeprefix("http://testserver/api/v1")
        assert site.call("POST", path, token=client).json()["state"] == "active"
        device = site.device(made["contract"]["id"])
        sealed = device.work(NINE, webp())
        revision = device.revise(sealed, Change.MEMO, memo="Drawing the stairs")
        assert [site.deliver(one).status_code for one in (sealed, revision)] == [201, 201]
        words = {
            "nobody": "",
            "guess": "x" * 43,
            "stranger": stranger,
            "client": client,
            "freelancer": site.token,
        }
        yield Ground(site, made["contract"]["id"], sealed, revision, words)


# who gets what: the status for nobody, a wrong token, another account, the client, the freelancer
TABLE = {
    "GET /api/v1/server": (200, 200, 200, 200, 200),
    "GET /api/v1/openapi.json": (200, 200, 200, 200, 200),
    "POST /api/v1/embedded/token": (404, 404, 404, 404, 404),
    "GET /api/v1/me": (401, 401, 200, 200, 200),
    "POST /api/v1/devices": (401, 401, 201, 201, 201),
    "GET /api/v1/contracts": (401, 401, 200, 200, 200),
    "POST /api/v1/contracts": (401, 401, 201, 201, 201),
    "POST /api/v1/invitations/{code}/accept": (401, 401, 404, 404, 404),
    "POST /api/v1/links": (401, 401, 201, 201, 201),
    "PUT /api/v1/contracts/{contract}/pictures/{sha256}": (401, 401, 404, 403, 200),
    "PUT /api/v1/contracts/{contract}/segments/{segment}": (401, 401, 404, 403, 200),
    "GET /api/v1/contracts/{contract}/segments/{segment}": (401, 401, 404, 200, 200),
    "PUT /api/v1/contracts/{contract}/revisions/{revision}": (401, 401, 404, 403, 200),
    "GET /api/v1/contracts/{contract}/revisions/{revision}": (401, 401, 404, 200, 200),
    "GET /api/v1/contracts/{contract}/revisions?segment={segment}": (401, 401, 404, 200, 200),
    "GET /api/v1/contracts/{contract}/segments": (401, 401, 404, 200, 200),
    "GET /api/v1/contracts/{contract}/weeks/2026-W47": (401, 401, 404, 200, 200),
    "GET /api/v1/contracts/{contract}/weeks/2026-W47/statement": (401, 401, 404, 200, 200),
    "GET /contracts/{contract}/weeks/2026-W47": (401, 401, 404, 200, 200),
    "GET /api/v1/contracts/{contract}/weeks/2026-W47/evidence": (401, 401, 404, 200, 200),
    "POST /api/v1/contracts/{contract}/segments/{segment}/overlap": (401, 401, 404, 403, 200),
    "GET /api/v1/diary": (401, 401, 200, 200, 200),
    "GET /api/v1/diary?contract={contract}": (401, 401, 404, 200, 200),
    "GET /contracts/{contract}/pictures/{sha256}": (401, 401, 404, 200, 200),
    "GET /contracts/{contract}/pictures/{sha256}?w=320": (401, 401, 404, 200, 200),
    "GET /enter/{code}": (410, 410, 410, 410, 410),
    "GET /diary": (401, 401, 200, 200, 200),
    "POST /diary/overlap/{contract}/{segment}": (401, 401, 404, 403, 303),
    "POST /diary/memo/{contract}": (401, 401, 404, 403, 303),
    "POST /diary/withhold/{contract}/{segment}/{revision}": (401, 401, 404, 403, 422),  # it has no such shot
    "POST /diary/discard/{contract}": (401, 401, 404, 403, 404),  # there is no such segment
    "GET /api/v1/timesheet": (401, 401, 200, 200, 200),
    "GET /api/v1/timesheet?contract={contract}": (401, 401, 404, 200, 200),
    "GET /timesheet": (401, 401, 200, 200, 200),
    "GET /timesheet?contract={contract}": (401, 401, 404, 200, 200),
    "GET /timesheet.csv?contract={contract}": (401, 401, 404, 200, 200),
    "GET /timesheet.pdf?contract={contract}": (401, 401, 404, 200, 200),
    "POST /timesheet/calendar": (401, 401, 200, 200, 200),
    "POST /timesheet/calendar/end": (401, 401, 303, 303, 303),
    "GET /calendar/{code}.ics": (404, 404, 404, 404, 404),
    "POST /diary/manual": (401, 401, 404, 403, 403),  # its terms do not allow it
}
WHO = ("nobody", "guess", "stranger", "client", "freelancer")


@pytest.mark.parametrize(
    ("door", "who", "status"),
    [(door, who, status) for door, row in TABLE.items() for who, status in zip(WHO, row, strict=True)],
)
def test_the_door_opens_to_those_in_the_table_only(ground: Ground, door: str, who: str, status: int) -> None:
    method, path = door.split(" ")
    names = {
        "contract": ground.contract,
        "sha256": ground.picture,
        "segment": ground.sealed.id,
        "revision": ground.revision.id,
        "code": "none",
    }
    answer = ground.site.ask(method, path.format(**names), token=ground.words[who], **body_of(ground, door))
    assert answer.status_code == status
    if status in {401, 403, 404}:
        assert ground.sealed.body not in answer.content
        assert ground.revision.body not in answer.content


def test_the_table_has_every_door_of_the_api(ground: Ground) -> None:
    described = ground.site.call("GET", "/openapi.json", token="").json()["paths"]
    doors = {f"{method.upper()} {path}" for path, methods in described.items() for method in methods}
    table = {door.partition("?")[0].replace("2026-W47", "{week}") for door in TABLE if "/api/" in door}
    assert doors == table - {"GET /api/v1/openapi.json"}


def test_strangers_learn_nothing_from_a_picture_that_is_there(ground: Ground) -> None:
    there, away = (
        ground.site.ask(
            "GET", f"/contracts/{contract}/pictures/{ground.picture}", token=ground.words["stranger"]
        )
        for contract in (ground.contract, "0" * 36)
    )
    assert (there.status_code, there.content) == (away.status_code, away.content)


def test_a_picture_is_shown_to_a_session_and_kept_from_shared_caches(ground: Ground) -> None:
    site = ground.site
    now = site.clock.wall
    word = site.parts.tokens.issue(site.account, SESSION, now=now, expires_at=now + SESSION_MS)
    suffix = [name for name in cookies(site) if name.startswith("hourproof")]
    path = f"/contracts/{ground.contract}/pictures/{ground.picture}"
    answer = site.client.get(path, headers={"Cookie": f"{suffix[0]}={word}"})
    assert answer.content == ground.sealed.pictures[ground.picture]
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Cache-Control"].startswith("private")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def cookies(site: Site) -> list[str]:
    """Return the names of the cookies that a one-time link sets."""
    link = site.call("POST", "/links", json={"path": "/diary"}).json()["url"]
    answer = site.client.get(link)
    site.client.cookies.clear()
    return list(answer.cookies)


def body_of(ground: Ground, door: str) -> dict[str, Any]:
    """Return what goes with a request, as it should be."""
    return {
        "POST /api/v1/embedded/token": {"json": {"secret": "guess"}},
        "POST /api/v1/devices": {"json": KEY},
        "POST /api/v1/contracts": {"json": CONTRACT},
        "POST /api/v1/links": {"json": {"path": "/diary"}},
        "PUT /api/v1/contracts/{contract}/pictures/{sha256}": {
            "content": ground.sealed.pictures[ground.picture]
        },
        "PUT /api/v1/contracts/{contract}/segments/{segment}": {
            "content": ground.sealed.body,
            "headers": {HEADER: ground.sealed.signature},
        },
        "PUT /api/v1/contracts/{contract}/revisions/{revision}": {
            "content": ground.revision.body,
            "headers": {HEADER: ground.revision.signature},
        },
        "POST /diary/memo/{contract}": {"content": f"segment={ground.sealed.id}&memo=Drawing+the+stairs"},
        "POST /diary/discard/{contract}": {"content": f"segment={ground.revision.id}"},
        "POST /diary/manual": {
            "content": f"contract={ground.contract}&from=08:00&to=08:10&memo=Call",
            "params": {"date": "2026-11-19"},
        },
    }.get(door, {})
