"""Times, lengths and reasons in words: short, plain, and never rounded up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tracker.model.protection import Reason
from tracker.model.slot import HOUR, MINUTE, SECOND, SLOT

if TYPE_CHECKING:
    import datetime as dt

    from tracker.model.cell import Cell
    from tracker.model.contract import Contract

STATES = {"protected": "Protected", "partly": "Partly protected", "not": "Not protected"}

# what the reason is called, and what it means; the second may use the fields of `explain`
_REASONS = {
    Reason.MANUAL: ("manual", "Entered by hand: no counts, no shot."),
    Reason.MEMO_MISSING: ("no memo", "No memo was given. The time counts and is billed."),
    Reason.MEMO_TOO_SHORT: ("memo too short", "The memo has {length} characters; {memo_min} are enough."),
    Reason.TASK_MISSING: ("task missing", "{client} asks for a task, and none was chosen."),
    Reason.LEVEL_BELOW_MINIMUM: (
        "low activity",
        "Level {level}, the minimum is {min_level}. The time counts and is billed.",
    ),
    Reason.LEVEL_UNKNOWN: (
        "level unknown",
        "The desktop shows no counts. The time is kept; its level is unknown.",
    ),
    Reason.IDLE_KEPT: (
        "idle kept",
        "Kept as idle time. It counts and is billed, and the client may question it.",
    ),
    Reason.NO_SHOT: ("no shot", "No shot for {slot}. The time counts, but isn’t protected."),
    Reason.CAPTURE_FAILED: (
        "capture failed",
        "No shot for {slot}: {failure}. The time counts, but isn’t protected.",
    ),
    Reason.SHOT_WITHHELD: ("shot withheld", "The picture is destroyed. The time stays, not protected."),
    Reason.SHOT_BLURRED: ("shot blurred", "More than half of the shot is blurred."),
    Reason.OVER_THE_LIMIT: ("over the limit", "Beyond the {limit} of this week: recorded, but billed 0."),
    Reason.LATE: ("late", "Received after the week was locked."),
    Reason.OVERLAP: ("overlap", "Another device tracked at the same time. A second is billed once."),
    Reason.CLOCK_IN_DOUBT: ("clock in doubt", "It ended in the server’s future: the clock was ahead."),
    Reason.CONTRACT_NOT_ACTIVE: ("contract not active", "The contract was not active then."),
    Reason.CLIENT_NOT_VERIFIED: ("client not verified", "The contract asks for a verified client."),
}


def local(at: int, zone: dt.tzinfo) -> datetime:
    """Return an instant as a date and time of a zone."""
    return datetime.fromtimestamp(at / SECOND, UTC).astimezone(zone)


def clock(at: int, zone: dt.tzinfo, *, seconds: bool = False) -> str:
    """Return an instant as 15:30, or 15:33:41."""
    return local(at, zone).strftime("%H:%M:%S" if seconds else "%H:%M")


def span(begin: int, end: int, zone: dt.tzinfo, *, seconds: bool = False) -> str:
    """Return a range as 15:30 – 15:40, or with seconds."""
    return " – ".join(clock(at, zone, seconds=seconds) for at in (begin, end))


def moment(at: int, zone: dt.tzinfo) -> str:
    """Return an instant as Monday 13:00."""
    return f"{local(at, zone):%A %H:%M}"


def offset(at: int, zone: dt.tzinfo) -> str:
    """Return how a zone stands to UTC at an instant: UTC+1 or UTC."""
    minutes = round((local(at, zone).utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else "\N{MINUS SIGN}"
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "") if minutes else "UTC"


def long_date(date: dt.date) -> str:
    """Return a date as Thursday, 19 November 2026."""
    return f"{date:%A}, {date.day} {date:%B} {date.year}"


def hours(ms: int) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return a total as figures and units, whole minutes: 6 h 19 m."""
    return (str(ms // HOUR), "h"), (f"{ms % HOUR // MINUTE:02d}", "m")


def short(ms: int) -> str:
    """Return a total in one piece: 6 h 19 m, or 19 m."""
    return f"{ms // HOUR} h {ms % HOUR // MINUTE:02d} m" if ms >= HOUR else f"{ms // MINUTE} m"


def limit(ms: int) -> str:
    """Return a weekly limit, without minutes where it has none: 30 h."""
    return short(ms) if ms % HOUR else f"{ms // HOUR} h"


def exact(ms: int) -> str:
    """Return a length to the second: 17 min 08 s."""
    if ms < MINUTE:
        return f"{ms // SECOND} s"
    rest = f"{ms % HOUR // MINUTE} min {ms % MINUTE // SECOND:02d} s"
    return rest if ms < HOUR else f"{ms // HOUR} h {rest}"


def minutes(ms: int) -> str:
    """Return a length in whole minutes, in seconds below one: 17 min."""
    return f"{ms // MINUTE} min" if ms >= MINUTE else exact(ms)


def number(count: int, noun: str) -> str:
    """Return a count with its noun: 1 cell, 40 cells."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def name(reason: Reason) -> str:
    """Return what a reason is called within a sentence."""
    return _REASONS[reason][0]


def explain(
    reason: Reason,
    cell: Cell,
    contract: Contract,
    zone: dt.tzinfo,
    *,
    limit_ms: int | None = None,
    failure: str = "",
) -> str:
    """Return what a reason means for this cell, with its figures."""
    terms = contract.terms
    memos = [len(s.memo.strip()) for s in cell.segments if s.memo.strip()]
    return _REASONS[reason][1].format(
        client=contract.client or contract.title,
        level=cell.level,
        min_level=terms.policy.min_level,
        memo_min=terms.policy.memo_min,
        length=min(memos, default=0),
        slot=span(cell.slot, cell.slot + SLOT, zone),
        failure=failure or "the screen gave no picture",
        limit=limit(limit_ms or 0),
    )
