"""A day as this device knows it: what the server told, and what is not delivered yet."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tzlocal

from tracker.errors import BadValue
from tracker.model.cell import cells
from tracker.model.limit import over_limit
from tracker.model.protection import Standing
from tracker.model.ranges import united
from tracker.model.revision import revised
from tracker.model.segment import Key
from tracker.model.slot import HOUR, day_bounds
from tracker.model.week import WEEK, week_of
from tracker.wire.day import Around, day_view
from tracker.wire.diary import segment_of_view, standing_of_view

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tracker.model.limit import Place
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
    mine = undelivered(outbox, day, tz, contract)
    week = _week(day, tz)
    around = Around(
        standings=_standings(outbox, day, tz, {}, mine),
        week_ms={id_: outbox.week_ms(id_, week) for id_ in {one.key.contract for one in mine}},
    )
    return _put_together(outbox, day, tz, mine, around, complete=False)


def undelivered(outbox: Outbox, day: str, tz: str, contract: str | None) -> list[Segment]:
    """Return what of a day is not delivered yet."""
    begin, end = day_bounds(day_named(day), zone(tz)[1])
    return [one for one in outbox.undelivered(begin, end) if contract in {None, one.key.contract}]


def with_undelivered(
    day: DayView, outbox: Outbox, contract: str | None, known_before: Sequence[Segment] = ()
) -> DayView:
    """Return the server's day with this device's undelivered segments and changes in it, receipts null.

    What was `known_before` the server was asked may have been delivered since, and is in neither.
    """
    views = [(cell.contract, view) for cell in day.cells for view in cell.segments]
    known = {view.id for _, view in views}
    both = {one.id: one for one in (*known_before, *undelivered(outbox, day.date, day.tz, contract))}
    mine = [one for id_, one in both.items() if id_ not in known]
    made = outbox.revisions(*day_bounds(day_named(day.date), zone(day.tz)[1]))
    if not mine and not made:
        return day
    urls = {p.sha256: p.url for _, view in views for shot in view.shots for p in shot.pictures}
    begin = _week(day.date, day.tz)
    week = {total.contract: total.week_ms for total in day.totals.contracts}
    for one in outbox.undelivered(begin, begin + WEEK):
        if one.id not in known:
            week[one.key.contract] = week.get(one.key.contract, 0) + one.tracked_ms
    # what was changed here, whether the server knows of it yet or not
    changed = (revised(segment_of_view(view, Key("", "", owner)), made) for owner, view in views)
    theirs = [segment for segment in changed if segment is not None]
    standings = {view.id: standing_of_view(view) for _, view in views}
    around = Around(
        receipts={view.id: view.receipt for _, view in views if view.receipt},
        standings=_standings(outbox, day.date, day.tz, standings, [*theirs, *mine]),
        week_ms=week,
        url=lambda _contract, picture: urls.get(picture.sha256),
    )
    return _put_together(outbox, day.date, day.tz, [*theirs, *mine], around, complete=day.complete)


def _put_together(
    outbox: Outbox, day: str, tz: str, segments: list[Segment], around: Around, *, complete: bool
) -> DayView:
    policies = {one.id: one.terms.policy for one in outbox.contracts()}
    return day_view(day, tz, cells(segments, policies, around.standings), around, complete=complete)


def _week(day: str, tz: str) -> int:
    """Return the start of the UTC week that holds the day's noon."""
    return week_of(day_bounds(day_named(day), zone(tz)[1])[0] + 12 * HOUR)


def _standings(
    outbox: Outbox, day: str, tz: str, told: Mapping[str, Standing], shown: Sequence[Segment]
) -> dict[str, Standing]:
    """Return what is known of a day's segments beyond themselves: what the server told, and the limit.

    All that this device knows of the week uses the limit up; what is over by the server's word stays over.
    """
    begin, end = day_bounds(day_named(day), zone(tz)[1])
    own = {one.id: one for one, _ in outbox.segments(begin, end)}
    everything = [*own.values(), *(one for one in shown if one.id not in own)]
    elsewhere: dict[Place, int] = defaultdict(int)
    for one in everything:
        if one.id not in own:  # it is part of what the server told of the week
            elsewhere[week_of(one.slot), one.key.contract] += one.tracked_ms
    limits: dict[Place, int | None] = {}
    used: dict[Place, int] = {}
    for contract in outbox.contracts():
        for week in {week_of(one.slot) for one in everything}:
            place = week, contract.id
            limits[place] = outbox.weekly_limit(contract, week)
            before = outbox.tracked(week, max(week, begin)).get(contract.id, 0)
            used[place] = before + max(0, outbox.elsewhere_ms(contract.id, week) - elsewhere[place])
    over = over_limit(everything, limits, used, {id_: one.overlap for id_, one in told.items()})
    known = {one.id: told.get(one.id, Standing()) for one in shown}
    return {id_: replace(one, over=united((*one.over, *over.get(id_, ())))) for id_, one in known.items()}
