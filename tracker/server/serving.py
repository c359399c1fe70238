"""Runs the application until it is told to end, or, embedded, until nobody wants it any more."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import uvicorn

from tracker.errors import NotDone

if TYPE_CHECKING:
    from fastapi import FastAPI

    from tracker.server.lease import Lease
    from tracker.server.parts import Parts

_PATIENCE = 10  # seconds in which requests under way are answered when the server ends


class PortTaken(NotDone):
    """Another program listens there."""

    advice = "Choose another with --port, or end that program."


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes any free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        raise PortTaken(f"Port {port} of {host} cannot be used: {_why(error)}.") from error


def serve(app: FastAPI, parts: Parts, listening: socket.socket, lease: Lease | None) -> None:
    """Answer requests until SIGTERM, Ctrl-C, or the end of an embedded server's life."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=_PATIENCE,
    )
    server = uvicorn.Server(config)
    stopped = threading.Event()

    def end() -> None:
        if lease is not None:
            lease.withdraw()
        server.should_exit = True

    if parts.settings.embedded:
        threading.Thread(
            target=parts.lifetime.watch, args=(end, stopped), name="lifetime", daemon=True
        ).start()
    parts.locking.start()
    # uvicorn repeats the signal that ended it; by then everything is closed and the exit a clean one
    signal.signal(signal.SIGTERM, lambda *_: None)
    gc.freeze()  # what is loaded stays: looking through it again and again made the slowest pages
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
    stopped.set()


def let_go_of_the_terminal() -> None:
    """Leave standard output and error to whoever reads them, so that its end does not end this."""
    sys.stdout.flush()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


def _why(error: OSError | OverflowError) -> str:
    return "it is no port" if isinstance(error, OverflowError) else (error.strerror or str(error))
