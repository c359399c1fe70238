"""What the command line has for evidence: writing a week's bundle, and checking one."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  # typer reads the annotations
from typing import Annotated, Any

import msgspec
import typer

from tracker.cli.calling import show
from tracker.cli.door import call
from tracker.cli.output import duration, moment
from tracker.cli.output import show as say
from tracker.errors import NotDone


def export(
    context: typer.Context,
    week: Annotated[str, typer.Option(help="A UTC week, such as 2026-W47.")],
    to: Annotated[Path, typer.Option(metavar="ZIP", help="The file to write.")],
    contract: Annotated[str | None, typer.Option(help="Of this contract only.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over a file that is there.")] = False,
) -> None:
    """Write a week's evidence into a file that anyone can check, without the server.

    Example: hourproof export --week 2026-W47 --to northbeam-47.zip --contract Northbeam
    """
    path = to.expanduser().absolute()
    home = context.obj.home
    made = call(home, "export", week=week, to=str(path), contract=contract, replaces=replace)
    show(context, made, lambda told: _print(told, f"Written to {path}."))
    _end(made)


def verify(
    context: typer.Context,
    bundle: Annotated[Path, typer.Argument(metavar="ZIP", help="What 'hourproof export' has written.")],
    server_key: Annotated[
        str | None, typer.Option(help="The server's key or its id, if you know it: no other will do.")
    ] = None,
) -> None:
    """Check a week's evidence; needs no server, account or network. 0 if all of it is sound."""
    from tracker.evidence.summary import summary  # noqa: PLC0415  # other commands need no cryptography
    from tracker.evidence.verify import examine  # noqa: PLC0415  # as above

    try:
        with bundle.expanduser().open("rb") as file:
            examined = summary(examine(file, server_key))
    except OSError as error:
        raise NotDone(f"{bundle} cannot be read: {error.strerror}.", advice="Name another file.") from error
    told = msgspec.to_builtins(examined)
    show(context, told, lambda shown: _print(shown, _sentence(shown)))
    _end(told)


def _sentence(told: dict[str, Any]) -> str:
    if told["sound"]:
        return "Sound: every signature, receipt and byte is as it was written."
    return f"Not sound: {len(told['faults'])} fault{'s' * (len(told['faults']) > 1)}."


def _end(told: dict[str, Any]) -> None:
    if not told["sound"]:
        raise typer.Exit(1)


def _print(told: dict[str, Any], sentence: str) -> None:
    """Print what a bundle comes to, and every fault by its name."""
    say(sentence)
    for fault in told["faults"]:
        say(f"  {_plain(fault['what'])}: {_plain(fault['why'])}")
    if told["week"] is None:
        return
    say(
        f"{_plain(told['week'])} at {_plain(told['server'])}, written {moment(told['made_at'])} "
        f"by device {told['made_by']}.",
        f"The server signs with {', '.join(told['server_keys']) or 'no key'}.",
    )
    for signer in told["signers"]:
        say(f"Device {signer['device']} of account {_plain(signer['account'])} signed {signer['parcels']}.")
    for contract in told["contracts"]:
        say(*_lines(contract))
    pictures = ", ".join(f"{number} {state}" for state, number in told["pictures"].items())
    say(f"Pictures: {pictures}.")


def _lines(one: dict[str, Any]) -> list[str]:
    """Return what a contract's week comes to, and all that it lacks."""
    by_hand = f", {duration(one['manual_ms'])} by hand" if one["manual_ms"] else ""
    name = f"{_plain(one['title'])}, {_plain(one['client'])}"
    lines = [f"{name}: {duration(one['tracked_ms'])} tracked{by_hand}, in {one['segments']} segments."]
    if one["undelivered_ms"]:
        lines.append(f"  Of that no server has signed for {duration(one['undelivered_ms'])}.")
    lacks = ("waiting", "refused", "held", "discarded", "test")
    counted = [f"{one[name]} {name}" for name in lacks if one[name]]
    counted += [f"{number} shots {state}" for state, number in one["shots"].items() if state != "kept"]
    if counted:
        lines.append(f"  {', '.join(counted)}.")
    lines += [f"  Not delivered by {chain['device']}: number {chain['numbers']}." for chain in one["absent"]]
    return lines


def _plain(text: str) -> str:
    """Return what somebody else wrote in one line that no terminal takes for a command."""
    return "".join(character if character.isprintable() else " " for character in text)
