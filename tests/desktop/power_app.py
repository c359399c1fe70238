"""Power as a program: what it is told goes to standard output, a line each.

Standard input takes: `saved` (the segment is closed, so the computer may sleep) and `close`.
"""

from __future__ import annotations

import sys
import threading
from concurrent.futures import Future

from PySide6.QtCore import QCoreApplication, QObject, Signal

from tracker.desktop.power import Power


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


class Watched(Power):
    """Says when it follows its session."""

    _follows = False

    def _fronted(self, active: bool) -> None:
        super()._fronted(active)
        if not self._follows:
            self._follows = True
            say("follows")


class Told(QObject):
    """Brings a line of standard input to the application's thread."""

    close = Signal()


def main() -> None:
    application = QCoreApplication(["power"])
    told, futures = Told(), []

    def slept(asleep: bool) -> Future[None]:
        future: Future[None] = Future()
        if asleep:
            futures.append(future)
        say("asleep" if asleep else "awake")
        return future

    def locked(locked: bool, sure: bool) -> None:
        say("locked" if locked else "unlocked", "surely" if sure else "perhaps")

    power = Watched(slept, locked, limit=int(sys.argv[1]))

    def end() -> None:
        power.close()
        say("closed")

    told.close.connect(end)

    def listen() -> None:
        for line in sys.stdin:
            if line.strip() == "saved":
                futures[-1].set_result(None)  # in this thread, as the session's own does
            else:
                told.close.emit()

    threading.Thread(target=listen, daemon=True).start()
    application.exec()


if __name__ == "__main__":
    main()
