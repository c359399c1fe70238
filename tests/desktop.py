"""Real desktops to test on: a display, a window manager, a tray, a bus and a keyring, each its own process.

Nothing here touches the environment of the tests themselves: what a program needs is in `environment`.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from waiting import until
from Xlib import X
from Xlib.display import Display as XConnection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PASSWORD = "correct horse"  # of a keyring that lives as long as its test
NOWHERE = "unix:path=/nowhere"  # where no bus is: the machine's own would tell of its sleep and its lock
_SESSION = ("DISPLAY", "WAYLAND_", "DBUS_", "XDG_", "XAUTHORITY", "GNOME_KEYRING", "QT_", "HOURPROOF_")


def environment(**settings: str) -> dict[str, str]:
    """Return this process's environment without any desktop or home of Hourproof, but with these settings."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(_SESSION)}
    return bare | {"DBUS_SYSTEM_BUS_ADDRESS": NOWHERE} | settings


@contextmanager
def running(
    command: Sequence[str], *, env: Mapping[str, str] | None = None, pass_fds: Sequence[int] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program in the background, its standard input and output as pipes, and end it afterwards."""
    with subprocess.Popen(
        command,
        env=environment() if env is None else env,
        pass_fds=pass_fds,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


@dataclass(frozen=True)
class Xvfb:
    """A display without a screen: its name, and the process that can be killed."""

    name: str
    process: subprocess.Popen[bytes]

    def vanish(self) -> None:
        """End at once, as a display does whose server crashes."""
        self.process.kill()
        self.process.wait()


@contextmanager
def xvfb(size: str = "1280x800", options: Sequence[str] = (), display: str = "") -> Iterator[Xvfb]:
    """Run an X server on this display, else on one with a free number."""
    ready, tell = os.pipe()
    command = ["Xvfb", "-noreset", "-nolisten", "tcp", "-screen", "0", f"{size}x24", "-displayfd", str(tell)]
    with running([*command, *options, *([display] if display else [])], pass_fds=[tell]) as process:
        os.close(tell)
        with os.fdopen(ready, encoding="ascii") as number:
            yield Xvfb(f":{int(number.readline())}", process)


@contextmanager
def window_manager(display: str) -> Iterator[None]:
    """Run openbox there; it manages windows when this begins."""
    with running(["openbox", "--sm-disable"], env=environment(DISPLAY=display)):
        until(lambda: _root_has(display, "_NET_SUPPORTING_WM_CHECK"), "openbox")
        yield


@contextmanager
def tray_host(display: str) -> Iterator[None]:
    """Run a tray there, at the bottom right; it takes icons when this begins."""
    place = "--edge bottom --align right --widthtype request --height 32 --SetDockType true --expand false"
    with running(["trayer", *place.split()], env=environment(DISPLAY=display)):
        until(lambda: _owned(display, "_NET_SYSTEM_TRAY_S0"), "trayer")
        yield


@contextmanager
def session_bus() -> Iterator[str]:
    """Run a D-Bus that nobody else knows, and tell its address."""
    with running(["dbus-daemon", "--session", "--nofork", "--print-address"]) as process:
        assert process.stdout
        yield process.stdout.readline().decode().strip()


@contextmanager
def keyring_service(
    bus: str, folder: Path | None = None, *, locked: bool = False
) -> Iterator[dict[str, str]]:
    """Run a keyring on the bus and tell a program's settings for it: HOME, XDG folders and the bus.

    The same folder again is the same keyring; unlocked once, it can be opened locked.
    """
    with TemporaryDirectory(prefix="hp-") as short:  # a socket's path must be short, a test's folder is not
        home = folder or Path(short, "home")
        runtime = Path(short, "run")
        home.mkdir(parents=True, exist_ok=True)
        runtime.mkdir(mode=0o700)
        settings = {
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "DBUS_SESSION_BUS_ADDRESS": bus,
        }
        command = ["gnome-keyring-daemon", "--foreground", "--components=secrets"]
        env = environment(**settings)
        with running([*command, *([] if locked else ["--unlock"])], env=env) as process:
            assert process.stdin
            process.stdin.write(b"" if locked else PASSWORD.encode())
            process.stdin.close()
            until(lambda: _on_bus(bus, "org.freedesktop.secrets"), "the keyring")
            yield settings


@contextmanager
def _connected(display: str) -> Iterator[XConnection]:
    connection = XConnection(display)
    try:
        yield connection
    finally:
        connection.close()


def _root_has(display: str, name: str) -> bool:
    with _connected(display) as connection:
        atom = connection.intern_atom(name)
        return connection.screen().root.get_full_property(atom, X.AnyPropertyType) is not None


def _owned(display: str, selection: str) -> bool:
    with _connected(display) as connection:
        return connection.get_selection_owner(connection.intern_atom(selection)) != X.NONE


def _on_bus(bus: str, name: str) -> bool:
    call = ["dbus-send", f"--bus={bus}", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/"]
    asked = [*call, "org.freedesktop.DBus.NameHasOwner", f"string:{name}"]
    return b"true" in subprocess.run(asked, check=True, capture_output=True, env=environment()).stdout
