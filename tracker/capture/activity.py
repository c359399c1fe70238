"""Tells in which seconds there was input, where a desktop knows when the last was and lets nobody count."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from tracker.clock import SystemClock
from tracker.errors import CaptureUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tracker.capture.base import InputSource
    from tracker.capture.tally import Tally

WITHOUT = "Time is tracked without counts. To have them, log out and choose an X11 (Xorg) session."

KEPT_AWAKE = "While a program keeps the screen on, as a video does, every second counts as active."


class LastInput(NamedTuple):
    """When the last input was: between two instants, known at a third; all in ms by `instant`."""

    earliest: int
    latest: int
    now: int


class Witness(Protocol):
    """Knows when the last input was."""

    limits: str  # what it does not tell, as a sentence, or nothing

    def look(self) -> LastInput | None:
        """Return when that was, None where it cannot say now; raises CaptureUnavailable once it never can."""
        ...

    def close(self) -> None:
        """Let the desktop's resources go."""
        ...


def instant() -> int:
    """Return the milliseconds since the computer was started that it was awake, as desktops reckon."""
    return SystemClock().now().awake


class ActivityInput:
    """Turns the word of the first witness that answers into active seconds; nothing is counted."""

    def __init__(self, calls: Mapping[str, Callable[[], Witness]]) -> None:
        self.name = next(iter(calls))  # as long as none has answered
        self.limits = ""
        self._calls = calls
        self._witness: Witness | None = None
        self._tally: Tally | None = None
        self._lost: Callable[[str], None] | None = None
        self._known = 0  # what came up to this instant has been told

    def start(self, tally: Tally, lost: Callable[[str], None]) -> None:
        """Begin to tell; raises CaptureUnavailable where no witness answers."""
        self.name, self._witness = _first(self._calls)
        self.limits = self._witness.limits
        self._tally, self._lost = tally, lost
        self._known = instant()

    def poll(self) -> None:
        """Look whether there was input after that which has been told."""
        if self._witness is None or self._tally is None or self._lost is None:
            return
        try:
            last = self._witness.look()
        except CaptureUnavailable as error:
            lost = self._lost
            self.stop()
            lost(error.title)
            return
        if last is not None and last.earliest > self._known:
            self._tally.move()
            self._known = last.latest

    def stop(self) -> None:
        """Tell nothing more."""
        witness, self._witness = self._witness, None
        self._tally = self._lost = None
        if witness is not None:
            witness.close()


class ActivityIdle:
    """Asks the first witness that answers how long ago the last input was."""

    def __init__(self, calls: Mapping[str, Callable[[], Witness]]) -> None:
        self._calls = calls
        self._witness: Witness | None = None

    def idle_ms(self) -> int | None:
        """Return the milliseconds since then, at the most; None where no witness can say."""
        try:
            if self._witness is None:
                _, self._witness = _first(self._calls)
            last = self._witness.look()
        except CaptureUnavailable:
            self.close()
            return None
        return None if last is None else max(0, last.now - last.earliest)

    def close(self) -> None:
        """Hang up; the next question calls anew."""
        if self._witness is not None:
            self._witness.close()
            self._witness = None


def limits(source: InputSource) -> str:
    """Return what a source does not tell, as a sentence, or nothing."""
    return source.limits if isinstance(source, ActivityInput) else ""


def _first(calls: Mapping[str, Callable[[], Witness]]) -> tuple[str, Witness]:
    """Return the first witness that answers, with its name."""
    for name, call in calls.items():
        try:
            return name, call()
        except CaptureUnavailable:
            continue
    raise CaptureUnavailable("This desktop does not tell programs whether there is input.", advice=WITHOUT)
