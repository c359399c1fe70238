"""WorkSession: gives the Recorder time and counts, and carries out what it reports."""

from __future__ import annotations

import logging
import queue
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.errors import (
    CaptureUnavailable,
    NothingTracking,
    StorageFailed,
    TrackerError,
    UnknownContract,
)
from tracker.model.segment import ClosedBy, Key
from tracker.model.slot import SECOND
from tracker.recording.recorder import Track
from tracker.recording.timeline import Timeline, jump

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.capture.base import InputSource
    from tracker.capture.photographer import ShotResult
    from tracker.capture.tally import Tally
    from tracker.clock import Clock, Reading
    from tracker.keeper import Keeper
    from tracker.model.contract import Contract
    from tracker.outbox.outbox import Outbox
    from tracker.recording.events import Event
    from tracker.recording.recorder import Recorder

log = logging.getLogger(__name__)

_TRY_AGAIN = 5.0  # seconds, while something cannot be kept
_UNTRACKED = 3600.0  # seconds between steps while nothing is tracked; a command nudges


@dataclass(frozen=True, slots=True)
class Begin:
    """Track this contract: starts, or switches at the same millisecond; None keeps a running memo."""

    contract: Contract
    memo: str | None


@dataclass(frozen=True, slots=True)
class ChangeMemo:
    """Say what is being done."""

    memo: str


@dataclass(frozen=True, slots=True)
class End:
    """Close the segment and stop."""

    why: ClosedBy


@dataclass(frozen=True, slots=True)
class Look:
    """Bring everything up to now, for whoever wants to see it."""


@dataclass(frozen=True, slots=True)
class _ShotTaken:
    segment: str
    result: ShotResult


@dataclass(frozen=True, slots=True)
class _InputLost:
    reason: str


Command = Begin | ChangeMemo | End | Look | _ShotTaken | _InputLost


class WorkSession:
    """One unit of recording per step; commands are obeyed at the next one."""

    def __init__(
        self,
        clock: Clock,
        recorder: Recorder,
        keeper: Keeper,
        outbox: Outbox,
        tally: Tally,
        choose_input: Callable[[], InputSource],
    ) -> None:
        self.recorder = recorder
        self.keeper = keeper
        self.contract: Contract | None = None
        self.session_ms = 0  # since the last start, over switches
        self.nudge: Callable[[], None] = lambda: None
        self.changed: Callable[[], None] = lambda: None
        self.ticked: Callable[[], None] = lambda: None
        self.watched = False  # somebody looks: the seconds are worth telling
        self._clock = clock
        self._outbox = outbox
        self._tally = tally
        self._choose_input = choose_input
        self._commands: queue.SimpleQueue[tuple[Command, Future[None]]] = queue.SimpleQueue()
        self._timeline: Timeline | None = None
        self._last = clock.now()
        self._at = 0
        self._began = 0
        self._source: InputSource | None = None
        self._failing = False
        keeper.shot_taken = self._shot_taken

    def post(self, command: Command) -> Future[None]:
        """Have a command obeyed at the next step; the future is done when it is in effect."""
        done: Future[None] = Future()
        self._commands.put((command, done))
        self.nudge()
        return done

    def step(self) -> float:
        """Let time pass, obey what was commanded, keep the draft; return seconds until the next step."""
        now = self._clock.now()
        self._pass_time(now)
        while not self._commands.empty():
            self._obey(*self._commands.get(), now)
        self._keep([])
        if self.watched:
            self.ticked()
        if self.recorder.track is None or self._timeline is None:
            return _TRY_AGAIN if self._failing else _UNTRACKED
        return (SECOND - self._timeline.at(self._clock.now()) % SECOND) / SECOND

    def stop_capture(self) -> None:
        """End counting."""
        if self._source is not None:
            self._source.stop()
            self._source = None

    @property
    def source(self) -> str | None:
        """What counts the input right now."""
        return self._source.name if self._source else None

    @property
    def at(self) -> int:
        """The instant up to which everything is accounted for; while stopped, of the last segment's end."""
        return self._at

    def _pass_time(self, now: Reading) -> None:
        if self._timeline is None:
            self._last = now
            return
        moved = jump(self._last, now)
        if moved:
            self.recorder.note_clock(moved)
        self._last = now
        at = self._timeline.at(now)
        if at > self._at:
            if self._source is not None:
                self._source.poll()
            self._at = at
            self.session_ms = at - self._began
            self._keep(self.recorder.advance(at, self._tally.take()))

    def _keep(self, events: list[Event]) -> None:
        """Carry events out; what cannot be kept now, as on a full disk, is kept as soon as it can."""
        try:
            self._carry_out(events)
            self.keeper.save_if_due(self._at)
        except StorageFailed as error:
            if not self._failing:
                log.warning("nothing can be kept right now: %s", error.title)
            self._failing = True
        else:
            self._failing = False

    def _obey(self, command: Command, done: Future[None], now: Reading) -> None:
        problem: Exception | None = None
        try:
            self._do(command, now)
        except Exception as error:  # whoever asked is told; tracking goes on
            problem = error
            if not isinstance(error, TrackerError):
                log.exception("a command failed")
        self.changed()
        if problem is None:
            done.set_result(None)
        else:
            done.set_exception(problem)

    def _do(self, command: Command, now: Reading) -> None:
        match command:
            case Begin():
                self._begin(command, now)
            case ChangeMemo(memo):
                self._change_memo(memo)
            case End(why):
                self._end(why)
            case _ShotTaken(segment, result):
                self.keeper.keep_shot(segment, result, self._at)
            case _InputLost(reason):
                log.warning("input is no longer counted: %s", reason)
                self._source = None
            case Look():
                pass

    def _begin(self, command: Begin, now: Reading) -> None:
        running = self.recorder.track
        if running is not None and running.key.contract == command.contract.id:
            if command.memo is not None:
                self._change_memo(command.memo)
            return
        if running is not None:
            self._carry_out(self.recorder.end(ClosedBy.SWITCH))
        else:
            self._wake(now)
        self._open(command.contract, command.memo or "")

    def _wake(self, now: Reading) -> None:
        """Begin a new run: anchor the time, and count input from here on."""
        self._timeline = Timeline.begin(now, after=max(self._at, self._outbox.last_end() or 0))
        self._at = self._began = self._timeline.anchor
        self.session_ms = 0
        try:
            self._source = self._choose_input()
            self._source.start(self._tally, self._lose)
        except CaptureUnavailable as error:
            self._source = None
            log.warning("input cannot be counted: %s", error.title)
        self._tally.take()

    def _open(self, contract: Contract, memo: str) -> None:
        account = self._outbox.account
        if account is None:
            raise UnknownContract("There is no account yet that the time could belong to.")
        shots = self.keeper.recall(contract.id, self._at)
        self.contract = contract
        self.recorder.begin(
            self._at,
            Track(
                key=Key(account.server, account.id, contract.id),
                memo=memo,
                source=self.source,
                shots_per_slot=contract.terms.policy.shots_per_slot,
            ),
            cell_ms=sum(segment.tracked_ms for segment in self.keeper.earlier),
            shots_taken=shots,
        )

    def _change_memo(self, memo: str) -> None:
        if self.recorder.track is None:
            raise NothingTracking("Nothing is being tracked, so there is nothing to tag.")
        self._carry_out(self.recorder.change_memo(memo))
        self.keeper.save(self._at, durable=True)

    def _end(self, why: ClosedBy) -> None:
        if self.recorder.track is None:
            if why is ClosedBy.STOP:
                raise NothingTracking("Nothing is being tracked.")
            return
        events = self.recorder.end(why)
        self.stop_capture()
        self._timeline = self.contract = None
        self._carry_out(events)

    def _carry_out(self, events: list[Event]) -> None:
        self.keeper.carry_out(events, self._at)
        if events:
            self.changed()

    def _shot_taken(self, segment: str, result: ShotResult) -> None:
        """Called from the photographer's thread."""
        self.post(_ShotTaken(segment, result))

    def _lose(self, reason: str) -> None:
        """Called from the hook's thread."""
        self.post(_InputLost(reason))
