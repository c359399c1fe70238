"""What the freelancer may want to be reminded of: pure rules, each true or not at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING

from tracker.model.slot import DAY, HOUR, MINUTE, SECOND, parse_instant, slot_of
from tracker.model.week import WEEK, week_name, week_of
from tracker.status import CONFLICT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.status import EntryView, Question, Status

BREATH = 90 * SECOND  # two looks that are further apart say nothing of the minutes between
_CLOSES = 6 * DAY + 18 * HOUR  # into a week: from then on its loose ends are told
_LOCKS = WEEK + 12 * HOUR  # from a week's start: then it is locked
_WORKDAYS = 5


class Kind(StrEnum):
    """What a reminder is about, the weightiest first."""

    CONFLICT = "conflict"
    LIMIT_REACHED = "limit-reached"
    LIMIT_NEAR = "limit-near"
    UNTRACKED = "untracked"
    MEMO_OLD = "memo-old"
    WEEK_CLOSES = "week-closes"


@dataclass(frozen=True, slots=True)
class LooseEnds:
    """What of a closing week is not delivered or not answered."""

    week: int
    locks_at: int
    held: tuple[EntryView, ...] = ()
    waiting: tuple[EntryView, ...] = ()
    refused: tuple[EntryView, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.held) + len(self.waiting) + len(self.refused) + len(self.questions)


@dataclass(frozen=True, slots=True)
class Reminder:
    """What stands now: its facts, no words. `key` is what it is told once about.

    `new` says that it was not told before it began to stand; `ms` is the time used, or tracked with the memo.
    """

    kind: Kind
    key: str
    new: bool = True
    contract: str | None = None
    ms: int = 0
    limit_ms: int = 0
    memo: str = ""
    ends: LooseEnds | None = None


def limit_reminder(status: Status) -> Reminder | None:
    """Return that the running contract's weekly limit is near (90 %) or reached; one of 0 is so at once."""
    used, limit = status.week.ms, status.week.limit_ms
    if status.contract is None or limit is None or 10 * used < 9 * limit:
        return None
    kind = Kind.LIMIT_REACHED if used >= limit else Kind.LIMIT_NEAR
    week = week_name(parse_instant(status.week.start))
    key = f"{week} {kind} {status.contract} {limit}"
    return Reminder(kind, key, contract=status.contract, ms=used, limit_ms=limit)


def memo_reminder(status: Status, tracked_ms: int, minutes: int, key: str) -> Reminder | None:
    """Return that the running memo has stood for so long a time; after 0 minutes it is never said."""
    if status.state != "tracking" or not minutes or tracked_ms < minutes * MINUTE:
        return None
    return Reminder(Kind.MEMO_OLD, key, contract=status.contract, ms=tracked_ms, memo=status.memo)


def conflict_reminder(entries: Sequence[EntryView], at: int) -> Reminder | None:
    """Return that the server holds something else than was signed here; told anew in each week it is so."""
    found = [one.id for one in entries if one.state == "refused" and (one.problem or "").startswith(CONFLICT)]
    return Reminder(Kind.CONFLICT, f"{week_name(at)} {Kind.CONFLICT} {found[0]}") if found else None


def closing_week(at: int) -> int | None:
    """Return the week that closes: from Sunday 18:00 UTC to Monday 12:00 UTC, else None."""
    this = week_of(at)
    if at - this >= _CLOSES:
        return this
    return this - WEEK if at - (this - WEEK) < _LOCKS else None


def loose_ends(entries: Sequence[EntryView], questions: Sequence[Question], at: int) -> LooseEnds | None:
    """Return what of the closing week is unsent, held or unanswered; None for nothing, or in its midst."""
    week = closing_week(at)
    if week is None:
        return None
    of = {
        state: tuple(
            one
            for one in entries
            if one.state == state and week_of(slot_of(parse_instant(one.start))) == week
        )
        for state in ("held", "waiting", "refused")
    }
    open_ = tuple(one for one in questions if _touches(one, week))
    found = LooseEnds(week, week + _LOCKS, questions=open_, **of)
    return found if found.count else None


def closing_reminder(ends: LooseEnds | None) -> Reminder | None:
    """Return that a week closes with loose ends."""
    if ends is None:
        return None
    return Reminder(Kind.WEEK_CLOSES, f"{week_name(ends.week)} {Kind.WEEK_CLOSES}", ends=ends)


def closing_changes_in(at: int) -> int:
    """Return in how many milliseconds a week begins or ends to close."""
    this = week_of(at)
    moments = (this - WEEK + _LOCKS, this + _CLOSES, this + _LOCKS)
    return min(moment - at for moment in moments if moment > at)


def is_working(hours: tuple[int, int], at: int, zone: tzinfo | None) -> bool:
    """Say whether an instant lies in working hours, Monday to Friday in a zone (None: the machine's).

    Hours that go past midnight belong to the day on which they begin.
    """
    begin, end = hours
    local = _local(at, zone)
    minute, today = 60 * local.hour + local.minute, local.weekday() < _WORKDAYS
    if begin < end:
        return today and begin <= minute < end
    yesterday = (local.weekday() - 1) % 7 < _WORKDAYS
    return (today and minute >= begin) or (yesterday and minute < end)


def work_begins_in(hours: tuple[int, int], at: int, zone: tzinfo | None) -> int:
    """Return in how many milliseconds working hours begin the next time."""
    first = _local(at, zone).date()
    days = (first + timedelta(days=n) for n in range(8))
    times = (
        int(datetime(day.year, day.month, day.day, *divmod(hours[0], 60), tzinfo=zone).timestamp()) * SECOND
        for day in days
        if day.weekday() < _WORKDAYS
    )
    return next(time - at for time in times if time > at)


def active_minutes(before: int, gap: int, idle_ms: int | None) -> int:
    """Return how many minutes in a row had input, at a look that comes `gap` milliseconds after the last."""
    unbroken = gap <= BREATH
    if idle_ms is None or idle_ms > (gap if unbroken else MINUTE):
        return 0
    return before + 1 if unbroken else 1


def _touches(question: Question, week: int) -> bool:
    begin = slot_of(parse_instant(question.begin))
    return begin < week + WEEK and (question.end is None or parse_instant(question.end) > week)


def _local(at: int, zone: tzinfo | None) -> datetime:
    return datetime.fromtimestamp(at // SECOND, UTC).astimezone(zone)
