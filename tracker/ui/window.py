"""The window: the state at its head, then what there is to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from tracker.ui import status as say
from tracker.ui.banner import Banner
from tracker.ui.buttons import button
from tracker.ui.choice import Choice
from tracker.ui.contract_form import ContractForm
from tracker.ui.first_run import FirstRun
from tracker.ui.focus import FocusRing
from tracker.ui.header import Header
from tracker.ui.labels import Elided, Mark, font
from tracker.ui.notes import Notes
from tracker.ui.paused import Paused
from tracker.ui.reminder import ReminderBanner
from tracker.ui.theme import stylesheet
from tracker.ui.tracking import Tracking

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QHideEvent, QShowEvent

    from tracker.errors import TrackerError
    from tracker.ui.actions import Actions
    from tracker.ui.bridge import Bridge
    from tracker.ui.desk import Desk
    from tracker.ui.theme import Theme

_WIDTH, _HEIGHT = 420, 640  # it grows with its content
_EMS = 22  # and is at least so wide where text is large
_MARGIN = 16
_KEYED = 9  # contracts that have a key
_DELIVERY = {"ok": "check", "held": "cloud", "bad": "warning"}


class Window(QWidget):
    """Shows the running work, or what could be worked on; tells when somebody looks."""

    begin = Signal(str, str)  # contract, memo
    add = Signal(str, str, str, str, str)  # a contract's title, client, rate, currency, weekly limit
    resuming = Signal()
    dismissing = Signal()
    calling = Signal(int)  # for so many minutes; 0: no longer
    closing = Signal()
    watched = Signal()  # somebody looks, or nobody does any more

    def __init__(self, desk: Desk, bridge: Bridge, actions: Actions, theme: Theme) -> None:
        super().__init__()
        self._desk = desk
        self._theme = theme
        self._tray = True
        self._error: say.Notice | None = None
        self._state: tuple[str, str | None] = ("", None)
        self.setObjectName("window")
        self.setStyleSheet(stylesheet(theme))
        self._header, self._banner, self._notes = Header(theme), Banner(theme), Notes(theme)
        self._reminder = ReminderBanner(actions, theme)
        self._tracking, self._paused = Tracking(desk, bridge, theme), Paused(theme)
        self._choice = Choice(desk, theme)
        self._form, self._first_run = ContractForm(), FirstRun(desk, bridge, theme)
        self._pages = _Pages()
        width = max(_WIDTH, font("body").pixelSize() * _EMS)
        self._pages.setMinimumWidth(width - 2 * _MARGIN)
        for page in (self._tracking, self._paused, self._choice, self._form, self._first_run):
            self._pages.addWidget(page)
        self._foot = _Foot(theme)
        self._lay_out()
        self._connect(actions)
        self._ring = FocusRing(self, theme.accent)
        self._asked: QWidget | None = None  # the page the freelancer asked for, until it is done
        self.resize(width, _HEIGHT)

    @property
    def seen(self) -> bool:
        """Whether somebody can look at it."""
        return self.isVisible() and not self.isMinimized()

    @property
    def typed(self) -> str:
        """The memo that was typed and not used yet."""
        return self._choice.memo.memo

    def retype(self, memo: str) -> None:
        """Put back what was typed in a window that was made anew."""
        self._choice.memo.fill(memo)

    def refresh(self, *, tray: bool) -> None:
        """Show the state; without a tray the title shows it too."""
        self._tray = tray
        status, contracts = self._desk.status(), self._desk.contracts()
        self.setWindowTitle(say.window_title(status, contracts, tray=tray))
        self._header.refresh(status)
        self._choice.show_contracts(contracts)
        if (status.state, status.contract) != self._state:
            self._state = (status.state, status.contract)
            self._asked = None
            if status.contract is not None:
                self._choice.memo.fill("")
            # what a screen reader says by itself: the state, never the clock
            line = say.state_line(status, contracts)
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, line))
        self._notes.refresh(status, contracts, self._desk.now())
        if status.state == "tracking":
            self._tracking.refresh(status, contracts)
        elif status.state == "away":
            self._paused.refresh(status, contracts)
        self._turn(contracts=bool(contracts))
        self._foot.refresh(say.delivery(status))
        notice = self._error or say.notice(status)
        self._banner.show_notice(notice, can_close=self._error is not None)
        self._reminder.refresh(self._desk.reminders(), contracts, self._desk.now())

    def show_error(self, error: TrackerError) -> None:
        """Say calmly what did not work, until it is put away or something works."""
        self._error = say.Notice(error.title, error.advice, "no")
        self.refresh(tray=self._tray)

    def forget_error(self) -> None:
        """Take the message away."""
        self._error = None
        self.refresh(tray=self._tray)

    def added(self) -> None:
        """Leave the form: what was typed is a contract now."""
        self._form.clear()
        self._first_run.clear()
        self._asked = None
        self.forget_error()

    def come(self) -> None:
        """Be seen, in front."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def appear(self) -> None:
        """Be seen, without taking the keyboard from what is being done."""
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.showNormal()
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, on=False)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802  # Qt's name
        """Leave it to the application what closing means: hide, or quit."""
        event.ignore()
        self.closing.emit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  # Qt's name
        """Tell that somebody looks."""
        super().showEvent(event)
        self._tell()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802  # Qt's name
        """Tell that nobody looks."""
        super().hideEvent(event)
        self._tell()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        """Tell whether a minimised window is still looked at."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self._tell()

    def _tell(self) -> None:
        self.watched.emit()

    def _turn(self, *, contracts: bool) -> None:
        """Show the page that applies: the one asked for, else the one of the state."""
        page: QWidget
        if self._state[0] == "stopped" and (not contracts or self._first_run.under_way):
            page = self._first_run
        elif self._asked is not None:
            page = self._asked
        else:
            page = {"tracking": self._tracking, "away": self._paused}.get(self._state[0], self._choice)
        for part in (self._header, self._foot):  # nothing is tracked yet, and nothing delivered
            part.setVisible(page is not self._first_run)
        turned = page is not self._pages.currentWidget()
        self._pages.turn_to(page)
        if page is self._choice and (turned or self._choice.running != self._state[1]):
            self._choice.begin(running=self._state[1])
        elif page is self._form and turned:
            self._form.begin()

    def _ask_for(self, page: QWidget | None) -> None:
        self._asked = page
        self.refresh(tray=self._tray)

    def _escape(self) -> None:
        if self._asked is None:
            self.closing.emit()
        else:
            self._ask_for(None)

    def _settle(self, kind: str) -> None:
        self._desk.settle(kind)
        self.refresh(tray=self._tray)

    def _press(self, place: int) -> None:
        """Start or switch to the contract at this place, as its key says."""
        contracts = self._desk.contracts()
        if place < len(contracts):
            self.begin.emit(contracts[place].id, self.typed)

    def _lay_out(self) -> None:
        body = QVBoxLayout()
        body.setContentsMargins(_MARGIN, 12, _MARGIN, 12)
        body.setSpacing(10)
        body.addWidget(self._header)
        body.addWidget(self._banner)
        body.addWidget(self._reminder)
        body.addWidget(self._notes)
        body.addWidget(self._pages, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body, 1)
        column.addWidget(self._foot)

    def _connect(self, actions: Actions) -> None:
        self.addActions([actions.memo, actions.stop])
        self._header.preferences.connect(actions.preferences.trigger)
        self._foot.diary.connect(actions.diary.trigger)
        taking_back = (actions.withhold, actions.blur, actions.discard)
        self._tracking.shot.offer(taking_back, (actions.pause, actions.trial))
        for page in (self._tracking, self._paused):
            page.stopping.connect(actions.stop.trigger)
            page.memo.connect(actions.memo.trigger)
            page.switching.connect(lambda: self._ask_for(self._choice))
        self._paused.resuming.connect(self.resuming)
        self._notes.answering.connect(actions.answer.trigger)
        self._notes.resuming.connect(self.resuming)
        self._notes.dismissing.connect(self.dismissing)
        for call in (self._notes.ending_call, self._header.call.ended):
            call.connect(lambda: self.calling.emit(0))
        self._header.call.chosen.connect(self.calling)
        self._choice.chosen.connect(self.begin)
        self._choice.adding.connect(lambda: self._ask_for(self._form))
        self._choice.cancelled.connect(lambda: self._ask_for(None))
        self._form.cancelled.connect(lambda: self._ask_for(None))
        for form in (self._form, self._first_run):
            form.given.connect(self.add)
        self._first_run.closer.connect(actions.trial.trigger)
        self._first_run.finished.connect(self.forget_error)
        self._banner.closed.connect(self.forget_error)
        self._reminder.settling.connect(self._settle)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self._escape)
        for place in range(_KEYED):
            keys = QKeySequence(f"Ctrl+{place + 1}")
            QShortcut(keys, self, lambda place=place: self._press(place))


class _Pages(QStackedWidget):
    """One page at a time; the others, however high, ask for no room."""

    def turn_to(self, page: QWidget) -> None:
        """Show this page."""
        for place in range(self.count()):
            shown = self.widget(place) or page
            high = QSizePolicy.Policy.Preferred if shown is page else QSizePolicy.Policy.Ignored
            shown.setSizePolicy(QSizePolicy.Policy.Preferred, high)
        self.setCurrentWidget(page)


class _Foot(QFrame):
    """Where finished work is, and the way to the diary."""

    diary = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("kind", "foot")
        self._mark, self._text = Mark("check", theme.ok), Elided("second")
        diary = button("Open diary", "quiet")
        diary.clicked.connect(self.diary)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 12, 4)
        row.setSpacing(8)
        row.addWidget(self._mark)
        row.addWidget(self._text, 1)
        row.addWidget(diary)

    def refresh(self, delivery: say.Said) -> None:
        """Show where finished work is."""
        self._mark.show_icon(_DELIVERY[delivery.tone], self._theme.tone(delivery.tone)[0])
        self._text.say(delivery.text)
