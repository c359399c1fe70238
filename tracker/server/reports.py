"""The timesheet of any range of days: as a page, as data, as a file, and as a calendar to subscribe to."""

import datetime as dt
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, FastAPI, Path, Query, Request
from fastapi import Depends as Needs
from fastapi.responses import RedirectResponse, Response

from tracker.model.slot import SLOT, day_bounds
from tracker.paths import resources
from tracker.server.access import Person
from tracker.server.accounts import Reader
from tracker.server.api.body import answer
from tracker.server.api.describe import answers
from tracker.server.days import MINE, date_named, read_day, zone_named
from tracker.server.diary import Window
from tracker.server.exports import as_calendar, as_csv, as_pdf, period
from tracker.server.pages import zone_of
from tracker.server.parts import Parts, parts
from tracker.server.presentation import Presentation
from tracker.server.problems import malformed, not_found
from tracker.server.summary import colour
from tracker.server.timesheet import By, Row, timesheet, total
from tracker.server.tokens import FEED
from tracker.wire import API
from tracker.wire.request import TimesheetRow, TimesheetView

if TYPE_CHECKING:
    from tracker.server.diary import Day

router = APIRouter(prefix=API)

_LONGEST = 100  # days
_FEED_DAYS = 60  # that a calendar shows
_NAME = "timesheet"

Text = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True)
class Asked:
    """Which days, of which contract, in which zone and rows; every link of the page is one of these."""

    first: Annotated[str, Query(alias="from", max_length=100)] = ""
    last: Annotated[str, Query(alias="to", max_length=100)] = ""
    tz: Text = MINE
    contract: Text = ""
    by: By = By.MEMO

    def to(self, page: str = "/timesheet", **changes: str) -> str:
        """Return the address with some of it changed."""
        one = replace(self, **changes)  # type: ignore[arg-type]  # `by` as the text it is in an address
        said = {"from": one.first, "to": one.last, "tz": one.tz, "contract": one.contract, "by": one.by}
        return f"{page}?" + urlencode({name: value for name, value in said.items() if value})


Range = Annotated[Asked, Needs()]


class Reports:
    """Answers what a browser, a spreadsheet or a calendar asks."""

    def __init__(self, here: Parts, show: Presentation) -> None:
        self._here = here
        self._show = show

    def page(self, request: Request, person: Reader, asked: Range) -> Response:
        """Return the timesheet as a page."""
        return self._page(request, person, asked)

    def _page(self, request: Request, person: Person, asked: Asked, word: str = "") -> Response:
        day, asked = self._range(request, person, asked)
        rows = timesheet(day, asked.by)
        return self._show.page(
            "timesheet.html",
            person=person.name,
            asked=asked,
            period=period(day),
            zone=day.window.zone,
            chips=list(day.contracts.values()),
            colour=partial(colour, day),
            rows=rows,
            total=total(rows),
            By=By,
            feed=self._here.tokens.has(person.id, FEED),
            address=word and f"{self._here.settings.url}/calendar/{word}.ics",
        )

    def csv(self, request: Request, person: Reader, asked: Range) -> Response:
        """Return it for a spreadsheet."""
        day, asked = self._range(request, person, asked)
        return _file(as_csv(timesheet(day, asked.by)), "text/csv; charset=utf-8", asked, "csv")

    def pdf(self, request: Request, person: Reader, asked: Range) -> Response:
        """Return it for paper."""
        day, asked = self._range(request, person, asked)
        made = as_pdf(timesheet(day, asked.by), day, resources() / "diary" / "timesheet.typ")
        return _file(made, "application/pdf", asked, "pdf")

    def subscribe(self, request: Request, person: Reader, asked: Range) -> Response:
        """Make an address for a calendar, and show it once; the one before is worth nothing any more."""
        now = self._here.machine_now
        self._here.tokens.revoke(person.id, FEED)
        word = self._here.tokens.issue(person.id, FEED, now=now)
        return self._page(request, person, asked, word)  # no address may hold it, for some log would

    def unsubscribe(self, person: Reader, asked: Range) -> Response:
        """Let no calendar read any more."""
        self._here.tokens.revoke(person.id, FEED)
        return RedirectResponse(f"{asked.to()}#calendar", 303)

    def feed(self, word: Annotated[str, Path(max_length=100)]) -> Response:
        """Return what was worked lately to whoever has the address."""
        account = self._here.tokens.bearer(word, FEED)
        if account is None:
            raise not_found("No such calendar")
        today = date_named(None, zone_named("UTC"), self._here.now)
        first = today - dt.timedelta(days=_FEED_DAYS)
        day = _read(self._here, account, first, today, zone_named("UTC"), "")
        return Response(as_calendar(day, self._here.now), media_type="text/calendar; charset=utf-8")

    def _range(self, request: Request, person: Person, asked: Asked) -> "tuple[Day, Asked]":
        try:
            zone = zone_of(request, asked.tz, self._here)
        except ValueError as error:
            raise malformed(str(error)) from error
        return _asked_range(self._here, person, asked, zone)


@router.get("/timesheet", responses=answers((200, TimesheetView), problems=(401, 404)))
def get_timesheet(request: Request, person: Reader, asked: Range) -> Response:
    """Return the rows of a range of days, the last one included, at most 100; in UTC if no zone is named."""
    try:
        zone = zone_named("UTC" if asked.tz == MINE else asked.tz)
    except ValueError as error:
        raise malformed(str(error)) from error
    day, asked = _asked_range(parts(request), person, asked, zone)
    rows = tuple(_view(row) for row in timesheet(day, asked.by))
    return answer(TimesheetView(asked.first, asked.last, str(zone), rows))


def _asked_range(here: Parts, person: Person, asked: Asked, zone: ZoneInfo) -> "tuple[Day, Asked]":
    """Return the days that are asked for, this week's without a word, and the question in full."""
    try:
        today = date_named(None, zone, here.now)
        monday = today - dt.timedelta(days=today.weekday())
        first = date_named(asked.first, zone, here.now) if asked.first else monday
        last = date_named(asked.last, zone, here.now) if asked.last else max(first, today)
    except ValueError as error:
        raise malformed(str(error)) from error
    if not 0 <= (last - first).days < _LONGEST:
        raise malformed(f"The last day is not before the first, and {_LONGEST} days are the most.")
    day = _read(here, person.id, first, last, zone, asked.contract)
    if asked.contract and asked.contract not in day.contracts:
        raise not_found("No such contract")
    return day, replace(asked, first=first.isoformat(), last=last.isoformat())


def _read(here: Parts, account: str, first: dt.date, last: dt.date, zone: dt.tzinfo, contract: str) -> "Day":
    begin, end = day_bounds(first, zone)[0], day_bounds(last, zone)[1]
    edges = (-(-edge // SLOT) * SLOT for edge in (begin, end))
    return read_day(here.store, account, Window(first, zone, *edges), contract or None)


def _view(row: Row) -> TimesheetRow:
    times = row.times
    return TimesheetRow(
        contract=row.contract.id,
        date=None if row.date is None else row.date.isoformat(),
        memo=row.memo,
        tracked_ms=times.tracked_ms,
        manual_ms=times.manual_ms,
        protected_ms=times.protected_ms,
        over_ms=times.over_ms,
        billed_ms=times.billed_ms,
    )


def _file(data: bytes, kind: str, asked: Asked, ending: str) -> Response:
    name = f"{_NAME}-{asked.first}-{asked.last}.{ending}"
    return Response(data, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def install(app: FastAPI, here: Parts) -> None:
    """Add the pages and files."""
    reports = Reports(here, Presentation(resources()))
    get: Any = partial(app.get, include_in_schema=False)
    post: Any = partial(app.post, include_in_schema=False)
    get("/timesheet")(reports.page)
    get("/timesheet.csv")(reports.csv)
    get("/timesheet.pdf")(reports.pdf)
    post("/timesheet/calendar")(reports.subscribe)
    post("/timesheet/calendar/end")(reports.unsubscribe)
    get("/calendar/{word}.ics")(reports.feed)
