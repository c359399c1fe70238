"""The forms of times and amounts, as the look sets them."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from tracker.model.slot import HOUR, MINUTE, SECOND, SLOT, parse_instant

if TYPE_CHECKING:
    from tracker.model.contract import Contract

# Not strftime's: Qt sets the system's locale, and the sentences around are English.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}


def spell(ms: int) -> str:
    """Return a duration in whole minutes, rounded down once: `2 h 44 m`."""
    hours, minutes = divmod(ms // MINUTE, 60)
    return f"{hours} h {minutes:02d} m" if hours else f"{minutes} m"


def spell_limit(ms: int) -> str:
    """Return a limit, without minutes where it has none: `30 h`."""
    return f"{ms // HOUR} h" if ms % HOUR == 0 else spell(ms)


def running_clock(ms: int) -> str:
    """Return a duration as the running clock shows it: `2:44:18`."""
    hours, rest = divmod(ms // SECOND, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}"


def exactly(ms: int) -> str:
    """Return a duration to the second, as a sentence says it: `17 min 08 s`."""
    hours, rest = divmod(ms // SECOND, 3600)
    minutes, seconds = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes:02d} min {seconds:02d} s"
    return f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"


def time_of_day(instant: str, zone: tzinfo | None = None) -> str:
    """Return an instant as the clock on the wall shows it: `11:43:27`."""
    return f"{_local(parse_instant(instant), zone):%H:%M:%S}"


def hour_and_minute(instant: str, zone: tzinfo | None = None) -> str:
    """Return an instant without its seconds: `18:02`."""
    return f"{_local(parse_instant(instant), zone):%H:%M}"


def time_range(begin: str, end: str, zone: tzinfo | None = None) -> str:
    """Return a stretch by its ends: `12:24:06 – 12:41:14`."""
    return f"{time_of_day(begin, zone)} – {time_of_day(end, zone)}"


def other_day(instant: str, now: int, zone: tzinfo | None = None) -> str:
    """Return the day of an instant that is not of today, as `Fri 20 Nov`, else nothing."""
    at = _local(parse_instant(instant), zone)
    if at.date() == _local(now, zone).date():
        return ""
    return f"{_DAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]}"


def slot_range(start: str, zone: tzinfo | None = None) -> str:
    """Return a slot by its ends: `11:40 – 11:50`."""
    at = parse_instant(start)
    return f"{_local(at, zone):%H:%M} – {_local(at + SLOT, zone):%H:%M}"


def minute_names(start: str, zone: tzinfo | None = None) -> tuple[str, ...]:
    """Return the ten minutes of a slot as an axis shows them: `40` to `49`."""
    at = parse_instant(start)
    return tuple(f"{_local(at + i * MINUTE, zone):%M}" for i in range(SLOT // MINUTE))


def rate(contract: Contract) -> str:
    """Return what an hour is worth: `$65.00 an hour`, nothing where no rate was agreed."""
    terms = contract.terms
    if not terms.rate:
        return ""
    sign = _SIGNS.get(terms.currency)
    amount = f"{sign}{terms.rate:,.2f}" if sign else f"{terms.rate:,.2f} {terms.currency}"
    return f"{amount} an hour"


def limit(contract: Contract) -> str:
    """Return a contract's weekly limit: `30 h a week`."""
    ms = contract.terms.weekly_limit_ms
    return "no limit" if ms is None else f"{spell_limit(ms)} a week"


def _local(at: int, zone: tzinfo | None) -> datetime:
    return datetime.fromtimestamp(at / SECOND, UTC).astimezone(zone)
