"""The diary as data: a day with its cells and totals, a contract's weeks and segments."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from tracker.model.slot import SLOT, instant, parse_instant, slot_of
from tracker.server.accounts import ContractId, Reader, SeenContract, SegmentId, seen_contract, word_of
from tracker.server.api.body import answer
from tracker.server.api.describe import answers
from tracker.server.days import date_named, read_day, read_week, week_named, zone_named
from tracker.server.diary import Window, window
from tracker.server.overlaps import count_here
from tracker.server.parts import parts
from tracker.server.problems import malformed
from tracker.wire import API
from tracker.wire.diary import DayView, SegmentView, WeekView
from tracker.wire.request import SegmentPage

router = APIRouter(prefix=API)

_PAGE = 500  # segments, and those that share the last one's slot
_FIRST = "1970-01-01T00:00:00.000Z"
_LAST = "9999-12-31T00:00:00.000Z"

Text = Annotated[str, Query(max_length=100)]


@router.get("/diary", responses=answers((200, DayView), problems=(401, 404)))
def get_day(
    request: Request, person: Reader, date: Text = "", tz: Text = "UTC", contract: Text | None = None
) -> Response:
    """Return a day, today without a date, in an IANA zone, of all contracts or of one."""
    here = parts(request)
    if contract is not None:
        seen_contract(request, contract)
    try:
        zone = zone_named(tz)
        wanted = window(date_named(date, zone, here.now), zone)
    except ValueError as error:
        raise malformed(str(error)) from error
    return answer(read_day(here.store, person.id, wanted, contract).view(tz))


@router.get("/contracts/{contract}/segments", responses=answers((200, SegmentPage), problems=(401, 404)))
def list_segments(
    request: Request,
    person: Reader,
    contract: SeenContract,
    begin: Annotated[str, Query(alias="from", max_length=100)] = _FIRST,
    end: Annotated[str, Query(alias="to", max_length=100)] = _LAST,
    cursor: Text = "",
) -> Response:
    """Return a contract's segments that start in the half-open range, in order, page by page."""
    first, last = _instant(cursor or begin, "cursor" if cursor else "from"), _instant(end, "to")
    store = parts(request).store
    found = store.segments(person.id, first, last, contract, limit=_PAGE + 1)
    if not found:
        return answer(SegmentPage((), None))
    begin_slot, end_slot = found[0].segment.slot, found[-1].segment.slot
    more = len(found) > _PAGE and begin_slot < end_slot
    stop = end_slot if more else end_slot + SLOT
    day = read_day(store, person.id, Window(dt.date.min, dt.UTC, begin_slot, stop), contract)
    views = [one for cell in day.view("UTC").cells for one in cell.segments]
    shown = tuple(one for one in views if first <= parse_instant(one.start) < last)
    return answer(SegmentPage(shown, instant(stop) if more else None))


@router.get("/contracts/{contract}/weeks/{week}", responses=answers((200, WeekView), problems=(401, 404)))
def get_week(
    request: Request,
    person: Reader,
    contract: SeenContract,
    week: Annotated[str, Path(max_length=10, examples=["2026-W47"])],
) -> Response:
    """Return what a contract's UTC week holds, by all devices and by hand, and its limit."""
    try:
        begin = week_named(week)
    except ValueError as error:
        raise malformed(str(error)) from error
    return answer(read_week(parts(request).store, person.id, contract, begin))


@router.post(
    "/contracts/{contract}/segments/{segment}/overlap",
    responses=answers((200, SegmentView), problems=(401, 403, 404, 409)),
)
def count_overlap_here(
    request: Request, person: Reader, contract: ContractId, segment: SegmentId
) -> Response:
    """Let the time that overlaps count in this segment instead of the other one, until the week locks."""
    here, word = parts(request), word_of(request)
    now = here.now
    one = here.database.write(lambda connection: count_here(connection, word, contract, segment, now))
    slot = slot_of(one.begin)
    day = read_day(here.store, person.id, Window(dt.date.min, dt.UTC, slot, slot + SLOT), contract)
    views = [view for cell in day.view("UTC").cells for view in cell.segments]
    return answer(next(view for view in views if view.id == segment))


def _instant(text: str, name: str) -> int:
    try:
        return parse_instant(text, dt.UTC)
    except (ValueError, OverflowError) as error:
        raise malformed(f"{name}: '{text}' is no instant: it reads like {_FIRST}.") from error
