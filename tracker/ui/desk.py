"""What the interface may ask of the tracker behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from tracker.capture.photographer import ShotResult
    from tracker.doctor import Finding
    from tracker.model.contract import Contract
    from tracker.rehearsal import Heard
    from tracker.reminders import Reminder
    from tracker.settings import Settings
    from tracker.status import SignedIn, SignedOut, Status, TakeBack


class Desk(Protocol):
    """Carries out what the freelancer asks; every command answers later, its errors are TrackerErrors.

    Nothing here may block: it is called in the thread that paints.
    """

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        ...

    def status(self) -> Status:
        """Return the newest snapshot, at once."""
        ...

    def now(self) -> int:
        """Return the instant by the tracker's clock, which test mode scales."""
        ...

    def contracts(self) -> Sequence[Contract]:
        """Return the active contracts, the most recently tracked first."""
        ...

    def recent_memos(self, contract: str) -> Sequence[str]:
        """Return the last memos of a contract, the latest first."""
        ...

    def last_picture(self) -> bytes | None:
        """Return the picture of this slot's newest shot as WebP, none where there is none."""
        ...

    def begin(self, contract: str, memo: str) -> Future[Status]:
        """Start, resume or switch, whichever applies."""
        ...

    def change_memo(self, memo: str) -> Future[Status]:
        """Give the running segment this memo."""
        ...

    def stop(self) -> Future[Status]:
        """Stop tracking."""
        ...

    def answer(self, question: str, answer: str, contract: str | None = None) -> Future[Status]:
        """Say what time in question was: `keep`, `discard`, or `move` it to a contract."""
        ...

    def call(self, until: int | None) -> Future[Status]:
        """Say that silence up to this instant is a call, none that the call has ended."""
        ...

    def pause_shots(self, minutes: int) -> Future[Status]:
        """Have no shots taken for so long; 0 ends that."""
        ...

    def take_back(self, shot: str, how: TakeBack) -> Future[Any]:
        """Withhold a shot, blur it, or discard it with its segment's time; for good."""
        ...

    def try_shot(self) -> Future[ShotResult]:
        """Take a shot by all rules, to be looked at and not to be kept."""
        ...

    def examine(self) -> Future[list[Finding]]:
        """Try everything the tracker needs, once."""
        ...

    def rehearse(self) -> Future[Heard]:
        """Count input to be looked at, not to be kept: from the first call until `end_rehearsal`."""
        ...

    def end_rehearsal(self) -> Future[None]:
        """Count no longer for that."""
        ...

    def resume(self) -> Future[Status]:
        """Go on with what a long absence or the app's unexpected end stopped."""
        ...

    def dismiss(self) -> Future[Status]:
        """Put the offer to resume away."""
        ...

    def add_contract(
        self, title: str, client: str, rate: str, currency: str, weekly_limit_h: str
    ) -> Future[Contract]:
        """Add a contract from what was typed; an empty limit is none."""
        ...

    def who(self) -> SignedIn | None:
        """Return who is signed in to a server, None where all stays on this computer."""
        ...

    def begin_sign_in(self, url: str) -> Future[str]:
        """Return the page at which the browser lets the freelancer in to the server at this address."""
        ...

    def end_sign_in(self) -> Future[SignedIn]:
        """Wait for the browser to come back from there, and belong to that account."""
        ...

    def cancel_sign_in(self) -> None:
        """Wait for it no longer."""
        ...

    def sign_out(self) -> Future[SignedOut]:
        """Belong to this computer alone; what is not delivered is kept for the next sign-in there."""
        ...

    def reminders(self) -> Sequence[Reminder]:
        """Return the reminders that stand, the weightiest first."""
        ...

    def settle(self, kind: str) -> None:
        """Put the reminder of this kind away."""
        ...

    def next_look(self) -> int | None:
        """Return in how many milliseconds there may be something to see without anybody's doing, if ever."""
        ...

    def open_diary(self) -> Future[str]:
        """Make a one-time address at which the browser shows the Work Diary."""
        ...

    def change_setting(self, name: str, value: str) -> Future[Settings]:
        """Set one setting from what a person would type, and keep it."""
        ...

    def quit(self) -> Future[None]:
        """Close the open segment and end every loop."""
        ...

    def slept(self, asleep: bool) -> Future[None]:  # noqa: FBT001  # the system's word
        """Take over that the computer is about to sleep, or awake; done when the time until then is safe."""
        ...

    def locked(self, locked: bool, sure: bool) -> Future[None]:  # noqa: FBT001  # as above
        """Take over that the screen is locked; sure: its unlocking will be told, too."""
        ...

    def reconnected(self) -> None:
        """Take over that the network is there again, or another one."""
        ...

    def listen(self, changed: Callable[[], None], raise_window: Callable[[], None]) -> None:
        """Call back, from any thread: `changed` at each change of state, and once a second while watched."""
        ...

    def watch(self, visible: bool) -> None:  # noqa: FBT001  # there is one thing to say
        """Say whether somebody is looking, so that the seconds are worth telling."""
        ...
