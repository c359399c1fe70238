"""What the freelancer can ask for, in the app or without it, each command by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from tracker.capture.photographer import ShotResult
from tracker.daybook import local_day, undelivered, with_undelivered, zone
from tracker.doctor import Finding, Hearing, examine, examine_windows
from tracker.errors import (
    AmbiguousContract,
    AppNotRunning,
    BadValue,
    ContractNotActive,
    NotDone,
    NothingTracking,
    Offline,
    SignInNeeded,
    UnknownContract,
)
from tracker.model.contract import Contract, ContractState
from tracker.model.segment import ClosedBy
from tracker.model.slot import SECOND, day_of, instant
from tracker.orders import Answer, Begin, Call, ChangeMemo, End, Look, Order
from tracker.reminders import loose_ends
from tracker.settings import change, load, save
from tracker.snapshot import entry_view, question_view
from tracker.typed import answer as typed_answer
from tracker.typed import memo as typed_memo
from tracker.typed import moment, new_contract
from tracker.wire.diary import ContractView, DayView, contract_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.desktop.secrets import Secrets
    from tracker.outbox.outbox import Outbox
    from tracker.paths import Home
    from tracker.session import WorkSession
    from tracker.status import EntryView, Question, Status
    from tracker.sync.connection import Connection
    from tracker.sync.syncer import Report, Syncer

_DELIVERS = 20.0  # seconds at most, before a diary is shown
_TAKES_EFFECT = 10.0  # seconds a command may take until it is in effect


@dataclass(frozen=True, slots=True)
class Commands:
    """Does what is asked; without a session (no app) what needs one is refused with advice."""

    home: Home
    outbox: Outbox
    connection: Connection
    syncer: Syncer
    secrets: Secrets
    session: WorkSession | None
    look: Callable[[], Status]
    now: Callable[[], int]
    take_shot: Callable[[str], ShotResult] = lambda shot: ShotResult(shot, reason="There is no camera.")
    raise_window: Callable[[], None] = lambda: None
    end_app: Callable[[], None] = lambda: None

    def status(self) -> Status:
        """Return what is true right now."""
        return self.look() if self.session is None else self.effect(Look())

    def contracts(self) -> list[ContractView]:
        """Return every contract of the account."""
        return [contract_view(contract) for contract in self.outbox.contracts()]

    def start(self, contract: str, memo: str | None = None) -> Status:
        """Track a contract: start, resume, or switch to it."""
        return self.effect(Begin(self.find(contract), None if memo is None else typed_memo(memo)))

    def switch(self, contract: str, memo: str | None = None) -> Status:
        """Go on with another contract, at the same millisecond."""
        self._tracking()
        return self.start(contract, memo)

    def memo(self, memo: str) -> Status:
        """Say what is being done."""
        self._tracking()
        return self.effect(ChangeMemo(typed_memo(memo)))

    def stop(self) -> Status:
        """Close the segment and stop; what waits is delivered when its last hold ends."""
        status = self.effect(End(ClosedBy.STOP))
        if self.session is not None:
            self.session.keeper.pause_shots(0)
        self.syncer.request()
        return status

    def resume(self) -> Status:
        """Go on with the run that had stopped by itself, with its memo."""
        left = self.session.resume if self.session else None
        if left is None:
            raise NothingTracking("No run has stopped by itself.")
        return self.start(left.contract, left.memo)

    def call(self, until: str | None) -> Status:
        """Keep silence without a question until a moment; None: no longer."""
        self._tracking()
        return self.effect(Call(None if until is None else moment(until, self.now())))

    def away(self) -> list[Question]:
        """Return what is in question, the oldest first."""
        self._tell()
        return [question_view(question) for question in self.outbox.questions()]

    def away_answer(self, question: str, answer: str, contract: str | None = None) -> Status:
        """Say what time in question was: keep, discard, or move to a contract."""
        order = self._answer(question, answer, contract)
        if self.session is None:
            self.outbox.answer(order.question, order.answer, order.contract)
            return self.look()
        status = self.effect(order)
        self.syncer.request()
        return status

    def contract_add(
        self,
        title: str,
        client: str,
        rate: str,
        currency: str,
        weekly_limit: str | None = None,
        *,
        manual: bool = False,
    ) -> ContractView:
        """Make a contract; the rate is per hour, the weekly limit in hours, none being no limit."""
        new = new_contract(title, client, rate, currency, weekly_limit, manual=manual)
        made = self.connection.ask(lambda backend: backend.add_contract(new))
        contracts = self.connection.ask(lambda backend: backend.contracts())
        self.outbox.learn_contracts(contracts, self.now())
        self.outbox.remember_contracts(contracts)
        self._tell()
        return contract_view(made)

    def sync(self, timeout: float = 60.0) -> Report:
        """Deliver now what waits; holds of running notices are waited for first."""
        return self.syncer.drain(timeout)

    def outbox_entries(self) -> list[EntryView]:
        """Return what is held, waiting or refused."""
        return [entry_view(entry) for entry in self.outbox.entries()]

    def week_closes(self) -> dict[str, Any] | None:
        """Return what the closing week still lacks: how many of each, and when it locks; None for nothing."""
        status = self.status()
        ends = loose_ends(self.outbox_entries(), status.questions, self.now())
        if ends is None:
            return None
        kinds = ("held", "waiting", "refused", "questions")
        return {"locks_at": instant(ends.locks_at), **{kind: len(getattr(ends, kind)) for kind in kinds}}

    def outbox_retry(self, entry: str) -> list[EntryView]:
        """Try a refused parcel again."""
        self.outbox.retry(entry)
        self.syncer.request()
        return self.outbox_entries()

    def diary(self, date: str | None, tz: str, contract: str | None = None) -> DayView:
        """Return a day, None being today: what the server holds and what is not delivered yet."""
        date = date or day_of(self.now(), zone(tz)[1]).isoformat()
        chosen = self.find(contract, active=False).id if contract else None
        try:
            self.syncer.drain(_DELIVERS, notices=False)
            mine = undelivered(self.outbox, date, tz, chosen)
            day = self.connection.ask(lambda backend: backend.day(date, tz, chosen))
        except (Offline, SignInNeeded):
            return local_day(self.outbox, date, tz, chosen)
        return with_undelivered(day, self.outbox, chosen, mine)

    def diary_link(self, date: str | None = None) -> str:
        """Return an address that opens the diary in a browser, once."""
        self.syncer.drain(_DELIVERS, notices=False)
        return self.connection.ask(lambda backend: backend.link(f"/diary?date={date}" if date else "/diary"))

    def settings_get(self) -> dict[str, Any]:
        """Return every setting."""
        return dict(msgspec.to_builtins(load(self.home.settings)))

    def settings_set(self, name: str, value: str) -> dict[str, Any]:
        """Change one setting."""
        changed = change(load(self.home.settings), name, value)
        save(self.home.settings, changed)
        if name == "ca":
            self.connection.ca = changed.ca
            self.connection.close()
            self.syncer.wake()
        if self.session is not None:
            self.session.keeper.notice_ms = changed.notice * SECOND
        self._tell()
        return dict(msgspec.to_builtins(changed))

    def doctor(self) -> list[Finding]:
        """Return how everything stands that the tracker needs."""
        found = examine(
            self.home.data,
            self.secrets,
            self.connection,
            lambda: self.outbox.clock_offset,
            self.outbox.damages,
            Hearing(load(self.home.settings).input, self.session.watch.trouble if self.session else None),
        )
        return [*found, examine_windows(lambda: load(self.home.settings))]

    def show(self) -> None:
        """Bring the app's window to the front."""
        if self.session is None:
            raise AppNotRunning("The app does not run.")
        self.raise_window()

    def quit(self) -> None:
        """End the app; the open segment is closed first."""
        if self.session is None:
            raise AppNotRunning("The app does not run.")
        self.session.post(End(ClosedBy.QUIT)).result(_TAKES_EFFECT)
        self.end_app()

    def find(self, wanted: str, *, active: bool = True) -> Contract:
        """Return the contract with this id, title, or unambiguous part of title or client."""
        contracts = self.outbox.contracts()
        name = wanted.strip().casefold()
        exact = [c for c in contracts if wanted == c.id or name == c.title.casefold()]
        found = exact or [c for c in contracts if name and name in f"{c.title} {c.client}".casefold()]
        if not found:
            raise UnknownContract(
                f"There is no contract '{wanted}'.",
                advice=None if contracts else "Add one: 'hourproof contract add'.",
            )
        if len(found) > 1:
            raise AmbiguousContract(f"'{wanted}' may be " + ", ".join(f"'{c.title}'" for c in found) + ".")
        if active and found[0].state is not ContractState.ACTIVE:
            raise ContractNotActive(f"The contract '{found[0].title}' is {found[0].state}.")
        return found[0]

    def _tracking(self) -> None:
        if self.session is None:
            raise AppNotRunning("The app does not run, so nothing is being tracked.")
        if self.session.recorder.track is None:
            raise NothingTracking("Nothing is being tracked.")

    def _tell(self) -> None:
        """Let the session bring itself up to now, and whoever shows it look again."""
        if self.session is not None:
            self.effect(Look())

    def _answer(self, wanted: str, answer: str, contract: str | None) -> Answer:
        """Return an answer to the question whose id begins or ends like that."""
        said = typed_answer(answer)
        if said == "move" and not contract:
            raise BadValue("It is not said where to move it.", advice="Name the contract: move CONTRACT.")
        if said != "move" and contract:
            raise BadValue(f"'{said}' takes no contract.", advice="To move it there, answer move CONTRACT.")
        name, asked = wanted.strip().casefold(), self.outbox.questions()
        found = [one for one in asked if name and (one.id.startswith(name) or one.id.endswith(name))]
        if len(found) != 1:
            what = "names several questions" if found else "is no question that is open"
            raise NotDone(f"'{wanted}' {what}.", advice="'hourproof away' lists them; one is answered once.")
        if said != "move":
            return Answer(found[0].id, said)
        there = self.outbox.key_of(self.find(contract or "").id)
        if there == found[0].key:
            raise BadValue("The time belongs to that contract already.", advice="Answer keep.")
        return Answer(found[0].id, "move", there)

    def effect(self, order: Order) -> Status:
        """Have an order obeyed, and return what is true then."""
        if self.session is None:
            raise AppNotRunning("The app does not run, so nothing is being tracked.")
        seen: list[Status] = []
        done = self.session.post(order)
        shown = self.session.post(Look(lambda: seen.append(self.look())))
        done.result(_TAKES_EFFECT)
        shown.result(_TAKES_EFFECT)
        return seen[0]
