"""A desk without a tracker behind it: it keeps what was asked, and answers at once."""

from __future__ import annotations

from concurrent.futures import Future
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
from doubles import NINE

from tracker.capture.photographer import ShotResult
from tracker.doctor import Finding
from tracker.errors import CaptureUnavailable, NotDone, NothingTracking, TrackerError
from tracker.model.contract import Contract, ContractState, Terms
from tracker.model.protection import Reason
from tracker.model.segment import ShotState
from tracker.model.slot import HOUR, MINUTE, instant
from tracker.rehearsal import Heard
from tracker.reminders import Reminder
from tracker.settings import Settings, change
from tracker.status import (
    OutboxStatus,
    Question,
    Resume,
    ServerStatus,
    ShotStatus,
    SignedIn,
    SignedOut,
    SlotStatus,
    SourcesStatus,
    Status,
    TakeBack,
    WeekStatus,
)
from tracker.wire.diary import VerdictView

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_CLIENTS = ("Northbeam", "Fennel & Co", "Ostrava Labs", "Halden Press", "Quillon", "Brightwater", "Tessel")
_TITLES = ("Checkout rebuild", "Brand site", "Data import", "Archive search", "Audit", "App", "Atlas")
STOPPED = Status(
    app_running=True,
    state="stopped",
    account="a",
    contract=None,
    memo="",
    slot=None,
    session_ms=0,
    today_ms=3 * HOUR + 59 * MINUTE,
    week=WeekStatus(instant(NINE), 18 * HOUR + 20 * MINUTE, None),
    questions=(),
    shot=ShotStatus(due=False, taken=0, last=None, notice_until=None),
    outbox=OutboxStatus(held=0, waiting=0, refused=0),
    server=ServerStatus(None, "online"),
    sources=SourcesStatus("x11-record", "mss"),
    test=False,
)
SLOT = SlotStatus(
    start=instant(NINE),
    tracked_ms=6 * MINUTE + 18_000,
    active_s=332,
    keys=318,
    clicks=41,
    scrolls=96,
    level=9,
    verdict=VerdictView(protected=True, protected_ms=6 * MINUTE + 18_000, reasons=()),
    minutes=(52, 60, 43, 57, 36, 60, 18, 0, 0, 0),
)
AWAY = Question("q1", instant(NINE - 17 * MINUTE - 8_000), instant(NINE), "c00")
LEFT = Resume("c00", instant(NINE), "away")
TRAYLESS = Finding("tray", "missing", None, "This desktop shows no tray icons.", "The window stands in.")
NO_MEMO = VerdictView(protected=False, protected_ms=0, reasons=(Reason.MEMO_MISSING,))


def contracts(number: int) -> tuple[Contract, ...]:
    """Return that many contracts, the first three as the look draws them."""
    made = []
    for i in range(number):
        again = "" if i < len(_CLIENTS) else f" {i // len(_CLIENTS) + 1}"
        limit = {0: 30 * HOUR, 1: 10 * HOUR}.get(i)
        terms = Terms(1, Decimal(65 - 5 * (i % 5)), "USD", limit)
        name, title = _CLIENTS[i % len(_CLIENTS)] + again, _TITLES[i % len(_TITLES)]
        made.append(Contract(f"c{i:02d}", title, name, ContractState.ACTIVE, terms))
    return tuple(made)


class FakeDesk:
    """Obeys like the tracker would, without tracking; `asked` holds every command in order."""

    def __init__(self, number: int = 3, *, tell: Callable[[str], None] = lambda _line: None) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.watched: list[bool] = []
        self.known = contracts(number)
        self.shown = STOPPED
        self.failure: TrackerError | None = None
        self.picture: bytes | None = None
        self.sticks = False
        self.taken = ShotResult("test", reason="The screen shows a single colour.")
        self.found = [Finding("input", "works", "x11-record", "Keys, clicks and scrolls."), TRAYLESS]
        self.heard: Heard | None = Heard(14, 3, 8, 6)
        self.signed_in: SignedIn | None = None
        self.browser: Future[SignedIn] = Future()
        self.settings = Settings()
        self.standing: tuple[Reminder, ...] = ()
        self.due: int | None = None
        self.raise_window: Callable[[], None] = lambda: None
        self._changed: Callable[[], None] = lambda: None
        self._tell = tell

    def become(self, **changes: Any) -> None:
        """Be in another state, and say so."""
        self.shown = msgspec.structs.replace(self.shown, **changes)
        self._changed()

    def status(self) -> Status:
        return self.shown

    def now(self) -> int:
        return NINE + 6 * MINUTE + 18_000

    def contracts(self) -> Sequence[Contract]:
        return self.known

    def recent_memos(self, contract: str) -> Sequence[str]:
        return ("Checkout: error copy for declined cards", "Review of the payment flow") if contract else ()

    def last_picture(self) -> bytes | None:
        return self.picture

    def begin(self, contract: str, memo: str) -> Future[Status]:
        return self._obey(("begin", contract, memo), self._running(contract, memo))

    def change_memo(self, memo: str) -> Future[Status]:
        return self._obey(("memo", memo), {"memo": memo, "slot": SLOT if memo else self.shown.slot})

    def stop(self) -> Future[Status]:
        if self.shown.state == "stopped":
            self.failure = NothingTracking("Nothing is being tracked.")
        return self._obey(("stop",), {"state": "stopped", "contract": None, "memo": "", "slot": None})

    def answer(self, question: str, answer: str, contract: str | None = None) -> Future[Status]:
        left = tuple(one for one in self.shown.questions if one.id != question)
        return self._obey(("answer", question, answer, contract or ""), {"questions": left})

    def call(self, until: int | None) -> Future[Status]:
        told = None if until is None else instant(until)
        return self._obey(("call", told or ""), {"call_until": told})

    def pause_shots(self, minutes: int) -> Future[Status]:
        until = instant(self.now() + minutes * MINUTE) if minutes else None
        return self._obey(("pause", str(minutes)), {"shots_paused_until": until})

    def take_back(self, shot: str, how: TakeBack) -> Future[Any]:
        states = {"withhold": ShotState.WITHHELD, "blur": ShotState.BLURRED, "discard": None}
        changed = msgspec.structs.replace(self.shown.shot, state=states[how])
        if how == "discard":
            changed = STOPPED.shot
        return self._obey(("take back", shot, how), {"shot": changed})

    def try_shot(self) -> Future[ShotResult]:
        return self._answer(self.taken, self._obey(("try",), {}).exception())

    def examine(self) -> Future[list[Finding]]:
        return self._answer(self.found, self._obey(("examine",), {}).exception())

    def rehearse(self) -> Future[Heard]:
        return self._answer(self.heard, None if self.heard else CaptureUnavailable("Nothing counts."))

    def end_rehearsal(self) -> Future[None]:
        self._obey(("end rehearsal",), {})
        return self._answer(None)

    def resume(self) -> Future[Status]:
        assert self.shown.resume, "there is nothing to resume"
        return self._obey(("resume",), self._running(self.shown.resume.contract, ""))

    def dismiss(self) -> Future[Status]:
        return self._obey(("dismiss",), {"resume": None})

    def add_contract(
        self, title: str, client: str, rate: str, currency: str, weekly_limit_h: str
    ) -> Future[Contract]:
        made = contracts(len(self.known) + 1)[-1]
        made = Contract(made.id, title, client, made.state, made.terms)
        answer = self._obey(("add", title, client, rate, currency, weekly_limit_h), {})
        if answer.exception() is None:
            self.known = (made, *self.known)
            self._changed()
            return self._answer(made)
        return self._answer(made, answer.exception())

    def who(self) -> SignedIn | None:
        return self.signed_in

    def begin_sign_in(self, url: str) -> Future[str]:
        return self._answer(f"{url}/oauth/authorize", self._obey(("sign in", url), {}).exception())

    def end_sign_in(self) -> Future[SignedIn]:
        self.browser = Future()
        return self.browser

    def cancel_sign_in(self) -> None:
        self.asked.append(("cancel sign-in",))
        self.browser.set_exception(NotDone("The browser did not come back from the sign-in."))

    def sign_out(self) -> Future[SignedOut]:
        answer = self._obey(("sign out",), {})
        self.signed_in = None
        return self._answer(SignedOut("https://hours.example.org", 2), answer.exception())

    def reminders(self) -> Sequence[Reminder]:
        return self.standing

    def settle(self, kind: str) -> None:
        self.asked.append(("settle", kind))
        self.standing = tuple(one for one in self.standing if one.kind != kind)

    def next_look(self) -> int | None:
        return MINUTE if self.shown.state != "stopped" else self.due

    def open_diary(self) -> Future[str]:
        return self._answer("http://127.0.0.1:1/enter/x", self._obey(("diary",), {}).exception())

    def change_setting(self, name: str, value: str) -> Future[Settings]:
        self.settings = change(self.settings, name, value)
        return self._answer(self.settings, self._obey(("set", name, value), {}).exception())

    def quit(self) -> Future[None]:
        self._obey(("quit",), {"state": "stopped", "contract": None, "slot": None})
        return Future() if self.sticks else self._answer(None)

    def slept(self, asleep: bool) -> Future[None]:
        self._obey((f"slept {asleep}",), {})
        return self._answer(None)

    def locked(self, locked: bool, sure: bool) -> Future[None]:
        self._obey((f"locked {locked} {sure}",), {})
        return self._answer(None)

    def reconnected(self) -> None:
        self._obey(("reconnected",), {})

    def listen(self, changed: Callable[[], None], raise_window: Callable[[], None]) -> None:
        self._changed, self.raise_window = changed, raise_window

    def watch(self, visible: bool) -> None:
        self.watched.append(visible)

    def _running(self, contract: str, memo: str) -> dict[str, Any]:
        return {
            "state": "tracking",
            "contract": contract,
            "memo": memo,
            "slot": SLOT if memo else msgspec.structs.replace(SLOT, verdict=NO_MEMO),
            "session_ms": 2 * HOUR + 44 * MINUTE + 18_000,
            "resume": None,
            "week": WeekStatus(instant(NINE), 17 * HOUR + 42 * MINUTE, self._limit(contract)),
        }

    def _limit(self, contract: str) -> int | None:
        return next(one.terms.weekly_limit_ms for one in self.known if one.id == contract)

    def _obey(self, command: tuple[str, ...], then: dict[str, Any]) -> Future[Status]:
        self.asked.append(command)
        self._tell(" ".join(command).strip())
        failure, self.failure = self.failure, None
        if failure is None:
            self.become(**then)
        return self._answer(self.shown, failure)

    @staticmethod
    def _answer(result: Any, failure: BaseException | None = None) -> Future[Any]:
        future: Future[Any] = Future()
        if failure is None:
            future.set_result(result)
        else:
            future.set_exception(failure)
        return future
