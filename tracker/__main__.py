"""`hourproof`: the tray app, the backend, or a command; each loads only what it needs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tracker.errors import TrackerError
from tracker.paths import HOME_VARIABLE, Home

_RUN: tuple[list[str], ...] = (["run"], ["run", "--minimized"], ["--minimized"], [])


def main() -> int:
    """Do what the command line says and return the exit code."""
    given, rest = _home(sys.argv[1:])
    if rest[:1] == ["serve"]:
        from tracker.server.__main__ import main as serve  # noqa: PLC0415  # only who serves loads the server

        return serve(rest[1:])
    if rest == ["keychain"]:
        from tracker.desktop.keychain import main as keychain  # noqa: PLC0415  # only who asks it loads it

        return keychain()
    home = Home.at(Path(given)) if given else Home.standard()
    if rest[:1] in (["backup"], ["restore"]):
        from tracker.server.safekeeping import main as keep  # noqa: PLC0415  # as with serve

        return keep(rest, home.server)
    if rest in _RUN:
        return _run(home, minimized="--minimized" in rest)
    from tracker.cli.commands import run  # noqa: PLC0415  # the tray's process needs no command line

    return run(home, rest)


def _run(home: Home, *, minimized: bool) -> int:
    from tracker.app import run  # noqa: PLC0415  # a command for the running app needs no parts

    try:
        return run(home, minimized=minimized)
    except TrackerError as error:
        sys.stderr.write(f"{error.title}\n{error.advice}\n")
        return error.exit_code


def _home(arguments: list[str]) -> tuple[str, list[str]]:
    """Return the home that is asked for, and the arguments without it; `--home` may stand anywhere."""
    rest = list(arguments)
    given = os.environ.get(HOME_VARIABLE, "")
    for place, word in enumerate(rest):
        if word == "--home" and place + 1 < len(rest):
            given = rest[place + 1]
            del rest[place : place + 2]
            break
        if word.startswith("--home="):
            given = word.removeprefix("--home=")
            del rest[place]
            break
    return given, rest


if __name__ == "__main__":
    sys.exit(main())
