"""The interface over a FakeDesk, as a program: commands it is given go to standard output, a line each.

Standard input takes: `begin CONTRACT MEMO…`, `fail`, `raise`, `test`, `stick` (no quit is ever done),
`away`, `back` (with a question), `lost` (the run has stopped by itself).
"""

from __future__ import annotations

import sys
import threading

from ui.fake_desk import AWAY, LEFT, SLOT, FakeDesk

from tracker.errors import Offline
from tracker.ui import application


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


STATES = {
    "test": {"test": True},
    "away": {"state": "away", "contract": "c00", "slot": None},
    "back": {"state": "tracking", "contract": "c00", "slot": SLOT, "questions": (AWAY,)},
    "lost": {"state": "stopped", "contract": None, "slot": None, "resume": LEFT},
}


def listen(desk: FakeDesk) -> None:
    for line in sys.stdin:
        command, *rest = line.split()
        if command == "begin":
            desk.begin(rest[0], " ".join(rest[1:]))
        elif command == "fail":
            desk.failure = Offline("The server does not answer.")
        elif command == "raise":
            desk.raise_window()
        elif command == "stick":
            desk.sticks = True
        else:
            desk.become(**STATES[command])


def main() -> int:
    number, *options = sys.argv[1:]
    desk = FakeDesk(int(number), tell=say)
    threading.Thread(target=listen, args=[desk], daemon=True).start()
    return application.run(desk, minimized="--minimized" in options, appearance="system")


if __name__ == "__main__":
    sys.exit(main())
