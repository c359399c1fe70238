"""What a desktop gives the tracker: counts of input, the screen, and what windows are on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.capture.tally import Tally


MONITORS = 4  # of a shot, at most


class InputSource(Protocol):
    """Tells a Tally that input happened; named in every segment it counted.

    One that only knows that there was any tells that the pointer moved; its name ends in "-idle".
    """

    name: str

    def start(self, tally: Tally, lost: Callable[[str], None]) -> None:
        """Begin to count; `lost` is called once, from any thread, with the reason if counting ends by itself.

        Raises CaptureUnavailable where this desktop cannot be read.
        """
        ...

    def poll(self) -> None:
        """Look once at what the hook does not report (the pointer's place); called about once a second."""
        ...

    def stop(self) -> None:
        """End counting; nothing reaches the Tally afterwards."""
        ...


class IdleTime(Protocol):
    """Knows when the last input was, and nothing else of it."""

    def idle_ms(self) -> int | None:
        """Return the milliseconds since then, None where they cannot be known now."""
        ...

    def close(self) -> None:
        """Let the desktop's resources go."""
        ...


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of the desktop, in the units in which this desktop places its windows and monitors."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Frame:
    """One monitor's raw picture: `bgra` holds 4 bytes a pixel, from the top; `scale` is pixels per point.

    `area` is where the monitor lies on the desktop, None where that is unknown; `name` is what the desktop
    calls it, such as HDMI-1, nothing where that is unknown.
    """

    monitor: int
    width: int
    height: int
    bgra: bytes | bytearray
    scale: float = 1.0
    area: Area | None = None
    name: str = ""


class Screen(Protocol):
    """Takes what the monitors show."""

    name: str

    def grab(self) -> tuple[Frame, ...]:
        """Return a frame for each monitor, at most 4; raises CaptureUnavailable with the reason."""
        ...

    def close(self) -> None:
        """Let the desktop's resources go."""
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """A window that is on the screen: known for this moment only, and never kept, sent or logged."""

    app: str  # its program, as the desktop calls it: on X11 the class, on Wayland the app id
    title: str
    area: Area  # with its frame
    opaque: bool = False  # for certain: what lies under it cannot be seen


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows on the screen, the topmost first, and where the user is; None where that is unknown."""

    shown: tuple[Window, ...]
    active: Area | None = None  # the window with the focus, else the pointer's place


class WindowList(Protocol):
    """Knows what windows are on the screen now."""

    name: str

    def look(self) -> Windows:
        """Return them; raises CaptureUnavailable where this desktop does not tell."""
        ...

    def close(self) -> None:
        """Let the desktop's resources go."""
        ...


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """A frame as it is kept: WebP bytes and their hash; `blurred` is the share of it that is, in percent.

    `dhash` tells roughly what it shows, blurred as it is, so that the diary can say that nothing changed.
    """

    monitor: int
    width: int
    height: int
    sha256: str
    data: bytes
    blurred: int = 0
    dhash: str | None = None
