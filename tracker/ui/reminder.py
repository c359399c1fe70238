"""Reminders in the window: one at a time, until it is done, put away, or no longer true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tracker.reminders import Kind, Reminder
from tracker.ui.banner import Banner
from tracker.ui.reminder_texts import notice_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.model.contract import Contract
    from tracker.ui.actions import Actions
    from tracker.ui.desk import Desk
    from tracker.ui.theme import Theme


class ReminderBanner(Banner):
    """The weightiest reminder that stands; its button does what is advised, its cross settles it."""

    settling = Signal(str)

    def __init__(self, actions: Actions, theme: Theme) -> None:
        super().__init__(theme)
        self._actions = actions
        self._kind: Kind | None = None
        self.acted.connect(self._act)
        self.closed.connect(self._settle)

    def refresh(self, standing: Sequence[Reminder], contracts: Sequence[Contract], now: int) -> None:
        """Show the first of these, or nothing."""
        first = standing[0] if standing else None
        self._kind = first.kind if first else None
        self.show_notice(notice_of(first, contracts, now) if first else None, can_close=True)

    def _act(self) -> None:
        if self._kind in {Kind.LIMIT_NEAR, Kind.LIMIT_REACHED}:
            self._actions.stop.trigger()
        elif self._kind is Kind.MEMO_OLD:
            self._actions.memo.trigger()
        elif self._kind is Kind.UNTRACKED:
            self._actions.begin.trigger()

    def _settle(self) -> None:
        if self._kind is not None:
            self.settling.emit(self._kind)


class ReminderTeller(QObject):
    """Says each reminder once beside the tray's icon, when it begins to stand."""

    told = Signal(str, str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._said: frozenset[str] = frozenset()

    def follow(self) -> None:
        """Tell what is new."""
        standing = self._desk.reminders()
        for one in standing:
            if one.new and one.key not in self._said:
                notice = notice_of(one, self._desk.contracts(), self._desk.now())
                self.told.emit(notice.title, notice.text)
        self._said = frozenset(one.key for one in standing)
