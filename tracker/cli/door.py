"""Asks the running app; where none runs, does it here with the same parts, or starts it."""

from __future__ import annotations

import os
import subprocess
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from tracker.desktop import display
from tracker.desktop.control import ask
from tracker.errors import AppNotRunning, TrackerError
from tracker.paths import program

if TYPE_CHECKING:
    from tracker.paths import Home

_LOOKS = 600  # at most, for an app that starts
_BETWEEN_LOOKS = 0.05  # seconds


def call(home: Home, command: str, **arguments: Any) -> Any:
    """Return the result of a command, from the running app or else from here; raises TrackerError."""
    request = _request(command, arguments)
    with suppress(AppNotRunning):
        return _result(ask(home.control, request))
    from tracker.answering import answer  # noqa: PLC0415  # as above
    from tracker.app import Parts, take  # noqa: PLC0415  # asking the app needed none of its parts

    answered = take(home, lambda: ask(home.control, request))
    if isinstance(answered, Parts):
        with answered as parts:
            parts.recover()
            answered = answer(parts.commands, request)
    return _result(answered)


def call_app(home: Home, command: str, **arguments: Any) -> Any:
    """Return the result of a command for the running app, which is started if it does not run."""
    request = _request(command, arguments)
    try:
        return _result(ask(home.control, request))
    except AppNotRunning:
        _start(home)
        return _result(ask(home.control, request))


def _request(command: str, arguments: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"command": command, "args": arguments})


def _result(reply: bytes) -> Any:
    """Return what was answered, or raise the error the other side raised."""
    said = msgspec.json.decode(reply)
    if "error" in said:
        raise TrackerError.told(**said["error"])
    return said["result"]


def _start(home: Home) -> None:
    """Start the app on its own, and return when it takes commands."""
    display.require()
    home.make()
    errors = home.logs / "start.log"
    with errors.open("wb") as output:
        app = subprocess.Popen(  # noqa: S603  # this very program
            [*program(), "run", "--minimized"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **home.environment},
            start_new_session=True,
        )
    pause = threading.Event()
    for _ in range(_LOOKS):
        if app.poll() is not None:
            said = errors.read_text(errors="replace").strip().splitlines()
            raise AppNotRunning(
                said[0] if said else "The app ended as soon as it was started.", advice=f"See {errors}."
            )
        try:
            _result(ask(home.control, _request("status", {})))
        except AppNotRunning:
            pause.wait(_BETWEEN_LOOKS)
        else:
            return
    raise AppNotRunning("The app was started, but does not answer.", advice=f"See {errors}.")
