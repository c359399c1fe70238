"""Questions to a service of the system's bus that nothing waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import SLOT, QObject
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher, QDBusVariant

if TYPE_CHECKING:
    from collections.abc import Callable


class Listener(QObject):
    """Hears one service in this thread, and asks it, until it is closed."""

    def __init__(self, service: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._closed = False
        self._bus = QDBusConnection.systemBus()

    def close(self) -> None:
        """Tell nothing more."""
        self._closed = True  # what is under way still arrives

    def _ask(
        self,
        path: str,
        interface: str,
        member: str,
        *arguments: str,
        then: Callable[[Any], None],
        otherwise: Callable[[], None] = lambda: None,
    ) -> None:
        """Have `then` called with the answer's first value, or `otherwise`; nothing waits for it."""
        question = QDBusMessage.createMethodCall(self._service, path, interface, member)
        question.setArguments(list(arguments))
        watcher = QDBusPendingCallWatcher(self._bus.asyncCall(question), self)
        watcher.finished.connect(lambda done: self._answered(then, otherwise, done))

    def _answered(
        self, then: Callable[[Any], None], otherwise: Callable[[], None], watcher: QDBusPendingCallWatcher
    ) -> None:
        watcher.deleteLater()
        if self._closed:
            return
        answer = watcher.reply()
        if answer.type() != QDBusMessage.MessageType.ReplyMessage:
            otherwise()
            return
        value = answer.arguments()[0]
        then(value.variant() if isinstance(value, QDBusVariant) else value)


def slot(name: str) -> bytes:
    """Return a slot's name as a signal's connection wants it."""
    return cast("bytes", SLOT(name))  # Qt's types ask for bytes, which Qt then refuses
