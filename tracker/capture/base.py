"""The two things a desktop gives the tracker: counts of input, and the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.capture.tally import Tally


class InputSource(Protocol):
    """Tells a Tally that input happened; named in every segment it counted."""

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
class Frame:
    """One monitor's raw picture: `bgra` holds 4 bytes a pixel, from the top; `scale` is pixels per point."""

    monitor: int
    width: int
    height: int
    bgra: bytes | bytearray
    scale: float = 1.0


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
class EncodedPicture:
    """A frame as it is kept: WebP bytes and their hash."""

    monitor: int
    width: int
    height: int
    sha256: str
    data: bytes
