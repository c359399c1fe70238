"""What counting input costs, beside pynput's stock listeners on the same display, and whether it is exact."""

from __future__ import annotations

import argparse
import json
import os
import select
import subprocess
import sys
import threading
from contextlib import closing, suppress
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from desktop import environment, xvfb
from hands import Hands
from waiting import until
from Xlib import XK, X
from Xlib.display import Display
from Xlib.ext import xtest

from tracker.capture.tally import Tally
from tracker.capture.x11 import X11Input

if TYPE_CHECKING:
    from collections.abc import Callable

RATES = (125, 1_000, 8_000)  # Hz: an office mouse, a player's, and the fastest sold
KEYS = 10  # a second
TICK = 0.001  # seconds; what falls into one is sent together
BUDGET = 0.15  # percent of a core
SHARE, SHARED_RATE = 1 / 15, 1_000  # of what pynput takes, and where
ROUNDS, STROKES = 100, {"keys": 499, "clicks": 250, "scrolls": 250, "held": 1}  # 100,000 together


def main() -> None:
    """Print the rows; with --as, count in this process until told to end, and print what that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=15, help="how long to count at each rate")
    parser.add_argument("--as", dest="peer", choices=PEERS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        count(PEERS[arguments.peer]())
        return
    rows = [row for rate in RATES for row in costs(rate, arguments.seconds)]
    with xvfb("1920x1080") as server:
        rows.append(exactness(server.name))
    sys.stdout.write(json.dumps(rows))


def ours() -> Callable[[], int]:
    """Count as the tracker does; return what tells the keys since it was last asked."""
    tally, source = Tally(), X11Input(os.environ["DISPLAY"])
    source.start(tally, sys.exit)

    def look() -> int:
        source.poll()
        return tally.take().keys or 0

    return look


def pynput() -> Callable[[], int]:
    """Count with pynput's listeners as they come; return what tells the keys since it was last asked."""
    from pynput import keyboard, mouse  # noqa: PLC0415  # opens the display, of which the parent has none

    presses: list[None] = []
    for listener in (
        keyboard.Listener(on_press=lambda _key: presses.append(None)),
        mouse.Listener(on_click=lambda _x, _y, _button, _down: None),
    ):
        listener.start()
        listener.wait()

    def look() -> int:
        seen = len(presses)
        del presses[:seen]
        return seen

    return look


PEERS = {"ours": ours, "pynput": pynput}


def count(look: Callable[[], int]) -> None:
    """Look once a second from one line of input to the next; print the processor time and the keys."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    look()
    begin, keys = process_time(), 0
    while not select.select([sys.stdin], [], [], 1.0)[0]:
        keys += look()
    sys.stdout.write(json.dumps({"cpu_s": process_time() - begin, "keys": keys + look()}))


def costs(rate: int, seconds: int) -> list[dict[str, Any]]:
    """Let both count the same input, one after the other: a second reader wakes the first more often."""
    percent, beside = {}, {}
    for name in PEERS:
        with xvfb("1920x1080") as server:
            peer = Peer(name, server.name)
            settle()
            peer.begin()
            moves, keys = play(server.name, rate, seconds)
            settle()
            report = peer.end()
        percent[name] = 100 * report["cpu_s"] / seconds
        beside[f"{name}: Hz sent"] = moves / seconds
        beside[f"{name}: keys missed"] = keys - report["keys"]
    what = f"counting at {rate:,} Hz pointer + {KEYS} keys/s"
    beside = {"pynput": percent["pynput"], **beside}
    rows = [
        {"name": what, "value": percent["ours"], "unit": "% of a core", "budget": BUDGET, "beside": beside}
    ]
    if rate == SHARED_RATE:
        share = percent["ours"] / percent["pynput"]
        rows.append({"name": f"{what}: ours / pynput's", "value": share, "unit": "", "budget": SHARE})
    return rows


class Peer:
    """A process that counts."""

    def __init__(self, name: str, display: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--as", name],
            env=environment(DISPLAY=display),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        assert self._process.stdout.readline() == "ready\n"

    def begin(self) -> None:
        """Count from here."""
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def end(self) -> dict[str, Any]:
        """Count no more, and report."""
        report, _ = self._process.communicate("\n")
        return dict(json.loads(report))


def play(display: str, rate: int, seconds: int) -> tuple[int, int]:
    """Move the pointer and press a key at their rates; return how often either was done."""
    pace, begin = threading.Event(), perf_counter()
    moves = keys = 0
    with closing(Display(display)) as link:
        code = link.keysym_to_keycode(XK.string_to_keysym("a"))
        while (at := perf_counter() - begin) < seconds:
            for number in range(moves, moves := int(at * rate)):
                xtest.fake_input(link, X.MotionNotify, x=100 + number % 800, y=100 + number // 3 % 400)
            for _ in range(keys, keys := int(at * KEYS)):
                xtest.fake_input(link, X.KeyPress, code)
                xtest.fake_input(link, X.KeyRelease, code)
            link.flush()
            pace.wait(TICK)
        link.sync()
    return moves, keys


def exactness(display: str) -> dict[str, Any]:
    """Send 100,000 events as fast as they are counted, and compare."""
    subprocess.run(["xset", "r", "rate", "100", "50"], env=environment(DISPLAY=display), check=True)
    tally, source = Tally(), X11Input(display)
    source.start(tally, sys.exit)
    wrong = 0
    with Hands(display) as hands:
        for _ in range(ROUNDS):
            hands.press("a", times=STROKES["keys"])
            hands.click(times=STROKES["clicks"])
            hands.wheel(notches=STROKES["scrolls"])
            for _ in range(STROKES["held"]):
                hands.hold_until_repeated("x", times=3)
            wrong += misses(tally)
    source.stop()
    sent = ROUNDS * sum(STROKES.values())
    return {
        "name": f"exactness of {sent:,} keys, clicks, wheel steps and held keys",
        "value": 100 * (1 - wrong / sent),
        "unit": "%",
        "budget": {"at_least": 100},
        "beside": {"sent": sent, "wrong": wrong},
    }


def misses(tally: Tally) -> int:
    """Return by how much a round's counts differ from what was sent, once they have come or should have."""
    left = {
        "keys": STROKES["keys"] + STROKES["held"],
        "clicks": STROKES["clicks"],
        "scrolls": STROKES["scrolls"],
    }

    def arrived() -> bool:
        counts = tally.take()
        for kind in left:
            left[kind] -= getattr(counts, kind)
        return not any(left.values())

    with suppress(AssertionError):
        until(arrived, "the round")
    return sum(map(abs, left.values()))


def settle() -> None:
    """Give what has just been started or sent a second to arrive."""
    threading.Event().wait(1)


if __name__ == "__main__":
    main()
