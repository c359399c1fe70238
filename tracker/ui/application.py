"""Puts tray, window and dialogs together, and runs until the freelancer quits."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from tracker.paths import APP_ID
from tracker.ui import status as say
from tracker.ui.actions import Actions
from tracker.ui.bridge import Bridge
from tracker.ui.departure import Departure
from tracker.ui.errands import Errands
from tracker.ui.icons import application_icon
from tracker.ui.inquiry import Inquiry
from tracker.ui.labels import readable_font
from tracker.ui.menu import TrayMenu
from tracker.ui.reminder import ReminderTeller
from tracker.ui.theme import choose
from tracker.ui.tray import Tray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.desktop.listener import Listener
    from tracker.desktop.lock import Lock
    from tracker.desktop.reachability import Reachability
    from tracker.errors import TrackerError
    from tracker.ui.desk import Desk
    from tracker.ui.question import Question
    from tracker.ui.window import Window

_MINUTE = 60_000  # ms


def run(desk: Desk, *, minimized: bool, appearance: str) -> int:
    """Show the interface in this thread until the freelancer quits; return the exit code."""
    application = QApplication(["hourproof"])
    application.setApplicationName("hourproof")
    application.setApplicationDisplayName("Hourproof")
    application.setDesktopFileName(APP_ID)
    application.setQuitOnLastWindowClosed(False)
    application.setStyle("Fusion")
    application.setFont(readable_font(application.font()))
    application.setWindowIcon(application_icon())
    interface = Interface(application, desk, appearance)
    interface.begin(minimized=minimized)
    listeners = _listen(desk)
    code = application.exec()
    for listener in listeners:
        listener.close()
        listener.deleteLater()
    interface.close()
    return code


def _listen(desk: Desk) -> Sequence[Listener | Lock | Reachability]:
    """Hear what the system tells of sleep, lock and network, where it tells."""
    if sys.platform != "linux":
        from tracker.desktop.lock import Lock  # noqa: PLC0415  # only where logind does not tell
        from tracker.desktop.reachability import Reachability  # noqa: PLC0415  # it weighs 6 MB

        return [Lock(desk.locked), Reachability(desk.reconnected)]
    else:  # noqa: RET505  # mypy checks one platform at a time
        from tracker.desktop.network import Network  # noqa: PLC0415  # only Linux has a system bus
        from tracker.desktop.power import Power  # noqa: PLC0415  # as above

        return [Power(desk.slept, desk.locked), Network(desk.reconnected)]


class Interface(QObject):
    """Everything the freelancer sees: it shows what the desk tells, as often as somebody looks."""

    def __init__(self, application: QApplication, desk: Desk, appearance: str) -> None:
        super().__init__()
        self._desk = desk
        self._hints = application.styleHints()
        self._appearance = appearance
        self._theme = choose(appearance, system_dark=self._dark)
        self._bridge = Bridge(desk)
        self._actions = Actions()
        self._errands = Errands(desk, self._bridge, self._actions, self._theme)
        self._inquiry = Inquiry(desk, self._bridge, self._theme)
        self._teller = ReminderTeller(desk)
        self._menu = TrayMenu(self._actions, self._theme)
        self._departure = Departure(application, desk)  # before there is anything to see
        self._tray = Tray(self._menu, dark=self._dark)
        self._window: Window | None = None
        self._question: Question | None = None
        self._stands_in = False  # the window is there only for want of a tray
        self._watching = False
        self._due = QTimer(self, singleShot=True, timerType=Qt.TimerType.VeryCoarseTimer)
        self._connect()

    def begin(self, *, minimized: bool) -> None:
        """Show the tray, and the window unless it shall stay out of the way."""
        self._refresh()
        self._inquiry.follow(self._desk.status(), seen=not minimized)
        if not minimized:
            QTimer.singleShot(0, self._show_window)
        elif not self._tray.here:
            self._stands_in = True
            self._the_window().showMinimized()

    def close(self) -> None:
        """Leave nothing behind, neither on the desktop nor for a collector that runs in some other thread."""
        self._due.stop()
        self._departure.close()
        self._tray.close()
        self._errands.close()
        self._inquiry.close()
        for shown in (self._window, self._question, self._menu):
            if shown is not None:
                shown.hide()
                shown.deleteLater()
        parts = (self._bridge, self._actions, self._errands, self._inquiry, self._teller, self._tray)
        for part in (*parts, self._departure, self):
            part.deleteLater()

    def _connect(self) -> None:
        self._bridge.changed.connect(self._changed)
        self._bridge.raised.connect(self._show_window)
        self._bridge.failed.connect(self._fail)
        self._errands.done.connect(self._succeed)
        self._errands.added.connect(self._added)
        self._errands.appearance.connect(self._appear)
        self._inquiry.done.connect(self._succeed)
        self._inquiry.told.connect(self._tray.tell)
        self._teller.told.connect(self._tray.tell)
        self._actions.answer.triggered.connect(self._inquiry.open)
        self._actions.window.triggered.connect(self._show_window)
        self._actions.quit.triggered.connect(self._ask_to_quit)
        self._menu.chosen.connect(self._errands.begin)
        self._menu.call.chosen.connect(self._errands.call)
        self._menu.call.ended.connect(lambda: self._errands.call(0))
        self._menu.aboutToShow.connect(self._glance)
        self._tray.opened.connect(self._show_window)
        self._tray.moved.connect(self._tray_came_or_went)
        self._hints.colorSchemeChanged.connect(self._restyle)
        self._due.timeout.connect(self._glance)

    @property
    def _dark(self) -> bool:
        return self._hints.colorScheme() == Qt.ColorScheme.Dark

    @property
    def _seen(self) -> bool:
        """Whether somebody can see the seconds pass."""
        return (self._window is not None and self._window.seen) or self._menu.isVisible()

    # What is shown

    def _changed(self) -> None:
        if self._desk.settings.appearance != self._appearance:
            self._appear(self._desk.settings.appearance)
        self._refresh()
        self._inquiry.follow(self._desk.status(), seen=self._window is not None and self._window.seen)
        self._watch(self._seen)

    def _refresh(self) -> None:
        status, contracts = self._desk.status(), self._desk.contracts()
        self._actions.refresh(status, contracts)
        self._menu.refresh(status, contracts)
        self._tray.show_state(say.tray_state(status), say.tool_tip(status, contracts))
        if self._window is not None and self._window.isVisible():
            self._window.refresh(tray=self._tray.here)
        self._teller.follow()
        self._pace()

    def _pace(self) -> None:
        """Wake again when the tray has a minute more to tell, or something may have to be said."""
        due = self._desk.next_look()
        if due is None:
            self._due.stop()
        elif not self._due.isActive() or self._due.remainingTime() > due + _MINUTE:
            self._due.start(due)

    def _watch(self, seen: bool) -> None:  # noqa: FBT001  # there is one thing to say
        if seen != self._watching:
            self._watching = seen
            self._desk.watch(seen)

    def _glance(self) -> None:
        """Have a fresh snapshot: where nobody looks, the change it brings ends the watch again."""
        self._refresh()
        self._watching = True
        self._desk.watch(True)  # noqa: FBT003  # as above; said again, it is a nudge

    def _tray_came_or_went(self) -> None:
        window = self._window if self._tray.here else self._the_window()
        if not self._tray.here and window is not None and not window.isVisible():
            self._stands_in = True
            window.appear()
        elif window is not None and self._stands_in and not window.isActiveWindow():
            window.hide()
        self._refresh()

    def _the_window(self) -> Window:
        if self._window is None:
            # only here: the tray comes sooner and smaller without it
            from tracker.ui.window import Window  # noqa: PLC0415  # as said

            self._window = Window(self._desk, self._bridge, self._actions, self._theme)
            self._window.begin.connect(self._errands.begin)
            self._window.add.connect(self._errands.add_contract)
            self._window.resuming.connect(self._errands.resume)
            self._window.dismissing.connect(self._errands.dismiss)
            self._window.calling.connect(self._errands.call)
            self._window.closing.connect(self._close_window)
            self._window.watched.connect(self._window_watched)
            self._window.refresh(tray=self._tray.here)
        return self._window

    def _window_watched(self) -> None:
        if self._seen:
            self._refresh()
        self._watch(self._seen)

    def _show_window(self) -> None:
        self._stands_in = False
        self._the_window().come()

    def _close_window(self) -> None:
        if self._tray.here:
            self._the_window().hide()
        else:
            self._ask_to_quit()

    def _appear(self, appearance: str) -> None:
        self._appearance = appearance
        self._restyle()

    def _restyle(self) -> None:
        """Follow the mode: what is open is made anew in it, with the memo that was typed."""
        self._tray.dress(dark=self._dark)
        theme = choose(self._appearance, system_dark=self._dark)
        if theme == self._theme:
            return
        self._theme = theme
        self._errands.dress(theme)
        self._inquiry.dress(theme)
        self._menu.dress(theme)
        former, self._window = self._window, None
        if former is not None:
            window = self._the_window()
            window.retype(former.typed)
            window.setGeometry(former.geometry())
            window.setVisible(former.isVisible())
            former.hide()
            former.deleteLater()
        self._refresh()

    # What is answered

    def _succeed(self) -> None:
        if self._window is not None:
            self._window.forget_error()
        self._refresh()

    def _added(self) -> None:
        self._the_window().added()
        self._refresh()

    def _fail(self, error: TrackerError) -> None:
        window = self._the_window()
        window.show_error(error)
        if not window.isVisible():
            self._tray.tell(error.title, error.advice)
        self._refresh()

    def _ask_to_quit(self) -> None:
        status = self._desk.status()
        if status.state == "stopped":
            self._departure.leave()
            return
        from tracker.ui.question import Question  # noqa: PLC0415  # as the window

        if self._question is not None:
            self._question.deleteLater()
        name = say.running_name(status, self._desk.contracts())
        self._question = Question(
            self._theme,
            f"Quit and stop tracking {name}?",
            "What is not delivered yet is safe and will follow at the next start.",
            yes="Stop and quit",
            no="Go on tracking",
        )
        self._question.accepted.connect(self._departure.leave)
        self._question.come()
