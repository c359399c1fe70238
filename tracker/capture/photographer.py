"""Takes a shot when asked, beside everything else, and always answers."""

from __future__ import annotations

import ctypes
import sys
import threading
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.errors import CaptureUnavailable
from tracker.space import Room

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.capture.base import EncodedPicture, Screen

_MMAP_THRESHOLD = -3  # of glibc's mallopt
_LARGE = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class ShotResult:
    """A shot's pictures, one for each monitor, or the reason why there are none."""

    shot: str
    pictures: tuple[EncodedPicture, ...] = ()
    reason: str = ""


class Photographer:
    """Grabs and encodes one shot after another, each in a thread that lives no longer than it takes.

    Where the disk has little room they are small, and where it is nearly full there are none.
    """

    def __init__(
        self, choose_screen: Callable[[], Screen], room: Callable[[], Room] = lambda: Room.FINE
    ) -> None:
        self._choose_screen = choose_screen
        self._room = room
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

    def _take(self, shot: str) -> ShotResult:
        from tracker.capture.picture import encode, is_blank  # noqa: PLC0415  # Pillow, for the first shot

        room = self._room()
        if room is Room.NO_SHOTS:
            return ShotResult(shot, reason="The disk is nearly full.")
        try:
            with closing(self._choose_screen()) as screen:
                frames = [frame for frame in screen.grab() if not is_blank(frame)]
            if not frames:
                return ShotResult(shot, reason="The screen shows a single colour.")
            return ShotResult(shot, tuple(encode(frame, small=room is Room.LITTLE) for frame in frames))
        except CaptureUnavailable as error:
            return ShotResult(shot, reason=error.title)


def _return_large_blocks() -> None:
    """Have a picture's memory go back to the system at once: glibc would keep 100 MB for the next one."""
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_MMAP_THRESHOLD, _LARGE)
