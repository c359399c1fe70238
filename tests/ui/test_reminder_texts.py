"""What reminders say, to the letter."""

from __future__ import annotations

import pytest
from doubles import NINE
from ui.fake_desk import contracts

from tracker.model.slot import DAY, HOUR, MINUTE, instant
from tracker.model.week import week_of
from tracker.reminders import Kind, LooseEnds, Reminder
from tracker.status import EntryView, Question
from tracker.ui.reminder_texts import notice_of
from tracker.ui.status import Notice

THREE = contracts(3)
SUNDAY = week_of(NINE) + 6 * DAY + 18 * HOUR + 38 * MINUTE


def said(reminder: Reminder, now: int = NINE) -> str:
    notice = notice_of(reminder, THREE, now)
    return f"{notice.title}. {notice.text}"


def test_a_server_that_contradicts() -> None:
    notice = notice_of(Reminder(Kind.CONFLICT, "k"), THREE, NINE)

    assert notice == Notice(
        "The server holds other content than you sent",
        "Yours is kept here, and nothing is overwritten. Ask whoever runs the server.",
        "bad",
        "warning",
    )


@pytest.mark.parametrize(
    ("used", "limit", "text"),
    [
        (9 * HOUR, 10 * HOUR, "9 h of 10 h used for Fennel & Co. 1 h is left this week."),
        (9 * HOUR + 59_999, 10 * HOUR, "9 h of 10 h used for Fennel & Co. 1 h is left this week."),
        (9 * HOUR + 12 * MINUTE, 10 * HOUR, "9 h 12 m of 10 h used for Fennel & Co. 48 m is left this week."),
        (10 * HOUR - 1, 10 * HOUR, "9 h 59 m of 10 h used for Fennel & Co. 1 m is left this week."),
    ],
)
def test_a_limit_that_is_near(used: int, limit: int, text: str) -> None:
    assert said(Reminder(Kind.LIMIT_NEAR, "k", contract="c01", ms=used, limit_ms=limit)) == text


@pytest.mark.parametrize(
    ("used", "limit", "text"),
    [
        (10 * HOUR, 10 * HOUR, "10 h of 10 h used. From now on time is recorded, but billed 0."),
        (
            10 * HOUR + 5 * MINUTE,
            10 * HOUR,
            "10 h 05 m of 10 h used. From now on time is recorded, but billed 0.",
        ),
        (0, 0, "The limit of this week is 0 h. From now on time is recorded, but billed 0."),
    ],
)
def test_a_limit_that_is_reached(used: int, limit: int, text: str) -> None:
    reminder = Reminder(Kind.LIMIT_REACHED, "k", contract="c01", ms=used, limit_ms=limit)
    assert said(reminder) == text
    notice = notice_of(reminder, THREE, NINE)
    assert (notice.tone, notice.icon, notice.action) == ("over", "limit", "Stop")


@pytest.mark.parametrize(
    ("memo", "ms", "text"),
    [
        ("Plans", 2 * HOUR, "The same memo for 2 h. Change it if the work has changed."),
        ("", 2 * HOUR + 5 * MINUTE, "No memo for 2 h 05 m. Protected time needs one."),
    ],
)
def test_a_memo_that_is_old(memo: str, ms: int, text: str) -> None:
    assert said(Reminder(Kind.MEMO_OLD, "k", contract="c01", ms=ms, memo=memo)) == text


def test_work_that_is_not_tracked() -> None:
    reminder = Reminder(Kind.UNTRACKED, "k")
    assert said(reminder).startswith("You are working, but nothing is tracked.")
    assert notice_of(reminder, THREE, NINE).action == "Start"
    assert notice_of(reminder, (), NINE).action == ""


def entry(state: str) -> EntryView:
    return EntryView("1", "c01", instant(NINE), instant(NINE + MINUTE), state, None, 0, None, None)


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ((1, 0, 0, 0), "1 thing is open: 1 to deliver."),
        ((2, 0, 0, 1), "3 things are open: 2 to deliver, 1 question."),
        ((1, 2, 3, 4), "10 things are open: 1 to deliver, 2 held, 3 refused, 4 questions."),
    ],
)
def test_a_week_that_closes(counts: tuple[int, int, int, int], text: str) -> None:
    waiting, held, refused, asked = counts
    ends = LooseEnds(
        week_of(NINE),
        week_of(NINE) + 7 * DAY + 12 * HOUR,
        waiting=(entry("waiting"),) * waiting,
        held=(entry("held"),) * held,
        refused=(entry("refused"),) * refused,
        questions=(Question("q", instant(NINE), None, "c01"),) * asked,
    )
    assert said(Reminder(Kind.WEEK_CLOSES, "k", ends=ends), SUNDAY) == f"The week locks in 17 h 22 m. {text}"
