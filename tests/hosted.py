"""A hosted server as a process that is killed and started again, with a freelancer and a client."""

from __future__ import annotations

import base64
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from serving import COMMAND, serve
from waiting import until

ORIGIN = "https://hours.example.org"
_NEW = {"title": "Checkout", "client": "Northbeam", "rate": "65", "currency": "USD"}
_ADA, _BO = "ada@example.org", "bo@example.org"


@dataclass
class Hosted:
    """Serves a folder on one port, over kills; its log is a file beside it."""

    data: Path
    port: int = field(default_factory=lambda: _free_port())  # noqa: PLW0108  # it stands below
    token: str = ""
    account: str = ""
    contracts: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None

    @property
    def log(self) -> Path:
        return self.data.with_suffix(".log")

    def start(self) -> None:
        """Start it, and don't wait for it."""
        command = [*COMMAND, "--data", str(self.data), "--port", str(self.port), "--origin", ORIGIN]
        with self.log.open("a") as log:
            self.process = subprocess.Popen([*command, "--accept-test"], stdout=log, stderr=log, text=True)

    def kill(self) -> None:
        """End it without a chance to say goodbye."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def answer(self) -> None:
        """Wait until it answers."""
        until(self._answers, "the server to answer", seconds=60)

    def settle(self, contracts: int = 2) -> None:
        """Let a freelancer and a client agree on contracts; it serves afterwards."""
        people = [(_ADA, "Ada"), (_BO, "Bo")]
        for email, name in people:
            added = serve("user", "add", "--data", str(self.data), "--email", email, "--name", name)
            assert added.returncode == 0, added.stderr
        with ThreadPoolExecutor(2) as asking:
            tokens = list(asking.map(self._token, [email for email, _ in people]))
        self.token = tokens[0]
        self.start()
        self.answer()
        ada, bo = (httpx2.Client(headers={"Authorization": f"Bearer {token}"}) for token in tokens)
        with ada, bo:
            self.account = ada.get(f"{self._here}/me").json()["id"]
            for _ in range(contracts):
                made = ada.post(f"{self._here}/contracts", json=_NEW).json()
                self.contracts.append(made["contract"]["id"])
                accepted = bo.post(made["invitation"].replace(f"{ORIGIN}/api/v1", self._here))
                assert accepted.status_code == 200, accepted.text

    def register(self, public: bytes) -> None:
        """Let a device be known."""
        device = {"public_key": base64.b64encode(public).decode(), "name": "desk"}
        bearer = {"Authorization": f"Bearer {self.token}"}
        httpx2.post(f"{self._here}/devices", json=device, headers=bearer).raise_for_status()

    @property
    def _here(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v1"

    def _answers(self) -> bool:
        assert self.process is None or self.process.poll() is None, self.log.read_text()[-2000:]
        with suppress(httpx2.TransportError):
            return httpx2.get(f"{self._here}/server").status_code == 200
        return False

    def _token(self, email: str) -> str:
        given = serve("token", "--data", str(self.data), "--email", email)
        assert given.returncode == 0, given.stderr
        return given.stdout.strip()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
