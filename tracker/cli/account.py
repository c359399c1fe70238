"""What the command line has for the account: signing in by the browser, and out again."""

from __future__ import annotations

import webbrowser
from typing import Annotated, Any

import msgspec
import typer

from tracker.cli import output
from tracker.cli.calling import show
from tracker.cli.door import call


def sign_in(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="The server, such as https://hours.example.org.")],
) -> None:
    """Sign in to a server, in your browser; what is tracked from then on is delivered there.

    Example: hourproof sign-in https://hours.example.org
    """
    from tracker.sync.oauth import Attempt  # noqa: PLC0415  # HTTP is slow to load, for this alone

    home = context.obj.home
    here = call(home, "device")
    with Attempt(url, here["name"], ca=here["ca"]) as attempt:
        opened = webbrowser.open(attempt.address)
        output.note("Go on in your browser." if opened else f"Open this in a browser: {attempt.address}")
        approval = attempt.wait()
    show(context, call(home, "sign_in", **msgspec.to_builtins(approval)), _signed_in)


def sign_out(context: typer.Context) -> None:
    """Sign out of the server: tracking stops, and what waits is kept for the next sign-in there."""
    show(context, call(context.obj.home, "sign_out"), _signed_out)


def _signed_in(one: dict[str, Any]) -> None:
    output.show(f"Signed in to {one['server']} as {one['name']}.")


def _signed_out(one: dict[str, Any]) -> None:
    kept = one["kept"]
    output.show(f"Signed out of {one['server']}. New time stays on this computer.")
    if kept:
        what = "1 segment waits" if kept == 1 else f"{kept} segments wait"
        output.show(f"{what} here for the next sign-in there.")
