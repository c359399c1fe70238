"""A witness of input that knows nothing of the tracker: what XInput2 tells raw, before anyone can grab it.

Run as a program on a display, it answers each line with what it has seen since the last one.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop import running
from Xlib.display import Display
from Xlib.ext import xinput

from tracker.model.counts import Counts

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRESSES = xinput.RawKeyPressMask | xinput.RawButtonPressMask  # no key that is held is told again here
_GRABBED_TOO = 2  # the version of XInput 2 from which on raw events come whatever is grabbed
_DETAIL = 6  # where in such an event the number of a key or a button stands
_WHEEL = range(4, 8)
_NOTHING = {"keys": 0, "clicks": 0, "scrolls": 0}


def main(display: str) -> None:
    """Tell what is seen there."""
    link = Display(display)
    opcode = link.display.get_extension_major(xinput.extname)
    xinput.XIQueryVersion(display=link.display, opcode=opcode, major_version=2, minor_version=_GRABBED_TOO)
    link.screen().root.xinput_select_events([(xinput.AllMasterDevices, _PRESSES)])
    link.sync()
    say("ready")
    found = Counter(_NOTHING)
    while True:
        asked = sys.stdin in select.select([sys.stdin, link], [], [])[0]
        if asked:
            link.sync()
        for _ in range(link.pending_events()):  # at once: an X server's queues have no end, and no good one
            see(link.next_event(), found)
        if asked:
            if not sys.stdin.readline():
                return
            say(json.dumps(found))
            found = Counter(_NOTHING)


def say(line: str) -> None:
    """Tell whoever asks."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def see(event: Any, found: Counter[str]) -> None:
    """Add an event to what was found."""
    kind = getattr(event, "evtype", None)
    if kind == xinput.RawKeyPress:
        found["keys"] += 1
    elif kind == xinput.RawButtonPress:
        found["scrolls" if event.data[_DETAIL] in _WHEEL else "clicks"] += 1


class Witness:
    """Such a program at work."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        assert self._read() == b"ready\n"

    def seen(self) -> Counts:
        """Return what it has seen since it was last asked."""
        assert self._process.stdin
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()
        return Counts(**json.loads(self._read()))

    def _read(self) -> bytes:
        assert self._process.stdout
        return self._process.stdout.readline()


@contextmanager
def witness(display: str) -> Iterator[Witness]:
    """Let it see everything that happens there from now on."""
    with running([sys.executable, str(Path(__file__)), display]) as process:
        yield Witness(process)


if __name__ == "__main__":
    main(sys.argv[1])
