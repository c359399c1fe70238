"""What both sides say about a locked week, and what becomes of it: pure, a function of the instant."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from tracker.model.slot import DAY

if TYPE_CHECKING:
    from collections.abc import Iterable

ANSWER_MS = 3 * DAY


class Act(StrEnum):
    """What can be said: the first, the third and the last by the client, the others by the freelancer."""

    CHALLENGE = "challenge"
    ACCEPT = "accept"  # a challenge: its time is billed 0
    WITHDRAW = "withdraw"  # a challenge
    STAND = "stand"  # by the time that a challenge names
    TAKE_LATE = "take-late"  # the client pays time that came after the lock


class Outcome(StrEnum):
    """Where a challenge stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    STOOD = "stood"  # the verdicts decide: protected time stands, the rest falls
    UNANSWERED = "unanswered"  # they decide as well


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing said: about segments, or in answer to a challenge; never changed."""

    id: str
    act: Act
    at: int
    account: str
    segments: tuple[str, ...] = ()
    refers: str = ""  # the challenge it answers
    text: str = ""


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge, the answer to it, and where it stands."""

    claim: Claim
    answer: Claim | None
    outcome: Outcome

    @property
    def due(self) -> int:
        """Until when it can be answered."""
        return self.claim.at + ANSWER_MS


@dataclass(frozen=True, slots=True)
class Settled:
    """The ids of the segments that were decided on, by what was decided."""

    accepted: frozenset[str] = field(default_factory=frozenset)  # late, and paid
    fallen: frozenset[str] = field(default_factory=frozenset)  # as far as they are not protected
    given_up: frozenset[str] = field(default_factory=frozenset)


_OUTCOMES = {
    Act.ACCEPT: Outcome.ACCEPTED,
    Act.WITHDRAW: Outcome.WITHDRAWN,
    Act.STAND: Outcome.STOOD,
}


def challenges(claims: Iterable[Claim], now: int) -> tuple[Challenge, ...]:
    """Return the challenges in the order in which they were made; the first answer in time counts."""
    ordered = sorted(claims, key=lambda one: (one.at, one.id))
    answers: dict[str, Claim] = {}
    for one in ordered:
        if one.act in _OUTCOMES:
            answers.setdefault(one.refers, one)
    made = []
    for one in ordered:
        if one.act is Act.CHALLENGE:
            answer = answers.get(one.id)
            unanswered = Outcome.OPEN if now < one.at + ANSWER_MS else Outcome.UNANSWERED
            made.append(Challenge(one, answer, _OUTCOMES[answer.act] if answer else unanswered))
    return tuple(made)


def settled(claims: Iterable[Claim], now: int) -> Settled:
    """Return what all that was said comes to."""
    every = tuple(claims)
    by: dict[Outcome, set[str]] = {outcome: set() for outcome in Outcome}
    for one in challenges(every, now):
        by[one.outcome].update(one.claim.segments)
    return Settled(
        accepted=frozenset(id_ for one in every if one.act is Act.TAKE_LATE for id_ in one.segments),
        fallen=frozenset(by[Outcome.STOOD] | by[Outcome.UNANSWERED]),
        given_up=frozenset(by[Outcome.ACCEPTED]),
    )
