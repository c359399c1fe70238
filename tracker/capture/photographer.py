"""Has shots taken when asked, beside everything else, and always answers."""

from __future__ import annotations

import ctypes
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.model.segment import ShotState

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.capture.base import EncodedPicture

_MMAP_THRESHOLD = -3  # of glibc's mallopt
_LARGE = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class ShotResult:
    """A shot's pictures, one for each monitor, or the reason why there are none."""

    shot: str
    pictures: tuple[EncodedPicture, ...] = ()
    reason: str = ""
    withheld: bool = False  # for that reason, whether or not it could have been taken

    @property
    def state(self) -> ShotState:
        """What became of it."""
        if self.reason:
            return ShotState.WITHHELD if self.withheld else ShotState.FAILED
        blurred = any(picture.blurred for picture in self.pictures)
        return ShotState.BLURRED if blurred else ShotState.KEPT


class Photographer:
    """Has one shot after another taken, each in a thread that lives no longer than it takes."""

    def __init__(self, take: Callable[[str], ShotResult]) -> None:
        self._take = take
        self._one_at_a_time = threading.Lock()
        self._threads: list[threading.Thread] = []
        _return_large_blocks()

    def request(self, shot: str, done: Callable[[ShotResult], None]) -> None:
        """Take the shot now; `done` is told once, from another thread."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=self._answer, args=(shot, done), name="photographer", daemon=True)
        self._threads.append(thread)
        thread.start()

    def close(self, timeout: float) -> None:
        """Let the shots under way arrive, but wait no longer than that for each."""
        for thread in self._threads:
            thread.join(timeout)

    def _answer(self, shot: str, done: Callable[[ShotResult], None]) -> None:
        result = ShotResult(shot, reason="The shot failed.")
        try:
            with self._one_at_a_time:
                result = self._take(shot)
        finally:  # whatever went wrong: the segment waits for its shot
            done(result)


def _return_large_blocks() -> None:
    """Have a picture's memory go back to the system at once: glibc would keep 100 MB for the next one."""
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_MMAP_THRESHOLD, _LARGE)
