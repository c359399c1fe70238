"""Commands without the app, over a real outbox, with a server that is away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from certificates import Authority
from doubles import NINE, FakeClock

from tracker.answering import NAMES, Request, answer
from tracker.commands import Commands
from tracker.errors import (
    AmbiguousContract,
    AppNotRunning,
    BadValue,
    ContractNotActive,
    Offline,
    UnknownContract,
)
from tracker.evidence.keys import SigningKey
from tracker.model.contract import Contract, ContractState, Terms
from tracker.model.segment import ClosedBy, Key, Minute, Segment
from tracker.model.slot import DAY, HOUR, MINUTE
from tracker.outbox.database import Database
from tracker.outbox.outbox import Hold, Outbox
from tracker.paths import Home
from tracker.snapshot import status_of
from tracker.status import ServerStatus, SourcesStatus
from tracker.sync.syncer import Syncer
from tracker.wire.account import Account

TERMS = Terms(1, Decimal(65), "USD", None)


class Away:
    """A server that never answers."""

    state, url, spread_s = "offline", None, 0

    def open(self) -> None:
        raise Offline("The server does not answer.")

    def ask(self, question: Any) -> Any:
        return question(self.open())

    def close(self) -> None:
        """Nothing is open."""


def contract(title: str, client: str, state: ContractState = ContractState.ACTIVE) -> Contract:
    return Contract(title.lower().replace(" ", "-"), title, client, state, TERMS)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    database = Database.open(tmp_path / "outbox.db", None)
    made = Outbox(database, SigningKey("11" * 32), app="test", test=False)
    made.remember_account(Account("embedded:home", "me", "Me"))
    made.remember_contracts(
        [
            contract("Checkout rebuild", "Northbeam"),
            contract("Brand site", "Fennel & Co"),
            contract("Second site", "Fennel & Co"),
            contract("Data import", "Ostrava Labs", ContractState.ENDED),
            contract("Site", "Northbeam"),
        ]
    )
    yield made
    database.close()


@pytest.fixture
def commands(outbox: Outbox, tmp_path: Path) -> Commands:
    clock, away, home = FakeClock(), Away(), Home.at(tmp_path)
    syncer: Any = Syncer(outbox, away, clock, Random(1), hourly=True)  # type: ignore[arg-type]
    nothing, sources = ServerStatus(None, "offline"), SourcesStatus(None, None)
    secrets: Any = None  # no command here needs one

    def look() -> Any:
        return status_of(outbox, None, nothing, sources, now=clock.wall, test=False)

    return Commands(
        home,
        outbox,
        away,
        syncer,
        secrets,
        session=None,
        look=look,
        now=lambda: clock.wall,  # type: ignore[arg-type]
    )


def segment(
    name: str, contract: str = "brand-site", *, at: int = NINE, memo: str = "Home page hero"
) -> Segment:
    minute = Minute(at, MINUTE, 10, 5, 1, 2)
    key = Key("embedded:home", "me", contract)
    return Segment(name, key, at, at + MINUTE, memo, (minute,), ClosedBy.STOP, "x11-record")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("checkout-rebuild", "checkout-rebuild"),
        ("CHECKOUT REBUILD", "checkout-rebuild"),
        ("check", "checkout-rebuild"),
        ("site", "site"),
        ("brand", "brand-site"),
    ],
)
def test_a_contract_is_found_by_id_title_or_part(commands: Commands, wanted: str, found: str) -> None:
    assert commands.find(wanted).id == found


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ("nobody", UnknownContract),
        ("", UnknownContract),
        ("fennel", AmbiguousContract),
        ("northbeam", AmbiguousContract),
        ("Data import", ContractNotActive),
    ],
)
def test_what_names_no_one_active_contract_is_refused(
    commands: Commands, wanted: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        commands.find(wanted)


def test_the_client_names_a_contract_where_it_is_the_only_one(commands: Commands) -> None:
    assert commands.find("ostrava", active=False).title == "Data import"


def test_without_any_contract_the_advice_is_to_add_one(commands: Commands, outbox: Outbox) -> None:
    outbox.remember_contracts([])

    with pytest.raises(UnknownContract) as raised:
        commands.find("Brand site")
    assert "contract add" in raised.value.advice


def test_a_diary_without_the_server_shows_what_is_here_and_says_it_is_not_all(
    commands: Commands, outbox: Outbox
) -> None:
    outbox.put(segment("0190a0a0-0000-7000-8000-000000000001"), None)
    outbox.put(
        segment("0190a0a0-0000-7000-8000-000000000002", "site", at=NINE + MINUTE), Hold("silence", NINE * 2)
    )

    day = commands.diary("2026-11-19", "UTC")

    assert not day.complete
    assert [(cell.contract, cell.segments[0].receipt) for cell in day.cells] == [
        ("brand-site", None),
        ("site", None),
    ]
    assert day.totals.tracked_ms == 2 * MINUTE
    assert {one.contract: one.week_ms for one in day.totals.contracts} == {
        "brand-site": MINUTE,
        "site": MINUTE,
    }
    assert [cell.contract for cell in commands.diary("2026-11-19", "UTC", "Brand").cells] == ["brand-site"]
    assert commands.diary(None, "UTC").date == "2026-11-19"
    assert commands.diary("2026-11-20", "UTC").cells == ()


def test_without_the_app_only_what_needs_none_is_done(commands: Commands) -> None:
    with pytest.raises(AppNotRunning):
        commands.start("Brand site")
    with pytest.raises(AppNotRunning):
        commands.stop()
    with pytest.raises(AppNotRunning):
        commands.quit()

    assert commands.status().state == "stopped"
    assert not commands.status().app_running


def test_a_server_that_is_away_makes_no_contract(commands: Commands) -> None:
    with pytest.raises(Offline):
        commands.contract_add("Brand site", "Fennel & Co", "40", "USD")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"title": "  "}, "The title is empty."),
        ({"title": "half a \udce9"}, "not valid Unicode"),
        ({"title": "x" * 201}, "The title is not accepted"),
        ({"rate": "forty"}, "The rate is a number"),
        ({"rate": "-1"}, "The rate is a number"),
        ({"rate": "1e9"}, "The rate is a number"),
        ({"currency": "dollars"}, "The currency is a code of three"),
        ({"weekly_limit": "many"}, "'many' is no number of hours."),
        ({"weekly_limit": "NaN"}, "A week has 0 to 168 hours"),
        ({"weekly_limit": "169"}, "A week has 0 to 168 hours"),
    ],
)
def test_a_contract_that_cannot_be_meant_is_refused(
    commands: Commands, facts: dict[str, str], said: str
) -> None:
    right = {"title": "Brand site", "client": "Fennel", "rate": "40", "currency": "usd", "weekly_limit": "20"}

    with pytest.raises(BadValue, match=said):
        commands.contract_add(**(right | facts))


def test_a_setting_is_changed_for_good(commands: Commands) -> None:
    assert commands.settings_set("notice", "30")["notice"] == 30
    assert commands.settings_get()["notice"] == 30


def test_an_authority_is_trusted_from_now_on(commands: Commands, tmp_path: Path) -> None:
    path = str(Authority(tmp_path).path)

    assert commands.settings_set("ca", path)["ca"] == path

    assert commands.connection.ca == path
    with pytest.raises(BadValue, match="no value for ca"):
        commands.settings_set("ca", str(tmp_path))
    assert commands.connection.ca == path


def ask(commands: Commands, command: str, **args: Any) -> dict[str, Any]:
    return dict(msgspec.json.decode(answer(commands, msgspec.json.encode(Request(command, args)))))


def test_a_request_is_answered_with_its_result_or_its_error(commands: Commands) -> None:
    assert next(one["title"] for one in ask(commands, "contracts")["result"]) == "Checkout rebuild"

    error = ask(commands, "start", contract="nobody")["error"]
    assert error == {
        "type": "unknown-contract",
        "title": "There is no contract 'nobody'.",
        "advice": "Run 'hourproof contracts' to see the contracts there are.",
    }


@pytest.mark.parametrize("name", ["look", "find", "_effect", "home", "__init__", "fly"])
def test_only_commands_can_be_asked_for(commands: Commands, name: str) -> None:
    assert name not in NAMES
    assert ask(commands, name)["error"]["type"] == "bad-value"


@pytest.mark.expects_log("a command failed")
def test_a_request_that_is_none_is_answered_too(commands: Commands) -> None:
    assert ask(commands, "status", colour="red")["error"]["type"] == "not-done"


def test_a_closing_week_tells_what_it_still_lacks(commands: Commands, outbox: Outbox) -> None:
    outbox.put(segment("s1"), None)
    assert commands.week_closes() is None, "in the midst of the week nothing is due"

    sunday = replace(commands, now=lambda: NINE + 3 * DAY + 10 * HOUR)

    assert sunday.week_closes() == {
        "locks_at": "2026-11-23T12:00:00.000Z",
        "held": 1,
        "waiting": 0,
        "refused": 0,
        "questions": 0,
    }
