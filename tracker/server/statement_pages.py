"""The page of a contract's week: what it comes to, what is protected and why the rest is not."""

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

from fastapi import FastAPI, Query, Request
from fastapi.responses import Response

from tracker.model.week import WEEK, week_name
from tracker.paths import resources
from tracker.server import access, weekwords
from tracker.server.accounts import ContractId, Reader, word_of
from tracker.server.api.weeks import WeekName, start_of
from tracker.server.contracts import FREELANCER
from tracker.server.days import MINE
from tracker.server.pages import zone_of
from tracker.server.parts import Parts
from tracker.server.presentation import Presentation
from tracker.server.problems import malformed
from tracker.server.words import offset

if TYPE_CHECKING:
    from tracker.server.access import Person
    from tracker.server.weeks import Week

Zone = Annotated[str, Query(max_length=100)]
_SIX = dt.timedelta(days=6)


class StatementPages:
    """Answers what a browser asks about a week."""

    def __init__(self, here: Parts, show: Presentation) -> None:
        self._here = here
        self._show = show

    def page(
        self, request: Request, person: Reader, of: ContractId, week: WeekName, tz: Zone = MINE
    ) -> Response:
        """Return a contract's week as a page, to those who work or pay for it."""
        with self._here.database.read() as connection:
            place = access.place(connection, word_of(request), of)
        try:
            zone = zone_of(request, tz, self._here)
        except ValueError as error:
            raise malformed(str(error)) from error
        start = start_of(week)
        seen = self._here.weeks.week(of, start, self._here.now)
        return self._page(person, seen, zone, tz, own=FREELANCER in place.roles)

    def _page(self, person: "Person", seen: "Week", zone: dt.tzinfo, tz: str, *, own: bool) -> Response:
        alone = self._here.settings.embedded
        monday = dt.datetime.fromtimestamp(seen.start / 1000, dt.UTC).date()
        return self._show.page(
            "week.html",
            person=person.name,
            week=seen,
            said=weekwords,
            own=own,
            alone=alone,
            correctable=alone or not seen.phase.locked,
            first=monday,
            last=monday + _SIX,
            number=int(week_name(seen.start)[-2:]),
            zone=zone,
            zone_note=", ".join(dict.fromkeys([str(zone), offset(seen.start, zone)])),
            before=_address(seen, -WEEK, tz),
            after=_address(seen, WEEK, tz),
            here=_address(seen, 0, tz),
            day=partial(_day_address, seen, tz),
        )


def _address(week: "Week", by: int, tz: str) -> str:
    path = f"/contracts/{week.contract.id}/weeks/{week_name(week.start + by)}"
    return path if tz == MINE else f"{path}?{urlencode({'tz': tz})}"


def _day_address(week: "Week", tz: str, date: dt.date) -> str:
    return "/diary?" + urlencode({"date": date.isoformat(), "tz": tz, "contract": week.contract.id})


def install(app: FastAPI, here: Parts) -> None:
    """Add the page."""
    pages = StatementPages(here, Presentation(resources()))
    get: Any = partial(app.get, include_in_schema=False)
    get("/contracts/{of}/weeks/{week}")(pages.page)
