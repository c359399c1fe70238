"""What the tray app costs while it tracks, beside a tray of PySide6 that does nothing."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from desktop import environment, keyring_service, running, session_bus, tray_host, window_manager, xvfb
from hands import Hands
from processes import Tree
from user import HOURPROOF, User
from waiting import until
from Xlib.display import Display
from Xlib.error import XError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Sequence

BARE = """
import sys
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon
app = QApplication(sys.argv)
app.setQuitOnLastWindowClosed(False)
pixmap = QPixmap(64, 64)
pixmap.fill("red")
tray = QSystemTrayIcon(QIcon(pixmap))
menu = QMenu()
menu.addAction("Quit", app.quit)
tray.setContextMenu(menu)
tray.show()
app.exec()
"""
STARTS = 7
SLOT = 600
QUIET = 60
HOUR = 3600
MB = 1_000_000
POINTER_HZ, EVERY_KEY, EVERY_CLICK = 125, 25, 125  # 125 moves, 5 keys and 1 click a second


@dataclass(frozen=True)
class Cost:
    """What a running program took."""

    memory_mb: float
    cpu_s_per_h: float
    wakeups_per_s: float


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=SLOT, help="how long to track; a whole slot counts")
    seconds = parser.parse_args().seconds
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="hp-")))
        user = arrive(ends, folder)
        bare = (sys.executable, "-c", BARE)
        app = (*HOURPROOF, "--home", str(user.home), "run", "--minimized")
        with user.app():
            user.add_contract("Checkout rebuild")
        starts = [(started(bare, user.env), started(app, user.env)) for _ in range(STARTS)]
        with running(bare, env=user.env) as program:
            settle()
            floor = cost(program, user.env["DISPLAY"], seconds=min(seconds, 60))
        with user.app() as program:
            user.ask("start", "Checkout rebuild", "--memo", "Checkout: error copy")
            settle()
            until(Tree(program.pid).without_backend, "the embedded backend to end", seconds=120)
            ours = cost(program, user.env["DISPLAY"], seconds=seconds)
            delivery = delivered(user, program)
    sys.stdout.write(json.dumps(rows(starts, floor, ours, delivery)))


def arrive(ends: ExitStack, folder: Path) -> User:
    """Return someone at a desktop, in real time."""
    display = ends.enter_context(xvfb("1920x1080")).name
    ends.enter_context(window_manager(display))
    ends.enter_context(tray_host(display))
    keyring = ends.enter_context(keyring_service(ends.enter_context(session_bus()), folder / "person"))
    return User(folder / "home", environment(DISPLAY=display, QT_QPA_PLATFORM="xcb", **keyring))


def started(command: Sequence[str], env: dict[str, str]) -> float:
    """Return the milliseconds from a program's start until its icon is in the tray."""
    with watched(env["DISPLAY"]) as icons:
        before, begin = icons(), perf_counter()
        with running(command, env=env):
            while icons() == before:
                threading.Event().wait(0.002)
            took = (perf_counter() - begin) * 1000
        until(lambda: icons() == before, "the icon to go")
    return took


@contextmanager
def watched(display: str) -> Iterator[Callable[[], int]]:
    """Give a way to count the icons in the tray of a display."""
    connection = Display(display)
    embedded = connection.intern_atom("_XEMBED_INFO")

    def icons() -> int:
        windows, found = [connection.screen().root], 0
        while windows:
            window = windows.pop()
            try:
                found += window.get_full_property(embedded, 0) is not None
                windows += window.query_tree().children
            except XError:  # it has gone meanwhile
                continue
        return found

    yield icons
    connection.close()


def settle() -> None:
    """Let a program that has just started come to rest."""
    threading.Event().wait(5)


def cost(program: subprocess.Popen[bytes], display: str, *, seconds: int) -> Cost:
    """Measure a program: first its wake-ups, without input, then the rest under input."""
    tree = Tree(program.pid, backend=False)
    before = tree.wakeups
    threading.Event().wait(QUIET)
    wakeups = (tree.wakeups - before) / QUIET
    before, memory = tree.processor, []
    with Hands(display) as hands:
        for second in range(seconds):
            work_a_second(hands, second)
            memory.append(tree.memory)
    used = tree.processor - before
    return Cost(statistics.median(memory) / MB, used / seconds * HOUR, wakeups)


def work_a_second(hands: Hands, second: int) -> None:
    """Move the pointer 125 times, press 5 keys and click once, evenly over one second."""
    pace, begin = threading.Event(), perf_counter()
    for step in range(POINTER_HZ):
        hands.move(200 + (second + step) % 800, 300 + step)
        if step % EVERY_KEY == 0:
            hands.press("a")
        if step % EVERY_CLICK == 0:
            hands.click()
        pace.wait(max(0.0, begin + (step + 1) / POINTER_HZ - perf_counter()))


def delivered(user: User, program: subprocess.Popen[bytes]) -> float:
    """Return the seconds of processor time that one delivery takes, the backend's included."""
    tree = Tree(program.pid)
    before = tree.processor
    user.ask("stop")
    user.ask("sync")
    until(tree.without_backend, "the embedded backend to end", seconds=120)
    return tree.processor - before


def rows(starts: list[tuple[float, float]], floor: Cost, ours: Cost, delivery: float) -> list[dict[str, Any]]:
    """Return what was found, each beside its budget and the bare tray."""
    bare_start, our_start = (statistics.median(times) for times in zip(*starts, strict=True))
    peer = "bare PySide6 tray"
    return [
        {
            "name": "start to tray",
            "value": our_start,
            "unit": "ms",
            "budget": 2 * bare_start,
            "beside": {peer: bare_start},
        },
        {
            "name": "memory while tracking (PSS)",
            "value": ours.memory_mb,
            "unit": "MB",
            "budget": 2 * floor.memory_mb,
            "beside": {peer: floor.memory_mb},
        },
        {
            "name": "wake-ups, no input, window hidden",
            "value": ours.wakeups_per_s,
            "unit": "/s",
            "budget": 2,
            "beside": {peer: floor.wakeups_per_s},
        },
        {
            "name": "whole tracker while tracking, with shots and one delivery",
            "value": ours.cpu_s_per_h + delivery,
            "unit": "CPU-s/h",
            "budget": 6,
            "beside": {peer: floor.cpu_s_per_h, "of it the delivery": delivery},
        },
    ]


if __name__ == "__main__":
    main()
