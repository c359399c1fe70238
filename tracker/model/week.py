"""The week of work: Monday 00:00 to Sunday 24:00 UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from enum import StrEnum

from tracker.model.slot import DAY, HOUR

WEEK = 7 * DAY
_REVIEW = 12 * HOUR  # of the Monday after, for the freelancer
_CLIENT_REVIEW = 5 * DAY  # from that Monday on: it ends on Friday, 24:00
_MONDAY = 4 * DAY  # the epoch was a Thursday; the first Monday came four days later


class Phase(StrEnum):
    """Where a week stands in its life."""

    OPEN = "open"
    FREELANCER_REVIEW = "freelancer-review"
    CLIENT_REVIEW = "client-review"  # locked: the freelancer changes nothing in it any more
    CLOSED = "closed"

    @property
    def locked(self) -> bool:
        """Whether its statement is frozen."""
        return self in {Phase.CLIENT_REVIEW, Phase.CLOSED}


def week_of(at: int) -> int:
    """Return the start of the week that holds this instant."""
    return at - (at - _MONDAY) % WEEK


def lock_of(at: int) -> int:
    """Return when the week that holds this instant locks: the freelancer changes nothing in it any more."""
    return week_of(at) + WEEK + _REVIEW


def close_of(at: int) -> int:
    """Return when the week that holds this instant closes: the client questions nothing in it any more."""
    return week_of(at) + WEEK + _CLIENT_REVIEW


def phase_of(week: int, now: int) -> Phase:
    """Return where the week that starts then stands at an instant."""
    if now < week + WEEK:
        return Phase.OPEN
    if now < lock_of(week):
        return Phase.FREELANCER_REVIEW
    return Phase.CLIENT_REVIEW if now < close_of(week) else Phase.CLOSED


def week_name(at: int) -> str:
    """Return the ISO name of the week that holds this instant, such as 2026-W47."""
    year, number, _ = datetime.fromtimestamp(at // 1000, UTC).isocalendar()
    return f"{year}-W{number:02d}"


def parse_week(name: str) -> int:
    """Return the start of the week with this ISO name; raises ValueError where there is none."""
    found = re.fullmatch(r"([0-9]{4})-W([0-9]{2})", name)
    if found is None:
        raise ValueError(f"{name} is no week: it reads like 2026-W47")
    return (date.fromisocalendar(int(found[1]), int(found[2]), 1) - date(1970, 1, 1)).days * DAY
