"""The counter that input hooks touch: it is told that something happened, never what."""

from __future__ import annotations

import threading

from tracker.model.counts import Counts


class Tally:
    """Counts presses, clicks and scrolls from any thread; `take` empties it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys = self._clicks = self._scrolls = 0
        self._moved = False

    def key(self) -> None:
        """A key went down."""
        with self._lock:
            self._keys += 1

    def click(self) -> None:
        """A mouse button went down."""
        with self._lock:
            self._clicks += 1

    def scroll(self) -> None:
        """The wheel turned by one notch."""
        with self._lock:
            self._scrolls += 1

    def move(self) -> None:
        """The pointer is elsewhere than before: activity, but nothing to count."""
        with self._lock:
            self._moved = True

    def take(self) -> Counts:
        """Return what happened since the last call, and begin anew."""
        with self._lock:
            keys, clicks, scrolls, moved = self._keys, self._clicks, self._scrolls, self._moved
            self._keys = self._clicks = self._scrolls = 0
            self._moved = False
        return Counts(keys, clicks, scrolls, active=moved or keys + clicks + scrolls > 0)
