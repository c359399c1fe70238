"""`hourproof backup` and `hourproof restore`: a server's data in another folder, and back."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tracker.errors import StorageFailed, TrackerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_BACKUP, _RESTORE = "backup", "restore"
_MANY = 20  # faults that are printed for people
_POSTGRESQL = {
    _BACKUP: "The database is PostgreSQL's to back up: run pg_dump before this, each time.",
    _RESTORE: "The database is as PostgreSQL has it: pg_restore brings it back, before this.",
}


def main(argv: Sequence[str], data: Path) -> int:
    """Do what the command line says with the folder it names, else with this one; return the exit code."""
    given = _parser(argv[0], data).parse_args(argv[1:])
    doing: Callable[[argparse.Namespace], tuple[dict[str, Any], str]]
    doing = _back_up if argv[0] == _BACKUP else _restore
    try:
        told, sentence = _doing(doing, given)
    except TrackerError as error:
        if given.json:
            _show({"error": {"type": error.type, "title": error.title, "advice": error.advice}})
        else:
            sys.stderr.write(f"{error.title}\n{error.advice}\n")
        return error.exit_code
    faults = told["faults"]
    if given.json:
        _show(told)
    else:
        note = [_POSTGRESQL[argv[0]]] if given.database else []
        more = [f"and {len(faults) - _MANY} more"] if len(faults) > _MANY else []
        sys.stdout.write("\n".join([sentence, *note, *faults[:_MANY], *more]) + "\n")
    return 1 if faults else 0


def _doing(
    doing: Callable[[argparse.Namespace], tuple[dict[str, Any], str]], given: argparse.Namespace
) -> tuple[dict[str, Any], str]:
    try:
        return doing(given)
    except OSError as error:
        title = f"{error.filename or given.folder} cannot be used: {error.strerror}."
        raise StorageFailed(title, advice="Nothing was lost. Make space, or see who owns it.") from error


def _back_up(given: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from tracker.server.backup import back_up  # noqa: PLC0415  # half a second that usage and errors need not

    made = back_up(given.data, given.folder, given.database)
    what = "the key" if given.database else "the database, the key"
    told = {"folder": str(given.folder), "pictures": made.pictures, "new": made.new, "faults": made.faults}
    return told, f"In {given.folder}: {what} and {made.pictures:,} pictures, {made.new:,} of them new."


def _restore(given: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from tracker.server.backup import restore  # noqa: PLC0415  # as above

    faults = restore(given.folder, given.data, given.database)
    sentence = f"Restored to {given.data}: {len(faults)} faults."
    return {"data": str(given.data), "faults": faults}, sentence


def _show(told: dict[str, Any]) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n")


def _parser(word: str, data: Path) -> argparse.ArgumentParser:
    back = word == _BACKUP
    parser = argparse.ArgumentParser(
        prog=f"hourproof {word}",
        description="Copy what a server keeps into a folder, while it serves. The same one again is quicker."
        if back
        else "Bring a backup back into a folder that is empty or not there, and check all of it.",
        epilog=f"Example: hourproof {word} /mnt/safe/hourproof --data ~/hourproof",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="the backup")
    parser.add_argument(
        "--data", type=Path, default=data, metavar="DIR", help="the server's data (default: %(default)s)"
    )
    parser.add_argument("--database", metavar="URL", help="PostgreSQL, instead of a file in the data")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser
