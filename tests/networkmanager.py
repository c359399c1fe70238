"""A NetworkManager of a test's own: python-dbusmock's, on a bus that stands in for the system's."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import desktop
from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from waiting import until

NAME = "org.freedesktop.NetworkManager"
_ROOT = "/org/freedesktop/NetworkManager"
_MOCK = "org.freedesktop.DBus.Mock"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_MOCKING = ("/usr/bin/python3", "-m", "dbusmock", "--system", "--template", "networkmanager")  # Debian's
_NOBODY, _PORTAL, _FULL = 1, 2, 4  # how far the network reaches
_AWAY, _LOCAL, _THERE = 20, 50, 70  # the same in older words


class NetworkManager:
    """Says what a real one would; at first the computer is in a network."""

    def __init__(self, bus: str, process: subprocess.Popen[bytes]) -> None:
        self._bus: DBusConnection = open_dbus_connection(bus)
        self._process = process
        self._ways = 1

    def begin(self) -> None:
        until(self._here, "NetworkManager")
        way = ("o", f"{_ROOT}/ActiveConnection/1")
        self._call(_MOCK, "AddProperty", "ssv", NAME, "PrimaryConnection", way)

    def lose(self) -> None:
        """Take the network away."""
        self._update(Connectivity=("u", _NOBODY), State=("u", _AWAY), PrimaryConnection=("o", "/"))

    def find(self, *, portal: bool = False) -> None:
        """Find a network, perhaps one with a page to log in."""
        self._ways += 1
        way = ("o", f"{_ROOT}/ActiveConnection/{self._ways}")
        reach = (_PORTAL, _LOCAL) if portal else (_FULL, _THERE)
        self._update(Connectivity=("u", reach[0]), State=("u", reach[1]), PrimaryConnection=way)

    def log_in(self) -> None:
        """Do what the page asked for."""
        self._update(Connectivity=("u", _FULL), State=("u", _THERE))

    def say_something_else(self) -> None:
        """Change what does not concern anybody's deliveries."""
        self._update(WirelessEnabled=("b", False))

    def crash(self) -> None:
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        self._bus.close()

    def _here(self) -> bool:
        daemon = DBusAddress("/", "org.freedesktop.DBus", "org.freedesktop.DBus")
        asked = new_method_call(daemon, "NameHasOwner", "s", (NAME,))
        (here,) = self._bus.send_and_get_reply(asked, timeout=10).body
        return bool(here)

    def _update(self, **changed: tuple[str, object]) -> None:
        for name, value in changed.items():
            self._call(_PROPERTIES, "Set", "ssv", NAME, name, value)

    def _call(self, interface: str, member: str, signature: str, *body: object) -> None:
        message = new_method_call(DBusAddress(_ROOT, NAME, interface), member, signature, body)
        answer = self._bus.send_and_get_reply(message, timeout=10)
        assert answer.header.message_type is MessageType.method_return, f"{member}: {answer.body}"


@contextmanager
def networkmanager(bus: str) -> Iterator[NetworkManager]:
    """Run a NetworkManager on the bus at this address; a program finds it by DBUS_SYSTEM_BUS_ADDRESS."""
    env = desktop.environment(DBUS_SYSTEM_BUS_ADDRESS=bus)
    with desktop.running(_MOCKING, env=env) as process:
        mock = NetworkManager(bus, process)
        try:
            mock.begin()
            yield mock
        finally:
            mock.close()
