"""Takes one shot as the freelancer's settings want it: what they hide is never encoded, let alone kept."""

from __future__ import annotations

import threading
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracker.capture import rules
from tracker.capture.photographer import ShotResult
from tracker.errors import BadValue, CaptureUnavailable
from tracker.space import Room

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracker.capture.base import EncodedPicture, Frame, Screen, WindowList, Windows
    from tracker.capture.rules import Ruling, Treatment
    from tracker.settings import Settings

BY_RULE = "A privacy rule withheld the shot."
BLIND = "The desktop does not tell which windows are open, so no privacy rule can be kept."
PAUSED = "Shots were paused."
BROKEN_SETTINGS = "The settings cannot be read, so no privacy rule is known."
_ADVICE = {
    PAUSED: "",
    BY_RULE: "'hourproof rules list' shows yours. Close what they are about, or change them.",
    BLIND: "'hourproof doctor' tells what to do about it.",
    BROKEN_SETTINGS: "'hourproof settings get' names the line to correct.",
}
_LAG = 0.1  # seconds after which the screen shows what windows have done


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the disk has little room pictures are small, and where it is nearly full there are none.

    Without knowing the rules, or where the windows are that they are about, nothing is taken.
    """

    choose_screen: Callable[[], Screen]
    choose_windows: Callable[[], WindowList]
    settings: Callable[[], Settings]
    room: Callable[[], Room] = lambda: Room.FINE

    def take(self, shot: str) -> ShotResult:
        """Take it now, in this thread."""
        room = self.room()
        if room is Room.NO_SHOTS:
            return ShotResult(shot, reason="The disk is nearly full.")
        try:
            settings = self.settings()
        except BadValue:  # its text may hold a rule
            return ShotResult(shot, reason=BROKEN_SETTINGS, withheld=True)
        rulings = rules.in_force(settings)
        try:
            frames, looks = self._see(settings, rulings)
            treatment = rules.treat(frames, looks, rulings)
            if treatment.withheld:
                return ShotResult(shot, reason=BY_RULE, withheld=True)
            pictures = tuple(_developed(frames, treatment, small=room is Room.LITTLE))
        except _BlindError:
            return ShotResult(shot, reason=BLIND, withheld=True)
        except CaptureUnavailable as error:
            return ShotResult(shot, reason=error.title)
        return ShotResult(shot, pictures, "" if pictures else "The screen shows a single colour.")

    def _see(self, settings: Settings, rulings: tuple[Ruling, ...]) -> tuple[list[Frame], list[Windows]]:
        """Return what the monitors show that are wanted, and what windows there were before and after."""
        with ExitStack() as opened:
            screen = opened.enter_context(closing(self.choose_screen()))
            windows = self._windows(settings, rulings)
            if windows is None:
                return list(screen.grab()), []
            opened.enter_context(closing(windows))
            before = _look(windows)
            threading.Event().wait(_LAG)
            frames = screen.grab()
            after = _look(windows)
        if settings.monitors == "active":
            frames = rules.on_active(frames, before.active)
        return list(frames), [before, after]

    def _windows(self, settings: Settings, rulings: tuple[Ruling, ...]) -> WindowList | None:
        """Return what knows the windows; None where that is not needed, or the freelancer can do without."""
        needed = rules.need_windows(rulings)
        if not needed and settings.monitors == "all":
            return None
        try:
            return self.choose_windows()
        except CaptureUnavailable:
            if needed and not settings.shots_without_rules:
                raise _BlindError from None
            return None


def advice_on(reason: str) -> str:
    """Return what to do about a reason for which there is no picture, nothing if there is none."""
    return _ADVICE.get(reason, "'hourproof doctor' tells what works here." if reason else "")


class _BlindError(Exception):
    """Nobody tells where the windows are that there are rules about."""


def _look(windows: WindowList) -> Windows:
    """Return what windows there are; where the desktop tells that, but not now, nobody does without."""
    try:
        return windows.look()
    except CaptureUnavailable:
        raise _BlindError from None


def _developed(frames: list[Frame], treatment: Treatment, *, small: bool) -> Iterator[EncodedPicture]:
    """Yield what is kept of the monitors that show more than one colour; each is let go when it is done."""
    from tracker.capture.blur import blurred  # noqa: PLC0415  # Pillow comes with it, for the first shot
    from tracker.capture.picture import encode, is_blank  # noqa: PLC0415  # as above

    while frames:
        frame, percent = frames.pop(0), 0
        if not is_blank(frame):
            frame, percent = blurred(frame, treatment.blurred.get(frame.monitor, []))
            yield replace(encode(frame, small=small), blurred=percent)
