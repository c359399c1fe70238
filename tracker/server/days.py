"""A day as someone asks for it: date and zone as text, read from the store."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tracker.model.slot import day_of
from tracker.model.week import WEEK, parse_week, week_of
from tracker.server.diary import Beyond, Day, StoredSegment, Window, Worked, day, week_view

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tracker.model.contract import Contract
    from tracker.model.limit import Agreed
    from tracker.wire.diary import WeekView

MINE = "mine"
_ZONE = re.compile(r"[A-Za-z][\w+-]*(/[\w+-]+)*")
_YEARS = range(2000, 2100)


class Shelf(Protocol):
    """What the store tells of one account, contracts in the order in which they were made."""

    def contracts(self, account: str) -> Sequence[Contract]:
        """Return the contracts the account may see."""
        ...

    def segments(
        self, account: str, begin: int, end: int, contract: str | None = None
    ) -> Sequence[StoredSegment]:
        """Return the segments that start in the half-open range."""
        ...

    def tracked(self, account: str, begin: int, end: int) -> Mapping[str, Worked]:
        """Return by contract id how much time the segments that start in the half-open range hold."""
        ...

    def agreed(self, account: str) -> Mapping[str, Sequence[Agreed]]:
        """Return by contract id the weekly limits that were ever agreed, in that order."""
        ...

    def own(self, account: str) -> frozenset[str]:
        """Return the ids of the contracts whose freelancer the account is."""
        ...

    def missing(self, account: str) -> Mapping[str, int]:
        """Return by contract id how many parcels the chains name that were never delivered."""
        ...


def read_day(shelf: Shelf, account: str, when: Window, contract: str | None = None) -> Day:
    """Return a day of all the account's contracts, or of one."""
    begin, end = when.around
    beyond = Beyond(
        before=shelf.tracked(account, week_of(begin), begin),
        week=shelf.tracked(account, when.week, when.week + WEEK),
        agreed=shelf.agreed(account),
        own=shelf.own(account),
        missing=shelf.missing(account),
    )
    return day(when, shelf.segments(account, begin, end, contract), shelf.contracts(account), beyond)


def read_week(shelf: Shelf, account: str, contract: str, week: int) -> WeekView:
    """Return what a contract's week holds."""
    stored = shelf.segments(account, week, week + WEEK, contract)
    return week_view(week, stored, contract, shelf.agreed(account).get(contract, ()))


def week_named(text: str) -> int:
    """Return the start of a week by its ISO name; raises ValueError with a sentence where there is none."""
    try:
        week = parse_week(text)
        if int(text[:4]) in _YEARS:
            return week
    except ValueError:
        pass  # such as a week 54: said below, as any other
    raise ValueError(f"'{text}' is no week: it reads like 2026-W47.")


def zone_named(name: str) -> ZoneInfo:
    """Return the zone of an IANA name; raises ValueError with a sentence where there is none."""
    try:
        if _ZONE.fullmatch(name):
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass  # a folder of zones, or a name too long for a file: no zone either
    raise ValueError(f"'{name}' is no time zone: it reads like Europe/Berlin, UTC or mine.")


def date_named(text: str | None, zone: ZoneInfo, now: int) -> dt.date:
    """Return the date of a text, today without one; raises ValueError that says what a date reads like."""
    if not text:
        return day_of(now, zone)
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text) and int(text[:4]) in _YEARS:
            return dt.date.fromisoformat(text)
    except ValueError:
        pass  # such as a 31st of April: said below, as any other
    raise ValueError(f"'{text}' is no date: it reads like 2026-11-19.")
