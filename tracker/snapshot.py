"""Puts together what is true right now: the running cell, today, this week, and what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.model.cell import borrowed
from tracker.model.limit import over_limit
from tracker.model.protection import Circumstances, Standing, judge, level, together
from tracker.model.slot import HOUR, MINUTE, SECOND, SLOT, day_bounds, day_of, instant, parse_instant, slot_of
from tracker.model.week import WEEK, week_of
from tracker.status import (
    EntryView,
    HoldView,
    Resume,
    ServerStatus,
    ShotStatus,
    SlotStatus,
    SourcesStatus,
    Status,
    WeekStatus,
)
from tracker.status import Question as QuestionView
from tracker.wire.diary import verdict_view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.model.contract import Contract
    from tracker.model.question import Question
    from tracker.model.segment import Segment
    from tracker.outbox.outbox import Entry, Outbox
    from tracker.session import WorkSession

_OFFERED = 12 * HOUR  # so long a run that ended by itself may be resumed


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
    running, away = (session.recorder.track, session.recorder.question) if session else (None, None)
    grows = _growing(session)
    contract = session.contract if session else None
    at = session.at if session and running else now
    today = day_bounds(day_of(at, None), None)
    cell = _cell(session, grows) if session and running and not away else ()
    week = _week(outbox, grows, at, contract)
    return Status(
        app_running=session is not None,
        state="away" if away else "tracking" if running else "stopped",
        account=outbox.account.id if outbox.account else "",
        contract=contract.id if contract else None,
        memo=running.memo if running else "",
        slot=_slot(cell, at, _around(outbox, session, contract, cell, week))
        if session and contract and not away
        else None,
        session_ms=_of_session(outbox, session, grows),
        today_ms=sum(outbox.tracked(*today).values()) + _sum_of(grows, *today),
        week=week,
        questions=tuple(question_view(question) for question in outbox.questions()),
        shot=_shot(session, cell, now),
        outbox=outbox.counts(),
        server=server,
        sources=sources,
        test=test,
        call_until=_call(session, at, now),
        shots_paused_until=_paused(session) if running else None,
        disk="failing" if session and session.failing else "fine",
        resume=_offer(session.resume if session else outbox.resume, now),
    )


def question_view(question: Question) -> QuestionView:
    """Return time in question as it is asked about."""
    return QuestionView(
        id=question.id,
        begin=instant(question.begin),
        end=None if question.open else instant(question.end),
        contract=question.key.contract,
        shots=tuple(instant(shot.taken_at) for shot in question.shots),
    )


def _growing(session: WorkSession | None) -> tuple[Segment, ...]:
    """Return what is tracked and not stored yet: the open segment, or silence that a call keeps."""
    if session is None:
        return ()
    question, segment = session.recorder.question, session.recorder.segment
    if question is not None:
        grows = question.kept(lambda: "") if question.answered else ()
    else:
        grows = (segment,) if segment else ()
    return (*session.keeper.unkept, *grows)


def _cell(session: WorkSession, grows: Sequence[Segment]) -> tuple[Segment, ...]:
    """Return what the running contract has in this slot."""
    slot, track = slot_of(session.at), session.recorder.track
    now = (one for one in grows if one.slot == slot and track and one.key == track.key)
    return (*session.keeper.earlier, *now)


def _of_session(outbox: Outbox, session: WorkSession | None, grows: Sequence[Segment]) -> int:
    """Return the time since the last start, over switches."""
    if session is None or not session.began:
        return 0
    closed = outbox.tracked_since(session.began, session.at + 1)
    return closed + sum(segment.tracked_ms for segment in grows)


def _offer(resume: Resume | None, now: int) -> Resume | None:
    """Return what may be resumed, as long as it is the same day's work."""
    return resume if resume is not None and now - parse_instant(resume.at) < _OFFERED else None


def _call(session: WorkSession | None, at: int, now: int) -> str | None:
    """Return the end of a call by the wall clock, to the second, as it was said."""
    until = session.recorder.call_until if session else None
    if until is None or until <= at:
        return None
    return instant(round((now + until - at) / SECOND) * SECOND)


def _paused(session: WorkSession | None) -> str | None:
    """Return until when no shots are taken, to the second, as it was said."""
    until = session.keeper.paused_until if session else None
    return None if until is None else instant(round(until / SECOND) * SECOND)


def _around(
    outbox: Outbox, session: WorkSession, contract: Contract, cell: Sequence[Segment], week: WeekStatus
) -> Circumstances:
    """Return what bears on the running cell: the rest of its week, the cell before it, the shot to come."""
    slot = slot_of(session.at)
    place = (week_of(slot), contract.id)
    used = week.ms - sum(one.tracked_ms for one in cell)
    over = over_limit(cell, {place: week.limit_ms}, {place: used})
    before = [one for one, _ in outbox.segments(slot - SLOT, slot) if one.key.contract == contract.id]
    return Circumstances(
        policy=contract.terms.policy,
        standings={id_: Standing(over=ranges) for id_, ranges in over.items()},
        shot_pending=session.recorder.shot_pending,
        borrowed=borrowed(cell, before=before),
    )


def _slot(cell: Sequence[Segment], at: int, around: Circumstances) -> SlotStatus:
    slot = slot_of(at)
    verdict = together(judge(cell, around).values())
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


def _week(outbox: Outbox, grows: Sequence[Segment], at: int, contract: Contract | None) -> WeekStatus:
    begin, wanted = week_of(at), contract.id if contract else None
    return WeekStatus(
        start=instant(begin),
        ms=outbox.week_ms(wanted, begin) + _sum_of(grows, begin, begin + WEEK, wanted),
        limit_ms=outbox.weekly_limit(contract, begin) if contract else None,
    )


def _sum_of(grows: Sequence[Segment], begin: int, end: int, contract: str | None = None) -> int:
    """Return the milliseconds of slots that start in a range."""
    return sum(
        one.tracked_ms for one in grows if begin <= one.slot < end and contract in {None, one.key.contract}
    )


def _shot(session: WorkSession | None, cell: Sequence[Segment], now: int) -> ShotStatus:
    taken = sorted((shot for segment in cell for shot in segment.shots), key=lambda shot: shot.taken_at)
    last = taken[-1] if taken else None
    around = next((segment for segment in cell if last in segment.shots), None)
    notice = session.keeper.notice_until if session else None
    return ShotStatus(
        due=session.recorder.shot_pending if session else False,
        taken=len(taken),
        last=instant(last.taken_at) if last else None,
        notice_until=instant(notice) if notice is not None and notice > now else None,
        state=last.state if last else None,
        reason=last.reason if last else "",
        id=last.id if last else None,
        time_ms=around.tracked_ms if around else None,
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
        change=entry.change,
        segment=entry.segment,
    )
