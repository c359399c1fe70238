"""How fast parcels are taken in, beside a bare serial loop that fsyncs the file and commits the row."""

from __future__ import annotations

import argparse
import base64
import json
import os
import socket
import statistics
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import clusters
import httpx2
import psycopg
from device import Device, Sealed
from doubles import NINE
from PIL import Image
from senders import bearer
from serving import Running, embedded, serve, standalone
from sqlcipher3 import dbapi2 as sqlite

from tracker.evidence.keys import SigningKey
from tracker.evidence.signing import HEADER
from tracker.model.slot import SLOT
from tracker.wire import API, picture_path, segment_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Insert = Callable[[str, bytes], object]

SENDERS = 8
SHOT = 80_000  # bytes
ROUNDS = 5
AT_LEAST = 0.75


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=60, help="segments of a sender in a round")
    each = parser.parse_args().each
    with tempfile.TemporaryDirectory(prefix="hp-", dir=".") as name:
        folder = Path(name)
        with embedded(folder / "server") as running:
            me = running.claim()
            host = Host(running, "embedded:home", me["account"]["id"], me["token"])
            rows = measured("SQLite", host, folder, each, in_a_file)
        if clusters.PROGRAMS is not None:
            with clusters.running() as url:
                rows += on_postgresql(folder, url, each)
    sys.stdout.write(json.dumps(rows))


def on_postgresql(folder: Path, url: str, each: int) -> list[dict[str, object]]:
    """Measure a hosted server."""
    data = ("--data", str(folder / "hosted"), "--database", url)
    for name in ("ada", "client"):
        serve("user", "add", *data, "--email", f"{name}@example.org", "--name", name)
    ada, client = (
        serve("token", *data, "--email", f"{name}@example.org").stdout.strip() for name in ("ada", "client")
    )
    with standalone(folder / "hosted", "--database", url) as running:
        account = httpx2.get(f"{running.url}{API}/me", headers=bearer(ada)).json()["id"]
        host = Host(running, running.url, account, ada, client)
        return measured("PostgreSQL", host, folder, each, lambda _: in_postgresql(url))


def measured(
    database: str, host: Host, folder: Path, each: int, least: Callable[[Path], Insert]
) -> list[dict[str, object]]:
    """Measure the server and the bare loop in turn, as the disk has its moods; the ratio is judged."""
    bare, ours = [], []
    for number in range(ROUNDS):
        parcels = [list(host.parcels(sender, number, each)) for sender in range(SENDERS)]
        ours.append(host.rate(parcels))
        place = folder / f"bare-{database}-{number}"
        place.mkdir()
        bare.append(bare_rate(place, [one for some in parcels for one in some], least(place)))
    rate, floor = statistics.median(ours), statistics.median(bare)
    ratio = statistics.median(one / other for one, other in zip(ours, bare, strict=True))
    return [
        {
            "name": f"intake with shot, {database}, {SENDERS} senders",
            "value": round(rate),
            "unit": "segments/s",
            "beside": round(floor),
        },
        {
            "name": f"intake beside a bare loop of fsync and commit, {database}",
            "value": round(ratio, 2),
            "unit": "x",
            "budget": {"at_least": AT_LEAST},
            "beside": f"{floor:.0f} segments/s",
        },
    ]


class Host:
    """A running server, and eight devices that deliver to it."""

    def __init__(self, running: Running, origin: str, account: str, token: str, client: str = "") -> None:
        self.token = token
        self.address = running.url.removeprefix("http://").split(":")
        with httpx2.Client(base_url=running.url + API, headers=bearer(token)) as api:
            new = {"title": "T", "client": "C", "rate": "1", "currency": "EUR"}
            made = api.post("/contracts", json=new).json()
            if client:
                httpx2.post(made["invitation"], headers=bearer(client)).raise_for_status()
            contract = made["contract"]["id"]
            keys = [SigningKey(f"{sender + 1:02x}" * 32) for sender in range(SENDERS)]
            self.devices = [Device(origin, account, contract, key) for key in keys]
            for key in keys:
                public = base64.b64encode(key.public).decode()
                api.post("/devices", json={"public_key": public, "name": "desk"}).raise_for_status()

    def parcels(self, sender: int, number: int, each: int) -> Iterator[Sealed]:
        """Return segments with a shot that nobody has sent yet, ready to be sent."""
        for n in range(each):
            place = (number * SENDERS + sender) * each + n
            yield self.devices[sender].work(NINE - place * SLOT, shot())

    def rate(self, parcels: list[list[Sealed]]) -> float:
        """Return how many segments a second are receipted, all senders at once."""
        requests = [[self.requests(one) for one in some] for some in parcels]
        with ThreadPoolExecutor(SENDERS) as pool:
            begun = perf_counter()
            list(pool.map(self.send, requests))
            return sum(map(len, parcels)) / (perf_counter() - begun)

    def requests(self, sealed: Sealed) -> tuple[bytes, bytes]:
        """Return the two requests of a parcel: the sender's own work is not to be measured."""
        ((sha256, data),) = sealed.pictures.items()
        return (
            self.request(picture_path(sealed.contract, sha256), data),
            self.request(
                segment_path(sealed.contract, sealed.id), sealed.body, f"{HEADER}: {sealed.signature}\r\n"
            ),
        )

    def request(self, path: str, body: bytes, more: str = "") -> bytes:
        head = (
            f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Length: {len(body)}\r\n{more}\r\n"
        )
        return head.encode() + body

    def send(self, requests: list[tuple[bytes, bytes]]) -> None:
        """Send parcels one after another over one connection, each when the last one's receipt is there."""
        with socket.create_connection((self.address[0], int(self.address[1]))) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for pair in requests:
                for request in pair:
                    connection.sendall(request)
                    created(connection)


def created(connection: socket.socket) -> None:
    """Read one whole answer, which has to be 201."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65_536)
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 201"):
        raise AssertionError(answer)
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65_536)


def shot() -> bytes:
    """Return a picture as large as a shot, unlike any other."""
    out = BytesIO()
    Image.new("RGB", (64, 36)).save(out, "WEBP", exif=os.urandom(SHOT))
    return out.getvalue()


def bare_rate(folder: Path, parcels: list[Sealed], insert: Insert) -> float:
    """Return how many a second the least does that is durable: an fsynced file, a committed row."""
    begun = perf_counter()
    for one in parcels:
        for sha256, data in one.pictures.items():
            with (folder / sha256).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        insert(one.id, one.body)
    return len(parcels) / (perf_counter() - begun)


def in_a_file(folder: Path) -> Insert:
    """Return what commits a row to a new file."""
    database = sqlite.connect(folder / "rows.db", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("CREATE TABLE segment (id TEXT PRIMARY KEY, body BLOB)")
    return lambda id_, body: database.execute("INSERT INTO segment VALUES (?, ?)", (id_, body))


def in_postgresql(url: str) -> Insert:
    """Return what commits a row to a new table."""
    database = psycopg.connect(url.replace("postgresql+psycopg:", "postgresql:"), autocommit=True)
    database.execute("DROP TABLE IF EXISTS bare")
    database.execute("CREATE TABLE bare (id TEXT PRIMARY KEY, body BYTEA)")
    return lambda id_, body: database.execute("INSERT INTO bare VALUES (%s, %s)", (id_, body))


if __name__ == "__main__":
    main()
