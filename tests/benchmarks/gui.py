"""How long the interface is kept from answering while a 4K shot is taken, kept and delivered."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from time import monotonic_ns
from typing import TYPE_CHECKING

from desktop import environment, keyring_service, running, session_bus, tray_host
from shot import desk
from user import User
from waiting import until

from tracker.paths import Home

if TYPE_CHECKING:
    from tracker.ui.application import Interface

EVERY = 5  # ms
WATCHED = 10  # seconds, from the shot
TRACKED = 62  # seconds: after a minute the shot that is due comes with the end
BUDGET = 16  # ms
HEARD = 1_000  # times at least, else something else was measured


def main() -> None:
    """Print the row; with --watch, be the app, and write down when its timer was heard."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watch", nargs=2, metavar=("HOME", "FILE"), help=argparse.SUPPRESS)
    if given := parser.parse_args().watch:
        sys.exit(be_the_app(Path(given[0]), Path(given[1])))
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="hp-")))
        display = ends.enter_context(desk("3840x2160", zoom=2))
        ends.enter_context(tray_host(display))
        keyring = ends.enter_context(keyring_service(ends.enter_context(session_bus()), folder / "person"))
        user = User(folder / "home", environment(DISPLAY=display, QT_QPA_PLATFORM="xcb", **keyring))
        begin = shot_and_delivery(user, folder / "heard")
        heard = [int(line) for line in (folder / "heard").read_text().splitlines()]
    sys.stdout.write(json.dumps([row(begin, heard)]))


def be_the_app(home: Path, heard: Path) -> int:
    """Run the app with its window, and a timer in the thread that paints."""
    from PySide6.QtCore import Qt, QTimer  # noqa: PLC0415  # only the app has a window

    from tracker import app  # noqa: PLC0415  # as above
    from tracker.ui import application  # noqa: PLC0415  # as above

    begin, times = application.Interface.begin, []

    def begin_watched(interface: Interface, *, minimized: bool) -> None:
        begin(interface, minimized=minimized)
        timer = QTimer(interface, interval=EVERY, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(lambda: times.append(monotonic_ns()))
        timer.start()

    application.Interface.begin = begin_watched  # type: ignore[method-assign]
    code = app.run(Home.at(home), minimized=False)
    heard.write_text("\n".join(map(str, times)))
    return code


def shot_and_delivery(user: User, heard: Path) -> int:
    """Have a shot taken and delivered, and return when that began."""
    user.add_contract("Checkout rebuild")
    user.ask("settings", "set", "notice", "0")
    command = (sys.executable, __file__, "--watch", str(user.home), str(heard))
    with running(command, env=user.env | {"PYTHONPATH": ":".join(sys.path)}) as program:
        until(lambda: program.poll() is not None or user.answers(), "the app to take commands")
        user.ask("start", "Checkout rebuild", "--memo", "Checkout: error copy")
        threading.Event().wait(TRACKED)
        begin = monotonic_ns()
        user.ask("stop")
        user.ask("sync")
        threading.Event().wait(max(0.0, WATCHED - (monotonic_ns() - begin) / 1e9))
        user.ask("quit")
        program.wait(20)
    return begin


def row(begin: int, heard: list[int]) -> dict[str, object]:
    """Return the gap that one in a thousand is longer than, in ms."""
    watched = [at for at in heard if begin <= at <= begin + WATCHED * 1_000_000_000]
    gaps = sorted((later - at) / 1e6 for at, later in pairwise(watched))
    assert len(gaps) >= HEARD, f"the timer was heard {len(gaps)} times only"
    return {
        "name": "GUI thread, from a 4K shot through its delivery: gaps of a 5 ms timer, p99.9",
        "value": gaps[-1 - len(gaps) // 1000],
        "unit": "ms",
        "budget": BUDGET,
        "beside": {"gaps": len(gaps), "median": gaps[len(gaps) // 2], "longest": gaps[-1]},
    }


if __name__ == "__main__":
    main()
