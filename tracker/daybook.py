"""A day as this device knows it: what the server told, and what is not delivered yet."""

from __future__ import annotations

from datetime import UTC, date, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tzlocal

from tracker.errors import BadValue
from tracker.model.cell import cells
from tracker.model.protection import Standing
from tracker.model.segment import Key
from tracker.model.slot import HOUR, day_bounds
from tracker.model.week import WEEK, week_of
from tracker.wire.day import Around, day_view
from tracker.wire.diary import segment_of_view

if TYPE_CHECKING:
    from tracker.model.segment import Segment
    from tracker.outbox.outbox import Outbox
    from tracker.wire.diary import DayView


def zone(name: str | None) -> tuple[str, tzinfo]:
    """Return a time zone and its name, None being this machine's; raises BadValue where there is none."""
    try:
        found = name or tzlocal.get_localzone_name()
        return found, UTC if found == "UTC" else ZoneInfo(found)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadValue(
            f"There is no time zone '{name}'.", advice="Name one like Europe/Vienna or UTC."
        ) from error


def day_named(text: str) -> date:
    """Return the day a person typed; raises BadValue where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadValue(f"'{text}' is no date.", advice="Write it like 2026-11-19.") from error


def local_day(outbox: Outbox, day: str, tz: str, contract: str | None) -> DayView:
    """Return what this device has not delivered of a day: all there is to tell while the server is away."""
    mine = _mine(outbox, day, tz, contract)
    return _put_together(outbox, day, tz, mine, Around(week_ms=_week(outbox, day, tz)), complete=False)


def with_undelivered(day: DayView, outbox: Outbox, contract: str | None) -> DayView:
    """Return the server's day with this device's undelivered segments in it, their receipts null."""
    views = [(cell.contract, view) for cell in day.cells for view in cell.segments]
    known = {view.id for _, view in views}
    mine = [one for one in _mine(outbox, day.date, day.tz, contract) if one.id not in known]
    if not mine:
        return day
    urls = {p.sha256: p.url for _, view in views for shot in view.shots for p in shot.pictures}
    week = {total.contract: total.week_ms for total in day.totals.contracts}
    for one in mine:
        week[one.key.contract] = week.get(one.key.contract, 0) + one.tracked_ms
    around = Around(
        receipts={view.id: view.receipt for _, view in views if view.receipt},
        standings={view.id: Standing(flags=frozenset(view.flags)) for _, view in views},
        week_ms=week,
        url=lambda _contract, picture: urls.get(picture.sha256),
    )
    theirs = [segment_of_view(view, Key("", "", owner)) for owner, view in views]
    return _put_together(outbox, day.date, day.tz, [*theirs, *mine], around, complete=day.complete)


def _put_together(
    outbox: Outbox, day: str, tz: str, segments: list[Segment], around: Around, *, complete: bool
) -> DayView:
    policies = {one.id: one.terms.policy for one in outbox.contracts()}
    return day_view(day, tz, cells(segments, policies, around.standings), around, complete=complete)


def _mine(outbox: Outbox, day: str, tz: str, contract: str | None) -> list[Segment]:
    begin, end = day_bounds(day_named(day), zone(tz)[1])
    return [one for one in outbox.undelivered(begin, end) if contract in {None, one.key.contract}]


def _week(outbox: Outbox, day: str, tz: str) -> dict[str, int]:
    """Return this device's milliseconds of the UTC week that holds the day's noon."""
    begin = week_of(day_bounds(day_named(day), zone(tz)[1])[0] + 12 * HOUR)
    return outbox.tracked(begin, begin + WEEK)
