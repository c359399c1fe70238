"""Signing in to a server of somebody's, and out of it; what is tracked for one account goes to no other."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from tracker.errors import NotDone, NothingTracking
from tracker.model.segment import ClosedBy
from tracker.orders import End
from tracker.status import SignedIn, SignedOut

if TYPE_CHECKING:
    from tracker.commands import Commands
    from tracker.sync import oauth

log = logging.getLogger(__name__)


class Entrance:
    """One sign-in at a time, for an interface: the page to open, then what came of it."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands
        self._attempt: oauth.Attempt | None = None

    def begin(self, url: str) -> str:
        """Return the page that the browser has to open; an attempt before is given up."""
        from tracker.sync import oauth  # noqa: PLC0415  # it brings an HTTP server: not before it is used

        self.cancel()
        here = device(self._commands)
        self._attempt = oauth.Attempt(url, here["name"], ca=here["ca"])
        return self._attempt.address

    def end(self) -> SignedIn:
        """Wait for the browser, and sign in; raises NotDone where it does not come back."""
        attempt = self._attempt
        if attempt is None:
            raise NotDone("The sign-in was given up.", advice="Begin it once more.")
        with attempt:
            approval = attempt.wait()
        return sign_in(self._commands, **msgspec.to_builtins(approval))

    def cancel(self) -> None:
        """Wait for the browser no longer."""
        attempt, self._attempt = self._attempt, None
        if attempt is not None:
            attempt.close()


def device(commands: Commands) -> dict[str, str]:
    """Return what a sign-in has to know of this machine: its name, and whose certificates are trusted."""
    return {"name": commands.connection.device, "ca": commands.connection.ca}


def sign_in(commands: Commands, url: str, code: str, verifier: str, redirect: str) -> SignedIn:
    """Belong to the account that the browser was let in to; what ran is stopped, and kept for its own."""
    from tracker.sync import oauth  # noqa: PLC0415  # as above

    approval = oauth.Approval(url, code, verifier, redirect)
    grant = oauth.redeem(approval, ca=commands.connection.ca)
    _stop(commands)
    if commands.outbox.address not in {None, url}:
        sign_out(commands)
    with commands.syncer.between_servers():
        account = commands.connection.move_in(url, grant)
        commands.syncer.hourly = False
    commands.syncer.request()
    commands.status()
    log.info("signed in to a server")
    return SignedIn(account.name, account.server, url)


def sign_out(commands: Commands) -> SignedOut:
    """Stop, and belong to this computer alone; what is not delivered waits for the next sign-in there."""
    from tracker.sync import oauth  # noqa: PLC0415  # as above

    url, account = commands.outbox.address, commands.outbox.account
    if url is None or account is None:
        raise NotDone("You are signed in to no server.", advice="To sign in: 'hourproof sign-in URL'.")
    _stop(commands)
    with commands.syncer.between_servers():
        ours = {contract.id for contract in commands.outbox.contracts()}
        kept = sum(entry.contract in ours for entry in commands.outbox.entries())
        token = commands.connection.move_out()
        commands.syncer.hourly = True
    if token is not None:
        with suppress(NotDone):  # out of reach: the tokens are gone here, and end by themselves there
            oauth.revoke(url, token, ca=commands.connection.ca)
    commands.status()
    log.info("signed out of a server")
    return SignedOut(account.server, kept)


def who(commands: Commands) -> SignedIn | None:
    """Return who is signed in to a server, None where all stays on this computer."""
    url, account = commands.outbox.address, commands.outbox.account
    return None if url is None or account is None else SignedIn(account.name, account.server, url)


def _stop(commands: Commands) -> None:
    if commands.session is not None:
        with suppress(NothingTracking):
            commands.effect(End(ClosedBy.STOP))
