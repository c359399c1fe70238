"""Time entered by hand: free seconds only, without counts or shots, never protected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from uuid_utils import uuid7

from tracker.errors import BadValue, NotDone
from tracker.model.segment import by_hand
from tracker.model.slot import DAY, instant
from tracker.model.week import lock_of
from tracker.typed import memo as typed_memo
from tracker.typed import past_moment

if TYPE_CHECKING:
    from tracker.commands import Commands
    from tracker.model.ranges import Ranges

_FREE = "Enter the time around it. 'hourproof diary' shows what there is."


class Entered(msgspec.Struct, frozen=True, rename={"begin": "from", "end": "to"}):
    """What was entered: the ids of its segments, one for each slot it touches."""

    contract: str
    begin: str
    end: str
    memo: str
    segments: tuple[str, ...]


def manual(commands: Commands, contract: str, begin: str, end: str, memo: str) -> Entered:
    """Enter a range of time that has passed, with a memo that says what it was.

    Raises BadValue for a range or memo that cannot be meant, and NotDone where the contract takes no such
    time, its week is locked, or some of it is tracked already; then nothing is entered.
    """
    found, now = commands.find(contract), commands.now()
    first, last, said = past_moment(begin, now), past_moment(end, now), typed_memo(memo)
    if not first < last <= now or last - first > DAY:
        raise BadValue(
            "That is no range of time that has passed.",
            advice="It ends after it begins, now at the latest, and is a day at most.",
        )
    if not said:
        raise BadValue(
            "It is not said what that time was.", advice="Name it: --memo 'Call about the launch'."
        )
    if not found.terms.policy.manual:
        raise NotDone(
            f"'{found.title}' takes no time entered by hand.",
            advice="Its terms would have to allow that: ask your client.",
        )
    if now >= lock_of(first):
        raise NotDone("The week of that time is locked.", advice="A week locks on Monday, 12:00 UTC.")
    taken = commands.outbox.taken(first, last)
    if taken:
        raise NotDone(f"Some of that time is there already: {_spelled(taken)}.", advice=_FREE)
    made = by_hand(commands.outbox.key_of(found.id), first, last, said, lambda: str(uuid7()))
    commands.outbox.enter(made)
    commands.syncer.request()
    commands.status()
    ids = tuple(one.id for one in made)
    return Entered(found.id, instant(first), instant(last), said, ids)


def _spelled(ranges: Ranges) -> str:
    """Return ranges for people: the first few, by UTC."""
    few = ", ".join(f"{instant(begin)[11:16]} to {instant(end)[11:16]} UTC" for begin, end in ranges[:3])
    return f"{few} and more" if len(ranges) > 3 else few  # noqa: PLR2004  # those before
