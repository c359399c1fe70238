"""The pages a person reads: the Work Diary, as plain links and forms."""

import datetime as dt
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from tzlocal import get_localzone_name

from tracker.model.contract import ContractState
from tracker.model.slot import parse_instant
from tracker.model.week import week_name
from tracker.paths import resources
from tracker.server.access import Person
from tracker.server.accounts import ContractId, Reader, SegmentId, word_of
from tracker.server.days import MINE, date_named, read_day, zone_named
from tracker.server.diary import window
from tracker.server.face import cell_id, face
from tracker.server.overlaps import count_here
from tracker.server.panel import Panel, Present, open_cell
from tracker.server.parts import Parts
from tracker.server.presentation import Presentation
from tracker.server.problems import Refusal, answer, not_found
from tracker.server.sheet import Hour, sheet
from tracker.server.summary import colour, figures, lines
from tracker.server.words import offset
from tracker.wire.problem import Problem

if TYPE_CHECKING:
    from os import PathLike, stat_result

    from starlette.types import Scope

    from tracker.model.contract import Contract
    from tracker.server.diary import Day

ZONE_COOKIE = "zone"  # in it the page's script tells the browser's time zone
_DAY = dt.timedelta(days=1)

Text = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True)
class Address:
    """Which day is asked for and what of it is open; every link of the page is one of these."""

    date: Text = ""
    tz: Text = MINE
    contract: Text = ""
    cell: Text = ""
    picture: Text = ""

    def to(self, page: str = "/diary", **changes: str | None) -> str:
        """Return the address with some of it changed; unless one is named, no cell stays open."""
        there = {**vars(self), "cell": None, "picture": None, **changes}
        return f"{page}?" + urlencode({name: value for name, value in there.items() if value})


Asked = Annotated[Address, Depends()]


class Pages:
    """Answers what a browser asks."""

    def __init__(self, here: Parts, show: Presentation) -> None:
        self._here = here
        self._show = show

    def diary(self, request: Request, person: Reader, asked: Asked) -> Response:
        """Return a day of the diary, with a cell open if one is named."""
        day, address, today = self._day(request, person, asked)
        return self._page(person, day, address, today)

    def cell(self, request: Request, person: Reader, asked: Asked) -> Response:
        """Return the open cell alone, for a page that is there already."""
        day, address, _ = self._day(request, person, asked)
        panel = _panel(day, address, self._here)
        return self._show.page("panel.html", panel=panel, address=address, colour=partial(colour, day))

    def count_here(self, request: Request, asked: Asked, of: ContractId, segment: SegmentId) -> Response:
        """Let time that overlaps count in this segment, and return to the cell it was said in."""
        word, now = word_of(request), self._here.now
        self._here.database.write(lambda connection: count_here(connection, word, of, segment, now))
        return RedirectResponse(f"{asked.to(cell=asked.cell)}#c{asked.cell}", 303)

    def _day(self, request: Request, person: Person, asked: Address) -> "tuple[Day, Address, dt.date]":
        try:
            zone = zone_of(request, asked.tz, self._here)
            today, date = (date_named(text, zone, self._here.now) for text in ("", asked.date))
        except ValueError as error:
            raise Refusal(Problem("malformed", "This day cannot be shown.", 422, str(error))) from error
        day = read_day(self._here.store, person.id, window(date, zone))
        if asked.contract and asked.contract not in day.contracts:
            raise not_found("No such contract")
        return day, replace(asked, date=date.isoformat()), today

    def _page(self, person: Person, whole: "Day", address: Address, today: dt.date) -> HTMLResponse:
        day = whole.only(address.contract) if address.contract else whole
        date, zone = day.window.date, day.window.zone
        drawn = sheet(day)
        worked = {cell.contract for cell in whole.cells} | {address.contract}
        received = max((one.receipt.received_at for one in whole.stored.values()), default=None)
        return self._show.page(
            "diary.html",
            person=person.name,
            address=address,
            day=day,
            zone=zone,
            zone_note=f"{zone}, {offset(day.window.begin, zone)}",
            today=today,
            before=(date - _DAY).isoformat(),
            after=(date + _DAY).isoformat(),
            chips=[one for one in whole.contracts.values() if one.id in worked],
            colour=partial(colour, whole),
            figures=figures(day),
            lines=lines(day),
            week=int(week_name(day.window.week)[-2:]),
            week_name=week_name(day.window.week),
            sheet=drawn,
            hours=[row for row in drawn.rows if isinstance(row, Hour)],
            face=partial(face, day),
            cell_id=cell_id,
            panel=_panel(day, address, self._here),
            entering=[one for one in whole.contracts.values() if _takes_manual(one, whole)],
            missing=sum(whole.beyond.missing.values()),
            received=received and parse_instant(received),
        )

    def refused(self, request: Request, error: Refusal) -> Response:
        """Tell a person what a program would get as a problem."""
        if "text/html" not in request.headers.get("Accept", ""):
            return answer(error)
        problem = error.problem
        return self._show.page(
            "message.html", status=problem.status, title=problem.title, detail=problem.detail
        )


def zone_of(request: Request, tz: str, here: Parts) -> ZoneInfo:
    """Return the zone that is asked for; raises ValueError for what is none."""
    if tz != MINE:
        return zone_named(tz)
    try:
        return zone_named(request.cookies[ZONE_COOKIE])
    except (KeyError, ValueError):
        return _home(embedded=here.settings.embedded)


def _takes_manual(contract: "Contract", day: "Day") -> bool:
    """Say whether time can be entered by hand for a contract, by who asks."""
    active = contract.state is ContractState.ACTIVE
    return active and contract.terms.policy.manual and contract.id in day.beyond.own


@cache
def _home(*, embedded: bool) -> ZoneInfo:
    """Return the zone of a browser that has not told its own: an embedded server shares its machine."""
    return ZoneInfo(get_localzone_name() if embedded else "UTC")


def _panel(day: "Day", address: Address, here: Parts) -> Panel | None:
    """Return the cell the address names, with the picture it names."""
    shown = day.only(address.contract) if address.contract else day
    picture = int(address.picture) if address.picture.isdecimal() else 1
    return open_cell(shown, address.cell, picture, Present(here.now, locks=not here.settings.embedded))


class _Static(StaticFiles):
    """Files whose address names their version, so that a browser asks for each once."""

    def file_response(
        self,
        full_path: "PathLike[str] | str",
        stat_result: "stat_result",
        scope: "Scope",
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def install(app: FastAPI, here: Parts) -> None:
    """Add the pages, what they load, and errors that a person can read."""
    folder = resources()
    pages = Pages(here, Presentation(folder))
    icon = folder / "icons" / "hourproof-small.svg"
    get: Any = partial(app.get, include_in_schema=False)
    get("/")(lambda: RedirectResponse("/diary"))
    get("/favicon.svg")(lambda: FileResponse(icon, media_type="image/svg+xml"))
    get("/diary")(pages.diary)
    get("/diary/cell")(pages.cell)
    app.post("/diary/overlap/{of}/{segment}", include_in_schema=False)(pages.count_here)
    app.mount("/static", _Static(directory=folder / "diary" / "static"))
    app.add_exception_handler(Refusal, pages.refused)  # type: ignore[arg-type]  # registered for Refusal alone
