"""The composition root: the only place that constructs the parts and hands them to each other."""

from __future__ import annotations

import dataclasses
import logging
import signal
import socket
from contextlib import ExitStack, closing, suppress
from functools import cache
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Self, TypeVar

import msgspec
from filelock import FileLock, Timeout
from msgspec.structs import replace
from uuid_utils import uuid7

from tracker import __version__
from tracker.answering import Request, answer
from tracker.capture import choose_idle, choose_screen, choose_windows
from tracker.capture.camera import Camera
from tracker.capture.optin import wished_input
from tracker.capture.photographer import Photographer
from tracker.capture.tally import Tally
from tracker.clock import ScaledClock, SystemClock
from tracker.commands import Commands
from tracker.desktop import display
from tracker.desktop.control import Control, ask
from tracker.desktop.embedded import Embedded, Started
from tracker.desktop.secrets import Secrets, device_key, outbox_key
from tracker.errors import AlreadyRunning, AppNotRunning, CaptureUnavailable
from tracker.evidence.keys import SigningKey
from tracker.frontdesk import FrontDesk
from tracker.keeper import Keeper, recover
from tracker.log import set_up
from tracker.loop import Loop
from tracker.model.segment import ClosedBy
from tracker.model.slot import SECOND, next_midnight
from tracker.orders import End, Look
from tracker.outbox.database import Database
from tracker.outbox.draft import DraftStore
from tracker.outbox.outbox import Outbox
from tracker.recording.recorder import Recorder
from tracker.recording.shots import ShotPlan
from tracker.reminding import Reminders
from tracker.session import WorkSession
from tracker.settings import Settings, TestMode, load, read_test_mode
from tracker.snapshot import status_of
from tracker.space import room
from tracker.status import ServerStatus, SourcesStatus, Status
from tracker.sync.connection import Connection
from tracker.sync.syncer import Syncer
from tracker.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from tracker.clock import Clock
    from tracker.paths import Home

T = TypeVar("T")

log = logging.getLogger(__name__)

_ENDS = 1.0  # seconds at most for each part to end: all of it within two in practice
_GLANCE = 0.5  # seconds to wait for a home that another process has taken
_GLANCES = 20
_SHOW = msgspec.json.encode(Request("show", {}))
_NO_SOURCES = SourcesStatus(input=None, screen=None)


class Parts:
    """What the app and a command without the app have in common; one process at a time holds a home's."""

    def __init__(self, home: Home, mode: TestMode | None, *, patience_s: float) -> None:
        """Take the home, and ask the keyring; raises AlreadyRunning where another keeps it for so long."""
        home.make()
        self.home = home
        self.mode = mode
        self._lock = FileLock(home.lock)
        try:
            self._lock.acquire(timeout=patience_s)
        except Timeout as error:
            raise AlreadyRunning(f"Another process works with {home.data}.") from error
        self._closing = ExitStack()
        self._closing.callback(self._lock.release)
        with self._closing:
            set_up(home.logs, "hourproof")
            self.secrets = Secrets(home.service, home.data / "keys")
            self.settings: Settings = load(home.settings)
            self._closing = self._closing.pop_all()

    def __enter__(self) -> Self:
        """Open the database; this waits until the keyring has answered."""
        with self._closing:
            self._open()
            self._closing = self._closing.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def _open(self) -> None:
        home, mode = self.home, self.mode
        self.clock: Clock = SystemClock()
        self.random: Random = SystemRandom()
        if mode is not None:
            self.clock = ScaledClock(self.clock, speed=mode.speed, begin=mode.now)
        if mode is not None and mode.seed is not None:
            self.random = Random(mode.seed)  # noqa: S311  # test mode asks for moments that repeat
        database = Database.open(home.database, outbox_key(self.secrets, home.database))
        self._closing.callback(database.close)
        signer = SigningKey(device_key(self.secrets))
        self.outbox = Outbox(database, signer, app=f"hourproof {__version__}", test=mode is not None)
        self.draft = DraftStore(database)
        origin = f"embedded:{self.outbox.home_id}"
        self._embedded = Embedded(home.server, origin=origin, test=mode is not None)
        self.connection = Connection(
            self._reach, self.secrets, self.outbox, signer, socket.gethostname(), self.clock
        )
        self.connection.compares_clocks = mode is None
        self.connection.ca = self.settings.ca
        self.syncer = Syncer(
            self.outbox,
            self.connection,
            self.clock,
            self.random,
            hourly=self.outbox.address is None,
            spread_s=mode.spread if mode else None,
        )

    def _reach(self) -> Started:
        """Return where the account's server is; the one on this machine is started for it."""
        address = self.outbox.address
        return self._embedded.start() if address is None else Started(address)

    @property
    def camera(self) -> Camera:
        """What takes shots, by the settings as they are then."""
        home = self.home
        return Camera(choose_screen, choose_windows, lambda: load(home.settings), lambda: room(home.data))

    @property
    def notice_s(self) -> int:
        """For how many seconds a new shot is held."""
        return self.settings.notice if self.mode is None or self.mode.notice is None else self.mode.notice

    @property
    def commands(self) -> Commands:
        """The commands, as they work without the app."""
        return Commands(
            self.home,
            self.outbox,
            self.connection,
            self.syncer,
            self.secrets,
            session=None,
            look=self.look,
            now=self.now,
            take_shot=self.camera.take,
        )

    def now(self) -> int:
        """Return the wall clock's instant."""
        return self.clock.now().wall

    def recover(self) -> None:
        """Do what every start does first: take in the draft a crash left, seal what is no longer held."""
        now = self.now()
        found = recover(self.draft, self.outbox, notice_ms=self.notice_s * SECOND, now=now)
        if found.resume:
            log.warning("the app ended unexpectedly: %d ms were recovered", found.ms)
            self.outbox.remember_resume(found.resume)
        self.outbox.seal_due(now)

    def look(self, session: WorkSession | None = None) -> Status:
        """Return the status, without a session that of a tracker that does not run."""
        server = ServerStatus(self.connection.url, self.connection.state, self.connection.why)
        running = session is not None and session.recorder.track is not None
        sources = _NO_SOURCES
        if session is not None and running:
            sources = SourcesStatus(session.watch.source, _screen_name(), session.watch.trouble)
        seen = status_of(
            self.outbox,
            session,
            server,
            sources,
            now=self.now(),
            test=self.mode is not None,
        )
        return seen if seen.disk == "failing" else replace(seen, disk=room(self.home.data).value)


@cache
def _screen_name() -> str | None:
    """Return what takes the shots here, None where nothing can."""
    try:
        with closing(choose_screen()) as screen:
            return screen.name
    except CaptureUnavailable:
        return None


class App:
    """The tray app: the loops, the door for commands, and what the interface talks to."""

    def __init__(self, parts: Parts) -> None:
        parts.recover()
        self._parts = parts
        recorder = Recorder(ShotPlan(parts.random), new_id=lambda: str(uuid7()), midnight=next_midnight)
        self._photographer = Photographer(parts.camera.take)
        keeper = Keeper(
            recorder,
            self._photographer,
            parts.outbox,
            parts.draft,
            parts.clock,
            notice_ms=parts.notice_s * SECOND,
        )
        watch = Watch(parts.clock.now(), Tally(), lambda: wished_input(parts.home.settings), choose_idle)
        self.session = WorkSession(parts.clock, recorder, keeper, parts.outbox, watch)
        self._recording = Loop(self.session, parts.clock, "recording")
        self._delivery = Loop(parts.syncer, parts.clock, "delivery")
        self.session.nudge = self._recording.nudge
        parts.syncer.nudge = self._delivery.nudge
        self.commands = dataclasses.replace(
            parts.commands,
            session=self.session,
            look=lambda: parts.look(self.session),
            raise_window=self._raise_window,
            end_app=lambda: signal.raise_signal(signal.SIGTERM),
        )
        reminders = Reminders(parts.outbox, self.commands.outbox_entries, choose_idle())
        self.desk = FrontDesk(self.commands, self.session, parts.outbox, parts.clock, reminders)
        parts.syncer.changed = self._look_again
        self._control = Control(parts.home.control, lambda request: answer(self.commands, request))

    def _look_again(self) -> None:
        self.session.post(Look())

    def _raise_window(self) -> None:
        self.desk.raise_window()

    def start(self) -> None:
        """Begin to record and to deliver."""
        self._recording.start()
        self._delivery.start()

    def end(self) -> None:
        """Close the segment, let the shot under way arrive, and end the loops; safe to call twice."""
        self._parts.syncer.close()
        self._control.close()
        self.session.post(End(ClosedBy.QUIT)).result(_ENDS)
        self._photographer.close(_ENDS)
        self.session.post(Look()).result(_ENDS)
        self._recording.stop(_ENDS)
        self._delivery.stop(_ENDS)
        self.desk.close()


def take(home: Home, ask_app: Callable[[], T]) -> T | Parts:
    """Return what the running app answers or, where none runs, the home's parts.

    A home that is taken without an answer belongs to a short command, or to an app about to answer: it is
    asked again, and AlreadyRunning is raised in the end.
    """
    mode = read_test_mode()
    for _ in range(_GLANCES):
        with suppress(AppNotRunning):
            return ask_app()
        with suppress(AlreadyRunning):
            return Parts(home, mode, patience_s=_GLANCE)
    raise AlreadyRunning(f"Another process works with {home.data}, and does not answer.")


def run(home: Home, *, minimized: bool) -> int:
    """Run the tray app until it is quit; a second start raises the first. Returns the exit code."""
    display.require()
    parts = take(home, lambda: ask(home.control, _SHOW))
    if not isinstance(parts, Parts):
        return 0
    from tracker.ui import application  # noqa: PLC0415  # Qt is loaded while the keyring is asked

    with parts:
        app = App(parts)
        app.start()
        try:
            return application.run(app.desk, minimized=minimized, appearance=parts.settings.appearance)
        finally:
            app.end()
