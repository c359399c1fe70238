"""The embedded server as the tracker starts it, for as long as a test lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tracker.desktop.embedded import Embedded, Started


@contextmanager
def starter(
    folder: Path, *, origin: str = "embedded:home", test: bool = False
) -> Iterator[Callable[[], Started]]:
    """What starts it; every process that was started ends with the block."""
    server = Embedded(folder, origin=origin, test=test)
    begun: list[Started] = []

    def start() -> Started:
        begun.append(server.start())
        return begun[-1]

    try:
        yield start
    finally:
        for started in begun:
            if started.process is not None:
                started.process.kill()
                started.process.wait()
