"""A machine for the doctor to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import desktop
import pytest
from doubles import FakeSecrets

from tracker import doctor
from tracker.doctor import Finding
from tracker.errors import Offline


class Server:
    """Stands in for the connection, the backend and what that says about itself; it may be out of reach."""

    name = "Hourproof"
    reached = True
    fault = Offline("The server does not answer.")
    offset: int | None = None  # known once it was asked

    def open(self) -> Server:
        if not self.reached:
            raise self.fault
        return self

    def info(self) -> Server:
        self.offset = 12_400
        return self


class Machine:
    """The desktop the doctor looks at, as its environment describes it: without anything at first."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
        self._monkeypatch = monkeypatch
        self._data = data
        self.server = Server()
        self.hearing = doctor.Hearing()
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "XDG_SESSION_ID", "XDG_RUNTIME_DIR"):
            monkeypatch.delenv(name, raising=False)
        self.has(DBUS_SESSION_BUS_ADDRESS=desktop.NOWHERE, DBUS_SYSTEM_BUS_ADDRESS=desktop.NOWHERE)

    def has(self, **settings: str) -> None:
        for name, value in settings.items():
            self._monkeypatch.setenv(name, value)

    def lacks(self, name: str) -> None:
        self._monkeypatch.delenv(name)

    def is_no_linux(self) -> None:
        self._monkeypatch.setattr(doctor, "_LINUX", False)

    def examined(self) -> list[Finding]:
        server: Any = self.server
        secrets: Any = FakeSecrets()
        return doctor.examine(self._data, secrets, server, lambda: self.server.offset, hearing=self.hearing)

    def finding(self, capability: str) -> Finding:
        return next(one for one in self.examined() if one.capability == capability)
