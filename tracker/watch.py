"""What a run goes by: its time, the counts of its input, and whether somebody can be there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.capture.counting import Counting
from tracker.recording.attendance import Attendance
from tracker.recording.timeline import Timeline, jump, slept

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.capture.base import IdleTime, InputSource
    from tracker.capture.tally import Tally
    from tracker.clock import Reading
    from tracker.model.counts import Counts, Trouble
    from tracker.orders import Presence


@dataclass(frozen=True, slots=True)
class Passed:
    """How time went since the last look: up to `at`; asleep since `drowsy`; the wall clock moved so far."""

    at: int
    drowsy: int | None
    moved_ms: int


class Watch:
    """Reads the timeline and the tally of one run after another."""

    def __init__(
        self,
        now: Reading,
        tally: Tally,
        choose_input: Callable[[], InputSource],
        choose_idle: Callable[[], IdleTime | None] = lambda: None,
    ) -> None:
        self._last = now
        self._counting = Counting(tally, choose_input, choose_idle)
        self._attendance = Attendance()
        self._woke = False  # since the last counts
        self._back: int | None = None  # when somebody was let in last, by the boot clock
        self._timeline: Timeline | None = None

    @property
    def source(self) -> str | None:
        """What counts the input right now."""
        return self._counting.source

    @property
    def trouble(self) -> Trouble | None:
        """What is wrong with that: it was lost, or the desktop tells of input that it misses."""
        return self._counting.trouble

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
        self._counting.begin(now.awake, lost)
        return self._timeline.anchor

    def end(self) -> None:
        """Let the run end: nothing is counted any more."""
        self._timeline = None
        self._counting.end()

    def lose_input(self, now: Reading) -> None:
        """Go on without counts until they can be had again."""
        self._counting.lose(now.awake)

    def count_again(self, now: Reading) -> bool:
        """Say whether what was lost, or was not to be had, counts from here on."""
        return self._counting.again(now.awake)

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
        counts = self._attendance.let_through(self._counting.take(self._last.awake))
        if self._woke:  # what woke the computer from an announced sleep is no work before it
            self._woke = self._attendance.asleep = False
        return counts

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
