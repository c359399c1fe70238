"""A server in this process, as a freelancer's tracker meets it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from device import Device, Sealed
from doubles import NINE, FakeClock
from httpx2 import Response
from starlette.testclient import TestClient

from tracker.evidence.signing import HEADER
from tracker.model.slot import instant
from tracker.server.application import application, assemble
from tracker.server.parts import Parts
from tracker.server.settings import ServerSettings
from tracker.server.tokens import BEARER
from tracker.wire import API, picture_path
from tracker.wire.receipt import Receipt

ORIGIN = "embedded:home"
_CONTRACT = {"title": "Checkout", "client": "Northbeam", "rate": "65", "currency": "USD"}


@dataclass
class Site:
    """A running server, and one who may use it."""

    parts: Parts
    client: TestClient
    clock: FakeClock
    token: str
    account: str

    def call(self, method: str, path: str, *, token: str | None = None, **given: Any) -> Response:
        """Ask the API; an empty token is none."""
        return self.ask(method, API + path, token=token, **given)

    def ask(self, method: str, path: str, *, token: str | None = None, **given: Any) -> Response:
        """Ask at an address."""
        word = self.token if token is None else token
        headers = ({"Authorization": f"Bearer {word}"} if word else {}) | given.pop("headers", {})
        return self.client.request(method, path, headers=headers, **given)

    def person(self, name: str) -> tuple[str, str]:
        """Return the id and a token of another account."""
        person = self.parts.store.add_person(name, now=self.clock.wall)
        return person.id, self.parts.tokens.issue(person.id, BEARER, now=self.clock.wall)

    def contract(self, **facts: Any) -> str:
        """Add a contract and return its id."""
        made = self.call("POST", "/contracts", json=_CONTRACT | facts)
        return str(made.json()["contract"]["id"])

    def device(self, contract: str | None = None, **facts: Any) -> Device:
        """Return a registered device that works for a contract."""
        device = Device(ORIGIN, self.account, contract or self.contract(), **facts)
        public = base64.b64encode(device.key.public).decode()
        assert self.call("POST", "/devices", json={"public_key": public, "name": "desk"}).status_code == 201
        return device

    def put_picture(self, contract: str, sha256: str, data: bytes, **given: Any) -> Response:
        return self.call("PUT", picture_path(contract, sha256).removeprefix(API), content=data, **given)

    def put_segment(self, sealed: Sealed, **given: Any) -> Response:
        """Put a segment or a revision, without its pictures."""
        return self.ask("PUT", sealed.path, content=sealed.body, headers={HEADER: sealed.signature}, **given)

    def deliver(self, sealed: Sealed) -> Response:
        """Put the pictures, then the segment or the revision."""
        for sha256, data in sealed.pictures.items():
            assert self.put_picture(sealed.contract, sha256, data).status_code in {200, 201}
        return self.put_segment(sealed)

    def deliver_in(self, order: str, *sealed: Sealed) -> list[Receipt]:
        """Put all pictures, then a segment and its revisions: these `after` or `before` it."""
        for one in sealed:
            for sha256, data in one.pictures.items():
                assert self.put_picture(one.contract, sha256, data).status_code in {200, 201}
        sent = {"after": sealed, "before": (*sealed[1:], sealed[0])}[order]
        answers = [self.put_segment(one) for one in sent]
        assert [answer.status_code for answer in answers] == [201] * len(sent)
        return [msgspec.json.decode(answer.content, type=Receipt) for answer in answers]

    def accepted(self) -> str:
        """Return a contract that a client has accepted, on a hosted server."""
        made = self.call("POST", "/contracts", json=_CONTRACT).json()
        _, client = self.person("Client")
        path = made["invitation"].removeprefix("http://testserver")
        assert self.ask("POST", path, token=client).status_code == 200
        return str(made["contract"]["id"])

    def shown(self, at: int = NINE) -> list[dict[str, Any]]:
        """Return the segments of a day as the API shows them."""
        day = self.call("GET", f"/diary?date={instant(at)[:10]}&tz=UTC").json()
        return [one for cell in day["cells"] for one in cell["segments"]]


@contextmanager
def site(data: Path, clock: FakeClock | None = None, **facts: Any) -> Iterator[Site]:
    """Run a server on a folder; an embedded one, if nothing else is said."""
    clock = clock or FakeClock()
    usual: dict[str, Any] = {"embedded": True, "hosts": ("testserver",)}
    settings = ServerSettings(data=data, url="http://testserver", origin=ORIGIN, **(usual | facts))
    parts = assemble(settings, clock, clock)
    person = parts.store.first_person() or parts.store.add_person("Ada", now=clock.wall)
    token = parts.tokens.issue(person.id, BEARER, now=clock.wall)
    with TestClient(application(parts), follow_redirects=False) as client:
        yield Site(parts, client, clock, token, person.id)
