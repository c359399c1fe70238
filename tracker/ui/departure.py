"""How the app ends: the segment is closed first, whoever asks."""

from __future__ import annotations

import logging
import signal
import socket
from concurrent.futures import TimeoutError as Late
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, Qt, QTimer, Signal

from tracker.errors import TrackerError

if TYPE_CHECKING:
    from types import FrameType

    from PySide6.QtWidgets import QApplication

    from tracker.ui.desk import Desk

log = logging.getLogger(__name__)

_WITHIN = 2_000  # ms; then the draft keeps what is open
_ASKS = ("SIGTERM", "SIGINT", "SIGHUP")  # not every system has each


class Departure(QObject):
    """Ends the app when the freelancer, a signal or the end of the session asks for it.

    Python obeys a signal only between two of its own instructions, and Qt's loop runs none for long;
    the byte that arrives on the socket makes it run some.
    """

    _closed = Signal()

    def __init__(self, application: QApplication, desk: Desk) -> None:
        super().__init__()
        self._application = application
        self._desk = desk
        self._leaving = False
        self._closed.connect(application.quit, Qt.ConnectionType.QueuedConnection)
        application.commitDataRequest.connect(self.end_with_session)
        self._receives, self._sends = socket.socketpair()
        self._receives.settimeout(0)
        self._sends.settimeout(0)
        self._wake = QSocketNotifier(self._receives.fileno(), QSocketNotifier.Type.Read, self)
        self._wake.activated.connect(self._drain)
        self._former_fd = signal.set_wakeup_fd(self._sends.fileno(), warn_on_full_buffer=False)
        self._former = {name: signal.signal(name, self._ask) for name in _known()}

    def leave(self) -> None:
        """Close the segment, then end; two seconds are the most that takes."""
        if not self._leaving:
            self._leaving = True
            QTimer.singleShot(_WITHIN, self._application.quit)
            self._desk.quit().add_done_callback(lambda _done: self._closed.emit())

    def end_with_session(self) -> None:
        """Close the segment while the desktop waits for it; what comes after this may never run."""
        self._leaving = True
        try:
            self._desk.quit().result(_WITHIN / 1000)
        except (Late, TrackerError) as error:
            log.warning("the session ended before the segment was closed: %s", error)
        self._closed.emit()

    def close(self) -> None:
        """Leave signals to whoever had them before."""
        signal.set_wakeup_fd(self._former_fd)
        for name, handler in self._former.items():
            signal.signal(name, handler)
        self._wake.setEnabled(False)
        self._receives.close()
        self._sends.close()

    def _drain(self) -> None:
        self._receives.recv(64)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.leave()


def _known() -> list[signal.Signals]:
    return [signal.Signals[name] for name in _ASKS if name in signal.Signals.__members__]
