"""A server as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from waiting import until

COMMAND = [sys.executable, "-m", "tracker", "serve"]


@dataclass
class Running:
    """A server that answers at `url`; embedded, it has told its secret."""

    process: subprocess.Popen[str]
    url: str
    secret: str | None

    def end(self) -> int:
        """End it as a system does that shuts down, and return its exit code."""
        self.process.terminate()
        return self.process.wait(20)

    def kill(self) -> None:
        """End it without a chance to say goodbye."""
        self.process.kill()
        self.process.wait(20)

    def claim(self) -> dict[str, Any]:
        """Return token and account in exchange for the secret."""
        answer = httpx2.post(f"{self.url}/api/v1/embedded/token", json={"secret": self.secret})
        return dict(answer.json())


@contextmanager
def embedded(data: Path, origin: str = "embedded:home", *more: str) -> Iterator[Running]:
    """Start an embedded server as the tracker does; it is killed at the end if it still runs."""
    command = [*COMMAND, "--embedded", "--data", str(data), "--origin", origin, *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            told = json.loads(process.stdout.readline() if process.stdout else "")
            yield Running(process, told["url"], told["secret"])
        finally:
            process.kill()


@contextmanager
def standalone(data: Path, *more: str) -> Iterator[Running]:
    """Start a server by itself, on any free port."""
    with subprocess.Popen(
        [*COMMAND, "--data", str(data), *more], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            said = process.stdout.readline() if process.stdout else ""
            yield Running(process, said.split(" at ")[1].split(". ")[0], None)
        finally:
            process.kill()


def serve(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the server that ends by itself."""
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=60)


def gone(url: str) -> bool:
    """Say whether nobody answers there (any more)."""
    try:
        httpx2.get(f"{url}/api/v1/server")
    except httpx2.TransportError:
        return True
    return False


def wait_until_gone(url: str) -> None:
    until(lambda: gone(url), f"{url} to end")
