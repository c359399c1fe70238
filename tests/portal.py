"""A Screenshot portal of a test's own: it answers as it is told, honestly or not."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAME = "org.freedesktop.portal.Desktop"
REGISTRY = "org.freedesktop.host.portal.Registry"
_REQUEST = "org.freedesktop.portal.Request"
_PATH = "/org/freedesktop/portal/desktop"


def granted(address: str) -> tuple[str, tuple[Any, ...]]:
    """Return the answer that a picture lies there."""
    return "ua{sv}", (0, {"uri": ("s", address)})


@dataclass
class Portal:
    """How it behaves: by itself it makes nothing and never answers."""

    answer: Callable[[], tuple[str, tuple[Any, ...]] | None] = lambda: None
    error: str = ""  # instead of any answer
    returns: tuple[str, tuple[Any, ...]] | None = None  # in the place of the request's path
    early: bool = False  # the answer comes before the request's path
    impostor: tuple[str, tuple[Any, ...]] | None = None  # what somebody else says on the same path
    old: bool = False  # the path is the portal's own choice
    calls: list[tuple[str, Any]] = field(default_factory=list)

    def heard(self) -> list[str]:
        """Return what it was asked for, in order."""
        return [member for member, _ in self.calls]

    def obey(self, link: DBusConnection, other: DBusConnection, asked: Message) -> None:
        """Answer one call."""
        member = asked.header.fields[HeaderFields.member]
        self.calls.append((member, asked.body))
        if member == "Screenshot" and not self.error:
            self._shoot(link, other, asked)
        elif self.error or member != "Close":
            link.send(new_error(asked, self.error or "org.freedesktop.DBus.Error.UnknownMethod"))

    def _shoot(self, link: DBusConnection, other: DBusConnection, asked: Message) -> None:
        sender = asked.header.fields[HeaderFields.sender]
        token = "7" if self.old else asked.body[1]["handle_token"][1]
        path = f"{_PATH}/request/{sender[1:].replace('.', '_')}/{token}"
        promised = new_method_return(asked, *(self.returns or ("o", (path,))))
        says = [] if self.early else [promised]
        if self.impostor:
            other.send(_to(sender, path, *self.impostor))
        answer = self.answer()
        if answer:
            says.append(_to(sender, path, *answer))
        for message in [*says, promised] if self.early else says:
            link.send(message)


def _to(receiver: str, path: str, signature: str, body: tuple[Any, ...]) -> Message:
    message = new_signal(DBusAddress(path, interface=_REQUEST), "Response", signature, body)
    message.header.fields[HeaderFields.destination] = receiver
    return message


@contextmanager
def portal(bus: str, made: Portal | None = None) -> Iterator[Portal]:
    """Run one on the bus at this address."""
    made, done = made or Portal(), threading.Event()
    link, other = open_dbus_connection(bus), open_dbus_connection(bus)
    link.send_and_get_reply(message_bus.RequestName(NAME), timeout=10)

    def serve() -> None:
        while not done.is_set():
            try:
                asked = link.receive(timeout=0.05)
            except TimeoutError:
                continue
            if asked.header.message_type is MessageType.method_call:
                made.obey(link, other, asked)

    thread = threading.Thread(target=serve, name="portal", daemon=True)
    thread.start()
    try:
        yield made
    finally:
        done.set()
        thread.join()
        link.close()
        other.close()
