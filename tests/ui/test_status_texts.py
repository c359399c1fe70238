"""What tray and window say, word by word."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone
from decimal import Decimal

import msgspec
import pytest
from doubles import NINE
from ui.fake_desk import NO_MEMO, SLOT, STOPPED, contracts

from tracker.model.contract import DEFAULT_POLICY, Contract, ContractState, Terms
from tracker.model.counts import Trouble
from tracker.model.protection import Reason
from tracker.model.slot import HOUR, MINUTE, SECOND, instant
from tracker.status import OutboxStatus, Question, ServerStatus, ShotStatus, SourcesStatus, Status
from tracker.ui import amounts, shot_texts
from tracker.ui import status as say
from tracker.wire.diary import VerdictView

THREE = contracts(3)
TRACKING = msgspec.structs.replace(
    STOPPED,
    state="tracking",
    contract="c01",
    memo="Brand colours",
    slot=SLOT,
    session_ms=2 * HOUR + 44 * MINUTE + 18 * SECOND,
)


def with_reasons(*reasons: Reason, protected_ms: int = 0, **slot: object) -> Status:
    verdict = VerdictView(protected=False, protected_ms=protected_ms, reasons=reasons)
    return msgspec.structs.replace(TRACKING, slot=msgspec.structs.replace(SLOT, verdict=verdict, **slot))


@pytest.mark.parametrize(
    ("ms", "spelt", "clock"),
    [
        (0, "0 m", "0:00:00"),
        (59_999, "0 m", "0:00:59"),
        (44 * MINUTE, "44 m", "0:44:00"),
        (7 * HOUR + 4 * MINUTE + 59_999, "7 h 04 m", "7:04:59"),
        (112 * HOUR, "112 h 00 m", "112:00:00"),
    ],
)
def test_durations_are_rounded_down_once(ms: int, spelt: str, clock: str) -> None:
    assert amounts.spell(ms) == spelt
    assert amounts.running_clock(ms) == clock


def test_a_limit_of_whole_hours_has_no_minutes() -> None:
    assert amounts.spell_limit(30 * HOUR) == "30 h"
    assert amounts.spell_limit(30 * HOUR + 30 * MINUTE) == "30 h 30 m"
    assert amounts.limit(THREE[0]) == "30 h a week"
    assert amounts.limit(THREE[2]) == "no limit"


def test_times_are_those_of_the_wall_even_where_the_zone_is_no_whole_hour() -> None:
    nepal = timezone(timedelta(hours=5, minutes=45))
    assert amounts.slot_range(instant(NINE), UTC) == "09:00 – 09:10"
    assert amounts.slot_range(instant(NINE), nepal) == "14:45 – 14:55"
    assert amounts.minute_names(instant(NINE), nepal)[0] == "45"
    assert amounts.time_of_day(instant(NINE + 27_000), UTC) == "09:00:27"


def test_a_rate_carries_its_currency() -> None:
    def paid(rate: str, currency: str) -> str:
        return amounts.rate(Contract("c", "T", "C", ContractState.ACTIVE, Terms(1, Decimal(rate), currency)))

    assert paid("1065", "USD") == "$1,065.00 an hour"
    assert paid("40.5", "CHF") == "40.50 CHF an hour"
    assert paid("0", "EUR") == ""


def test_a_contract_is_called_by_its_client_and_by_its_title_where_that_is_not_enough() -> None:
    again = Contract("c09", "Second site", "Northbeam", ContractState.ACTIVE, THREE[0].terms)
    called = say.names((*THREE, again))
    assert called["c01"] == "Fennel & Co"
    assert called["c00"] == "Northbeam, Checkout rebuild"
    assert called["c09"] == "Northbeam, Second site"


def test_a_contract_keeps_its_colour_when_another_was_tracked_last() -> None:
    assert say.colours(THREE) == say.colours(tuple(reversed(THREE)))


def test_the_state_is_told_in_one_line() -> None:
    assert say.state_line(STOPPED, THREE) == "Stopped"
    assert say.state_line(TRACKING, THREE) == "Tracking Fennel & Co, 2 h 44 m"
    away = msgspec.structs.replace(TRACKING, state="away")
    assert say.state_line(away, THREE) == "Away, Fennel & Co is paused"
    assert say.tool_tip(TRACKING, THREE) == "Hourproof: tracking Fennel & Co, 2 h 44 m"


def test_without_a_tray_the_title_leads_with_the_state() -> None:
    assert say.window_title(TRACKING, THREE, tray=True) == "Hourproof"
    assert say.window_title(TRACKING, THREE, tray=False) == "● Tracking Fennel & Co"
    test = msgspec.structs.replace(STOPPED, test=True)
    assert say.window_title(test, THREE, tray=True) == "TEST: Hourproof"
    assert say.window_title(test, THREE, tray=False) == "■ Stopped (TEST)"


def test_a_long_memo_is_cut_for_the_menu() -> None:
    memo = msgspec.structs.replace(TRACKING, memo="word " * 100)
    assert len(say.memo_line(memo)) <= 50
    assert say.memo_line(memo).endswith("wo…”")
    assert say.memo_line(STOPPED) == "No memo yet"


def test_low_activity_never_asks_for_attention() -> None:
    low = with_reasons(Reason.LEVEL_BELOW_MINIMUM, level=1)
    assert say.tray_state(low) == "tracking"


@pytest.mark.parametrize(
    "change",
    [
        {"outbox": OutboxStatus(held=0, waiting=0, refused=1)},
        {"server": ServerStatus(None, "signed-out")},
        {"questions": (Question("q", instant(NINE), None, "c00"),)},
    ],
)
def test_what_waits_for_the_freelancer_asks_for_attention(change: dict[str, object]) -> None:
    assert say.tray_state(msgspec.structs.replace(TRACKING, **change)) == "tracking-attention"


@pytest.mark.parametrize("trouble", ["lost", "disagree"])
def test_input_that_is_not_counted_is_told_by_tray_and_banner(trouble: Trouble) -> None:
    deaf = msgspec.structs.replace(TRACKING, sources=SourcesStatus(None, "mss", trouble))
    assert say.tray_state(deaf) == "tracking-attention"
    assert re.search(r"input (is|may) not( be)? counted$", say.tool_tip(deaf, THREE))
    notice = say.notice(deaf)
    assert notice
    assert "Time goes on" in notice.text


def test_a_verdict_is_told_with_every_reason() -> None:
    assert say.verdict_line(SLOT) == "Protected so far"
    status = with_reasons(Reason.MEMO_MISSING, Reason.LEVEL_BELOW_MINIMUM)
    assert status.slot
    assert say.verdict_line(status.slot) == "Not protected yet: no memo, low level"
    partly = with_reasons(Reason.OVER_THE_LIMIT, protected_ms=1)
    assert partly.slot
    assert say.verdict_line(partly.slot) == "Partly protected: over the weekly limit"


def test_every_reason_has_its_advice() -> None:
    for reason in Reason:
        assert say.advice(with_reasons(reason, level=3), DEFAULT_POLICY).endswith(".")


def test_advice_names_the_number_that_counts() -> None:
    assert say.advice(TRACKING, DEFAULT_POLICY) == "Nothing is missing."
    missing = msgspec.structs.replace(TRACKING, memo="", slot=msgspec.structs.replace(SLOT, verdict=NO_MEMO))
    assert say.advice(missing, DEFAULT_POLICY) == "No memo yet. With one, this slot is protected."
    low = with_reasons(Reason.LEVEL_BELOW_MINIMUM, level=3)
    assert say.advice(low, DEFAULT_POLICY) == "Level 3 of 10 so far. Protected from 5 on."
    blind = msgspec.structs.replace(with_reasons(Reason.LEVEL_UNKNOWN), sources=SourcesStatus(None, "mss"))
    assert "Your desktop shows no counts here." in say.advice(blind, DEFAULT_POLICY)


def test_a_memo_is_advised_as_it_is_typed() -> None:
    assert say.memo_advice("  ", DEFAULT_POLICY).startswith("You can start without one.")
    assert say.memo_advice("Review", DEFAULT_POLICY) == "4 more characters and the memo is enough."
    assert say.memo_advice("123456789", DEFAULT_POLICY) == "1 more character and the memo is enough."
    assert say.memo_advice("1234567890", DEFAULT_POLICY) == ""


def test_a_shot_is_told_with_its_notice() -> None:
    def told(**shot: object) -> tuple[str, str]:
        fields = {"due": False, "taken": 1, "last": instant(NINE + 27_000), "notice_until": None}
        shown = ShotStatus(**{**fields, **shot})  # type: ignore[arg-type]  # from a table
        return shot_texts.shot_lines(msgspec.structs.replace(TRACKING, shot=shown), UTC)

    assert told() == ("Last shot 09:00:27", "Kept with this slot.")
    assert told(notice_until=instant(NINE + 42_000))[1] == "Held until 09:00:42."
    assert told(due=True, taken=0, last=None)[0] == "No shot in this slot yet"
    assert told(taken=0, last=None)[1] == "None is due."


@pytest.mark.parametrize(
    ("held", "waiting", "refused", "server", "text", "tone"),
    [
        (0, 0, 0, "online", "Everything is delivered", "ok"),
        (1, 0, 0, "online", "1 held, all else is delivered", "ok"),
        (1, 2, 0, "online", "2 to deliver, 1 held", "held"),
        (0, 1, 0, "offline", "Offline, 1 segment safe here", "held"),
        (0, 0, 0, "offline", "Offline", "held"),
        (0, 1, 0, "signed-out", "Sign in again to deliver", "held"),
        (0, 1, 3, "offline", "3 refused, kept here", "bad"),
    ],
)
def test_delivery_is_one_line(
    held: int, waiting: int, refused: int, server: str, text: str, tone: str
) -> None:
    status = msgspec.structs.replace(
        STOPPED,
        outbox=OutboxStatus(held, waiting, refused),
        server=ServerStatus(None, server),  # type: ignore[arg-type]  # from a table
    )
    assert say.delivery(status) == say.Said(text, tone)  # type: ignore[arg-type]  # as above


def test_the_banner_says_what_is_safe_and_is_silent_where_all_is_well() -> None:
    def notice(outbox: OutboxStatus, server: str, why: str = "") -> say.Notice | None:
        changed = {"outbox": outbox, "server": ServerStatus(None, server, why)}  # type: ignore[arg-type]
        return say.notice(msgspec.structs.replace(STOPPED, **changed))

    assert notice(OutboxStatus(1, 0, 0), "online") is None
    assert notice(OutboxStatus(0, 0, 0), "offline") is None
    offline = notice(OutboxStatus(2, 4, 0), "offline")
    assert offline
    assert offline.text == "6 segments are safe here and will follow by themselves."
    captive = notice(OutboxStatus(0, 1, 0), "offline", "Is there a page to log in to the network?")
    assert captive
    assert captive.text == (
        "Is there a page to log in to the network? 1 segment is safe here and will follow by itself."
    )
    signed_out = notice(OutboxStatus(0, 2, 0), "signed-out", "The server does not know this tracker.")
    assert signed_out
    assert signed_out == say.Notice(
        "Sign in again to deliver",
        "The server does not know this tracker. Tracking goes on, and 2 segments are safe here.",
        "held",
    )
    nothing = notice(OutboxStatus(0, 0, 0), "signed-out")
    assert nothing
    assert nothing.text == "Tracking goes on, and nothing is lost."
    refused = notice(OutboxStatus(0, 0, 1), "online")
    assert refused
    assert refused.title == "The server refused 1 segment"


@pytest.mark.parametrize(
    ("disk", "title"),
    [
        ("fine", None),
        ("little", None),
        ("no-shots", "The disk is nearly full"),
        ("failing", "Nothing can be written to the disk"),
    ],
)
def test_a_disk_that_fills_up_is_told_before_anything_else(disk: str, title: str | None) -> None:
    status = msgspec.structs.replace(STOPPED, disk=disk)
    told = say.notice(status)
    assert (told and told.title) == title
    assert say.tray_state(status).endswith("attention") == (title is not None)
