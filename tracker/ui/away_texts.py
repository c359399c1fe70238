"""What is said about time away, calls and stopped runs: every text, without Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tracker.model.slot import MINUTE, parse_instant
from tracker.ui import status as say
from tracker.ui.amounts import exactly, hour_and_minute, other_day, time_of_day, time_range

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from tracker.model.contract import Contract
    from tracker.status import Question, Status

Answer = Literal["keep", "discard", "move"]

_LONGEST = 36  # characters of a name within a sentence
_NAMED = 3  # shots that are told by their times


@dataclass(frozen=True, slots=True)
class Note:
    """What a card says: what is so, and what it means."""

    title: str
    text: str


# The question


def length(question: Question) -> int:
    """Return how long a question is, nothing while it grows."""
    return 0 if question.end is None else parse_instant(question.end) - parse_instant(question.begin)


def name_of(question: Question, contracts: Sequence[Contract]) -> str:
    """Return what the contract is called that was tracked before, short enough for a sentence."""
    return _short(say.names(contracts).get(question.contract, "a contract"))


def others(question: Question, contracts: Sequence[Contract]) -> list[Contract]:
    """Return the contracts the time could be moved to."""
    return [one for one in contracts if one.id != question.contract]


def asked(question: Question, contracts: Sequence[Contract], now: int, zone: tzinfo | None = None) -> Note:
    """Return the question: how long, when, and what it would be known of."""
    name = name_of(question, contracts)
    if question.end is None:
        since = f"You have been away since {time_of_day(question.begin, zone)}"
        return Note(since, f"{name} is paused. What was this time? Answering says that you are back.")
    day = other_day(question.begin, now, zone)
    when = ", ".join(filter(None, (day, time_range(question.begin, question.end, zone))))
    return Note(
        f"You were away for {exactly(length(question))}",
        f"{when}, while tracking {name}. What was this time?",
    )


def consequence(answer: Answer, question: Question, name: str, zone: tzinfo | None = None) -> str:
    """Return what an answer means for the time and its shots."""
    if answer == "keep":
        return f"Counted for {name}, marked as idle, not protected."
    shots = _shots(question, zone)
    if answer == "discard":
        return f"Not counted. {shots} destroyed with it." if shots else "Not counted."
    return "Counted there, marked as idle, not protected." + (f" {shots} destroyed." if shots else "")


def answering(answer: Answer, question: Question, target: str = "") -> str:
    """Return what the button does: `Move 17 min 08 s to Fennel & Co`."""
    time = "it" if question.end is None else exactly(length(question))
    return f"Move {time} to {target}" if answer == "move" else f"{answer.capitalize()} {time}"


def _shots(question: Question, zone: tzinfo | None) -> str:
    times = [hour_and_minute(shot, zone) for shot in question.shots]
    if not times:
        return ""
    if len(times) == 1:
        return f"The shot of {times[0]} is"
    if len(times) > _NAMED:
        return f"The {len(times)} shots in it are"
    return f"The {len(times)} shots of {', '.join(times[:-1])} and {times[-1]} are"


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1].rstrip()}…"


# What waits


def waiting(
    status: Status, contracts: Sequence[Contract], now: int, zone: tzinfo | None = None
) -> Note | None:
    """Return what the window says of open questions, none where there are none."""
    ended = [one for one in status.questions if one.end is not None]
    growing = next((one for one in status.questions if one.end is None), None)
    if not ended:
        if growing is None:
            return None
        return Note("The time away is in question", "Answering says that you are back.")
    total = sum(length(one) for one in ended)
    title = f"{exactly(total)} are waiting for your answer"
    first = ended[0]
    since = " ".join(filter(None, (other_day(first.begin, now, zone), time_of_day(first.begin, zone))))
    if len(ended) > 1:
        return Note(title, f"{len(ended)} questions, the first of {since}")
    return Note(title, f"{since} – {time_of_day(first.end or '', zone)}, {name_of(first, contracts)}")


def answer_line(status: Status, zone: tzinfo | None = None) -> str:
    """Return the menu's line that opens the questions, empty where there are none."""
    ended = [one for one in status.questions if one.end is not None]
    if not ended:
        growing = next(iter(status.questions), None)
        return "" if growing is None else f"Answer: away since {time_of_day(growing.begin, zone)}…"
    several = f"{len(ended)} times, " if len(ended) > 1 else ""
    return f"Answer: {several}{exactly(sum(length(one) for one in ended))} away…"


# Away, stopped, in a call


def aside(status: Status, zone: tzinfo | None = None) -> str:
    """Return when a run stopped by itself, as it stands beside the state; else nothing."""
    if status.state == "stopped" and status.resume is not None:
        return f"at {time_of_day(status.resume.at, zone)}"
    return ""


def paused(status: Status, contracts: Sequence[Contract], zone: tzinfo | None = None) -> Note:
    """Return what is so while away, and what happens next."""
    growing = next((one for one in status.questions if one.end is None), None)
    since = "" if growing is None else f" since {time_of_day(growing.begin, zone)}"
    back = "at your first input" if status.sources.input else "once you unlock or wake this computer"
    return Note(
        f"Away{since}. {_short(say.running_name(status, contracts))} is paused.",
        f"It resumes {back}. After 60 minutes it stops.",
    )


def can_resume(status: Status, contracts: Sequence[Contract]) -> bool:
    """Return whether a run that nobody stopped can be gone on with."""
    left = status.resume
    return status.state == "stopped" and left is not None and left.contract in say.names(contracts)


def stopped(
    status: Status, contracts: Sequence[Contract], now: int, zone: tzinfo | None = None
) -> Note | None:
    """Return the offer to go on with a run that nobody stopped, none where there is none."""
    left = status.resume
    called = say.names(contracts)
    if left is None or not can_resume(status, contracts):
        return None
    day = other_day(left.at, now, zone)
    on = f"on {day} " if day else ""
    again = f"Resume {_short(called[left.contract])}?"
    if left.why == "crash":
        return Note(
            f"Hourproof ended unexpectedly {on}at {time_of_day(left.at, zone)}",
            f"All up to then is kept, at most 5 s are lost. {again}",
        )
    return Note(f"Tracking stopped {on}at {hour_and_minute(left.at, zone)}", again)


def beginning(status: Status, contracts: Sequence[Contract]) -> str:
    """Return what the menu's first command does: resume what is paused or was stopped, else start."""
    called = say.names(contracts)
    if status.state == "away":
        return f"Resume {say.running_name(status, contracts)}"
    if status.resume is not None and can_resume(status, contracts):
        return f"Resume {called[status.resume.contract]}"
    return f"Start {called[contracts[0].id]}" if contracts else ""


def in_call(status: Status, zone: tzinfo | None = None) -> str:
    """Return until when a call was announced, empty where none was."""
    if status.state != "tracking" or status.call_until is None:
        return ""
    return f"In a call until {hour_and_minute(status.call_until, zone)}"


def call_end(now: int, minutes: int) -> int:
    """Return the instant so many minutes from now, on the next whole minute."""
    return -(-(now + minutes * MINUTE) // MINUTE) * MINUTE
