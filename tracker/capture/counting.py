"""The source at work: begun anew after a loss, doubted where the desktop knows of input that it misses."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tracker.errors import CaptureUnavailable
from tracker.model.counts import Counts, nothing
from tracker.model.slot import MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.capture.base import IdleTime, InputSource
    from tracker.capture.tally import Tally
    from tracker.model.counts import Trouble

log = logging.getLogger(__name__)

_AGAIN_AT_MOST = MINUTE  # between two attempts to count again
_SPAN = 10 * SECOND  # of silence, after which the desktop is asked
_SPANS = 6  # in a row that it contradicts: what keeps the screen on, as a video does, is not in each of them
_LATE = 2 * SECOND  # may a source tell of input


class Counting:
    """Counts the input of one run after another; `now` is the clock that is awake, in ms."""

    def __init__(
        self,
        tally: Tally,
        choose_input: Callable[[], InputSource],
        choose_idle: Callable[[], IdleTime | None],
    ) -> None:
        self.trouble: Trouble | None = None
        self._tally = tally
        self._choose_input = choose_input
        self._choose_idle = choose_idle
        self._source: InputSource | None = None
        self._idle: IdleTime | None = None
        self._lost: Callable[[str], None] | None = None  # None: no run
        self._wait = SECOND
        self._next = 0  # when to begin anew
        self._silent = 0  # since when the source tells of no input, or the desktop was asked
        self._contradicted = 0  # spans in a row

    @property
    def source(self) -> str | None:
        """What counts right now."""
        return self._source.name if self._source else None

    def begin(self, now: int, lost: Callable[[str], None]) -> None:
        """Count from here on; where that cannot be, it is tried again as the run goes on."""
        self._lost, self._wait = lost, SECOND
        problem = self._try(now)
        if problem is not None:
            log.warning("input cannot be counted: %s", problem.title)

    def end(self) -> None:
        """Count nothing any more."""
        self._lost = self.trouble = None
        self._let_go()

    def lose(self, now: int) -> None:
        """Go on without counts until the source is there again."""
        self._let_go()
        self.trouble, self._next, self._wait = "lost", now + SECOND, 2 * SECOND

    def again(self, now: int) -> bool:
        """Say whether counting has begun anew; it is tried ever more seldom."""
        if self._source is not None or self._lost is None or now < self._next:
            return False
        if self._try(now) is not None:
            return False
        log.info("input is counted again")
        return True

    def take(self, now: int) -> Counts | None:
        """Return what was counted since the last call; None without a source."""
        source = self._source
        if source is None:
            return None
        source.poll()
        none, taken = nothing(source.name), self._tally.take()
        if none is None:
            return Counts(none, none, none, active=taken.active)
        self._compare(now, heard=taken.active)
        return taken

    def _try(self, now: int) -> CaptureUnavailable | None:
        """Begin to count; return why that cannot be."""
        lost = self._lost
        if lost is None:
            return None
        try:
            source = self._choose_input()
            source.start(self._tally, lost)
        except CaptureUnavailable as error:
            self._next, self._wait = now + self._wait, min(2 * self._wait, _AGAIN_AT_MOST)
            return error
        self._source, self.trouble = source, None
        self._silent, self._contradicted = now, 0
        self._tally.take()
        return None

    def _compare(self, now: int, *, heard: bool) -> None:
        """Doubt a source that is silent for a minute in which the desktop tells of input over and over."""
        if heard:
            self._silent, self._contradicted, self.trouble = now, 0, None
        elif now - self._silent >= _SPAN:
            if self._idle is None:
                self._idle = self._choose_idle()
            idle = self._idle.idle_ms() if self._idle else None
            contradicted = idle is not None and idle < now - self._silent - _LATE
            self._contradicted = self._contradicted + 1 if contradicted else 0
            self._silent = now
            if self._contradicted == _SPANS:
                self.trouble = "disagree"
                log.warning("the desktop tells of input that %s does not hear", self.source)

    def _let_go(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            source.stop()
        if self._idle is not None:
            self._idle.close()
            self._idle = None
