"""Follows what is tracked, and keeps which reminders stand, which were told, and which are settled."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from tracker.errors import StorageFailed
from tracker.model.slot import HOUR, MINUTE, SECOND
from tracker.model.week import WEEK, week_name
from tracker.reminders import (
    Kind,
    Reminder,
    active_minutes,
    closing_changes_in,
    closing_reminder,
    closing_week,
    conflict_reminder,
    is_working,
    limit_reminder,
    loose_ends,
    memo_reminder,
    work_begins_in,
)
from tracker.settings import parse_hours

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import tzinfo

    from tracker.capture.base import IdleTime
    from tracker.settings import Settings
    from tracker.status import EntryView, Status

_SOON = 50 * SECOND  # the desktop is asked for the last input once a minute, however often somebody looks
_WORKING = 5  # minutes in a row with input: that looks like work
_REST = 5 * MINUTE  # after a stop, and without input, nobody is told to start
_AGAIN = 30 * MINUTE  # between two words on the same untracked day
_LONGEST = HOUR  # a desktop's timer does not count sleep


class Remembered(Protocol):
    """Remembers over restarts what was told."""

    def reminded(self) -> dict[str, str]:
        """Return `told` or `settled` by each reminder's key."""
        ...

    def remember_reminded(self, reminded: Mapping[str, str]) -> None:
        """Keep this in the place of what was kept before."""
        ...


class Reminders:
    """`look` is for one thread; what stands can be read and settled from any other.

    Input is not listened to: while nothing is tracked, and only then, the desktop is asked when the last was.
    """

    def __init__(
        self,
        memory: Remembered,
        entries: Callable[[], Sequence[EntryView]],
        idle: IdleTime | None,
        zone: tzinfo | None = None,
    ) -> None:
        self._memory = memory
        self._entries = entries
        self._idle = idle
        self._zone = zone
        self._reminded = memory.reminded()
        self._kept = dict(self._reminded)
        self._standing: tuple[Reminder, ...] = ()
        self._to_settle: set[Kind] = set()  # by other threads, until the next look
        self._memo: tuple[str | None, str] | None = None  # contract and memo
        self._memo_began = 0
        self._memo_before = 0  # of the session's milliseconds, those before this memo
        self._ends_seen: object = None
        self._ends: Reminder | None = None
        self._refused_seen: object = None
        self._refused: Reminder | None = None
        self._stopped_at: int | None = None
        self._asked_at = 0
        self._active = 0
        self._active_at = 0
        self._urged_at = 0
        self._urging = False

    @property
    def standing(self) -> tuple[Reminder, ...]:
        """What stands now and is not settled, the weightiest first."""
        settled = self._to_settle.copy()
        return tuple(one for one in self._standing if one.kind not in settled)

    def settle(self, kind: str) -> None:
        """Put what stands away: it is not told again in its time."""
        self._to_settle.add(Kind(kind))

    def look(self, status: Status, settings: Settings, now: int) -> None:
        """Find out what stands at this instant."""
        settled = self._to_settle.copy()
        for one in self._standing:
            if one.kind in settled:
                self._put_away(one, status, now)
        self._follow(status, now)
        found = (
            self._conflict(status, now),
            limit_reminder(status),
            self._untracked(settings, now),
            memo_reminder(
                status,
                status.session_ms - self._memo_before,
                settings.memo_reminder,
                f"{week_name(self._memo_began)} {Kind.MEMO_OLD} {self._memo_began}",
            ),
            self._closing(status, now),
        )
        self._standing = tuple(
            self._noted(one) for one in found if one is not None and self._reminded.get(one.key) != "settled"
        )
        self._to_settle.difference_update(settled)
        self._keep(now)

    def next_look(self, status: Status, settings: Settings, now: int) -> int | None:
        """Return in how many milliseconds something may have to be said, None if nothing can."""
        if status.state != "stopped":
            return MINUTE
        waits = []
        hours = parse_hours(settings.working_hours)
        if hours and self._idle is not None:
            working = is_working(hours, now, self._zone)
            waits.append(MINUTE if working else work_begins_in(hours, now, self._zone))
        box = status.outbox
        if box.held or box.waiting or box.refused or status.questions:
            waits.append(closing_changes_in(now))
        return min([*waits, _LONGEST]) if waits else None

    def close(self) -> None:
        """Let the desktop's resources go."""
        if self._idle is not None:
            self._idle.close()

    def _follow(self, status: Status, now: int) -> None:
        """Note when this memo began and when tracking stopped; a start confirms the memo it has."""
        if status.state == "stopped":
            self._memo = None
            self._stopped_at = now if self._stopped_at is None else self._stopped_at
            return
        self._stopped_at = None
        if (status.contract, status.memo) != self._memo or status.session_ms < self._memo_before:
            begins = self._memo is None or status.session_ms < self._memo_before
            self._begin_memo(status, now, 0 if begins else status.session_ms)

    def _begin_memo(self, status: Status, now: int, before: int) -> None:
        self._memo = (status.contract, status.memo)
        self._memo_began, self._memo_before = now, before

    def _untracked(self, settings: Settings, now: int) -> Reminder | None:
        """Return that there is work in working hours, and nothing is tracked."""
        hours = parse_hours(settings.working_hours)
        if hours is None or self._stopped_at is None or not is_working(hours, now, self._zone):
            self._active, self._urging = 0, False
            return None
        self._ask(now)
        if now - self._active_at > _REST:
            self._urging = False
        elif (
            not self._urging
            and self._active >= _WORKING
            and now - self._stopped_at >= _REST
            and not 0 <= now - self._urged_at < _AGAIN
        ):
            self._urging, self._urged_at = True, now
        key = f"{week_name(self._urged_at)} {Kind.UNTRACKED} {self._urged_at}"
        return Reminder(Kind.UNTRACKED, key) if self._urging else None

    def _ask(self, now: int) -> None:
        """Learn, once a minute, whether there was input in it."""
        gap = now - self._asked_at
        if self._idle is not None and not 0 <= gap < _SOON:
            self._active = active_minutes(self._active, gap, self._idle.idle_ms())
            self._asked_at = now
            if self._active:
                self._active_at = now

    def _conflict(self, status: Status, now: int) -> Reminder | None:
        """Return that the server contradicts; the outbox is asked again where something has changed."""
        seen = (status.outbox, week_name(now))
        if seen != self._refused_seen:
            self._refused = conflict_reminder(self._entries(), now) if status.outbox.refused else None
            self._refused_seen = seen
        return self._refused

    def _closing(self, status: Status, now: int) -> Reminder | None:
        """Return the loose ends of a closing week; the outbox is asked again where something has changed."""
        week = closing_week(now)
        if week is None:
            self._ends_seen = self._ends = None
            return None
        seen = (week, status.outbox, status.questions, now // MINUTE)
        if seen != self._ends_seen:
            self._ends = closing_reminder(loose_ends(self._entries(), status.questions, now))
            self._ends_seen = seen
        return self._ends

    def _noted(self, found: Reminder) -> Reminder:
        """Return a reminder as it stands, told from now on."""
        before = next((one for one in self._standing if one.key == found.key), None)
        new = found.key not in self._reminded if before is None else before.new
        self._reminded[found.key] = "told"
        return replace(found, new=new)

    def _put_away(self, one: Reminder, status: Status, now: int) -> None:
        self._reminded[one.key] = "settled"
        if one.kind is Kind.MEMO_OLD:  # until it has stood for as long again
            self._begin_memo(status, now, status.session_ms)
        elif one.kind is Kind.UNTRACKED:
            self._urging = False

    def _keep(self, now: int) -> None:
        """Remember what was told in this week and the last; what cannot be kept now is kept the next time."""
        weeks = {week_name(now), week_name(now - WEEK)}
        self._reminded = {key: how for key, how in self._reminded.items() if key.partition(" ")[0] in weeks}
        if self._reminded != self._kept:
            with suppress(StorageFailed):
                self._memory.remember_reminded(self._reminded)
                self._kept = dict(self._reminded)
