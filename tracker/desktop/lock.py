"""Tells of the lock on Windows and macOS, where it is looked up once a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from tracker.desktop.locked import is_locked

if TYPE_CHECKING:
    from collections.abc import Callable

_EVERY = 1_000  # ms


class Lock(QObject):
    """Tells each change of the lock once, in this thread; it is always sure of it."""

    def __init__(
        self,
        locked: Callable[[bool, bool], object],
        look: Callable[[], bool | None] = is_locked,
        *,
        every: int = _EVERY,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._locked = locked
        self._look = look
        self._told = False
        self._timer = QTimer(self, interval=every)
        self._timer.timeout.connect(self._look_once)
        self._timer.start()

    def close(self) -> None:
        """Tell nothing more."""
        self._timer.stop()

    def _look_once(self) -> None:
        now = self._look()
        if now is not None and now != self._told:
            self._told = now
            self._locked(now, True)  # noqa: FBT003  # as the desk is told it
