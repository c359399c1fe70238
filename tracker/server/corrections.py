"""What the freelancer corrects on the diary's pages, as plain forms: memo, shot, time."""

import datetime as dt
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from tracker.model.slot import DAY, parse_instant
from tracker.server.accounts import ContractId, SegmentId, word_of
from tracker.server.days import date_named
from tracker.server.forms import Form, form_of
from tracker.server.pages import Asked, zone_of
from tracker.server.parts import Parts
from tracker.server.pen import Pen
from tracker.server.problems import malformed

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from tracker.server.admission import Taken

_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"\d\d:\d\d(:\d\d)?")
_MANY = 200  # segments at once


class Corrections:
    """Carries out each form, then shows the day it was sent from."""

    def __init__(self, here: Parts) -> None:
        self._here = here
        self._pen = Pen(here.settings, here.clock, here.key, here.intake, here.revisions)

    async def memo(self, request: Request, asked: Asked, of: ContractId) -> Response:
        """Give the named segments another memo."""
        form, word = await form_of(request), word_of(request)
        ids, memo = _ids(form), form.one("memo")
        await self._write(of, lambda connection: self._pen.memo(connection, word, of, ids, memo))
        return _back(asked)

    async def withhold(
        self, request: Request, asked: Asked, of: ContractId, segment: SegmentId, shot: SegmentId
    ) -> Response:
        """Take a shot back; its time stays."""
        word = word_of(request)
        await self._write(of, lambda connection: self._pen.withhold(connection, word, of, segment, shot))
        return _back(asked)

    async def discard(self, request: Request, asked: Asked, of: ContractId) -> Response:
        """Take the named segments back, with their time."""
        form, word = await form_of(request), word_of(request)
        ids = _ids(form)
        await self._write(of, lambda connection: self._pen.discard(connection, word, of, ids))
        return RedirectResponse(asked.to(), 303)

    async def enter(self, request: Request, asked: Asked) -> Response:
        """Enter time by hand on the day that is shown."""
        form, word = await form_of(request), word_of(request)
        of = form.one("contract")
        begin, end = self._range(request, asked, form)
        memo = form.one("memo")
        await self._write(of, lambda connection: self._pen.enter(connection, word, of, begin, end, memo))
        return RedirectResponse(asked.to(cell=f"{begin // 600_000 * 600}.{of}"), 303)

    def _range(self, request: Request, asked: Asked, form: Form) -> tuple[int, int]:
        """Return the instants of two times of the shown day, by the zone it is shown in."""
        zone = zone_of(request, asked.tz, self._here)
        try:
            date = date_named(asked.date, zone, self._here.now)
        except ValueError as error:
            raise malformed(str(error)) from error
        begin, end = (_instant(date, form.one(name), zone) for name in ("from", "to"))
        return begin, end if end > begin else end + DAY  # after midnight

    async def _write(self, contract: str, work: "Callable[[Connection], list[Taken]]") -> None:
        def whole(connection: "Connection") -> "list[Taken]":
            with connection.begin_nested():  # what is refused after the first of several undoes that, too
                return work(connection)

        taken = await self._here.database.write_soon(whole)
        destroyed = tuple(name for one in taken for name in one.destroyed)
        if destroyed:
            await run_in_threadpool(self._here.pictures.destroy, contract, destroyed)
        if any(one.forgets for one in taken):
            await run_in_threadpool(self._here.database.forget)


def _ids(form: Form) -> list[str]:
    ids = list(dict.fromkeys(form.all("segment")))
    if not 0 < len(ids) <= _MANY or not all(_ID.fullmatch(one) for one in ids):
        raise malformed(f"1 to {_MANY} segments are changed at once.")
    return ids


def _instant(date: dt.date, time: str, zone: dt.tzinfo) -> int:
    if not _TIME.fullmatch(time):
        raise malformed(f"'{time[:10]}' is no time of day: it reads like 14:30.")
    try:
        return parse_instant(f"{date}T{time}", zone)
    except ValueError as error:
        raise malformed(f"'{time}' is no time of day: it reads like 14:30.") from error


def _back(asked: Asked) -> Response:
    return RedirectResponse(f"{asked.to(cell=asked.cell)}#c{asked.cell}", 303)


def install(app: FastAPI, here: Parts) -> None:
    """Add the forms' addresses."""
    corrections = Corrections(here)
    post: Any = partial(app.post, include_in_schema=False)
    post("/diary/memo/{of}")(corrections.memo)
    post("/diary/withhold/{of}/{segment}/{shot}")(corrections.withhold)
    post("/diary/discard/{of}")(corrections.discard)
    post("/diary/manual")(corrections.enter)
