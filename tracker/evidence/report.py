"""The readable part of a bundle: a page without script and a table, made of nothing but the evidence."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import UTC
from html import escape
from typing import TYPE_CHECKING

from tracker.evidence.bundle import CSV, HTML, picture_name
from tracker.evidence.reading import Reading
from tracker.model.protection import level
from tracker.model.segment import Origin
from tracker.model.slot import SECOND, day_of, instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tracker.evidence.bundle import Contents, ContractFacts
    from tracker.evidence.reading import Line
    from tracker.model.segment import Shot

REPORT = 1  # one more with every change to what is written here: a bundle's report can be made again
_COLUMNS = (
    *("contract", "client", "start", "end", "tracked_ms", "origin", "memo", "task", "level", "active_s"),
    *("keys", "clicks", "scrolls", "shots", "changed", "state", "device", "segment"),
)
_HEAD = ("From", "To", "Time", "Memo", "Level", "Active s", "Keys", "Clicks", "Scrolls", "Shots", "State")
_STYLE = (
    "body{font:14px/1.5 system-ui,sans-serif;margin:2em auto;max-width:75em;padding:0 1em;color:#1b2430}"
    "table{border-collapse:collapse;width:100%}th,td{padding:.2em .7em;text-align:left;vertical-align:top;"
    "border-bottom:1px solid #dde2e8}h2{margin-top:2em}.n{text-align:right}.open{background:#fff4d6}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


def report(contents: Contents) -> dict[str, bytes]:
    """Return the table and the page by their members' names, in the order of these."""
    reading = Reading(contents)
    return {CSV: _table(reading).encode(), HTML: _page(reading).encode()}


def duration(ms: int) -> str:
    """Return a length of time as h:mm:ss, rounded down once."""
    seconds = ms // SECOND
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _table(reading: Reading) -> str:
    """Return a row for each segment; no cell is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    levels, contracts = _levels(reading.lines), _contracts(reading)
    for line in reading.lines:
        one, facts = line.segment, contracts.get(line.segment.key.contract)
        row = (
            *((facts.title, facts.client) if facts else (one.key.contract, "")),
            *(instant(one.start), instant(one.end), one.tracked_ms, one.origin, one.memo, one.task),
            *(levels[one.slot, one.key.contract], *_sums(line)),
            "; ".join(_shot(shot, line, reading) for shot in one.shots),
            *(" ".join(line.changes), _standing(line, reading), line.device, one.id),
        )
        writer.writerow("" if cell is None else _plain(str(cell)) for cell in row)
    return out.getvalue()


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _page(reading: Reading) -> str:
    manifest = reading.contents.manifest
    title = f"Work of {manifest.week}"
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>",
        f"<p>Times are UTC. Server {escape(manifest.server)}; written {manifest.made_at}",
        f"by device {manifest.device}. Anyone can check every signature, hash and receipt",
        "without the server: <code>hourproof verify ZIP</code></p>",
        "<p>How much of it is protected, over the limit or counted elsewhere is for the diary to say.</p>",
    ]
    for contract in manifest.contracts:
        parts += _contract(contract, reading)
    return "\n".join([*parts, "</body></html>", ""])


def _contract(contract: ContractFacts, reading: Reading) -> Iterator[str]:
    lines = [line for line in reading.lines if line.segment.key.contract == contract.id]
    yield f"<h2>{escape(contract.title)}, {escape(contract.client)}</h2>"
    yield f"<p>{_sentence(lines) if lines else 'No time.'}</p>"
    yield from _lacks(contract.id, reading)
    days: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        days[str(day_of(line.segment.start, UTC))].append(line)
    levels = _levels(lines)
    for day, members in days.items():
        yield f"<h3>{day}: {duration(sum(line.segment.tracked_ms for line in members))}</h3><table><tr>"
        yield "".join(f"<th>{name}</th>" for name in _HEAD) + "</tr>"
        for line in members:
            yield _row(line, levels[line.segment.slot, contract.id], reading)
        yield "</table>"


def _sentence(lines: Sequence[Line]) -> str:
    delivered = sum(line.segment.tracked_ms for line in lines if line.state == "delivered")
    rest = sum(line.segment.tracked_ms for line in lines) - delivered
    manual = sum(line.segment.tracked_ms for line in lines if line.segment.origin is Origin.MANUAL)
    parts = ((delivered, "delivered"), (rest, "not delivered"), (manual, "of it entered by hand"))
    return ", ".join(f"{duration(ms)} {name}" for ms, name in parts if ms) + "."


def _lacks(contract: str, reading: Reading) -> Iterator[str]:
    """Name what is not there."""
    manifest = reading.contents.manifest
    gone = [one for one in reading.discarded if one.contract == contract]
    if gone:
        moments = ", ".join(one.start for one in gone)
        yield f"<p>Discarded by the freelancer: {len(gone)} ({moments}).</p>"
    for device, numbers in reading.absent(contract):
        yield f"<p>Not delivered by device {device}: numbers {numbers} of its chain.</p>"
    held = [one for one in manifest.undelivered if one.state == "held" and one.contract == contract]
    if held:
        yield f"<p>Held on the device, not sealed and not in here: {len(held)} segments.</p>"


def _row(line: Line, reached: int | None, reading: Reading) -> str:
    one = line.segment
    shots = [_shown(shot, line, reading) for shot in one.shots]
    active, *counts = _sums(line)
    numbers = (_count(value) for value in (reached, active, *counts))
    changed = f"; changed later: {escape(', '.join(line.changes))}" if line.changes else ""
    return (
        f"<tr{'' if line.state == 'delivered' else ' class=open'}><td>{instant(one.start)[11:19]}</td>"
        f"<td>{instant(one.end)[11:19]}</td><td>{duration(one.tracked_ms)}</td><td>{escape(one.memo)}</td>"
        + "".join(f"<td class=n>{number}</td>" for number in numbers)
        + f"<td>{', '.join(shots)}</td><td>{_standing(line, reading)}{changed}</td></tr>"
    )


def _standing(line: Line, reading: Reading) -> str:
    """Return whether a segment is delivered, and whether it is test time."""
    return f"{line.state}, TEST" if reading.segments[line.segment.id].test else line.state


def _shown(shot: Shot, line: Line, reading: Reading) -> str:
    """Return a shot with links to its pictures."""
    links = (
        f' <a href="{picture_name(picture.sha256)}">{instant(shot.taken_at)[11:19]}</a>'
        for picture in shot.pictures
        if picture.sha256 in reading.contents.pictures
    )
    return escape(_shot(shot, line, reading)) + "".join(links)


def _shot(shot: Shot, line: Line, reading: Reading) -> str:
    """Return what became of a shot, and of pictures that are not here."""
    contract = line.segment.key.contract
    away = sorted(
        {
            reading.away.get((contract, picture.sha256), "missing")
            for picture in shot.pictures
            if picture.sha256 not in reading.contents.pictures
        }
    )
    return " ".join([shot.state, *away])


def _sums(line: Line) -> tuple[int, int | None, int | None, int | None]:
    minutes = line.segment.minutes
    counts = ([getattr(one, name) for one in minutes] for name in ("keys", "clicks", "scrolls"))
    keys, clicks, scrolls = (None if None in values else sum(values) for values in counts)
    return sum(one.active_s for one in minutes), keys, clicks, scrolls


def _levels(lines: Iterable[Line]) -> dict[tuple[int, str], int | None]:
    cells = defaultdict(list)
    for line in lines:
        cells[line.segment.slot, line.segment.key.contract].append(line.segment)
    return {place: level(segments) for place, segments in cells.items()}


def _contracts(reading: Reading) -> dict[str, ContractFacts]:
    return {one.id: one for one in reading.contents.manifest.contracts}


def _count(value: int | None) -> str:
    return "–" if value is None else str(value)
