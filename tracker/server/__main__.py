"""`hourproof serve`: the backend by itself or embedded, its users and its tokens."""

from __future__ import annotations

import argparse
import logging
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from tracker.clock import ScaledClock, SystemClock
from tracker.errors import AlreadyRunning, BadValue, StorageFailed, TrackerError
from tracker.log import Redacted, set_up
from tracker.model.slot import DAY
from tracker.server import lease
from tracker.server.settings import LOOPBACK, ServerSettings, make_folder
from tracker.settings import read_test_mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.clock import Clock
    from tracker.server.lease import Lease
    from tracker.server.parts import Parts

_LOOKS, _BETWEEN_LOOKS = 100, 0.2  # at a server that starts or ends; seconds
_INVITATION_MS = 7 * DAY
_SPREAD_S = 60  # over which a hosted server asks for uploads after a slot's end


def main(argv: Sequence[str]) -> int:
    """Do what the command line says and return the exit code."""
    arguments = _parser(argv).parse_args(argv)
    try:
        code: int = arguments.do(arguments)
    except TrackerError as error:
        sys.stderr.write(f"{error.title}\n{error.advice}\n")
        return error.exit_code
    return code


def _parser(argv: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of the command that is meant; plain `serve` has no word of its own."""
    parser = argparse.ArgumentParser(
        prog="hourproof serve",
        description="Serve the backend that keeps the Work Diary. Also: 'serve user add', 'serve token'.",
        epilog="Example: hourproof serve --data ~/hourproof --port 8080",
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="where everything is kept")
    parser.add_argument("--database", metavar="URL", help="PostgreSQL, instead of a file in DIR")
    if list(argv[:1]) in (["user"], ["token"]):
        return _account_parser(parser, str(argv[0]))
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one (default)")
    parser.add_argument("--host", default=LOOPBACK[0], help="where to listen (default: %(default)s)")
    parser.add_argument("--origin", metavar="URL", help="the address by which others know it")
    parser.add_argument("--accept-test", action="store_true", help="take time tracked in test mode")
    parser.add_argument("--check", action="store_true", help="check the data and the settings, then end")
    parser.add_argument("--embedded", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(do=_serve)
    return parser


def _account_parser(parser: argparse.ArgumentParser, word: str) -> argparse.ArgumentParser:
    parser.add_argument("word", choices=[word], help=argparse.SUPPRESS)
    parser.add_argument("--email", required=True)
    if word == "token":
        parser.set_defaults(do=_token)
        return parser
    parser.add_argument("add", choices=["add"])
    parser.add_argument("--name", required=True)
    parser.add_argument("--role", choices=["member", "operator"], default="member")
    parser.set_defaults(do=_user_add)
    return parser


def _serve(given: argparse.Namespace) -> int:
    make_folder(given.data)
    if given.database:
        return _serve_with(given, None)  # as many processes as one likes
    held = _lease(given)
    if held is None:
        return 0
    try:
        return _serve_with(given, held)
    finally:
        held.end()


def _lease(given: argparse.Namespace) -> Lease | None:
    """Return the right to work with the folder; None where an embedded server was there before."""
    data, clock, nudge = given.data, SystemClock(), threading.Event()
    for _ in range(_LOOKS):
        held = lease.Lease.take(data)
        if held is not None:
            return held
        url = lease.address(data)
        if url and not given.embedded:
            raise AlreadyRunning(
                f"A server works with {data} already: {url}", advice="Use that one, or end it."
            )
        if url:
            _say(url, None)
            return None
        clock.wait(nudge, _BETWEEN_LOOKS)  # it is starting, or ending
    raise AlreadyRunning(f"Another process works with {data}.", advice="Wait for it to end.")


def _serve_with(given: argparse.Namespace, held: Lease | None) -> int:
    from tracker.server import application, serving, upkeep  # noqa: PLC0415  # half a second that usage and errors need not

    _log(given)
    with serving.listen(given.host, given.port) as listening:
        settings = _settings(given, listening.getsockname()[1])
        parts = _assemble(settings, _clock(given))
        app = application.application(parts)
        if given.check:
            return _check(parts)
        upkeep.destroy_again(parts)
        upkeep.sweep(parts)
        if held is not None:
            held.announce(settings.url)
        if parts.secret is None:
            sys.stdout.write(f"Hourproof serves at {settings.url}. Ctrl-C ends it.\n")
            sys.stdout.flush()
        else:
            _say(settings.url, parts.secret.word)
            serving.let_go_of_the_terminal()
        serving.serve(app, parts, listening, held)
    return 0


def _assemble(settings: ServerSettings, clock: Clock) -> Parts:
    """Return the parts of the server; raises StorageFailed where the database cannot be read so far."""
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415  # as above

    from tracker.server import application  # noqa: PLC0415  # as above

    try:
        return application.assemble(settings, clock)
    except DBAPIError as error:
        raise StorageFailed(
            f"The database cannot be read: {error.orig}.", advice="Bring it back from a backup."
        ) from error


def _check(parts: Parts) -> int:
    """Name every fault as it is found."""
    from tracker.server.inspection import faults  # noqa: PLC0415  # as above

    found = 0
    for found, fault in enumerate(faults(parts), 1):  # noqa: B007  # their number, in the end
        sys.stdout.write(f"{fault}\n")
    parts.database.close()
    sys.stdout.write(f"{found} faults in {parts.settings.data}.\n")
    return 1 if found else 0


def _settings(given: argparse.Namespace, port: int) -> ServerSettings:
    loopback = given.host in LOOPBACK
    if given.embedded and not (loopback and given.origin):
        raise BadValue("An embedded server listens on this machine only, and needs an --origin.")
    host = f"[{given.host}]" if ":" in given.host else given.host
    here = f"http://{host}:{port}"
    public = here if given.embedded or given.origin is None else given.origin.rstrip("/")
    known = urlsplit(public).hostname
    if known is None:
        raise BadValue(f"'{given.origin}' is no address.", advice="It reads like https://hours.example.org.")
    return ServerSettings(
        data=given.data,
        url=public,
        origin=given.origin if given.embedded else public,
        database=given.database,
        accept_test=given.accept_test,
        embedded=given.embedded,
        hosts=(*LOOPBACK, known) if loopback or given.origin else (),
        spread_s=0 if given.embedded else _SPREAD_S,
    )


def _clock(given: argparse.Namespace) -> Clock:
    """Return the machine's clock; with --accept-test the one the test mode asks for."""
    mode = read_test_mode() if given.accept_test else None
    machine = SystemClock()
    return machine if mode is None else ScaledClock(machine, speed=mode.speed, begin=mode.now)


def _log(given: argparse.Namespace) -> None:
    if given.embedded:
        logs = given.data / "logs"
        make_folder(logs)
        set_up(logs, "server")
        return
    handler = logging.StreamHandler()
    handler.setFormatter(Redacted("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def _say(url: str, secret: str | None) -> None:
    """Tell whoever started this, in one line over the pipe, where it answers."""
    sys.stdout.write(msgspec.json.encode({"url": url, "secret": secret}).decode() + "\n")
    sys.stdout.flush()


def _user_add(given: argparse.Namespace) -> int:
    from tracker.server import application, tokens  # noqa: PLC0415  # as above

    parts = application.assemble(_offline(given), SystemClock())
    if parts.store.person_by_email(given.email) is not None:
        raise BadValue(f"There is an account for {given.email}.")
    person = parts.store.add_person(given.name, now=parts.now, email=given.email, role=given.role)
    word = parts.tokens.issue(
        person.id, tokens.LINK, now=parts.now, expires_at=parts.now + _INVITATION_MS, path="/"
    )
    parts.database.close()
    sys.stdout.write(f"{lease.address(given.data) or ''}/enter/{word}\n")
    return 0


def _token(given: argparse.Namespace) -> int:
    from tracker.server import application, tokens  # noqa: PLC0415  # as above

    parts = application.assemble(_offline(given), SystemClock())
    person = parts.store.person_by_email(given.email)
    if person is None:
        raise BadValue(f"There is no account for {given.email}.", advice="Add it: hourproof serve user add …")
    word = parts.tokens.issue(person.id, tokens.BEARER, now=parts.now)
    parts.database.close()
    sys.stdout.write(f"{word}\n")
    return 0


def _offline(given: argparse.Namespace) -> ServerSettings:
    """Return settings to work with the data beside a running server, or without one."""
    return ServerSettings(data=given.data, url="", origin="", database=given.database)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
