"""What is receipted survives: SIGKILL in the middle of intake, many times over."""

from __future__ import annotations

import base64
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import msgspec
from device import Sealed
from senders import bearer, device, put, sign_up, work
from serving import Running, embedded, serve

from tracker.evidence.receipts import holds
from tracker.wire import segment_path
from tracker.wire.receipt import Receipt

_ROUNDS, _SENDERS, _EACH = 6, 4, 60


def test_every_receipted_segment_is_there_after_a_kill(tmp_path: Path) -> None:
    receipts: dict[str, bytes] = {}
    sent: dict[str, Sealed] = {}
    with embedded(tmp_path) as running:
        me = running.claim()
        contract = sign_up(running.url, me["token"], _SENDERS)
        running.kill()
    for number in range(_ROUNDS):
        with embedded(tmp_path) as running:
            intake(running, me, contract, number, sent, receipts)
    assert len(receipts) > _ROUNDS
    assert serve("--data", str(tmp_path), "--check").returncode == 0
    with (
        embedded(tmp_path) as running,
        httpx2.Client(base_url=running.url, headers=bearer(me["token"])) as client,
    ):
        public = base64.b64decode(client.get("/api/v1/server").json()["public_key"])
        for id_, receipt in receipts.items():
            assert holds(
                msgspec.json.decode(receipt, type=Receipt), segment=id_, body=sent[id_].body, public=public
            )
            assert client.get(segment_path(contract, id_)).content == sent[id_].body
            for sha256, data in sent[id_].pictures.items():
                assert client.get(f"/contracts/{contract}/pictures/{sha256}").content == data
            assert put(client, sent[id_]) == receipt
    print(f"{len(receipts)} receipted segments over {_ROUNDS} kills: 0 lost")  # noqa: T201  # the promise prints its counts


def intake(
    running: Running,
    me: dict[str, Any],
    contract: str,
    number: int,
    sent: dict[str, Sealed],
    receipts: dict[str, bytes],
) -> None:
    """Send from several sides, and kill the server after a random number of receipts."""
    enough = threading.Event()
    limit = len(receipts) + random.Random(number).randrange(1, _SENDERS * _EACH // 2)

    def send(sender: int) -> None:
        first = (number * _SENDERS + sender) * _EACH
        with httpx2.Client(base_url=running.url, headers=bearer(me["token"])) as client:
            for sealed in work(device(me, contract, sender), first, _EACH):
                sent[sealed.id] = sealed
                with suppress(httpx2.TransportError):
                    receipts[sealed.id] = put(client, sealed)
                if len(receipts) >= limit:
                    enough.set()
                if enough.is_set():
                    return
        enough.set()

    with ThreadPoolExecutor(_SENDERS) as pool:
        senders = [pool.submit(send, sender) for sender in range(_SENDERS)]
        enough.wait(60)
        running.kill()
        for sender in senders:
            sender.result()
