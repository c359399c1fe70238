"""The only crossing of threads: what the tracker's loops tell arrives here in the thread that paints."""

from __future__ import annotations

import contextlib
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from tracker.ui.desk import Desk

T = TypeVar("T")


class Bridge(QObject):
    """Hands on changes and answers as signals; every slot of theirs runs in the GUI's thread."""

    changed = Signal()
    raised = Signal()
    failed = Signal(object)  # a TrackerError

    _heard = Signal()
    _called = Signal()
    _settled = Signal(object, object, object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._posted = False
        queued = Qt.ConnectionType.QueuedConnection
        self._heard.connect(self._pass_on, queued)
        self._called.connect(self.raised, queued)
        self._settled.connect(self._answer, queued)
        desk.listen(self._hear, self._call)

    def after(
        self,
        future: Future[T],
        done: Callable[[T], None] | None = None,
        refused: Callable[[TrackerError], None] | None = None,
    ) -> None:
        """Hand the future's result to `done`, its error to `refused` or `failed`, in the GUI's thread."""
        future.add_done_callback(lambda settled: self._post(settled, done, refused))

    def _hear(self) -> None:
        # many changes before the GUI looks are one; the flag falls before it reads, so none is missed
        if not self._posted:
            self._posted = True
            with contextlib.suppress(RuntimeError):  # the window system is gone, the loops still end
                self._heard.emit()

    def _call(self) -> None:
        with contextlib.suppress(RuntimeError):  # as above
            self._called.emit()

    def _post(
        self,
        settled: Future[Any],
        done: Callable[[Any], None] | None,
        refused: Callable[[TrackerError], None] | None,
    ) -> None:
        with contextlib.suppress(RuntimeError):  # as above
            self._settled.emit(settled, done, refused)

    def _pass_on(self) -> None:
        self._posted = False
        self.changed.emit()

    def _answer(
        self,
        settled: Future[Any],
        done: Callable[[Any], None] | None,
        refused: Callable[[TrackerError], None] | None,
    ) -> None:
        try:
            result = settled.result()
        except TrackerError as error:
            (refused or self.failed.emit)(error)
        except CancelledError:
            return
        else:
            if done is not None:
                done(result)
