"""The grid of time: ten-minute slots and minutes of the UTC clock, and instants as text."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

SECOND = 1_000
MINUTE = 60_000
SLOT = 600_000
HOUR = 3_600_000
DAY = 86_400_000


def slot_of(at: int) -> int:
    """Return the start of the slot that holds this instant."""
    return at - at % SLOT


def minute_of(at: int) -> int:
    """Return the start of the minute that holds this instant."""
    return at - at % MINUTE


def instant(at: int) -> str:
    """Return an instant as RFC 3339 text in UTC, with milliseconds and Z."""
    whole, ms = divmod(at, SECOND)
    return f"{datetime.fromtimestamp(whole, UTC).replace(tzinfo=None).isoformat()}.{ms:03d}Z"


def parse_instant(text: str, zone: tzinfo | None = None) -> int:
    """Return the instant an RFC 3339 text names; without an offset, in the zone (None: the machine's).

    Raises ValueError where it names none.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.astimezone() if zone is None else moment.replace(tzinfo=zone)
    # exact: a float of seconds would round milliseconds away
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def day_of(at: int, zone: tzinfo | None) -> date:
    """Return the calendar day in a zone (None: the machine's) to which this instant's whole slot belongs."""
    return datetime.fromtimestamp(slot_of(at) / SECOND, UTC).astimezone(zone).date()


def next_midnight(at: int, zone: tzinfo | None = None) -> int:
    """Return the first midnight after an instant in a zone (None: the machine's)."""
    day = datetime.fromtimestamp(at // SECOND, UTC).astimezone(zone).date()
    return day_bounds(day, zone)[1]


def day_bounds(day: date, zone: tzinfo | None) -> tuple[int, int]:
    """Return the half-open range of instants of a calendar day in a zone (None: the machine's).

    Raises ValueError for the last day there is.
    """
    if day == date.max:
        raise ValueError(f"{day} has no end")
    ends = (day, day + timedelta(days=1))
    begin, end = (datetime(d.year, d.month, d.day, tzinfo=zone) for d in ends)
    return int(begin.timestamp()) * SECOND, int(end.timestamp()) * SECOND
