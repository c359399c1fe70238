"""What listens to the network as a program: each return goes to standard output.

Standard input takes `look` (say when all that was asked is answered) and `close`.
"""

from __future__ import annotations

import sys
import threading

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal

from tracker.desktop.network import Network
from tracker.desktop.reachability import Reachability


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


class Told(QObject):
    """Brings a line of standard input to the application's thread."""

    line = Signal(str)


def main() -> None:
    application = QCoreApplication(["network"])
    listening = Reachability if sys.argv[1] == "qt" else Network
    network = listening(lambda: say("returned"))
    told = Told()

    def hear(line: str) -> None:
        if line == "close":
            network.close()
        QTimer.singleShot(0, lambda: say(line))

    told.line.connect(hear, Qt.ConnectionType.QueuedConnection)

    def listen() -> None:
        for line in sys.stdin:
            told.line.emit(line.strip())

    threading.Thread(target=listen, daemon=True).start()
    say("listens")
    application.exec()


if __name__ == "__main__":
    main()
