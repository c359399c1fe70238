"""Whether time is protected, and every reason why not: published, pure, the same in app and diary."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from tracker.model.contract import DEFAULT_POLICY, Policy
from tracker.model.ranges import length
from tracker.model.segment import Minute, Origin, Segment, Shot, ShotState
from tracker.model.slot import MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tracker.model.ranges import Ranges

_TOUCHED = 20 * SECOND  # a silent minute of which less was tracked says nothing
_HALF = 50  # percent of a shot's area that may be blurred


class Reason(StrEnum):
    """Why time is not protected."""

    MANUAL = "manual"
    MEMO_MISSING = "memo-missing"
    MEMO_TOO_SHORT = "memo-too-short"
    TASK_MISSING = "task-missing"
    LEVEL_BELOW_MINIMUM = "level-below-minimum"
    LEVEL_UNKNOWN = "level-unknown"
    IDLE_KEPT = "idle-kept"
    NO_SHOT = "no-shot"
    CAPTURE_FAILED = "capture-failed"
    SHOT_WITHHELD = "shot-withheld"
    SHOT_BLURRED = "shot-blurred"
    OVER_THE_LIMIT = "over-the-limit"
    LATE = "late"
    OVERLAP = "overlap"
    CLOCK_IN_DOUBT = "clock-in-doubt"
    CONTRACT_NOT_ACTIVE = "contract-not-active"
    CLIENT_NOT_VERIFIED = "client-not-verified"


# Time of these gives way to any other of the same moment: nobody else's word stands behind it.
YIELDING = frozenset((Reason.CLOCK_IN_DOUBT, Reason.MANUAL))


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a segment beyond itself: what of it is over the limit or overlaps, and its flags."""

    over: Ranges = ()  # each inside the segment
    overlap: Ranges = ()
    flags: frozenset[Reason] = frozenset()

    @property
    def over_ms(self) -> int:
        """How much of it is over the limit."""
        return length(self.over)

    @property
    def overlap_ms(self) -> int:
        """How much of it overlaps."""
        return length(self.overlap)

    @property
    def taken_ms(self) -> int:
        """How much of it one or the other takes, a millisecond that both take once."""
        return length((*self.over, *self.overlap))


_CLEAR = Standing()

_NOTHING_SHOWN = {
    ShotState.FAILED: Reason.CAPTURE_FAILED,
    ShotState.WITHHELD: Reason.SHOT_WITHHELD,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How much of some time is protected, and every reason why the rest is not."""

    protected: bool
    protected_ms: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What bears on a cell from outside it."""

    policy: Policy = field(default=DEFAULT_POLICY)
    standings: Mapping[str, Standing] = field(default_factory=dict)  # by segment id
    shot_pending: bool = False  # the slot still runs and its shot is still due
    borrowed: Shot | None = (
        None  # the adjoining cell's, where this one could take none (design: rules of time, 7)
    )


def level(segments: Iterable[Segment]) -> int | None:
    """Return the activity level 0 to 10 of a cell: (20·a + m) // (2·m).

    m counts the minutes touched, without those of which less than 20 s were tracked in silence;
    a those of them with an active second. Without a source or such a minute it is unknown (None), never 0.
    """
    touched: dict[int, tuple[int, bool]] = defaultdict(lambda: (0, False))
    for segment in segments:
        if segment.origin is Origin.TRACKED and segment.source is not None:
            for minute in segment.minutes:
                ms, active = touched[minute.at]
                touched[minute.at] = (ms + minute.tracked_ms, active or minute.active_s > 0)
    counted = [active for ms, active in touched.values() if active or ms >= _TOUCHED]
    m, a = len(counted), sum(counted)
    return (20 * a + m) // (2 * m) if m else None


def judge(segments: Sequence[Segment], around: Circumstances) -> dict[str, Verdict]:
    """Return the verdict on each segment of one cell, by its id."""
    shared = _cell_reasons([s for s in segments if s.origin is Origin.TRACKED], around)
    verdicts = {}
    for segment in segments:
        standing = around.standings.get(segment.id, _CLEAR)
        own = _segment_reasons(segment, around.policy) | standing.flags
        whole = own if segment.origin is Origin.MANUAL else own | shared
        part = set()
        if standing.over:
            part.add(Reason.OVER_THE_LIMIT)
        if standing.overlap:
            part.add(Reason.OVERLAP)
        lost = segment.tracked_ms if whole else standing.taken_ms
        reasons = tuple(reason for reason in Reason if reason in whole | part)
        verdicts[segment.id] = Verdict(not reasons, segment.tracked_ms - lost, reasons)
    return verdicts


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """Return one verdict on several pieces of time: protected where all of it is."""
    every = tuple(verdicts)
    reasons = {reason for verdict in every for reason in verdict.reasons}
    return Verdict(
        protected=all(verdict.protected for verdict in every),
        protected_ms=sum(verdict.protected_ms for verdict in every),
        reasons=tuple(reason for reason in Reason if reason in reasons),
    )


def memo_reason(memo: str, policy: Policy) -> Reason | None:
    """Return what a memo lacks, None where it is enough."""
    length = len(memo.strip())
    if not length and policy.memo_min:
        return Reason.MEMO_MISSING
    return Reason.MEMO_TOO_SHORT if length < policy.memo_min else None


def _segment_reasons(segment: Segment, policy: Policy) -> frozenset[Reason]:
    reasons = {memo_reason(segment.memo, policy)} - {None}
    if segment.origin is Origin.MANUAL:
        reasons.add(Reason.MANUAL)
    if policy.task_required and not segment.task:
        reasons.add(Reason.TASK_MISSING)
    if segment.idle_kept:
        reasons.add(Reason.IDLE_KEPT)
    return frozenset(reason for reason in reasons if reason)


def _cell_reasons(tracked: Sequence[Segment], around: Circumstances) -> frozenset[Reason]:
    if not tracked:
        return frozenset()
    reasons = set()
    reached = level(tracked)
    if reached is None:
        reasons.add(Reason.LEVEL_UNKNOWN)
    elif reached < around.policy.min_level:
        reasons.add(Reason.LEVEL_BELOW_MINIMUM)
    return frozenset(reasons) | _shot_reasons(tracked, around)


def _shot_reasons(tracked: Sequence[Segment], around: Circumstances) -> frozenset[Reason]:
    """Return what the cell's shots lack; one good shot is enough, and a cell under a minute needs none."""
    shots = [shot for segment in tracked for shot in segment.shots]
    if around.borrowed is not None and not shots:
        shots = [around.borrowed]
    short = sum(segment.tracked_ms for segment in tracked) < MINUTE
    if short or around.policy.shots_per_slot == 0 or around.shot_pending:
        return frozenset()
    lacking = {_lack(shot) for shot in shots} or {Reason.NO_SHOT}
    return frozenset(reason for reason in lacking if reason and None not in lacking)


def _lack(shot: Shot) -> Reason | None:
    """Return why a shot proves nothing; None where at most half of all that its pictures show is blurred."""
    if shot.state in _NOTHING_SHOWN:
        return _NOTHING_SHOWN[shot.state]
    areas = [(picture.width * picture.height, picture.blurred) for picture in shot.pictures]
    if not areas:
        return Reason.NO_SHOT
    blurred = sum(area * percent for area, percent in areas)
    return Reason.SHOT_BLURRED if blurred > _HALF * sum(area for area, _ in areas) else None


def minutes_of(segments: Iterable[Segment]) -> tuple[Minute, ...]:
    """Return every minute of some segments in order; a minute that two of them share appears twice."""
    return tuple(sorted((m for s in segments for m in s.minutes), key=lambda minute: minute.at))
