"""The interface over a FakeDesk in a process of its own, as a desktop starts it."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import desktop

if TYPE_CHECKING:
    from collections.abc import Iterator

_TESTS = Path(__file__).parents[1]


class Child:
    """The program that runs; `asked` grows by each command its desk was given."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.asked: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def tell(self, line: str) -> None:
        """Let something happen at the desk."""
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def ended(self) -> int:
        """Wait until it has ended by itself, and return its exit code."""
        code = self.process.wait(10)
        self._reader.join(10)
        return code

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.asked.append(line.strip())


@contextmanager
def child(folder: Path, *arguments: str, **settings: str) -> Iterator[Child]:
    """Run the interface with these settings of its environment; it must write nothing to standard error."""
    complaints = folder / "stderr"
    env = desktop.environment(
        PYTHONPATH=f"{_TESTS}:{_TESTS.parent}", QT_QPA_PLATFORM="xcb", HOME=str(folder), **settings
    )
    with (
        complaints.open("w") as errors,
        subprocess.Popen(
            [sys.executable, str(_TESTS / "ui" / "desk_app.py"), *arguments],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            yield Child(process)
        finally:
            process.kill()
    said = complaints.read_text()
    assert not said, f"the interface wrote to standard error: {said}"
