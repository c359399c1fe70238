"""What has happened, as the Recorder tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.model.segment import Minute, Segment


@dataclass(frozen=True, slots=True)
class MinuteClosed:
    """A minute of the open segment is complete: the draft is worth saving for good."""

    minute: Minute


@dataclass(frozen=True, slots=True)
class ShotDue:
    """The moment of a segment's shot has come."""

    segment: str


@dataclass(frozen=True, slots=True)
class SegmentClosed:
    """A segment is complete; whatever shot is still on its way belongs to it."""

    segment: Segment


Event = MinuteClosed | ShotDue | SegmentClosed
