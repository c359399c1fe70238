"""What the freelancer asks for, carried to the desk; dialogs where something has to be said first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from tracker.ui import shot_texts
from tracker.ui import status as say
from tracker.ui.away_texts import call_end, can_resume

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.capture.photographer import ShotResult
    from tracker.status import TakeBack
    from tracker.ui.actions import Actions
    from tracker.ui.bridge import Bridge
    from tracker.ui.check_dialog import CheckDialog
    from tracker.ui.desk import Desk
    from tracker.ui.memo import MemoDialog
    from tracker.ui.preferences import Preferences
    from tracker.ui.question import Question
    from tracker.ui.sign_in import SignInDialog
    from tracker.ui.theme import Theme
    from tracker.ui.trial import Trial

_SIGN_OUT = (
    "Sign out of the server?",
    "Tracking stops. What waits is kept here for the next sign-in there. New time stays on this computer.",
)


class Errands(QObject):
    """Sends each command; the bridge brings the answers."""

    done = Signal()
    added = Signal()
    appearance = Signal(str)

    def __init__(self, desk: Desk, bridge: Bridge, actions: Actions, theme: Theme) -> None:
        super().__init__()
        self._desk = desk
        self._bridge = bridge
        self._theme = theme
        self._memo: MemoDialog | None = None
        self._preferences: Preferences | None = None
        self._trial: Trial | None = None
        self._check: CheckDialog | None = None
        self._entrance: SignInDialog | None = None
        self._question: Question | None = None
        actions.begin.triggered.connect(self._begin_or_resume)
        actions.stop.triggered.connect(self._stop)
        actions.memo.triggered.connect(self._ask_for_memo)
        actions.pause.triggered.connect(self._pause_shots)
        actions.trial.triggered.connect(self._try_shot)
        actions.withhold.triggered.connect(lambda: self._take_back("withhold"))
        actions.blur.triggered.connect(lambda: self._take_back("blur"))
        actions.discard.triggered.connect(self._ask_to_discard)
        actions.diary.triggered.connect(self._open_diary)
        actions.preferences.triggered.connect(self._ask_for_preferences)

    def dress(self, theme: Theme) -> None:
        """Make the next dialogs in this theme."""
        self._theme = theme
        self.close()

    def close(self) -> None:
        """Take the dialogs away, here: Python might collect them in a thread that must not touch widgets."""
        dialogs = (self._memo, self._preferences, self._trial, self._check, self._entrance, self._question)
        for dialog in dialogs:
            if dialog is not None:
                dialog.hide()
                dialog.deleteLater()
        self._memo = self._preferences = self._trial = self._check = None
        self._entrance = self._question = None

    def begin(self, contract: str, memo: str = "") -> None:
        """Start a contract, or switch to it; what runs already goes on as it does."""
        status = self._desk.status()
        if status.state == "tracking" and status.contract == contract and not memo:
            self.done.emit()
        else:
            self._bridge.after(self._desk.begin(contract, memo), self._finish)

    def add_contract(self, title: str, client: str, rate: str, currency: str, limit: str) -> None:
        """Add a contract from what was typed."""
        added = self._desk.add_contract(title, client, rate, currency, limit)
        self._bridge.after(added, lambda _contract: self.added.emit())

    def _finish(self, _status: object) -> None:
        self.done.emit()

    def resume(self) -> None:
        """Go on with what is paused, or with the run that stopped by itself."""
        status = self._desk.status()
        if status.state == "away" and status.contract is not None:
            self.begin(status.contract)
        else:
            self._bridge.after(self._desk.resume(), self._finish)

    def dismiss(self) -> None:
        """Put the offer to resume away."""
        self._bridge.after(self._desk.dismiss(), self._finish)

    def call(self, minutes: int) -> None:
        """Be in a call for so many minutes; none ends it."""
        until = call_end(self._desk.now(), minutes) if minutes else None
        self._bridge.after(self._desk.call(until), self._finish)

    def _begin_or_resume(self) -> None:
        status, contracts = self._desk.status(), self._desk.contracts()
        if status.state == "away" or can_resume(status, contracts):
            self.resume()
        elif contracts:
            self.begin(contracts[0].id)

    def _stop(self) -> None:
        self._bridge.after(self._desk.stop(), self._finish)

    def _ask_for_memo(self) -> None:
        status, contracts = self._desk.status(), self._desk.contracts()
        if status.contract is None:
            return
        if self._memo is None:
            # dialogs are loaded when first asked for: the tray is smaller without them
            from tracker.ui.memo import MemoDialog  # noqa: PLC0415  # as said

            self._memo = MemoDialog(self._theme)
            self._memo.given.connect(self._change_memo)
        self._memo.ask(
            say.running_name(status, contracts),
            status.memo,
            self._desk.recent_memos(status.contract),
            say.policy_of(status.contract, contracts),
        )

    def _change_memo(self, memo: str) -> None:
        self._bridge.after(self._desk.change_memo(memo), self._finish)

    def _pause_shots(self) -> None:
        minutes = 0 if self._desk.status().shots_paused_until else shot_texts.PAUSE
        self._bridge.after(self._desk.pause_shots(minutes), self._finish)

    def _take_back(self, how: TakeBack) -> None:
        shot = shot_texts.shown_shot(self._desk.status())
        if shot is not None:
            self._bridge.after(self._desk.take_back(shot, how), self._finish)

    def _ask_to_discard(self) -> None:
        words = shot_texts.discarding(self._desk.status())
        self._ask(words, "Discard both", "Keep both", lambda: self._take_back("discard"))

    def _try_shot(self) -> None:
        self._bridge.after(self._desk.try_shot(), self._show_trial)

    def _show_trial(self, taken: ShotResult) -> None:
        if self._trial is None:
            from tracker.ui.trial import Trial  # noqa: PLC0415  # as above

            self._trial = Trial(self._bridge, self._theme)
        self._trial.ask(taken)

    def _open_diary(self) -> None:
        self._bridge.after(self._desk.open_diary(), self._browse)

    def _browse(self, url: str) -> None:
        QDesktopServices.openUrl(QUrl(url))
        self.done.emit()

    def _ask_for_preferences(self) -> None:
        if self._preferences is None:
            from tracker.ui.preferences import Preferences  # noqa: PLC0415  # as above

            self._preferences = Preferences(self._theme)
            self._preferences.changed.connect(self._change_setting)
            self._preferences.checking.connect(self._see_what_is_recorded)
            self._preferences.signing_in.connect(self._sign_in)
            self._preferences.signing_out.connect(self._sign_out)
        self._preferences.ask(self._desk.settings, self._desk.who())

    def _sign_in(self) -> None:
        if self._entrance is None:
            from tracker.ui.sign_in import SignInDialog  # noqa: PLC0415  # as above

            self._entrance = SignInDialog(self._desk, self._bridge, self._theme)
            self._entrance.done_well.connect(self._account_changed)
        self._entrance.ask()

    def _sign_out(self) -> None:
        def leave() -> None:
            self._bridge.after(self._desk.sign_out(), self._account_changed)

        self._ask(_SIGN_OUT, "Sign out", "Stay signed in", leave)

    def _ask(self, words: tuple[str, str], yes: str, no: str, do: Callable[[], None]) -> None:
        """Do something once it is confirmed."""
        from tracker.ui.question import Question  # noqa: PLC0415  # as above

        if self._question is not None:
            self._question.deleteLater()
        self._question = Question(self._theme, *words, yes=yes, no=no)
        self._question.accepted.connect(do)
        self._question.come()

    def _account_changed(self, _who: object) -> None:
        if self._preferences is not None:
            self._preferences.show_account(self._desk.who())
        self.done.emit()

    def _see_what_is_recorded(self) -> None:
        if self._check is None:
            from tracker.ui.check_dialog import CheckDialog  # noqa: PLC0415  # as above

            self._check = CheckDialog(self._desk, self._bridge, self._theme)
            self._check.closer.connect(self._try_shot)
        self._check.ask()

    def _change_setting(self, name: str, value: str) -> None:
        def applied(_settings: object) -> None:
            if name == "appearance":
                self.appearance.emit(value)

        self._bridge.after(self._desk.change_setting(name, value), applied)
