"""The tray's menu: the state, what can be done, and the contracts to switch to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from tracker.ui import status as say
from tracker.ui.actions import plain
from tracker.ui.call_menu import CallMenu
from tracker.ui.icons import swatch
from tracker.ui.labels import font
from tracker.ui.theme import stylesheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.model.contract import Contract
    from tracker.status import Status
    from tracker.ui.actions import Actions
    from tracker.ui.theme import Theme

IN_PLACE = 7  # contracts; further ones are behind More


class TrayMenu(QMenu):
    """Only text, checks and 16 px icons: on many desktops it travels over D-Bus.

    A panel above opens it with the pointer on the first line, a panel below with the pointer on the last:
    so Stop stands between lines that do nothing and the contracts, away from both ends.
    """

    chosen = Signal(str)  # a contract's id

    def __init__(self, actions: Actions, theme: Theme) -> None:
        super().__init__()
        self.setToolTipsVisible(False)
        self._listed: tuple[object, ...] = ()
        self._more = QMenu("More", self)
        self.call = CallMenu(self)
        self.dress(theme)
        self._test = self._line("TEST mode, this time is not real")
        self._state = self._line("")
        self._memo = self._line("")
        self._verdict = self._line("")
        self._totals = self._line("")
        self.addSeparator()
        self.addActions([actions.begin, actions.stop])
        self._end = self.addSeparator()
        self._group = QActionGroup(self)
        self._group.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
        self._group.triggered.connect(self._choose)
        self.addMenu(self._more)
        self.addSeparator()
        self.addActions([actions.memo, actions.answer])
        self.addMenu(self.call)
        self.addActions([actions.pause, actions.trial])
        self.addActions([actions.diary, actions.window, actions.preferences])
        self.addSeparator()
        self.addAction(actions.quit)

    def dress(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._listed = ()
        self.setStyleSheet(stylesheet(theme))

    def refresh(self, status: Status, contracts: Sequence[Contract]) -> None:
        """Show this state; the contracts keep their places while the menu is open."""
        running = status.slot is not None
        self._test.setVisible(status.test)
        self.call.refresh(status)
        self._state.setText(plain(say.state_line(status, contracts)))
        self._memo.setText(plain(say.memo_line(status)))
        self._memo.setVisible(running)
        self._verdict.setVisible(running)
        if status.slot is not None:
            self._verdict.setText(say.verdict_line(status.slot))
        self._totals.setText(say.totals_line(status))
        names = say.names(contracts)
        listed = tuple(names.items())
        if listed != self._listed and not self.isVisible():
            self._listed = listed
            self._list(names, say.colours(contracts))
        for action in self._group.actions():
            runs = running and action.data() == status.contract
            action.setChecked(runs)
            action.setFont(font("strong" if runs else "body"))

    def _list(self, names: dict[str, str], colours: dict[str, int]) -> None:
        for action in self._group.actions():
            self._group.removeAction(action)
            action.deleteLater()
        for place, (contract, name) in enumerate(names.items()):
            action = QAction(
                swatch(self._theme.contract(colours[contract]), self._theme.surface), plain(name), self._group
            )
            action.setCheckable(True)
            action.setData(contract)
            if place < IN_PLACE:
                self.insertAction(self._more.menuAction(), action)
            else:
                self._more.addAction(action)
        self._more.menuAction().setVisible(len(names) > IN_PLACE)
        self._end.setVisible(bool(names))

    def _choose(self, action: QAction) -> None:
        action.setChecked(True)  # the tracker's answer decides what is checked in the end
        self.chosen.emit(action.data())

    def _line(self, text: str) -> QAction:
        line = self.addAction(text)
        line.setEnabled(False)
        return line
