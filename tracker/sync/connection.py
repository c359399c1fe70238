"""The way to the server: found or started, known by its key, signed in to."""

from __future__ import annotations

import logging
import threading
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Literal, TypeVar

from tracker.desktop.secrets import ACCESS, REFRESH, TOKEN
from tracker.errors import NotDone, Offline, Refused, SignInNeeded
from tracker.evidence.keys import key_id
from tracker.model.slot import SECOND, parse_instant
from tracker.sync.backend import Backend, RetryLater, public_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.clock import Clock
    from tracker.desktop.embedded import Started
    from tracker.desktop.secrets import Secrets
    from tracker.evidence.keys import SigningKey
    from tracker.outbox.outbox import Outbox
    from tracker.sync.oauth import Grant
    from tracker.wire.account import Account
    from tracker.wire.receipt import ServerInfo

log = logging.getLogger(__name__)

T = TypeVar("T")

_QUICK = 10 * SECOND  # an answer that took longer tells too little of the server's clock
_EMBEDDED = "embedded:"  # how the origin of a server on this machine begins


class Connection:
    """Opens the way when it is needed, from any thread; `start` says where the server is, and wakes it.

    Another machine's clock is compared with this one's, unless time is a test's (`compares_clocks`).
    """

    def __init__(
        self,
        start: Callable[[], Started],
        secrets: Secrets,
        outbox: Outbox,
        signer: SigningKey,
        device: str,
        clock: Clock,
    ) -> None:
        self.compares_clocks = True
        self.ca = ""  # a file of certificates that are trusted beside the system's
        self.sign_ins = 0
        self.state: Literal["online", "offline", "signed-out"] = "online"  # as far as was seen
        self.why = ""  # it is not online
        self.spread_s = 0  # over how many seconds this server wants uploads to be spread
        self._start = start
        self._secrets = secrets
        self._outbox = outbox
        self._signer = signer
        self.device = device  # as its user calls this machine
        self._clock = clock
        self._lock = threading.RLock()
        self._failures = 0
        self._failed: NotDone | None = None  # the last opening
        self._started: Started | None = None
        self._secret: str | None = None
        self._backend: Backend | None = None

    @property
    def url(self) -> str | None:
        """Where the server is, None while it sleeps."""
        started = self._started
        return None if started is None or started.asleep else started.url

    def open(self) -> Backend:
        """Return the server, awake and signed in to; raises a NotDone that says what is in the way.

        Of those who want it at the same time one goes, and all have what came of it.
        """
        return self._opened(None)

    def renew(self, refused: Backend) -> Backend:
        """Return the server, signed in to anew after it refused the token of an opening."""
        return self._opened(refused)

    def ask(self, question: Callable[[Backend], T]) -> T:
        """Return the server's answer, signed in to anew if that is what it takes."""
        backend = self.open()
        try:
            return question(backend)
        except SignInNeeded:
            return question(self.renew(backend))

    def _opened(self, refused: Backend | None) -> Backend:
        failures = self._failures
        with self._lock:
            if failures != self._failures and self._failed is not None:  # while this one stood in line
                raise self._failed
            if self._backend not in {None, refused} and self._awake(self._backend):
                return self._backend
            self.close()
            try:
                self._backend = self._sign_in()
            except NotDone as error:
                self._failures += 1
                self._failed = error
                self._see("signed-out" if isinstance(error, SignInNeeded) else "offline", error)
                raise
            self._failed = None
            self._see("online", None)
            return self._backend

    def move_in(self, url: str, grant: Grant) -> Account:
        """Belong to the account that these tokens open, from now on; where that fails, nothing is changed."""
        with self._lock, closing(Backend(url, grant.access_token, ca=self.ca)) as backend:
            info, wall = self._ask(backend)
            self._trust(info)
            account, contracts = backend.me(), backend.contracts()
            if account.server != info.origin:
                raise Refused("The server names another as its own.", advice="Ask whoever runs it.")
            self.introduce(backend)
            self._secrets.set_all({ACCESS: grant.access_token, REFRESH: grant.refresh_token})
            self._leave()
            self._outbox.move_in(account, url, info.public_key, contracts)
            self._outbox.learn_contracts(contracts, self._clock.now().wall)
            self._compare_clocks(info, wall)
            self.spread_s = info.spread_s
            self.sign_ins += 1
            return account

    def move_out(self) -> str | None:
        """Belong to no account of a server any more; return the refresh token that opened it, if one did."""
        with self._lock:
            token = self._secrets.get(REFRESH)
            self._secrets.delete(ACCESS, REFRESH)
            self._leave()
            self._outbox.move_out()
            return token

    def _leave(self) -> None:
        self.close()
        self._started = None
        self._see("online", None)

    def close(self) -> None:
        """Begin anew at the next opening: after a fault, or a token that is no longer accepted."""
        with self._lock:
            if self._backend is not None:
                self._backend.close()
            self._backend = None

    def _awake(self, backend: Backend) -> bool:
        """Say whether it still answers, and is still the one that was signed in to."""
        if self._started is not None and self._started.asleep:
            return False
        try:
            info, wall = self._ask(backend)
        except (Offline, RetryLater, Refused):
            return False
        known = info.public_key == backend.key
        if known:
            self._compare_clocks(info, wall)
        return known

    def _sign_in(self) -> Backend:
        url = self._wake()
        stranger = Backend(url, ca=self.ca)
        info, wall = self._ask(stranger)
        self._recognise(info)
        backend = Backend(url, self._token(stranger), key=info.public_key, ca=self.ca)
        try:
            account = backend.me()
        except SignInNeeded:
            backend = Backend(url, self._new_token(stranger), key=info.public_key, ca=self.ca)
            account = backend.me()
        self.introduce(backend)
        self._outbox.pin(info.origin, info.public_key)
        self._outbox.remember_account(account)
        self._compare_clocks(info, wall)
        contracts = backend.contracts()
        self._outbox.learn_contracts(contracts, self._clock.now().wall)
        self._outbox.remember_contracts(contracts)
        self.spread_s = info.spread_s
        self.sign_ins += 1
        return backend

    def introduce(self, backend: Backend) -> None:
        """Tell a server by which keys are signed: this device's, and of those whose parcels came by hand."""
        backend.register_device(self._signer.public, self.device)
        for one in self._outbox.devices():
            backend.register_device(public_key(one.public_key), one.name)

    def _token(self, stranger: Backend) -> str:
        """Return the token that was good last, or else a new one."""
        kept = self._secrets.get(ACCESS if self._outbox.address else TOKEN)
        return kept or self._new_token(stranger)

    def _new_token(self, stranger: Backend) -> str:
        """Return a token in the last one's place; raises SignInNeeded where only a person can get one."""
        if not self._outbox.address:
            return self._claim(stranger)
        from tracker.sync import oauth  # noqa: PLC0415  # only for who has signed in somewhere

        renewed = self._secrets.get(REFRESH)
        if renewed is None:
            raise SignInNeeded("You are signed out of the server.")
        grant = oauth.refresh(stranger.url, renewed, ca=self.ca)
        self._secrets.set_all({ACCESS: grant.access_token, REFRESH: grant.refresh_token})
        return grant.access_token

    def _ask(self, backend: Backend) -> tuple[ServerInfo, int | None]:
        """Return who answers, and the wall clock's instant halfway, None where the answer took long."""
        before = self._clock.now()
        info = backend.info()
        took = self._clock.now().boot - before.boot
        return info, before.wall + took // 2 if took <= _QUICK else None

    def _compare_clocks(self, info: ServerInfo, wall: int | None) -> None:
        if wall is not None and self.compares_clocks and not info.origin.startswith(_EMBEDDED):
            with suppress(ValueError):  # a date that no calendar has
                self._outbox.learn_clock(parse_instant(info.time), wall)

    def _wake(self) -> str:
        started = self._start()
        if started.secret is not None:
            self._secret = started.secret
        if self._started is None or self._started.asleep or started.url != self._started.url:
            self._started = started
        return started.url

    def _recognise(self, info: ServerInfo) -> None:
        """Refuse to go on where another server answers than the one that was signed in to."""
        account = self._outbox.account
        if account is not None and account.server != info.origin:
            raise SignInNeeded("Another server answers than the one this tracker belongs to.")
        self._trust(info)

    def _trust(self, info: ServerInfo) -> None:
        """Refuse a server that has not the key it is known by, or that its own word does not fit."""
        known = self._outbox.pinned_key(info.origin)
        if info.key != key_id(public_key(info.public_key)) or known not in {None, info.public_key}:
            raise SignInNeeded("The server does not sign with the key it is known by.")

    def _claim(self, stranger: Backend) -> str:
        if self._secret is None:
            raise SignInNeeded("The server does not know this tracker.")
        try:
            token = stranger.claim(self._secret).token
        except Refused as error:  # it was used: by us, if the answer was lost; the next start has a new one
            self._secret = None
            raise SignInNeeded("The server does not let this tracker in.") from error
        self._secret = None
        self._secrets.set(TOKEN, token)
        return token

    def _see(self, state: Literal["online", "offline", "signed-out"], error: NotDone | None) -> None:
        self.why = "" if error is None else error.title
        if state != self.state:  # what a server says of a refusal is for the freelancer, not for the log
            own = error is not None and not isinstance(error, Refused)
            log.info("the server is %s%s", state, f": {self.why}" if own else "")
        self.state = state
