"""The door at which the running app takes commands: one JSON request and reply per connection."""

from __future__ import annotations

import logging
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.errors import AppNotRunning

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

_MAX = 1_048_576  # bytes of one request


class Control:
    """Answers requests until it is closed, each in its own thread; nobody else of the machine may ask."""

    def __init__(self, address: str, answer: Callable[[bytes], bytes]) -> None:
        self._address = address
        self._answer = answer
        self._closing = False
        if sys.platform != "win32":  # what a killed app left; its lock is ours, so nobody listens there
            Path(address).unlink(missing_ok=True)
        self._listener = Listener(address)
        if sys.platform != "win32":
            Path(address).chmod(0o600)
        threading.Thread(target=self._accept, name="control", daemon=True).start()

    def close(self) -> None:
        """Take no more requests."""
        self._closing = True
        with suppress(OSError):  # wakes the accepting thread
            Client(self._address).close()
        self._listener.close()

    def _accept(self) -> None:
        while not self._closing:
            try:
                connection = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), name="request", daemon=True).start()

    def _serve(self, connection: Connection[bytes, bytes]) -> None:
        with connection, suppress(EOFError, OSError):  # the asker may go away at any time
            connection.send_bytes(self._answer(connection.recv_bytes(_MAX)))


def ask(address: str, request: bytes) -> bytes:
    """Return the running app's reply; raises AppNotRunning where none answers."""
    try:
        with Client(address) as connection:
            connection.send_bytes(request)
            return connection.recv_bytes()
    except (OSError, EOFError) as error:
        raise AppNotRunning("The app does not run.") from error
