"""A week's statement in words: where it stands, what it comes to, what is not protected and what helps."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.model.protection import Reason
from tracker.model.slot import HOUR, MINUTE, SECOND, day_of
from tracker.model.week import WEEK, Phase, close_of, lock_of
from tracker.server.face import lost_ms
from tracker.server.words import clock, hours, limit, local, name, number, short

if TYPE_CHECKING:
    import datetime as dt

    from tracker.server.weeks import Week
    from tracker.wire.statement import ChargeView, FiguresView

# what a reason means for a week, and what the freelancer can do about it before the week locks
_REASONS = {
    Reason.MANUAL: ("Entered by hand, without counts and shots. It is billed.", ""),
    Reason.MEMO_MISSING: ("Nobody said what was done.", "Give it a memo in the diary."),
    Reason.MEMO_TOO_SHORT: ("The memo is shorter than {memo_min} characters.", "Say more in the diary."),
    Reason.TASK_MISSING: ("The contract asks for a task, and none was chosen.", ""),
    Reason.LEVEL_BELOW_MINIMUM: ("The activity level is below {min_level} of 10.", ""),
    Reason.LEVEL_UNKNOWN: ("The desktop could not tell counts, so there is no level.", ""),
    Reason.IDLE_KEPT: ("Time away that was kept.", "Discard it in the diary if nothing was done."),
    Reason.NO_SHOT: ("There is no shot for it.", ""),
    Reason.CAPTURE_FAILED: ("The screen gave no picture.", ""),
    Reason.SHOT_WITHHELD: ("Its shot was taken back.", ""),
    Reason.SHOT_BLURRED: ("More than half of its shot is blurred.", ""),
    Reason.OVER_THE_LIMIT: (
        "Beyond the weekly limit{limit}: recorded, billed 0.",
        "Ask the client to raise the limit: that holds at once, for the whole week.",
    ),
    Reason.LATE: ("It came after the week was locked.", ""),
    Reason.OVERLAP: (
        "Two devices tracked at once. A second is billed once.",
        "Choose in the diary where it counts.",
    ),
    Reason.CLOCK_IN_DOUBT: ("The computer’s clock was ahead of the server’s.", ""),
    Reason.CONTRACT_NOT_ACTIVE: ("The contract was not active then.", ""),
    Reason.CLIENT_NOT_VERIFIED: ("The contract asks for a verified client.", ""),
}
_UNBILLED = {Reason.OVER_THE_LIMIT, Reason.OVERLAP, Reason.LATE}
_LATE_WAITS = "The client can accept it: then it is billed, but not protected."
STEPS = {
    Phase.OPEN: "Open",
    Phase.FREELANCER_REVIEW: "Freelancer reviews",
    Phase.CLIENT_REVIEW: "Locked, client reviews",
    Phase.CLOSED: "Closed",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One of the four parts of a week's life, and until when it lasts or since when."""

    name: str
    when: str
    current: bool
    done: bool


@dataclass(frozen=True, slots=True)
class Total:
    """A figure of the week: units apart, a note below."""

    kind: str
    icon: str
    label: str
    parts: tuple[tuple[str, str], ...]
    note: str
    zero: bool


@dataclass(frozen=True, slots=True)
class Lost:
    """A reason, how much it takes, what it means, what helps, and the days it was on."""

    reason: Reason
    name: str
    ms: int
    means: str
    advice: str
    days: tuple[dt.date, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A line of how recorded time becomes billed time."""

    label: str
    ms: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Worked:
    """A day of the week with time in it."""

    date: dt.date
    ms: int
    protected_ms: int


def money(amount: str, currency: str) -> str:
    """Return an amount with its currency: USD 1,234.50, a negative one with a true minus."""
    digits = amount.removeprefix("-")
    whole, point, rest = digits.partition(".")
    sign = "\N{MINUS SIGN}" if digits != amount else ""
    return f"{sign}{currency} {int(whole):,}{point}{rest}"


def length(ms: int) -> str:
    """Return a length to the second, its larger parts first and none of them 0: 7 h 26 min, 12 min 30 s."""
    parts = ((ms // HOUR, "h"), (ms % HOUR // MINUTE, "min"), (ms % MINUTE // SECOND, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"


def steps(week: Week, zone: dt.tzinfo) -> tuple[Step, ...]:
    """Return the week's life, the present part marked."""
    ends = {
        Phase.OPEN: f"until {when(week.start + WEEK, zone)}",
        Phase.FREELANCER_REVIEW: f"until {when(lock_of(week.start), zone)}",
        Phase.CLIENT_REVIEW: f"until {when(close_of(week.start), zone)}",
        Phase.CLOSED: f"from {when(close_of(week.start), zone)}",
    }
    order = list(Phase)
    here = order.index(week.phase)
    return tuple(Step(STEPS[one], ends[one], place == here, place < here) for place, one in enumerate(order))


def when(at: int, zone: dt.tzinfo) -> str:
    """Return an instant as Mon 23 November, 13:00."""
    there = local(at, zone)
    return f"{there:%a} {there.day} {there:%B}, {clock(at, zone)}"


def standing(week: Week, zone: dt.tzinfo, *, own: bool, alone: bool) -> str:
    """Say where the week stands, and what the reader can do until when."""
    lock, close = when(lock_of(week.start), zone), when(close_of(week.start), zone)
    if alone:
        past = f"The statement was kept as of {lock}; what you correct now stands beside it."
        return past if week.phase.locked else f"These figures grow with the week. They are kept on {lock}."
    if own:
        return {
            Phase.OPEN: f"These figures grow as you track. You can correct the week until {lock}.",
            Phase.FREELANCER_REVIEW: f"Yours to check until {lock}: memos, shots, time. Then the week locks.",
            Phase.CLIENT_REVIEW: f"Locked, and billed like this. The client can question it until {close}.",
            Phase.CLOSED: "The week is closed and billed like this.",
        }[week.phase]
    return {
        Phase.OPEN: f"The week is under way. The freelancer can correct it until {lock}; then it locks.",
        Phase.FREELANCER_REVIEW: f"The freelancer checks the week until {lock}. Then it locks.",
        Phase.CLIENT_REVIEW: f"Locked, and billed like this. Yours to check until {close}.",
        Phase.CLOSED: "The week is closed and billed like this.",
    }[week.phase]


def totals(week: Week) -> tuple[Total, ...]:
    """Return the six figures of the week."""
    figures = week.figures
    billed = figures.billed_tracked_ms + figures.billed_manual_ms
    share = f"{figures.protected_ms * 100 // billed} %" if billed else ""
    amounts = " + ".join(money(one.protected, one.currency) for one in figures.charges)
    open_ms = billed - figures.protected_ms
    reasons = sum(one.reason not in _UNBILLED for one in figures.reasons)
    capped = "" if week.limit_ms is None else f"of {limit(week.limit_ms)}"
    return (
        _total("tracked", "clock", "Billed", billed, capped),
        _total("ok", "shield-ok", "Protected", figures.protected_ms, share and f"{amounts}, {share}"),
        _total(
            "no",
            "shield-no",
            "Not protected",
            open_ms,
            number(reasons, "reason") if open_ms else "",
        ),
        _total("manual", "pencil", "By hand", figures.billed_manual_ms, "part of what is billed"),
        _total("over", "limit", "Over limit", figures.over_ms, "billed 0" if figures.over_ms else ""),
        _total("away", "question", "Upwork would bill", figures.upwork_ms, "whole slots with a shot"),
    )


def _total(kind: str, icon: str, label: str, ms: int, note: str) -> Total:
    return Total(kind, icon, label, hours(ms), note, zero=not ms)


def amounts(charges: tuple[ChargeView, ...]) -> str:
    """Return what a week comes to, in one line."""
    return " + ".join(money(one.total, one.currency) for one in charges)


def parts(figures: FiguresView) -> tuple[Part, ...]:
    """Return how recorded time becomes billed time; the parts add up exactly."""
    minus = (
        Part("Over the weekly limit", figures.over_ms, "recorded, billed 0"),
        Part("Counted on another device", figures.overlap_ms, "a second is billed once"),
        Part("Came late", figures.late_ms, "billed once the client accepts it"),
        Part("Fallen by a challenge", figures.fallen_ms, "billed 0"),
    )
    return (
        Part("Tracked", figures.tracked_ms),
        *([Part("Entered by hand", figures.manual_ms)] if figures.manual_ms else []),
        *(one for one in minus if one.ms),
    )


def lost(week: Week, zone: dt.tzinfo, *, own: bool, open_: bool) -> tuple[Lost, ...]:
    """Return why time is not protected, what takes the most first; advice for the freelancer alone."""
    policy = week.contract.terms.policy
    days: dict[Reason, set[dt.date]] = defaultdict(set)
    for cell in week.day.cells:
        for reason in lost_ms(week.day, cell):
            days[reason].add(day_of(cell.slot, zone))
    capped = "" if week.limit_ms is None else f" of {limit(week.limit_ms)}"
    made = []
    for one in week.figures.reasons:
        means, helps = _REASONS[one.reason]
        said = means.format(memo_min=policy.memo_min, min_level=policy.min_level, limit=capped)
        advice = helps if own and open_ else _LATE_WAITS if one.reason is Reason.LATE else ""
        made.append(Lost(one.reason, name(one.reason), one.ms, said, advice, tuple(sorted(days[one.reason]))))
    return tuple(sorted(made, key=lambda one: -one.ms))


def worked(week: Week, zone: dt.tzinfo) -> tuple[Worked, ...]:
    """Return the days on which there is time, by the zone they are shown in."""
    sums: dict[dt.date, list[int]] = defaultdict(lambda: [0, 0])
    for cell in week.day.cells:
        there = sums[day_of(cell.slot, zone)]
        there[0] += cell.tracked_ms
        there[1] += cell.verdict.protected_ms
    return tuple(Worked(date, ms, protected_ms) for date, (ms, protected_ms) in sorted(sums.items()))


def caps(week: Week) -> str:
    """Say what bounds protected money under the contract's policy; empty where nothing does."""
    policy, said = week.contract.terms.policy, []
    if policy.rate_cap:
        said.append("no protected hour is worth more than the freelancer’s usual rate")
    if policy.relationship_cap:
        said.append(f"all of it no more than {short(50 * 3_600_000)} or 2,500 with the same client")
    return f"By the contract’s policy {' and '.join(said)}." if said else ""
