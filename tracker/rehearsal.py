"""Counts input for who wants to see what is counted, before anything is kept."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

from tracker.capture.tally import Tally
from tracker.errors import CaptureUnavailable
from tracker.model.counts import nothing, plus

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.capture.base import InputSource


class Heard(NamedTuple):
    """What was counted so far; where a desktop tells only whether there was input, the counts are None."""

    keys: int | None
    clicks: int | None
    scrolls: int | None
    active: int  # looks that found any input: seconds, where there is one each second


class Rehearsal:
    """Counts from the first look until it is ended, from any thread; nothing of it is kept."""

    def __init__(self, choose: Callable[[], InputSource]) -> None:
        self._choose = choose
        self._lock = threading.Lock()
        self._tally = Tally()
        self._source: InputSource | None = None
        self._heard = Heard(0, 0, 0, 0)
        self._lost = ""

    def look(self) -> Heard:
        """Return what was counted since the first look; raises CaptureUnavailable where nothing counts."""
        with self._lock:
            source = self._source or self._begin()
            if self._lost:
                self._stop()
                raise CaptureUnavailable(self._lost)
            source.poll()
            new, former = self._tally.take(), self._heard
            self._heard = Heard(
                plus(former.keys, new.keys),
                plus(former.clicks, new.clicks),
                plus(former.scrolls, new.scrolls),
                former.active + new.active,
            )
            return self._heard

    def end(self) -> None:
        """Count no longer, and forget what was counted."""
        with self._lock:
            self._stop()

    def _begin(self) -> InputSource:
        source = self._choose()
        self._lost = ""
        source.start(self._tally, self._lose)
        none = nothing(source.name)
        self._heard = Heard(none, none, none, 0)
        self._source = source
        return source

    def _stop(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            source.stop()
        self._tally.take()

    def _lose(self, reason: str) -> None:
        self._lost = reason
