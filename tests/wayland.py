"""Wayland desktops on which somebody types: sway, GNOME's mutter, and one that only tells of silence.

Each is a real compositor without a screen but the last, which stands in for those that Debian does not have.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

import desktop
from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from sway import Sway, sway
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

_MUTTER = "org.gnome.Mutter"
_KEY_A = 30  # as Linux numbers keys
_SAVER = "org.freedesktop.ScreenSaver"
_SAVER_PATH = "/org/freedesktop/ScreenSaver"
_MOCK = "org.freedesktop.DBus.Mock"
_MOCKING = ("/usr/bin/python3", "-m", "dbusmock", "--session", _SAVER, _SAVER_PATH, _SAVER)  # Debian's
_IDLE_ONLY = Path(__file__).with_name("idle_compositor.py")


class Typed(Protocol):
    """A Wayland desktop with somebody at it."""

    env: dict[str, str]

    def press(self) -> None:
        """Press a key and let it go."""

    def vanish(self) -> None:
        """End at once, as a compositor does that crashes."""


@dataclass
class OnSway:
    """Types by a virtual keyboard."""

    sway: Sway
    env: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.env = self.sway.env

    def press(self) -> None:
        subprocess.run(["wtype", "a"], env=desktop.environment(**self.env), check=True, timeout=20)

    def vanish(self) -> None:
        self.sway.vanish()


@dataclass
class OnMutter:
    """Types as who works from afar."""

    env: dict[str, str]
    process: subprocess.Popen[bytes]
    bus: DBusConnection
    hands: str = ""

    def take_over(self) -> None:
        for part in ("IdleMonitor", "RemoteDesktop"):
            until(lambda name=f"{_MUTTER}.{part}": _owned(self.bus, name), "mutter")
        (self.hands,) = self._call(f"/{_MUTTER.replace('.', '/')}/RemoteDesktop", "CreateSession")
        self._call(self.hands, "Start")

    def press(self) -> None:
        for down in (True, False):
            self._call(self.hands, "NotifyKeyboardKeycode", "ub", _KEY_A, down)

    def vanish(self) -> None:
        self.process.kill()
        self.process.wait()

    def _call(self, path: str, member: str, signature: str = "", *body: object) -> Any:
        name = f"{_MUTTER}.RemoteDesktop"
        address = DBusAddress(path, name, f"{name}.Session" if path == self.hands else name)
        answer = self.bus.send_and_get_reply(new_method_call(address, member, signature, body), timeout=10)
        assert answer.header.message_type is MessageType.method_return, f"{member}: {answer.body}"
        return answer.body


@dataclass
class IdleOnly:
    """Tells who asks by ext-idle-notify-v1 whether there is input, and knows nothing else."""

    env: dict[str, str]
    process: subprocess.Popen[bytes]

    def press(self) -> None:
        self._tell("press")

    def play(self, *, video: bool) -> None:
        """Begin or end to play a video, which keeps the screen on."""
        self._tell("play" if video else "end")

    def lose_seat(self) -> None:
        """Unplug all there is to type on."""
        self._tell("unplug")

    def vanish(self) -> None:
        self.process.kill()
        self.process.wait()

    def _tell(self, word: str) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{word}\n".encode())
        self.process.stdin.flush()
        assert self.process.stdout.readline() == f"{word}\n".encode()


@dataclass
class Saver:
    """A desktop whose screen saver answers; the compositor tells nothing."""

    env: dict[str, str]
    process: subprocess.Popen[bytes]
    bus: DBusConnection

    def answer(self, code: str) -> None:
        """Have it answer by this Python; `now` is in ms, `self.used` when somebody pressed a key."""
        begin = "now = int(time.monotonic() * 1000); self.used = getattr(self, 'used', 0)"
        self._add("GetSessionIdleTime", "u", f"{begin}\nret = {code}")
        self._add("Press", "", "self.used = int(time.monotonic() * 1000)")

    def press(self) -> None:
        self._call(_SAVER, "Press")

    def vanish(self) -> None:
        self.process.kill()
        self.process.wait()

    def _add(self, method: str, result: str, code: str) -> None:
        self._call(_MOCK, "AddMethod", "sssss", _SAVER, method, "", result, code)

    def _call(self, interface: str, member: str, signature: str = "", *body: object) -> None:
        message = new_method_call(DBusAddress(_SAVER_PATH, _SAVER, interface), member, signature, body)
        answer = self.bus.send_and_get_reply(message, timeout=10)
        assert answer.header.message_type is MessageType.method_return, f"{member}: {answer.body}"


@contextmanager
def on_sway(*config: str) -> Iterator[OnSway]:
    with sway(*config) as made:
        yield OnSway(made)


@contextmanager
def on_mutter(bus: str | None = None) -> Iterator[OnMutter]:
    """Run mutter on this bus, or on one of its own."""
    with ExitStack() as parts:
        bus = bus or parts.enter_context(desktop.session_bus())
        folder = parts.enter_context(TemporaryDirectory(prefix="hp-"))
        shared = {"XDG_RUNTIME_DIR": folder, "HOME": folder, "DBUS_SESSION_BUS_ADDRESS": bus}
        env = desktop.environment(**shared, GSETTINGS_BACKEND="memory")
        parts.enter_context(desktop.running(["pipewire"], env=env))
        until(Path(folder, "pipewire-0").exists, "pipewire")
        command = ["mutter", "--wayland", "--headless", "--no-x11", "--virtual-monitor", "1280x720"]
        process = parts.enter_context(desktop.running([*command, "--wayland-display", "wayland-m"], env=env))
        until(Path(folder, "wayland-m").exists, "mutter's display")
        talk = parts.enter_context(open_dbus_connection(bus))
        session = {"XDG_SESSION_TYPE": "wayland", "WAYLAND_DISPLAY": "wayland-m"}
        made = OnMutter(shared | session, process, talk)
        made.take_over()
        yield made


@contextmanager
def idle_only(version: int = 1) -> Iterator[IdleOnly]:
    """Run one that knows this version of the protocol."""
    with TemporaryDirectory(prefix="hp-") as folder:
        shared = {"XDG_RUNTIME_DIR": folder}
        command = [sys.executable, str(_IDLE_ONLY), "wayland-i", str(version)]
        with desktop.running(command, env=desktop.environment(**shared)) as process:
            assert process.stdout
            assert process.stdout.readline() == b"ready\n"
            yield IdleOnly(shared | {"XDG_SESSION_TYPE": "wayland", "WAYLAND_DISPLAY": "wayland-i"}, process)


@contextmanager
def on_saver(answer: str = "now - self.used", bus: str | None = None) -> Iterator[Saver]:
    """Run a screen saver, on this bus or on one of its own, that answers so when the last input was."""
    with ExitStack() as parts:
        bus = bus or parts.enter_context(desktop.session_bus())
        talk = parts.enter_context(open_dbus_connection(bus))
        shared = {"DBUS_SESSION_BUS_ADDRESS": bus}
        process = parts.enter_context(desktop.running(_MOCKING, env=desktop.environment(**shared)))
        until(lambda: _owned(talk, _SAVER), "the screen saver")
        made = Saver(shared | {"XDG_SESSION_TYPE": "wayland", "XDG_RUNTIME_DIR": "/nowhere"}, process, talk)
        made.answer(answer)
        yield made


def _owned(bus: DBusConnection, name: str) -> bool:
    daemon = DBusAddress("/", "org.freedesktop.DBus", "org.freedesktop.DBus")
    asked = new_method_call(daemon, "NameHasOwner", "s", (name,))
    return bool(bus.send_and_get_reply(asked, timeout=10).body[0])
