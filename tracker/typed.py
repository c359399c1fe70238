"""What a person typed, as a value; or an error that says what is wrong with it."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Literal

import msgspec

from tracker.errors import BadValue
from tracker.model.segment import MEMO_MAX
from tracker.model.slot import DAY, HOUR, MINUTE, SECOND, parse_instant
from tracker.model.week import WEEK
from tracker.wire.request import NewContract

_TIME = re.compile(r"\d{1,2}:\d\d")
_MINUTES = re.compile(r"([0-9]{1,4})\s*(?:m|min|minutes?)?")
_LONGEST_PAUSE = 60  # minutes


def memo(text: str) -> str:
    """Return a memo as one line; raises BadValue where it is too long."""
    cleaned = _line(text)
    if len(cleaned) > MEMO_MAX:
        raise BadValue(
            f"The memo has {len(cleaned)} characters; {MEMO_MAX} are the most.",
            advice="Shorten it and try again.",
        )
    return cleaned


def _line(text: str) -> str:
    """Return what was typed as one line, without blanks at its ends."""
    try:
        text.encode()
    except UnicodeEncodeError as error:  # half a character, as a terminal of another encoding sends it
        raise BadValue("The text is not valid Unicode.", advice="Type it again.") from error
    return " ".join(text.split())


def answer(text: str) -> Literal["keep", "discard", "move"]:
    """Return what is to become of time in question; raises BadValue for anything else."""
    match text:
        case "keep" | "discard" | "move":
            return text
    raise BadValue(f"'{text}' is no answer.", advice="Answer keep, discard, or move CONTRACT.")


def pause(text: str) -> int:
    """Return how long shots are paused, in ms: 10m and 10 are minutes, 60 are the most, 0 is no pause."""
    found = _MINUTES.fullmatch(text.strip())
    if found is None or int(found[1]) > _LONGEST_PAUSE:
        raise BadValue(
            f"'{text[:20]}' is no length of a pause.",
            advice=f"Write it like 10m: 1 to {_LONGEST_PAUSE} minutes, or 0 to have shots again.",
        )
    return int(found[1]) * MINUTE


def moment(text: str, now: int) -> int:
    """Return the instant a person typed: RFC 3339, without an offset local; or the next such time of day."""
    try:
        if _TIME.fullmatch(text.strip()):
            local = datetime.fromtimestamp(now / SECOND).astimezone()
            at = parse_instant(f"{local:%Y-%m-%d}T{text.strip():0>5}")
            return at if at > now else at + DAY
        return parse_instant(text.strip())
    except (ValueError, OverflowError, OSError) as error:
        raise BadValue(f"'{text}' is no time.", advice="Write it like 15:30 or 2026-11-19T15:30.") from error


def past_moment(text: str, now: int) -> int:
    """Return the instant a person typed, as `moment` does; but a time of day is today's."""
    at = moment(text, now)
    if not _TIME.fullmatch(text.strip()):
        return at
    today = f"{datetime.fromtimestamp(now / SECOND).astimezone():%Y-%m-%d}"
    return parse_instant(f"{today}T{text.strip():0>5}")


def new_contract(
    title: str, client: str, rate: str, currency: str, weekly_limit: str | None, *, manual: bool
) -> NewContract:
    """Return what makes a contract: the rate is per hour, the weekly limit in hours, None being none."""
    facts = {
        "title": _line(title),
        "client": _line(client),
        "rate": rate.strip(),
        "currency": currency.strip().upper(),
        "weekly_limit_ms": None if weekly_limit is None else _hours(weekly_limit),
        "manual": manual,
    }
    if not facts["title"]:
        raise BadValue("The title is empty.")
    try:
        return msgspec.convert(facts, NewContract)
    except msgspec.ValidationError as error:
        said, _, where = str(error).partition(" - at `$")
        field = where.strip("`.").replace("_", " ")
        raise BadValue(f"The {field} is not accepted: {said}." if field else said) from error


def _hours(text: str) -> int:
    """Return a number of hours in milliseconds."""
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise BadValue(f"'{text}' is no number of hours.", advice="Write it like 20 or 37.5.") from error
    if not number.is_finite() or not 0 <= number <= WEEK // HOUR:
        raise BadValue(f"A week has 0 to {WEEK // HOUR} hours, not {text[:20]}.")
    return int(number * HOUR)
