"""What is on the desktop's buses, asked and waited for: for a look around, as the running app never waits."""

from __future__ import annotations

import os
from typing import Any, Literal

LOGIND = "org.freedesktop.login1"
LOGIND_ROOT = "/org/freedesktop/login1"
MANAGER = "org.freedesktop.login1.Manager"
SESSION = "org.freedesktop.login1.Session"
PROPERTIES = "org.freedesktop.DBus.Properties"
OWN_SESSION = (f"{LOGIND_ROOT}/session/auto", f"{LOGIND_ROOT}/session/self")  # an old logind knows the second
_TRAY = "org.kde.StatusNotifierWatcher"
_PATIENCE = 2.0  # seconds
_SYSTEM = "unix:path=/var/run/dbus/system_bus_socket"


def has_logind() -> bool:
    """Say whether somebody tells of sleep."""
    return _get("system", LOGIND, LOGIND_ROOT, MANAGER, "PreparingForSleep") is not None


def session() -> str | None:
    """Return the path by which logind tells of this session, None where it knows of none."""
    own = (_get("system", LOGIND, path, SESSION, "Id") for path in OWN_SESSION)
    for name in (os.environ.get("XDG_SESSION_ID"), *own):
        path = name and _ask("system", LOGIND, LOGIND_ROOT, MANAGER, "GetSession", name)
        if path and _get("system", LOGIND, path, SESSION, "Active") is not None:
            return str(path)
    return None


def has_tray() -> bool:
    """Say whether a panel on the session's bus shows tray icons."""
    hosted = _get("session", _TRAY, "/StatusNotifierWatcher", _TRAY, "IsStatusNotifierHostRegistered")
    return bool(hosted)


def _get(bus: Literal["system", "session"], service: str, path: str, interface: str, name: str) -> Any:
    value = _ask(bus, service, path, PROPERTIES, "Get", interface, name)
    return None if value is None else value[1]  # behind its type


def _ask(
    bus: Literal["system", "session"], service: str, path: str, interface: str, member: str, *texts: str
) -> Any:
    """Return the first value of the answer, None where there is no answer."""
    from jeepney import DBusAddress, MessageType, new_method_call  # noqa: PLC0415  # only for who asks
    from jeepney.io.blocking import open_dbus_connection  # noqa: PLC0415  # as above

    address = DBusAddress(path, service, interface)
    question = new_method_call(address, member, "s" * len(texts), texts)
    try:
        with open_dbus_connection(_address(bus)) as connection:
            answer = connection.send_and_get_reply(question, timeout=_PATIENCE)
    except (OSError, RuntimeError, ValueError):  # no bus, none that can be reached, none that lets us in
        return None
    return answer.body[0] if answer.header.message_type is MessageType.method_return else None


def _address(bus: Literal["system", "session"]) -> str:
    if bus == "system":
        return os.environ.get("DBUS_SYSTEM_BUS_ADDRESS") or _SYSTEM
    runtime = os.environ.get("XDG_RUNTIME_DIR", "/nowhere")
    return os.environ.get("DBUS_SESSION_BUS_ADDRESS") or f"unix:path={runtime}/bus"
