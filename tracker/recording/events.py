"""What has happened, as the Recorder tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.model.question import Question
    from tracker.model.segment import Minute, Segment


@dataclass(frozen=True, slots=True)
class MinuteClosed:
    """A minute of the open segment is complete: the draft is worth saving for good."""

    minute: Minute


@dataclass(frozen=True, slots=True)
class ShotDue:
    """The moment of a segment's shot has come."""

    segment: str
    at: int


@dataclass(frozen=True, slots=True)
class SegmentClosed:
    """A segment is complete; whatever shot is still on its way belongs to it.

    `silent_until` is set where it ends in silence: without input until then, that silence is in question.
    """

    segment: Segment
    silent_until: int | None = None


@dataclass(frozen=True, slots=True)
class SilenceEnded:
    """There was input again: the silence in which segments closed is theirs."""


@dataclass(frozen=True, slots=True)
class WentAway:
    """Nobody is there: what was tracked since the question's begin is taken back and in question.

    `segment` is the open segment's id, `closed` what of it lies before.
    """

    question: Question
    segment: str
    closed: Segment | None


@dataclass(frozen=True, slots=True)
class QuestionEnded:
    """Time in question has its end: somebody is back, or the run has stopped there."""

    question: Question


Event = MinuteClosed | ShotDue | SegmentClosed | SilenceEnded | WentAway | QuestionEnded
