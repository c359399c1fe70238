"""What a cell shows of itself in the sheet: its shot or why there is none, tags, level and verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.model.protection import Reason
from tracker.model.segment import Origin, ShotState
from tracker.model.slot import MINUTE
from tracker.server.diary import picture_url
from tracker.server.words import STATES, clock, exact, minutes, name

if TYPE_CHECKING:
    from tracker.model.cell import Cell
    from tracker.model.contract import Contract
    from tracker.model.segment import Picture, Shot
    from tracker.server.diary import Day

MARKS = {"protected": "shield-ok", "partly": "shield-part", "not": "shield-no"}
_TAGS = {Reason.LATE: "Late", Reason.CLOCK_IN_DOUBT: "Clock in doubt"}


@dataclass(frozen=True, slots=True)
class Place:
    """What stands in the shot's place where there is no picture to show: icon, words, and how it is drawn."""

    kind: str  # manual, withheld, failed, none
    icon: str
    title: str
    note: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A word on a cell, such as over the limit, late or blurred."""

    kind: str
    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class Face:
    """A cell as the sheet shows it."""

    id: str
    contract: Contract
    at: str
    sentence: str
    picture: str | None  # where it lies
    pictures: int
    place: Place | None
    tags: tuple[Tag, ...]
    level: int | None
    minimum: int
    manual: bool
    state: str

    @property
    def mark(self) -> str:
        """The icon of its verdict."""
        return MARKS[self.state]


def cell_id(cell: Cell) -> str:
    """Return what names a cell in a page's address: the start of its slot in seconds, and its contract."""
    return f"{cell.slot // 1000}.{cell.contract}"


def face(day: Day, cell: Cell) -> Face:
    """Return what the sheet shows of a cell."""
    contract, zone = day.contracts[cell.contract], day.window.zone
    shown = pictures(day, cell)
    return Face(
        id=cell_id(cell),
        contract=contract,
        at=clock(cell.slot, zone),
        sentence=_sentence(day, cell),
        picture=picture_url(cell.contract, shown[0][1].sha256) if shown else None,
        pictures=len(shown),
        place=None if shown else place(day, cell),
        tags=_tags(day, cell),
        level=cell.level,
        minimum=contract.terms.policy.min_level,
        manual=_manual(cell),
        state=cell.state,
    )


def pictures(day: Day, cell: Cell) -> tuple[tuple[Shot, Picture], ...]:
    """Return the pictures of a cell that the server holds, each with its shot."""
    shots = (shot for segment in cell.segments for shot in segment.shots)
    return tuple((shot, picture) for shot in shots for picture in shot.pictures if picture.sha256 in day.held)


def place(day: Day, cell: Cell) -> Place:
    """Return what stands where a cell has no picture."""
    if _manual(cell):
        return Place("manual", "pencil", "Manual", minutes(cell.tracked_ms))
    shots = [shot for segment in cell.segments for shot in segment.shots]
    if shots:
        return _lost(shots[-1], own=cell.contract in day.beyond.own)
    if Reason.NO_SHOT in cell.verdict.reasons:
        return Place("failed", "screen-off", "No shot", "none was taken")
    if day.contracts[cell.contract].terms.policy.shots_per_slot == 0:
        return Place("none", "screen-off", "No shot", "none is asked for")
    if cell.tracked_ms < MINUTE:
        return Place("none", "clock", "Under a minute", "needs no shot")
    return Place("none", "screen", "No own shot", "the next one counts")


def _lost(shot: Shot, *, own: bool) -> Place:
    if shot.state is ShotState.WITHHELD:
        by = "by you" if own else "by the freelancer"
        return Place("withheld", "eye-off", "Shot withheld", shot.reason or by)
    if shot.state is ShotState.FAILED:
        return Place("failed", "screen-off", "Capture failed", shot.reason or "no image")
    return Place("withheld", "screen-off", "Shot removed", "its hash is kept")


def _tags(day: Day, cell: Cell) -> tuple[Tag, ...]:
    standings = [day.standings[segment.id] for segment in cell.segments]
    tags = [Tag("over", "limit", "Over limit")] if any(one.over_ms for one in standings) else []
    overlap = sum(one.overlap_ms for one in standings)
    if overlap:
        tags.append(Tag("word", "overlap", f"Overlap {exact(overlap)}"))
    flags = {flag for one in standings for flag in one.flags}
    tags += [Tag("word", "", word) for reason, word in _TAGS.items() if reason in flags]
    if any(shot.state is ShotState.BLURRED for segment in cell.segments for shot in segment.shots):
        tags.append(Tag("word", "drop", "Blurred"))
    if not day.test and any(day.stored[segment.id].test for segment in cell.segments):
        tags.append(Tag("word", "", "TEST"))
    return tuple(tags)


def _sentence(day: Day, cell: Cell) -> str:
    """Say in one sentence what the cell is, for those who hear the page."""
    contract = day.contracts[cell.contract]
    level = "level unknown" if cell.level is None else f"level {cell.level}"
    told = [
        clock(cell.slot, day.window.zone),
        contract.client or contract.title,
        "entered by hand" if _manual(cell) else level,
        STATES[cell.state].lower(),
    ]
    reasons = ", ".join(
        name(reason) if cell.state == "not" else f"{exact(ms)} {name(reason)}"
        for reason, ms in lost_ms(day, cell).items()
    )
    return ", ".join(told) + (f": {reasons}" if reasons else "")


def lost_ms(day: Day, cell: Cell) -> dict[Reason, int]:
    """Return for every reason of a cell how much of its time it takes."""
    lost: dict[Reason, int] = dict.fromkeys(cell.verdict.reasons, 0)
    for segment in cell.segments:
        standing = day.standings[segment.id]
        own = {Reason.OVER_THE_LIMIT: standing.over_ms, Reason.OVERLAP: standing.overlap_ms}
        for reason in cell.verdicts[segment.id].reasons:
            lost[reason] += own.get(reason, segment.tracked_ms)
    return lost


def _manual(cell: Cell) -> bool:
    return all(segment.origin is Origin.MANUAL for segment in cell.segments)
