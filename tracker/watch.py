"""What a run goes by: its time, the counts of its input, and whether somebody can be there."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.errors import CaptureUnavailable
from tracker.model.counts import Counts, nothing
from tracker.recording.attendance import Attendance
from tracker.recording.timeline import Timeline, jump, slept

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.capture.base import InputSource
    from tracker.capture.tally import Tally
    from tracker.clock import Reading
    from tracker.orders import Presence

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Passed:
    """How time went since the last look: up to `at`; asleep since `drowsy`; the wall clock moved so far."""

    at: int
    drowsy: int | None
    moved_ms: int


class Watch:
    """Reads the timeline and the tally of one run after another."""

    def __init__(self, now: Reading, tally: Tally, choose_input: Callable[[], InputSource]) -> None:
        self._last = now
        self._tally = tally
        self._choose_input = choose_input
        self._attendance = Attendance()
        self._woke = False  # since the last counts
        self._back: int | None = None  # when somebody was let in last, by the boot clock
        self._timeline: Timeline | None = None
        self._source: InputSource | None = None

    @property
    def source(self) -> str | None:
        """What counts the input right now."""
        return self._source.name if self._source else None

    @property
    def nobody(self) -> bool:
        """Whether nobody can be at the desk, as far as the desktop tells."""
        return self._attendance.locked or self._attendance.asleep

    def begin(
        self, now: Reading, *, after: int | None, offset: int | None, lost: Callable[[str], None]
    ) -> int:
        """Anchor a new run and count input from here on; return the instant at which it begins."""
        self.end()  # nothing counts twice, whatever became of the run before
        self._attendance.asleep = False  # whoever begins is awake, whatever was told of it
        self._timeline = Timeline.begin(now, after=after, offset=offset)
        try:
            self._source = self._choose_input()
            self._source.start(self._tally, lost)
        except CaptureUnavailable as error:
            self._source = None
            log.warning("input cannot be counted: %s", error.title)
        self._tally.take()
        return self._timeline.anchor

    def end(self) -> None:
        """Let the run end: nothing is counted any more."""
        self._timeline = None
        self.lose_input()

    def lose_input(self) -> None:
        """Go on without counts."""
        source, self._source = self._source, None
        if source is not None:
            source.stop()

    def at(self, now: Reading) -> int | None:
        """Return a reading's instant on the run's timeline; None without a run."""
        return None if self._timeline is None else self._timeline.at(now)

    def look(self, now: Reading) -> Passed | None:
        """Return how time has gone since the last look; None without a run."""
        before, self._last = self._last, now
        asleep = slept(before, now)
        if asleep:
            self._back = now.boot
        if self._timeline is None:
            return None
        drowsy = None
        if asleep:
            # awake to the last: what was counted since the look before came before the sleep
            drowsy, self._woke = self._timeline.at(before) + now.awake - before.awake, True
        return Passed(self._timeline.at(now), drowsy, jump(before, now))

    def counts(self) -> Counts | None:
        """Return what was counted since the last call; None is somebody who cannot be heard."""
        counts = self._attendance.let_through(self._taken(self._source) if self._source else None)
        if self._woke:  # what woke the computer from an announced sleep is no work before it
            self._woke = self._attendance.asleep = False
        return counts

    def _taken(self, source: InputSource) -> Counts:
        source.poll()
        none, taken = nothing(source.name), self._tally.take()
        return taken if none == 0 else Counts(none, none, none, active=taken.active)

    def attend(self, news: Presence, now: Reading) -> None:
        """Take over what the desktop says of lock and sleep."""
        if news.locked is not None:
            self._attendance.lock(locked=news.locked, sure=news.sure)
        if news.asleep is not None:
            self._attendance.asleep = news.asleep
        if not news.locked and not news.asleep:
            self._back = now.boot

    def let_in(self, now: Reading) -> None:
        """Note that somebody is back, whatever becomes of the run and of the wall clock."""
        self._back = now.boot

    def came_back(self, now: Reading) -> int | None:
        """Return the instant at which somebody was last let in, on the run's timeline; None if never."""
        if self._timeline is None or self._back is None:
            return None
        return self._timeline.at(now) - (now.boot - self._back)
