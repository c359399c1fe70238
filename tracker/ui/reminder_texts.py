"""What reminders say, in tray and window: every text, without Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.model.slot import MINUTE
from tracker.reminders import Kind, LooseEnds, Reminder
from tracker.ui.amounts import spell, spell_limit
from tracker.ui.status import Notice, Tone, names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.model.contract import Contract

_LOOKS: dict[Kind, tuple[Tone, str, str]] = {  # tone, icon, and what its button does
    Kind.CONFLICT: ("bad", "warning", ""),
    Kind.LIMIT_REACHED: ("over", "limit", "Stop"),
    Kind.LIMIT_NEAR: ("held", "limit", "Stop"),
    Kind.UNTRACKED: ("held", "clock", "Start"),
    Kind.MEMO_OLD: ("held", "pencil", "Change memo…"),
    Kind.WEEK_CLOSES: ("held", "calendar", ""),
}


def notice_of(reminder: Reminder, contracts: Sequence[Contract], now: int) -> Notice:
    """Return a reminder in words, with its tone, its icon and what can be done."""
    title, text = _said(reminder, contracts, now)
    tone, icon, action = _LOOKS[reminder.kind]
    if reminder.kind is Kind.UNTRACKED and not contracts:
        action = ""
    return Notice(title, text, tone, icon, action)


def _said(reminder: Reminder, contracts: Sequence[Contract], now: int) -> tuple[str, str]:
    match reminder.kind:
        case Kind.CONFLICT:
            title = "The server holds other content than you sent"
            return title, "Yours is kept here, and nothing is overwritten. Ask whoever runs the server."
        case Kind.LIMIT_REACHED:
            return _reached(reminder), "From now on time is recorded, but billed 0."
        case Kind.LIMIT_NEAR:
            name = names(contracts).get(reminder.contract or "", "a contract")
            # what is left is reckoned from the minutes shown as used: both together are the limit
            left = reminder.limit_ms - reminder.ms // MINUTE * MINUTE
            return f"{_used(reminder)} for {name}", f"{spell_limit(left)} is left this week."
        case Kind.UNTRACKED:
            return "You are working, but nothing is tracked", "Time counts from the start on."
        case Kind.MEMO_OLD:
            return _old(reminder)
        case Kind.WEEK_CLOSES:
            ends = reminder.ends
            return ("The week locks soon", "") if ends is None else _closing(ends, now)


def _used(reminder: Reminder) -> str:
    return f"{spell_limit(reminder.ms // MINUTE * MINUTE)} of {spell_limit(reminder.limit_ms)} used"


def _reached(reminder: Reminder) -> str:
    return _used(reminder) if reminder.limit_ms else "The limit of this week is 0 h"


def _old(reminder: Reminder) -> tuple[str, str]:
    time = spell_limit(reminder.ms // MINUTE * MINUTE)
    if not reminder.memo.strip():
        return f"No memo for {time}", "Protected time needs one."
    return f"The same memo for {time}", "Change it if the work has changed."


def _closing(ends: LooseEnds, now: int) -> tuple[str, str]:
    parts = (
        (len(ends.waiting), "to deliver"),
        (len(ends.held), "held"),
        (len(ends.refused), "refused"),
        (len(ends.questions), "question" if len(ends.questions) == 1 else "questions"),
    )
    listed = ", ".join(f"{number} {what}" for number, what in parts if number)
    things = "thing is" if ends.count == 1 else "things are"
    return f"The week locks in {spell(ends.locks_at - now)}", f"{ends.count} {things} open: {listed}."
