"""Cameras whose screen and windows are the test's, with settings of its choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tracker.capture.base import Screen, WindowList, Windows
from tracker.capture.camera import Camera
from tracker.errors import CaptureUnavailable
from tracker.settings import Settings
from tracker.space import Room

UNRULED = Settings(password_managers="show", private_windows="show")


@dataclass
class FakeWindows:
    """A desktop on which these windows are seen, one look after the other; the last one for ever."""

    looks: list[Windows] = field(default_factory=lambda: [Windows(())])
    name: str = "fake"
    closed: int = 0

    def look(self) -> Windows:
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]

    def close(self) -> None:
        self.closed += 1


def blind() -> WindowList:
    """Be a desktop that tells nobody what windows there are."""
    raise CaptureUnavailable("This desktop tells no program what windows there are.")


def camera(
    choose_screen: Callable[[], Screen],
    choose_windows: Callable[[], WindowList] = blind,
    settings: Settings = UNRULED,
    room: Room = Room.FINE,
) -> Camera:
    """Return one that has no rules to keep, unless it is told otherwise."""
    return Camera(choose_screen, choose_windows, lambda: settings, lambda: room)
