"""The settings a person may want to change, each in force at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from tracker.settings import parse_hours
from tracker.ui.amounts import spell_limit
from tracker.ui.buttons import button
from tracker.ui.focus import FocusRing
from tracker.ui.labels import Wrapped, label
from tracker.ui.theme import stylesheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.settings import Settings
    from tracker.status import SignedIn
    from tracker.ui.theme import Theme

_APPEARANCES = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))
_NOTICES = (0, 5, 10, 15, 30, 60)  # seconds; another that was set by hand joins them
_MEMOS = (0, 60, 120, 240)  # minutes; as above
_MINUTE = 60_000  # ms
_HOURS = re.compile(r"\s*(\d{1,2})(?::(\d\d))?\s*[-–]\s*(\d{1,2})(?::(\d\d))?\s*")
_HOURS_HINT = "Monday to Friday. You are told when you work then and nothing is tracked. Empty: never."
_HOURS_WRONG = "They read like 09:00-17:00. What was set before still holds."


class Preferences(QDialog):
    """Shows the settings in force and tells each change."""

    changed = Signal(str, str)  # a setting's name and its value
    checking = Signal()
    signing_in = Signal()
    signing_out = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setWindowTitle("Preferences")
        self.setStyleSheet(stylesheet(theme))
        self._ring = FocusRing(self, theme.accent)
        self.setFixedWidth(420)
        self._notice, self._memo, self._appearance = QComboBox(), QComboBox(), QComboBox()
        self._account, self._sign = Wrapped(), button("", "plain")
        self._hours, self._hours_hint = QLineEdit(), Wrapped(_HOURS_HINT, "meta")
        self._hours_set = ""
        self._signed_in = False
        self._notice.setAccessibleName("Seconds a new shot is held on this computer")
        self._memo.setAccessibleName("Tracked time after which an unchanged memo is mentioned")
        self._hours.setAccessibleName("Working hours")
        self._hours.setPlaceholderText("09:00-17:00")
        self._appearance.setAccessibleName("Appearance")
        for value, name in _APPEARANCES:
            self._appearance.addItem(name, value)
        self._lay_out()
        boxes = (("notice", self._notice), ("memo_reminder", self._memo), ("appearance", self._appearance))
        for name, box in boxes:
            box.activated.connect(lambda _, name=name, box=box: self.changed.emit(name, box.currentData()))
        self._hours.editingFinished.connect(self._change_hours)
        self._sign.clicked.connect(self._sign_in_or_out)
        self._hours.textEdited.connect(lambda: self._hours_hint.say(_HOURS_HINT))

    def ask(self, settings: Settings, who: SignedIn | None) -> None:
        """Show these settings, and who is signed in, in front."""
        self.show_account(who)
        _offer(self._notice, {*_NOTICES, settings.notice}, settings.notice, _notice_name)
        _offer(self._memo, {*_MEMOS, settings.memo_reminder}, settings.memo_reminder, _memo_name)
        self._appearance.setCurrentIndex(self._appearance.findData(settings.appearance))
        self._hours_set = settings.working_hours
        self._hours.setText(settings.working_hours)
        self._hours_hint.say(_HOURS_HINT)
        self.show()
        self.raise_()
        self.activateWindow()

    def show_account(self, who: SignedIn | None) -> None:
        """Show who is signed in, and the way in or out."""
        self._signed_in = who is not None
        self._account.say(f"{who.name} at {who.server}" if who else "Your Work Diary is on this computer.")
        self._sign.setText("Sign out…" if who else "Sign in to a server…")

    def _sign_in_or_out(self) -> None:
        (self.signing_out if self._signed_in else self.signing_in).emit()

    def _change_hours(self) -> None:
        """Set what was typed, or say what it should read like."""
        hours = hours_typed(self._hours.text())
        if hours is None:
            self._hours_hint.say(_HOURS_WRONG)
            return
        self._hours.setText(hours)
        if hours != self._hours_set:
            self._hours_set = hours
            self.changed.emit("working_hours", hours)

    def _lay_out(self) -> None:
        check, close = button("See what is recorded…", "plain"), button("Close", "plain")
        check.clicked.connect(self.checking)
        close.clicked.connect(self.accept)
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setVerticalSpacing(4)
        notice = Wrapped("So long a new shot stays on this computer before it may be delivered.", "meta")
        memo = Wrapped("After so much tracked time with one memo you are reminded of it.", "meta")
        rows: tuple[tuple[str, QWidget, QWidget | None], ...] = (
            ("Account", self._account, self._sign),
            ("Notice of a shot", self._notice, notice),
            ("Memo unchanged", self._memo, memo),
            ("Working hours", self._hours, self._hours_hint),
            ("Appearance", self._appearance, None),
        )
        for name, widget, hint in rows:
            heading = label(name, "heading")
            heading.setContentsMargins(0, 10 if form.rowCount() else 0, 0, 0)
            form.addRow(heading, widget)
            if hint is not None:
                form.addRow(hint)
        buttons = QHBoxLayout()
        buttons.addWidget(check)
        buttons.addStretch()
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addLayout(form)
        column.addLayout(buttons)


def hours_typed(text: str) -> str | None:
    """Return working hours as they are set, from how people type them (9 – 17); None if they are none."""
    found = _HOURS.fullmatch(text)
    if found is not None:
        begin, begin_m, end, end_m = found.groups("00")
        text = f"{begin:0>2}:{begin_m}-{end:0>2}:{end_m}"
    try:
        parse_hours(text.strip())
    except ValueError:
        return None
    return text.strip()


def _offer(box: QComboBox, values: set[int], chosen: int, name: Callable[[int], str]) -> None:
    box.clear()
    for value in sorted(values):
        box.addItem(name(value), str(value))
    box.setCurrentIndex(box.findData(str(chosen)))


def _notice_name(seconds: int) -> str:
    return f"{seconds} s" if seconds else "None"


def _memo_name(minutes: int) -> str:
    return f"After {spell_limit(minutes * _MINUTE)}" if minutes else "Off"
