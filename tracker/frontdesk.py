"""Stands between the interface and the loops: takes commands without blocking, hands out snapshots."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from tracker import account, hiding
from tracker.capture.optin import wished_input
from tracker.errors import BadValue
from tracker.model.contract import Contract, ContractState
from tracker.model.segment import ClosedBy
from tracker.orders import Call, Dismiss, End, Presence
from tracker.rehearsal import Rehearsal
from tracker.revising import TAKE_BACK
from tracker.settings import Settings, load
from tracker.wire.diary import contract_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tracker.capture.photographer import ShotResult
    from tracker.clock import Clock
    from tracker.commands import Commands
    from tracker.doctor import Finding
    from tracker.outbox.outbox import Outbox
    from tracker.rehearsal import Heard
    from tracker.reminders import Reminder
    from tracker.reminding import Reminders
    from tracker.revising import Changed
    from tracker.session import WorkSession
    from tracker.status import SignedIn, SignedOut, Status, TakeBack

T = TypeVar("T")

_MEMOS = 8  # of a contract, to choose from


class FrontDesk:
    """What the interface talks to; snapshots are made in the session's thread, asking never waits."""

    def __init__(
        self, commands: Commands, session: WorkSession, outbox: Outbox, clock: Clock, reminders: Reminders
    ) -> None:
        self._commands = commands
        self._session = session
        self._outbox = outbox
        self._clock = clock
        self._reminders = reminders
        self._rehearsal = Rehearsal(lambda: wished_input(commands.home.settings))
        self._entrance = account.Entrance(commands)
        self._workers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="command")
        self._changed: Callable[[], None] = lambda: None
        self._raise: Callable[[], None] = lambda: None
        self._settings = Settings()
        self._contracts: tuple[Contract, ...] = ()
        self._status: Status
        self._refresh()
        session.changed = self._refresh
        session.ticked = self._tick

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._settings

    def status(self) -> Status:
        """Return the newest snapshot, at once."""
        return self._status

    def now(self) -> int:
        """Return the instant by the tracker's clock, which test mode scales."""
        return self._clock.now().wall

    def contracts(self) -> Sequence[Contract]:
        """Return the active contracts, the most recently tracked first."""
        return self._contracts

    def recent_memos(self, contract: str) -> Sequence[str]:
        """Return the last memos of a contract, the latest first."""
        return self._outbox.recent_memos(contract, _MEMOS)

    def last_picture(self) -> bytes | None:
        """Return the picture of this slot's newest shot as WebP, none where there is none."""
        shot = self._status.shot.id
        return None if shot is None else self._outbox.picture_of(shot)

    def begin(self, contract: str, memo: str) -> Future[Status]:
        """Start, resume or switch, whichever applies."""
        return self._workers.submit(self._commands.start, contract, memo or None)

    def change_memo(self, memo: str) -> Future[Status]:
        """Give the running segment this memo."""
        return self._workers.submit(self._commands.memo, memo)

    def answer(self, question: str, answer: str, contract: str | None = None) -> Future[Status]:
        """Say what time in question was."""
        return self._workers.submit(self._commands.away_answer, question, answer, contract)

    def call(self, until: int | None) -> Future[Status]:
        """Keep silence until an instant without a question; None: no longer."""
        return self._workers.submit(self._commands.effect, Call(until))

    def pause_shots(self, minutes: int) -> Future[Status]:
        """Have no shots taken for so long; 0 ends that."""
        return self._workers.submit(hiding.shot_pause, self._commands, str(minutes))

    def take_back(self, shot: str, how: TakeBack) -> Future[Changed]:
        """Withhold a shot, blur it, or discard it with its segment's time; for good."""
        return self._workers.submit(TAKE_BACK[how], self._commands, shot)

    def try_shot(self) -> Future[ShotResult]:
        """Take a shot by all rules, to be looked at and not to be kept."""
        return self._workers.submit(self._commands.take_shot, "test")

    def examine(self) -> Future[list[Finding]]:
        """Try everything the tracker needs, once."""
        return self._workers.submit(self._commands.doctor)

    def rehearse(self) -> Future[Heard]:
        """Count input to be looked at, not to be kept: from the first call until `end_rehearsal`."""
        return self._workers.submit(self._rehearsal.look)

    def end_rehearsal(self) -> Future[None]:
        """Count no longer for that."""
        return self._workers.submit(self._rehearsal.end)

    def resume(self) -> Future[Status]:
        """Go on with the run that had stopped by itself."""
        return self._workers.submit(self._commands.resume)

    def dismiss(self) -> Future[Status]:
        """Leave it stopped."""
        return self._workers.submit(self._commands.effect, Dismiss())

    def stop(self) -> Future[Status]:
        """Stop tracking."""
        return self._workers.submit(self._commands.stop)

    def add_contract(
        self, title: str, client: str, rate: str, currency: str, weekly_limit_h: str
    ) -> Future[Contract]:
        """Add a contract from what was typed; an empty limit is none."""
        limit = weekly_limit_h.strip() or None
        return self._workers.submit(self._add_contract, title, client, rate, currency, limit)

    def who(self) -> SignedIn | None:
        """Return who is signed in to a server, None where all stays on this computer."""
        return account.who(self._commands)

    def begin_sign_in(self, url: str) -> Future[str]:
        """Return the page at which the browser lets the freelancer in to the server at this address."""
        return self._workers.submit(self._entrance.begin, url)

    def end_sign_in(self) -> Future[SignedIn]:
        """Wait for the browser to come back from there, and belong to that account."""
        waiter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sign-in")
        ended = waiter.submit(self._entrance.end)
        waiter.shutdown(wait=False)
        return ended

    def cancel_sign_in(self) -> None:
        """Wait for it no longer."""
        self._entrance.cancel()

    def sign_out(self) -> Future[SignedOut]:
        """Belong to this computer alone; what is not delivered is kept for the next sign-in there."""
        return self._workers.submit(account.sign_out, self._commands)

    def reminders(self) -> Sequence[Reminder]:
        """Return the reminders that stand, the weightiest first."""
        return self._reminders.standing

    def settle(self, kind: str) -> None:
        """Put the reminder of this kind away."""
        self._reminders.settle(kind)

    def next_look(self) -> int | None:
        """Return in how many milliseconds there may be something to see without anybody's doing, if ever."""
        return self._reminders.next_look(self._status, self._settings, self.now())

    def open_diary(self) -> Future[str]:
        """Make a one-time address at which the browser shows the Work Diary."""
        return self._workers.submit(self._commands.diary_link)

    def change_setting(self, name: str, value: str) -> Future[Settings]:
        """Set one setting from what a person would type, and keep it."""
        return self._workers.submit(self._change_setting, name, value)

    def quit(self) -> Future[None]:
        """Close the open segment; the app ends its loops afterwards."""
        return self._session.post(End(ClosedBy.QUIT))

    def slept(self, asleep: bool) -> Future[None]:  # noqa: FBT001  # the desktop's word
        """Take over that the computer is about to sleep, or awake; done when the time until then is safe."""
        if not asleep:
            self._commands.syncer.wake()
        return self._session.post(Presence(asleep=asleep))

    def locked(self, locked: bool, sure: bool) -> Future[None]:  # noqa: FBT001  # as above
        """Take over that the screen is locked; sure: its unlocking will be told, too."""
        return self._session.post(Presence(locked=locked, sure=sure))

    def reconnected(self) -> None:
        """Take over that the network is there again, or another one."""
        self._commands.syncer.wake()

    def listen(self, changed: Callable[[], None], raise_window: Callable[[], None]) -> None:
        """Call back, from any thread: `changed` at each change of state, and once a second while watched."""
        self._changed, self._raise = changed, raise_window

    def watch(self, visible: bool) -> None:  # noqa: FBT001  # there is one thing to say
        """Say whether somebody is looking, so that the seconds are worth telling."""
        self._session.watched = visible
        self._session.nudge()

    def raise_window(self) -> None:
        """Bring the window to the front, from any thread."""
        self._raise()

    def close(self) -> None:
        """Take no more commands."""
        self._workers.shutdown(wait=False, cancel_futures=True)
        self._entrance.cancel()
        self._rehearsal.end()
        self._reminders.close()

    def _add_contract(self, title: str, client: str, rate: str, currency: str, limit: str | None) -> Contract:
        return contract_of(self._commands.contract_add(title, client, rate, currency, limit))

    def _change_setting(self, name: str, value: str) -> Settings:
        self._commands.settings_set(name, value)
        return self._settings

    def _refresh(self) -> None:
        """In the session's thread: something has changed."""
        with suppress(BadValue):  # edited by hand, and broken: what was in force stays
            self._settings = load(self._commands.home.settings)
        self._contracts = tuple(c for c in self._outbox.contracts() if c.state is ContractState.ACTIVE)
        self._tick()

    def _tick(self) -> None:
        """In the session's thread: time has passed."""
        self._status = self._commands.look()
        self._reminders.look(self._status, self._settings, self.now())
        self._changed()
