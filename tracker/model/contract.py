"""Who works for whom, and under which terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal  # noqa: TC003  # what reads a stored contract needs the type
from enum import StrEnum


class ContractState(StrEnum):
    """Where a contract stands; the tracker tracks active ones only."""

    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Policy:
    """The published rules by which time is protected; the values are the published defaults."""

    min_level: int = 5  # of 10
    memo_min: int = 10  # characters after trimming
    shots_per_slot: int = 1  # 0 to 3
    idle_limit_s: int = 600
    manual: bool = False  # whether manual time may be entered
    task_required: bool = False
    client_verified_required: bool = False
    rate_cap: bool = False  # no protected hour is worth more than the freelancer's usual rate
    relationship_cap: bool = False  # freelancer and client together: 50 protected hours or 2,500, ever


DEFAULT_POLICY = Policy()
UPWORK_POLICY = Policy(client_verified_required=True, rate_cap=True, relationship_cap=True)


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed: a rate per hour, a weekly limit (None: none, 0: nothing allowed), and a policy."""

    number: int
    rate: Decimal
    currency: str
    weekly_limit_ms: int | None = None
    policy: Policy = field(default=DEFAULT_POLICY)


@dataclass(frozen=True, slots=True)
class Contract:
    """A freelancer's work for a client, under the terms now in force."""

    id: str
    title: str
    client: str
    state: ContractState
    terms: Terms
