"""A freelancer at a desktop of their own, who uses Hourproof by its command line."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop import environment, running
from waiting import until

from tracker.desktop.control import ask
from tracker.paths import Home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOURPROOF = (sys.executable, "-m", "tracker")
DAY = "2026-11-19"
TEST_MODE = f"speed=30 seed=1 notice=0 spread=0 now={DAY}T09:00:00Z"


class CommandFailedError(Exception):
    """A command ended with another code than 0; says which, and what it told."""

    def __init__(self, code: int, error: dict[str, str], said: str) -> None:
        super().__init__(f"exit {code}: {said}")
        self.code = code
        self.error = error


@dataclass(frozen=True)
class User:
    """Has a home for the tracker and an environment with or without a desktop."""

    home: Path
    env: dict[str, str]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Type a command as it is."""
        command = [*HOURPROOF, "--home", str(self.home), *words]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=False, timeout=90)

    def ask(self, *words: str) -> Any:
        """Return what a command answers; raises CommandFailedError."""
        done = self.run(*words, "--json")
        if done.returncode:
            said = json.loads(done.stdout) if done.stdout.startswith("{") else {}
            raise CommandFailedError(done.returncode, said.get("error", {}), done.stdout + done.stderr)
        return json.loads(done.stdout)

    def add_contract(self, title: str, client: str = "A client") -> str:
        """Add a contract and return its id."""
        made = self.ask(
            *("contract", "add", "--title", title, "--client", client, "--rate", "65", "--currency", "USD")
        )
        return str(made["id"])

    @contextmanager
    def app(self) -> Iterator[subprocess.Popen[bytes]]:
        """Have the tray app running meanwhile; it is asked to end afterwards."""
        with running([*HOURPROOF, "--home", str(self.home), "run", "--minimized"], env=self.env) as process:
            until(lambda: process.poll() is not None or self.answers(), "the app to take commands")
            assert process.poll() is None, f"the app ended with {process.returncode}"
            yield process

    def answers(self) -> bool:
        """Say whether the app takes commands."""
        with socket.socket(socket.AF_UNIX) as caller:  # a command would take a starting app's lock from it
            return caller.connect_ex(self._door) == 0

    def look(self) -> dict[str, Any]:
        """Return the running app's status at once: a command takes minutes of a fast clock to start."""
        return dict(json.loads(ask(self._door, b'{"command": "status", "args": {}}'))["result"])

    def see(self, wanted: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """Wait until the running app's status is as wanted, and return it."""
        return until(lambda: next(filter(wanted, [self.look()]), None), what)

    def end_server(self) -> None:
        """End the embedded server now: it would go on for a while, for whoever reads a page."""
        notice = Home.at(self.home).server / "serve.json"
        if notice.exists():
            with suppress(ProcessLookupError):
                os.kill(json.loads(notice.read_bytes())["pid"], signal.SIGTERM)

    @property
    def _door(self) -> str:
        name = f"hourproof{Home.at(self.home).suffix}.sock"
        return str(Path(self.env["XDG_RUNTIME_DIR"], "hourproof", name))

    def track_for(self, seconds: int) -> dict[str, Any]:
        """Wait until so many seconds of the session have been tracked; return the status."""
        return until(
            lambda: next((s for s in [self.ask("status")] if s["session_ms"] >= seconds * 1000), None),
            f"{seconds} s of tracked time",
        )

    def day(self) -> dict[str, Any]:
        """Return the day of the diary, in UTC."""
        return dict(self.ask("diary", "--date", DAY, "--tz", "UTC"))


def desktop_user(home: Path, display: str, keyring: dict[str, str], **more: str) -> User:
    """Return someone at a display, with a keyring, in test mode."""
    settings = {"HOURPROOF_TEST": TEST_MODE, "QT_QPA_PLATFORM": "xcb", **keyring, **more}
    return User(home, environment(DISPLAY=display, **settings))


def segments(day: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every segment of a day, in order, with its contract."""
    return [{**one, "contract": cell["contract"]} for cell in day["cells"] for one in cell["segments"]]


def total(segment: dict[str, Any], name: str) -> int:
    """Return a count over a segment's minutes."""
    return sum(minute[name] for minute in segment["minutes"])
