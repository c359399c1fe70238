"""A server that takes work in from several sides at once and says what it has answered: its power is cut.

It begins in an empty folder. With the word `careless` its commits are not synced, with `nameless` no name of
a file is, with `hasty` no picture is, and `trusting` it takes any name for durable; less is done then.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import backend
from backend import Site
from device import Device
from doubles import NINE
from PIL import Image
from senders import signing_key

from tracker.model.revision import Change
from tracker.model.slot import SLOT
from tracker.server import database, durable
from tracker.server.pictures import Pictures

SENDERS, EACH, FEW = 3, 8, 4
PICTURE_BYTES = 6_000


def main(folder: Path, *words: str) -> None:
    if "careless" in words:
        database._PRAGMAS = tuple(one.replace("=FULL", "=NORMAL") for one in database._PRAGMAS)
    if "nameless" in words:
        durable.sync_names = lambda _folder: None
    with backend.site(folder) as site:
        if "hasty" in words:
            durable.sync_bytes = lambda _descriptor: None
        if "trusting" in words:
            trust()
        contract = site.contract()
        put_again(site, contract)
        devices = [site.device(contract, key=signing_key(sender)) for sender in range(SENDERS)]
        with ThreadPoolExecutor(SENDERS) as pool:
            for sending in [
                pool.submit(send, site, *one, FEW if words else EACH) for one in enumerate(devices)
            ]:
                sending.result()
        os._exit(0)


def trust() -> None:
    store = Pictures.store
    Pictures.store = lambda self, wanted: [
        False if self.touch(*one[:2]) else store(self, [one])[0] for one in wanted
    ]


def put_again(site: Site, contract: str) -> None:
    """Put a picture again of which the first attempt ended in a crash before its name was synced."""
    data = shot(Random(SENDERS))
    sha256 = hashlib.sha256(data).hexdigest()
    sync, durable.sync_names = durable.sync_names, lambda _folder: None
    Pictures(site.parts.settings.pictures).store([(contract, sha256, data)])
    durable.sync_names = sync
    assert site.put_picture(contract, sha256, data).status_code == 200
    say(picture=[contract, sha256])


def send(site: Site, sender: int, device: Device, number: int) -> None:
    """Deliver; now and then a picture comes twice, a shot is taken back, a segment discarded."""
    chance = Random(sender)
    for n in range(number):
        sealed = device.work(NINE - (sender * EACH + n) * SLOT, shot(chance))
        ((sha256, data),) = sealed.pictures.items()
        for _ in range(1 + n % 2):
            assert site.put_picture(sealed.contract, sha256, data).status_code in {200, 201}
            say(picture=[sealed.contract, sha256])
        receipted(site.put_segment(sealed))
        if n % 4 == 3:
            say(taking_back=sha256)
            change = Change.DISCARD if n == number - 1 else Change.WITHHOLD
            receipted(site.put_segment(device.revise(sealed, change)))
            say(taken_back=[sealed.contract, sha256])


def receipted(answer: Any) -> None:
    assert answer.status_code == 201, answer.text
    say(receipt=answer.text)


def say(**facts: Any) -> None:
    os.write(1, (json.dumps(facts) + "\n").encode())  # in one piece: a line is said or not


def shot(chance: Random) -> bytes:
    """Return a picture of several sectors, unlike any other."""
    out = BytesIO()
    Image.new("RGB", (64, 36)).save(out, "WEBP", exif=chance.randbytes(PICTURE_BYTES))
    return out.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
