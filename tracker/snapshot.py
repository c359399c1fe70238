"""Puts together what is true right now: the running cell, today, this week, and what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.model.protection import Circumstances, judge, level, together
from tracker.model.slot import MINUTE, SLOT, day_bounds, day_of, instant, slot_of
from tracker.model.week import WEEK, week_of
from tracker.status import (
    EntryView,
    HoldView,
    ServerStatus,
    ShotStatus,
    SlotStatus,
    SourcesStatus,
    Status,
    WeekStatus,
)
from tracker.wire.diary import verdict_view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.model.contract import Contract, Policy
    from tracker.model.segment import Segment
    from tracker.outbox.outbox import Entry, Outbox
    from tracker.session import WorkSession


def status_of(
    outbox: Outbox,
    session: WorkSession | None,
    server: ServerStatus,
    sources: SourcesStatus,
    *,
    now: int,
    test: bool,
) -> Status:
    """Return the status at an instant of the wall clock; without a session the app does not run."""
    running = session.recorder.track if session else None
    open_segment = session.recorder.segment if session else None
    contract = session.contract if session else None
    at = session.at if session and running else now
    cell = (*session.keeper.earlier, *([open_segment] if open_segment else [])) if session and running else ()
    return Status(
        app_running=session is not None,
        state="tracking" if running else "stopped",
        account=outbox.account.id if outbox.account else "",
        contract=contract.id if contract else None,
        memo=running.memo if running else "",
        slot=_slot(cell, at, contract.terms.policy, pending=session.recorder.shot_pending)
        if session and contract
        else None,
        session_ms=session.session_ms if session else 0,
        today_ms=_tracked(outbox, open_segment, *day_bounds(day_of(at, None), None)),
        week=_week(outbox, open_segment, at, contract),
        questions=(),
        shot=_shot(session, cell, now),
        outbox=outbox.counts(),
        server=server,
        sources=sources,
        test=test,
    )


def _slot(cell: Sequence[Segment], at: int, policy: Policy, *, pending: bool) -> SlotStatus:
    slot = slot_of(at)
    verdict = together(judge(cell, Circumstances(policy=policy, shot_pending=pending)).values())
    minutes = [minute for segment in cell for minute in segment.minutes]
    return SlotStatus(
        start=instant(slot),
        tracked_ms=sum(segment.tracked_ms for segment in cell),
        active_s=sum(minute.active_s for minute in minutes),
        keys=_sum([minute.keys for minute in minutes]),
        clicks=_sum([minute.clicks for minute in minutes]),
        scrolls=_sum([minute.scrolls for minute in minutes]),
        level=level(cell),
        verdict=verdict_view(verdict),
        minutes=tuple(
            sum(minute.active_s for minute in minutes if minute.at == at)
            for at in range(slot, slot + SLOT, MINUTE)
        ),
    )


def _sum(counts: list[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _week(outbox: Outbox, grows: Segment | None, at: int, contract: Contract | None) -> WeekStatus:
    begin = week_of(at)
    return WeekStatus(
        start=instant(begin),
        ms=_tracked(outbox, grows, begin, begin + WEEK, contract.id if contract else None),
        limit_ms=contract.terms.weekly_limit_ms if contract else None,
    )


def _tracked(outbox: Outbox, grows: Segment | None, begin: int, end: int, contract: str | None = None) -> int:
    """Return the milliseconds of slots that start in a range, the open segment included."""
    stored = outbox.tracked(begin, end)
    total = sum(ms for one, ms in stored.items() if contract in {None, one})
    if grows is not None and begin <= grows.slot < end:
        total += grows.tracked_ms
    return total


def _shot(session: WorkSession | None, cell: Sequence[Segment], now: int) -> ShotStatus:
    taken = [shot.taken_at for segment in cell for shot in segment.shots]
    notice = session.keeper.notice_until if session else None
    return ShotStatus(
        due=session.recorder.shot_pending if session else False,
        taken=len(taken),
        last=instant(max(taken)) if taken else None,
        notice_until=instant(notice) if notice is not None and notice > now else None,
    )


def entry_view(entry: Entry) -> EntryView:
    """Return a row of the outbox as it is printed."""
    return EntryView(
        id=entry.id,
        contract=entry.contract,
        start=instant(entry.start),
        end=instant(entry.end),
        state=entry.state,
        hold=HoldView(entry.hold.why, instant(entry.hold.until)) if entry.hold else None,
        attempts=entry.attempts,
        next=None if entry.next is None else instant(entry.next),
        problem=entry.problem,
    )
