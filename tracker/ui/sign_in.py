"""Signing in to a server: its address here, all else in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from tracker.ui.buttons import button
from tracker.ui.focus import FocusRing
from tracker.ui.labels import Wrapped
from tracker.ui.theme import stylesheet

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent

    from tracker.errors import TrackerError
    from tracker.status import SignedIn
    from tracker.ui.bridge import Bridge
    from tracker.ui.desk import Desk
    from tracker.ui.theme import Theme

_HINT = "Your browser opens the server's own page. No password is typed into Hourproof."
_WAITING = "Go on in your browser. This page follows by itself."


class SignInForm(QWidget):
    """Takes an address, sends the browser there, and waits for it to come back."""

    done = Signal(object)  # a SignedIn

    def __init__(self, desk: Desk, bridge: Bridge) -> None:
        super().__init__()
        self._desk = desk
        self._bridge = bridge
        self._page = ""  # the browser was sent there
        self._attempt = 0  # what comes of an earlier one is nobody's any more
        self._url = QLineEdit()
        self._url.setPlaceholderText("https://hours.example.org")
        self._url.setAccessibleName("Address of the server")
        self._said = Wrapped(_HINT, "meta")
        self._go, self._again = button("Sign in", "plain"), button("Open the browser again", "quiet")
        self._go.clicked.connect(self._begin_or_give_up)
        self._again.clicked.connect(self._browse)
        self._url.returnPressed.connect(self._go.click)
        self._url.textChanged.connect(self._allow)
        self.setFocusProxy(self._url)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._url, 1)
        row.addWidget(self._go)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self._said)
        column.addWidget(self._again, alignment=Qt.AlignmentFlag.AlignLeft)
        self._rest()

    def fill(self, url: str) -> None:
        """Have an address there already."""
        if url:
            self._url.setText(url)

    def give_up(self) -> None:
        """Wait for the browser no longer."""
        if self._page:
            self._desk.cancel_sign_in()
        self._rest()

    def _begin_or_give_up(self) -> None:
        if self._page:
            self.give_up()
        else:
            self._begin()

    def _begin(self) -> None:
        self._attempt += 1
        number = self._attempt
        self._go.setEnabled(False)
        self._said.say("Asking the server…")
        begun = self._desk.begin_sign_in(self._url.text())
        self._bridge.after(
            begun, lambda page: self._follow(number, page), lambda error: self._fail(number, error)
        )

    def _follow(self, number: int, page: str) -> None:
        if number != self._attempt:
            return
        self._page = page
        self._browse()
        self._said.say(_WAITING)
        self._again.show()
        self._go.setEnabled(True)
        self._go.setText("Cancel")
        ended = self._desk.end_sign_in()
        self._bridge.after(
            ended, lambda one: self._succeed(number, one), lambda error: self._fail(number, error)
        )

    def _browse(self) -> None:
        QDesktopServices.openUrl(QUrl(self._page))

    def _succeed(self, number: int, signed_in: SignedIn) -> None:
        if number == self._attempt:
            self._rest()
            self._url.clear()
            self.done.emit(signed_in)

    def _fail(self, number: int, error: TrackerError) -> None:
        if number == self._attempt:
            self._rest()
            self._said.say(f"{error.title} {error.advice}".strip())

    def _rest(self) -> None:
        """Be as at the begin, with what was typed."""
        self._attempt += 1
        self._page = ""
        self._go.setText("Sign in")
        self._said.say(_HINT)
        self._again.hide()
        self._allow()

    def _allow(self) -> None:
        self._go.setEnabled(bool(self._page or self._url.text().strip()))


class SignInDialog(QDialog):
    """The form any day: from the preferences, or where a sign-in is needed."""

    done_well = Signal(object)  # a SignedIn

    def __init__(self, desk: Desk, bridge: Bridge, theme: Theme) -> None:
        super().__init__()
        self.setWindowTitle("Sign in to a server")
        self.setStyleSheet(stylesheet(theme))
        self._ring = FocusRing(self, theme.accent)
        self.setFixedWidth(420)
        self._form = SignInForm(desk, bridge)
        self._form.done.connect(self._succeed)
        close = button("Close", "plain")
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(close)
        text = "What you track from then on is delivered there. Time of this computer's diary stays in it."
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(Wrapped(text, "second"))
        column.addWidget(self._form)
        column.addLayout(buttons)

    def ask(self, url: str = "") -> None:
        """Ask for a server, or sign in again to the one at this address; in front."""
        self._form.fill(url)
        self.show()
        self.raise_()
        self.activateWindow()
        self._form.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802  # Qt's name
        """Wait for the browser no longer."""
        self._form.give_up()
        super().closeEvent(event)

    def _succeed(self, signed_in: SignedIn) -> None:
        self.done_well.emit(signed_in)
        self.hide()
