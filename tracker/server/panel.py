"""An opened cell: its shots, memos, counts by the minute, verdict with every reason, and receipts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from tracker.model.overlap import movable
from tracker.model.protection import Reason
from tracker.model.ranges import common, without
from tracker.model.revision import Change
from tracker.model.sameness import shot_before, shows_the_same
from tracker.model.slot import MINUTE, SLOT, parse_instant
from tracker.model.week import lock_of, week_of
from tracker.server.diary import picture_url
from tracker.server.face import Face, Place, cell_id, face, lost_ms, pictures, place
from tracker.server.measures import Measure, measures
from tracker.server.words import clock, exact, explain, local, moment, span

if TYPE_CHECKING:
    from datetime import tzinfo

    from tracker.model.cell import Cell
    from tracker.model.contract import Contract
    from tracker.model.segment import Segment, Shot
    from tracker.server.diary import Day


@dataclass(frozen=True, slots=True)
class Present:
    """The present instant, and whether weeks lock at this server."""

    now: int
    locks: bool = True


@dataclass(frozen=True, slots=True)
class View:
    """The picture that is shown, of how many, when it was taken, and which shot of which segment it is."""

    url: str
    taken: str
    monitor: int
    width: int
    height: int
    number: int
    of: int
    same: bool  # as the shot before, roughly
    segment: str
    shot: str
    length: str  # of the segment, which goes where the shot is discarded


@dataclass(frozen=True, slots=True)
class Why:
    """How much time stands or falls, and the sentences that say why."""

    kind: str  # ok, no, over
    icon: str
    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Memo:
    """What was said to be done, from when to when, when that was said, if it was said later; and of what."""

    text: str
    task: str
    span: str
    changed: str | None
    segments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of the cell, by its receipt."""

    span: str
    received: str
    number: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Doubled:
    """Time of a segment that counts in another one: where, and until when its freelancer can change that."""

    segment: str
    sentence: str
    until: str | None  # None: no more


@dataclass(frozen=True, slots=True)
class Panel:
    """All that is shown of one cell."""

    face: Face
    title: str
    subtitle: str
    view: View | None
    place: Place
    measures: tuple[Measure, ...]
    axis: tuple[str, ...]
    whys: tuple[Why, ...]
    doubled: tuple[Doubled, ...]
    memos: tuple[Memo, ...]
    parts: tuple[Part, ...]
    segments: tuple[str, ...]
    until: str | None  # it can be corrected by who asks; None: not, or no more
    before: str | None
    after: str | None


def open_cell(day: Day, wanted: str, picture: int, present: Present) -> Panel | None:
    """Return the cell of that id with its picture of that number; None where the day has no such cell."""
    ids = [cell_id(cell) for cell in day.cells]
    if wanted not in ids:
        return None
    index = ids.index(wanted)
    cell, zone = day.cells[index], day.window.zone
    own = cell.contract in day.beyond.own
    return Panel(
        face=face(day, cell),
        title=span(cell.slot, cell.slot + SLOT, zone),
        subtitle=f"{exact(cell.tracked_ms)} tracked, {day.window.date:%A}",
        view=_view(day, cell, picture),
        place=place(day, cell),
        measures=measures(cell),
        axis=tuple(clock(cell.slot + n * MINUTE, zone)[3:] for n in range(10)),
        whys=_whys(day, cell),
        doubled=_doubled(day, cell, present.now) if own else (),
        memos=_memos(day, cell),
        parts=tuple(_part(day, segment) for segment in cell.segments),
        segments=tuple(segment.id for segment in cell.segments),
        until=_until(cell, zone, present) if own else None,
        before=ids[index - 1] if index else None,
        after=ids[index + 1] if index + 1 < len(ids) else None,
    )


def _view(day: Day, cell: Cell, number: int) -> View | None:
    shown = pictures(day, cell)
    if not shown:
        return None
    number = min(max(number, 1), len(shown))
    shot, picture = shown[number - 1]
    segment = next(one for one in cell.segments if shot in one.shots)
    return View(
        url=picture_url(cell.contract, picture.sha256),
        taken=clock(shot.taken_at, day.window.zone, seconds=True),
        monitor=picture.monitor + 1,
        width=picture.width,
        height=picture.height,
        number=number,
        of=len(shown),
        same=_same(day, cell, shot),
        segment=segment.id,
        shot=shot.id,
        length=exact(segment.tracked_ms),
    )


def _until(cell: Cell, zone: tzinfo, present: Present) -> str | None:
    """Say until when a cell can be corrected: a week that never locks has no end."""
    lock = lock_of(cell.slot)
    if not present.locks:
        return ""
    return f"until {moment(lock, zone)}" if present.now < lock else None


def _same(day: Day, cell: Cell, shot: Shot) -> bool:
    """Say whether a shot shows what the contract's shot before showed, as far as the day tells."""
    own = [segment for one in day.cells if one.contract == cell.contract for segment in one.segments]
    before = shot_before([one for segment in own for one in segment.shots], shot)
    return before is not None and shows_the_same(shot, before)


def _whys(day: Day, cell: Cell) -> tuple[Why, ...]:
    """Say what is protected, and for the rest every reason; reasons for the same time stand together."""
    contract, zone = day.contracts[cell.contract], day.window.zone
    failures = [shot.reason for segment in cell.segments for shot in segment.shots if shot.reason]
    whys = []
    if cell.verdict.protected_ms:
        whole = "Memo, activity and shot are all there."
        whys.append(Why("ok", "shield-ok", f"{exact(cell.verdict.protected_ms)} protected", (whole,)))
    together: dict[tuple[int, bool], list[str]] = defaultdict(list)
    for reason, ms in lost_ms(day, cell).items():
        limit_ms = day.limit(cell.contract, week_of(cell.slot))
        failure = failures[-1] if failures else ""
        sentence = explain(reason, cell, contract, zone, limit_ms=limit_ms, failure=failure)
        together[ms, reason is Reason.OVER_THE_LIMIT].append(sentence)
    for (ms, over), sentences in together.items():
        if over:
            whys.append(Why("over", "limit", f"{exact(ms)} over the limit", tuple(sentences)))
        else:
            whys.append(Why("no", "shield-no", f"{exact(ms)} not protected", tuple(sentences)))
    return tuple(whys)


def _doubled(day: Day, cell: Cell, now: int) -> tuple[Doubled, ...]:
    """Say of each segment that overlaps where its time counts; only the freelancer may know that."""
    zone, lock = day.window.zone, lock_of(cell.slot)
    stretches = {id_: one.stretch for id_, one in day.stored.items()}
    made = []
    for one in (stretches[segment.id] for segment in cell.segments if stretches[segment.id].overlap):
        beside = [other for other in stretches.values() if common([other.range], one.overlap)]
        counted = (
            (_called(day.contracts[other.contract]), begin, end)
            for other in beside
            for begin, end in common(without([other.range], other.overlap), one.overlap)
        )
        where = "; ".join(f"{name}, {span(begin, end, zone, seconds=True)}" for name, begin, end in counted)
        movable_now = now < lock and movable(one, beside)
        made.append(Doubled(one.id, f"Counted for {where}.", moment(lock, zone) if movable_now else None))
    return tuple(made)


def _called(contract: Contract) -> str:
    return contract.client or contract.title


def _memos(day: Day, cell: Cell) -> tuple[Memo, ...]:
    """Return each memo once for all the neighbouring segments that share it."""
    zone = day.window.zone
    said = {
        segment.id: (segment.memo.strip(), segment.task, _changed(day, segment)) for segment in cell.segments
    }
    grouped = groupby(cell.segments, key=lambda segment: said[segment.id])
    spans = ((*memo, [*segments]) for memo, segments in grouped)
    return tuple(
        Memo(
            text,
            task,
            span(segments[0].start, segments[-1].end, zone, seconds=True),
            changed,
            tuple(one.id for one in segments),
        )
        for text, task, changed, segments in spans
    )


def _changed(day: Day, segment: Segment) -> str | None:
    """Return when the memo was changed last, None if it is the one the segment was sent with."""
    memos = [one.at for one in day.stored[segment.id].revisions if one.change is Change.MEMO]
    return moment(max(memos), day.window.zone) if memos else None


def _part(day: Day, segment: Segment) -> Part:
    stored, zone = day.stored[segment.id], day.window.zone
    return Part(
        span=span(segment.start, segment.end, zone, seconds=True),
        received=_received(day, parse_instant(stored.receipt.received_at)),
        number=stored.seq,
        sha256=stored.receipt.sha256,
    )


def _received(day: Day, at: int) -> str:
    moment = local(at, day.window.zone)
    date = "" if moment.date() == day.window.date else f"{moment.day} {moment:%B}, "
    return f"{date}{moment:%H:%M:%S}"
