"""Devices that deliver to a server which is a process of its own, one after the other and at once."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import httpx2
from device import Device, Sealed, webp
from doubles import NINE

from tracker.evidence.keys import SigningKey
from tracker.evidence.signing import HEADER
from tracker.model.slot import SLOT
from tracker.wire import picture_path, segment_path


def bearer(token: str) -> dict[str, str]:
    """The header that says whose request it is."""
    return {"Authorization": f"Bearer {token}"}


def signing_key(sender: int) -> SigningKey:
    """The key of a sender's device."""
    return SigningKey(f"{sender + 1:02x}" * 32)


def sign_up(url: str, token: str, senders: int) -> str:
    """Register the senders' devices and return a contract."""
    with httpx2.Client(base_url=f"{url}/api/v1", headers=bearer(token)) as client:
        for sender in range(senders):
            public = base64.b64encode(signing_key(sender).public).decode()
            client.post("/devices", json={"public_key": public, "name": f"desk {sender}"})
        new = {"title": "T", "client": "C", "rate": "1", "currency": "EUR"}
        return str(client.post("/contracts", json=new).json()["contract"]["id"])


def device(me: dict[str, Any], contract: str, sender: int) -> Device:
    """Return a sender's device; its chain begins anew."""
    return Device("embedded:home", me["account"]["id"], contract, signing_key(sender))


def work(on: Device, first: int, number: int) -> Iterator[Sealed]:
    """Segments with a picture each, of the slots so many before nine."""
    for place in range(first, first + number):
        yield on.work(NINE - place * SLOT, webp(place))


def put(client: httpx2.Client, sealed: Sealed) -> bytes:
    """Deliver, and return the receipt."""
    for sha256, data in sealed.pictures.items():
        assert client.put(picture_path(sealed.contract, sha256), content=data).status_code in {200, 201}
    path = segment_path(sealed.contract, sealed.id)
    answer = client.put(path, content=sealed.body, headers={HEADER: sealed.signature})
    assert answer.status_code in {200, 201}, answer.text
    return bytes(answer.content)
