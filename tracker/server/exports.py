"""A timesheet in the forms that other programs read: CSV, PDF and a calendar."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING

import msgspec

from tracker.model.slot import HOUR, MINUTE, SECOND
from tracker.server.timesheet import total
from tracker.server.words import long_date

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tracker.server.diary import Day
    from tracker.server.timesheet import Row, Times

_COLUMNS = ("Date", "Client", "Contract", "Memo", "Tracked", "Manual", "Protected", "Over limit", "Billable")
_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
)  # as what begins so a spreadsheet would run (OWASP, CSV injection)


def as_csv(rows: Sequence[Row]) -> bytes:
    """Return rows as CSV (RFC 4180, UTF-8 with its mark, for spreadsheets); times are h:mm:ss."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for row in rows:
        words = (row.contract.client, row.contract.title, row.memo or "")
        writer.writerow([row.date or "", *map(_harmless, words), *_spelled(row.times)])
    return text.getvalue().encode("utf-8-sig")


def as_pdf(rows: Sequence[Row], day: Day, template: Path) -> bytes:
    """Return rows as a PDF to print or send; what people wrote is data in it, never markup."""
    import typst  # noqa: PLC0415  # 60 MB that only this needs

    facts = {
        "title": period(day),
        "zone": str(day.window.zone),
        "columns": _COLUMNS,
        "rows": [
            [
                str(row.date or ""),
                row.contract.client,
                row.contract.title,
                row.memo or "",
                *_spelled(row.times),
            ]
            for row in rows
        ],
        "total": list(_spelled(total(rows))),
    }
    return bytes(typst.compile(template, sys_inputs={"facts": msgspec.json.encode(facts).decode()}))


def as_calendar(day: Day, now: int) -> bytes:
    """Return unbroken runs of a contract and memo as events of a calendar (RFC 5545)."""
    from icalendar import Calendar, Event  # noqa: PLC0415  # only for who subscribes

    calendar = Calendar()
    calendar.add("prodid", "-//Hourproof//Work Diary//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Work Diary")
    for run in _runs(day):
        event = Event()
        event.add("uid", f"{run.id}@hourproof")
        event.add("dtstamp", _utc(now))
        event.add("dtstart", _utc(run.begin))
        event.add("dtend", _utc(run.end))
        event.add("summary", run.summary)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def period(day: Day) -> str:
    """Return what a range of days is called."""
    first = day.window.date
    last = dt.datetime.fromtimestamp((day.window.end - 1) / SECOND, day.window.zone).date()
    return long_date(first) if first == last else f"{long_date(first)} to {long_date(last)}"


class _Run(msgspec.Struct):
    id: str
    begin: int
    end: int
    summary: str
    place: tuple[str, str]


def _runs(day: Day) -> list[_Run]:
    """Return what was worked without a break: of one contract and memo, in order of time."""
    open_runs: dict[tuple[str, str], _Run] = {}
    made: list[_Run] = []
    for segment in sorted((s for cell in day.cells for s in cell.segments), key=lambda one: one.start):
        place = (segment.key.contract, segment.memo.strip())
        run = open_runs.get(place)
        if run is not None and segment.start <= run.end:
            run.end = max(run.end, segment.end)
            continue
        contract = day.contracts[place[0]]
        summary = ": ".join(filter(None, (contract.client or contract.title, place[1])))
        open_runs[place] = _Run(segment.id, segment.start, segment.end, summary, place)
        made.append(open_runs[place])
    return made


def _utc(at: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at // SECOND, dt.UTC)


def _spelled(times: Times) -> tuple[str, ...]:
    whole = (times.tracked_ms, times.manual_ms, times.protected_ms, times.over_ms, times.billed_ms)
    return tuple(clock_length(ms) for ms in whole)


def clock_length(ms: int) -> str:
    """Return a length as h:mm:ss, rounded down once: what spreadsheets take for a duration."""
    return f"{ms // HOUR}:{ms % HOUR // MINUTE:02d}:{ms % MINUTE // SECOND:02d}"


def _harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
