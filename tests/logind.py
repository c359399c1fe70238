"""A logind of a test's own: python-dbusmock's, on a bus that stands in for the system's."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import desktop
from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from waiting import until

_NAME = "org.freedesktop.login1"
_ROOT = "/org/freedesktop/login1"
_MOCK = "org.freedesktop.DBus.Mock"
_MANAGER = f"{_NAME}.Manager"
_SESSION = f"{_NAME}.Session"
_MOCKING = (
    "/usr/bin/python3",
    "-m",
    "dbusmock",
    "--system",
    "--template",
    "logind",
)  # Debian's, not the venv's


class Logind:
    """Says what a real one would; session `c1` is there, unlocked and in front."""

    def __init__(self, bus: str, process: subprocess.Popen[bytes]) -> None:
        self._bus: DBusConnection = open_dbus_connection(bus)
        self._process = process
        self.session = f"{_ROOT}/session/c1"

    def begin(self, *, sessions: bool = True) -> None:
        until(self._here, "logind")
        if sessions:
            self._call(_ROOT, _MOCK, "AddSession", "ssusb", "c1", "seat0", 1000, "somebody", True)

    def sleep(self) -> None:
        self._emit(_ROOT, _MANAGER, "PrepareForSleep", "b", ("b", True))

    def wake(self) -> None:
        self._emit(_ROOT, _MANAGER, "PrepareForSleep", "b", ("b", False))

    def lock(self) -> None:
        """Ask the screen locker to lock."""
        self._emit(self.session, _SESSION, "Lock", "")

    def unlock(self) -> None:
        """Ask the screen locker to unlock."""
        self._emit(self.session, _SESSION, "Unlock", "")

    def hint(self, *, locked: bool) -> None:
        """Say what a screen locker does of itself."""
        self._update(LockedHint=locked)

    def hint_idle(self, *, idle: bool) -> None:
        """Say what a desktop does minutes after the last input, if it does."""
        self._update(IdleHint=idle)

    def switch(self, *, active: bool) -> None:
        """Bring another user to the front, or this one."""
        self._update(Active=active)

    def inhibitors(self) -> list[tuple[str, str, str, str]]:
        """Return what, who, why and how of each inhibitor that is held."""
        (held,) = self._call(_ROOT, _MANAGER, "ListInhibitors", "")
        return [tuple(one[:4]) for one in held]

    def be_strict(self) -> None:
        """Know no session by any id but `c1`, as a real one does."""
        code = "raise dbus.exceptions.DBusException('no', name='org.freedesktop.login1.NoSuchSession')"
        answer = f"ret = '{self.session}'\nif args[0] != 'c1':\n    {code}"
        self._call(_ROOT, _MOCK, "AddMethod", "sssss", _MANAGER, "GetSession", "s", "o", answer)

    def alias(self, name: str) -> None:
        """Tell whoever asks as a part of the session `c1` which one that is."""
        own = {"Id": ("s", "c1")}
        arguments = f"{_ROOT}/session/{name}", _SESSION, own, []
        self._call(_ROOT, _MOCK, "AddObject", "ssa{sv}a(ssss)", *arguments)

    def crash(self) -> None:
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        self._bus.close()

    def _here(self) -> bool:
        daemon = DBusAddress("/", "org.freedesktop.DBus", "org.freedesktop.DBus")
        asked = new_method_call(daemon, "NameHasOwner", "s", (_NAME,))
        (here,) = self._bus.send_and_get_reply(asked, timeout=10).body
        return bool(here)

    def _update(self, **values: bool) -> None:
        changed = {name: ("b", value) for name, value in values.items()}
        self._call(self.session, _MOCK, "UpdateProperties", "sa{sv}", _SESSION, changed)

    def _emit(self, path: str, interface: str, name: str, signature: str, *values: object) -> None:
        self._call(path, _MOCK, "EmitSignal", "sssav", interface, name, signature, list(values))

    def _call(self, path: str, interface: str, member: str, signature: str, *body: object) -> tuple:
        message = new_method_call(DBusAddress(path, _NAME, interface), member, signature, body)
        answer = self._bus.send_and_get_reply(message, timeout=10)
        assert answer.header.message_type is MessageType.method_return, f"{member}: {answer.body}"
        return answer.body


@contextmanager
def logind(bus: str, *, sessions: bool = True) -> Iterator[Logind]:
    """Run a logind on the bus at this address; a program finds it by DBUS_SYSTEM_BUS_ADDRESS."""
    env = desktop.environment(DBUS_SYSTEM_BUS_ADDRESS=bus)
    with desktop.running(_MOCKING, env=env) as process:
        mock = Logind(bus, process)
        try:
            mock.begin(sessions=sessions)
            yield mock
        finally:
            mock.close()
