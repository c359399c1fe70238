"""What the tracker does right now, as command line, tray and window show it."""

from __future__ import annotations

from typing import Literal

import msgspec

from tracker.model.counts import Trouble
from tracker.model.segment import ShotState
from tracker.wire.diary import VerdictView

CONFLICT = "The server holds other content for this segment"  # so begins the problem that a person must see


class SlotStatus(msgspec.Struct, frozen=True):
    """The running contract's cell of this slot; counts are null where only activity can be known."""

    start: str
    tracked_ms: int
    active_s: int
    keys: int | None
    clicks: int | None
    scrolls: int | None
    level: int | None
    verdict: VerdictView
    minutes: tuple[int, ...]  # active seconds of each of the ten minutes


class WeekStatus(msgspec.Struct, frozen=True):
    """This UTC week, of the running contract; with none running of all contracts, without a limit."""

    start: str
    ms: int
    limit_ms: int | None


class Question(msgspec.Struct, frozen=True, rename={"begin": "from", "end": "to"}):
    """Time in question, until the freelancer answers."""

    id: str
    begin: str
    end: str | None
    contract: str
    shots: tuple[str, ...] = ()  # when each of its shots was taken: they go with the time


class Resume(msgspec.Struct, frozen=True):
    """A run that ended without being told to: long away, or the app ended unexpectedly."""

    contract: str
    at: str
    why: Literal["away", "crash"]
    memo: str = ""


class ShotStatus(msgspec.Struct, frozen=True):
    """The shots of this slot: whether one is still due, how many were taken, when the last was."""

    due: bool
    taken: int
    last: str | None
    notice_until: str | None
    state: ShotState | None = None  # of the last
    reason: str = ""  # why the last shows nothing
    id: str | None = None  # of the last
    time_ms: int | None = None  # of its segment, which goes with it when it is discarded


class OutboxStatus(msgspec.Struct, frozen=True):
    """How many segments wait, and for what."""

    held: int
    waiting: int
    refused: int


class ServerStatus(msgspec.Struct, frozen=True):
    """Where segments go; the url is null while the embedded server sleeps; `why` it is not online."""

    url: str | None
    state: Literal["online", "offline", "signed-out"]
    why: str = ""


class SourcesStatus(msgspec.Struct, frozen=True):
    """What counts input and takes shots; null: nothing can here.

    `trouble`: what counted was lost and is tried again, or misses input of which the desktop tells.
    """

    input: str | None
    screen: str | None
    trouble: Trouble | None = None


TakeBack = Literal["withhold", "blur", "discard"]  # a shot: what becomes of its pictures and its time
Disk = Literal["fine", "little", "no-shots", "failing"]


class Status(msgspec.Struct, frozen=True):
    """Everything at one moment."""

    app_running: bool
    state: Literal["stopped", "tracking", "away"]
    account: str
    contract: str | None
    memo: str
    slot: SlotStatus | None
    session_ms: int
    today_ms: int
    week: WeekStatus
    questions: tuple[Question, ...]
    shot: ShotStatus
    outbox: OutboxStatus
    server: ServerStatus
    sources: SourcesStatus
    test: bool
    call_until: str | None = None  # until then silence is kept and marked
    resume: Resume | None = None  # what the freelancer may want to go on with
    shots_paused_until: str | None = None  # until then shots that are due are withheld
    disk: Disk = "fine"  # little: shots are smaller; no-shots: none are; failing: nothing can be kept now


class HoldView(msgspec.Struct, frozen=True):
    """Why a segment does not leave yet, and until when."""

    why: str
    until: str


class EntryView(msgspec.Struct, frozen=True):
    """A row of the outbox: state is `held`, `waiting` or `refused`."""

    id: str
    contract: str
    start: str
    end: str
    state: str
    hold: HoldView | None
    attempts: int
    next: str | None
    problem: str | None
    change: str | None = None  # of a revision: what it does to its segment
    segment: str | None = None


class SignedIn(msgspec.Struct, frozen=True):
    """Who is signed in, and where."""

    name: str
    server: str  # as a person calls it
    url: str


class SignedOut(msgspec.Struct, frozen=True):
    """What a sign-out leaves here for the next sign-in at that server: segments and revisions."""

    server: str
    kept: int
