"""What the session can be told: by the freelancer, the desktop, the camera and the hook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.capture.photographer import ShotResult
    from tracker.model.contract import Contract
    from tracker.model.segment import ClosedBy, Key


@dataclass(frozen=True, slots=True)
class Begin:
    """Track this contract: starts, comes back, or switches at the same millisecond; None keeps the memo."""

    contract: Contract
    memo: str | None


@dataclass(frozen=True, slots=True)
class ChangeMemo:
    """Say what is being done."""

    memo: str


@dataclass(frozen=True, slots=True)
class End:
    """Close the segment and stop."""

    why: ClosedBy


@dataclass(frozen=True, slots=True)
class Answer:
    """Say what time in question was: work, a break, or work for another contract."""

    question: str
    answer: Literal["keep", "discard", "move"]
    contract: Key | None = None  # to move it to


@dataclass(frozen=True, slots=True)
class Call:
    """Keep silence without a question until an instant of the wall clock; None: from now on no more."""

    until: int | None


@dataclass(frozen=True, slots=True)
class Dismiss:
    """Put away the offer to resume a run that has ended."""


@dataclass(frozen=True, slots=True)
class Presence:
    """The screen was locked or unlocked, the computer is about to sleep or is awake; None is no news.

    `sure` says whether an unlocking will be told, too.
    """

    locked: bool | None = None
    asleep: bool | None = None
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Look:
    """Bring everything up to now, and `show` it in the session's thread, where nothing changes meanwhile."""

    show: Callable[[], object] = lambda: None


@dataclass(frozen=True, slots=True)
class ShotTaken:
    """The camera is done."""

    result: ShotResult


@dataclass(frozen=True, slots=True)
class InputLost:
    """Nothing counts the input any more."""

    reason: str


Order = Begin | ChangeMemo | End | Answer | Call | Dismiss | Presence | Look | ShotTaken | InputLost
