"""Brings questions about time away to the freelancer: each by itself once, and whenever they ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tracker.ui import away_texts
from tracker.ui.stretch import Surroundings

if TYPE_CHECKING:
    from tracker.errors import TrackerError
    from tracker.status import Question, Resume, Status
    from tracker.ui.away import AwayDialog
    from tracker.ui.bridge import Bridge
    from tracker.ui.desk import Desk
    from tracker.ui.theme import Theme


class Inquiry(QObject):
    """Follows the state; a question that was shown comes back only when it is asked for."""

    done = Signal()
    told = Signal(str, str)  # a run stopped by itself: a message's title and text

    def __init__(self, desk: Desk, bridge: Bridge, theme: Theme) -> None:
        super().__init__()
        self._desk = desk
        self._bridge = bridge
        self._theme = theme
        self._dialog: AwayDialog | None = None
        self._queue: list[str] = []  # what the dialog asks, one after the other
        self._asked = 0  # how many of them have been answered
        self._answered: set[str] = set()  # a snapshot may still show them
        self._surroundings = Surroundings()
        status = desk.status()
        self._shown = {one.id for one in status.questions if one.end is not None}
        self._left: Resume | None = None  # the run that stopped by itself and was told

    def follow(self, status: Status, *, seen: bool) -> None:
        """Ask what has just become a question, and tell of a run that stopped while nobody `seen` it."""
        self._surroundings.learn(status)
        fresh = [one for one in status.questions if one.end is not None and one.id not in self._shown]
        self._shown |= {one.id for one in fresh}
        if fresh:
            self._queue += [one.id for one in fresh if one.id not in self._queue]
        self._show(status, come=False, appear=bool(fresh))
        if status.resume != self._left:
            self._left = status.resume
            said = away_texts.stopped(status, self._desk.contracts(), self._desk.now())
            if said is not None and not seen:
                self.told.emit(said.title, said.text)

    def open(self) -> None:
        """Ask everything that is open, the oldest first."""
        status = self._desk.status()
        self._queue = [one.id for one in self._open(status)]
        self._asked = 0
        self._shown |= set(self._queue)
        self._show(status, come=True, appear=True)

    def dress(self, theme: Theme) -> None:
        """Follow the mode: an open dialog is made anew in it."""
        self._theme = theme
        former, self._dialog = self._dialog, None
        if former is not None:
            if former.isVisible():
                self._show(self._desk.status(), come=False, appear=True)
            former.hide()
            former.deleteLater()

    def close(self) -> None:
        """Take the dialog away, here: Python might collect it in a thread that must not touch widgets."""
        if self._dialog is not None:
            self._dialog.hide()
            self._dialog.deleteLater()
            self._dialog = None

    def _open(self, status: Status) -> list[Question]:
        return [one for one in status.questions if one.id not in self._answered]

    def _show(self, status: Status, *, come: bool, appear: bool) -> None:
        """Show the first question of the queue that is still open, or nothing more."""
        still = {one.id: one for one in self._open(status)}
        self._asked += sum(1 for one in self._queue if one not in still)
        self._queue = [one for one in self._queue if one in still]
        if not self._queue:
            self._asked = 0
            if self._dialog is not None:
                self._dialog.hide()
            return
        if not appear and (self._dialog is None or not self._dialog.isVisible()):
            return
        dialog, question, now = self._the_dialog(), still[self._queue[0]], self._desk.now()
        several = self._asked + len(self._queue)
        place = f"{self._asked + 1} of {several}" if several > 1 else ""
        stretch = self._surroundings.of(question, status, now)
        dialog.ask(question, stretch, self._desk.contracts(), now, place)
        if come:
            dialog.come()
        elif not dialog.isVisible():
            dialog.appear()

    def _the_dialog(self) -> AwayDialog:
        if self._dialog is None:
            # loaded when first asked: the tray is smaller without it
            from tracker.ui.away import AwayDialog  # noqa: PLC0415  # as said

            self._dialog = AwayDialog(self._theme)
            self._dialog.answered.connect(self._answer)
            self._dialog.rejected.connect(self._put_off)
        return self._dialog

    def _put_off(self) -> None:
        """Leave what is asked open; it waits in tray and window."""
        self._queue = []
        self._asked = 0

    def _answer(self, question: str, answer: str, contract: str) -> None:
        sent = self._desk.answer(question, answer, contract or None)
        self._bridge.after(sent, lambda _status: self._settle(question), self._refuse)

    def _settle(self, question: str) -> None:
        self._answered.add(question)
        self._show(self._desk.status(), come=False, appear=False)
        self.done.emit()

    def _refuse(self, error: TrackerError) -> None:
        if self._dialog is not None:
            self._dialog.refuse(error)
