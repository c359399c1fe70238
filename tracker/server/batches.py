"""A thread that is handed one thing after another, and does together what came in meanwhile."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

_LARGEST = 64


def promise() -> Future[T]:
    """Return a future that nobody calls off: what is handed over is done, whoever still waits for it."""
    made: Future[T] = Future()
    made.set_running_or_notify_cancel()
    return made


class Batches(Generic[T]):
    """Gives `work` what waits, in the order in which it came; `work` raises nothing."""

    def __init__(self, name: str, work: Callable[[list[T]], None]) -> None:
        self._work = work
        self._waiting: SimpleQueue[T | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, one: T) -> None:
        """Have something done soon."""
        if not self._thread.is_alive():
            raise RuntimeError(f"the server is closed, and so its thread '{self._thread.name}'")
        self._waiting.put(one)

    def qsize(self) -> int:
        """Return how much waits, about."""
        return self._waiting.qsize()

    def end(self) -> None:
        """Return when everything that was put is done."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            self._work([first, *self._others()])

    def _others(self) -> Iterator[T]:
        """Take what came in while the thread was busy."""
        for _ in range(_LARGEST - 1):
            try:
                one = self._waiting.get_nowait()
            except Empty:
                return
            if one is None:
                self._waiting.put(None)
                return
            yield one
