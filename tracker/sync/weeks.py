"""What a server says of this week, asked while nothing is being delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.model.contract import ContractState
from tracker.model.week import WEEK, week_name, week_of

if TYPE_CHECKING:
    from tracker.outbox.outbox import Outbox
    from tracker.sync.backend import Backend


def learn_weeks(backend: Backend, outbox: Outbox, now: int) -> None:
    """Ask about each active contract that has time in it or a limit; raises NotDone at the first fault."""
    begin = week_of(now)
    tracked = outbox.tracked(begin, begin + WEEK)
    for contract in outbox.contracts():
        wanted = contract.id in tracked or contract.terms.weekly_limit_ms is not None
        if contract.state is ContractState.ACTIVE and wanted:
            told = backend.week(contract.id, week_name(begin))
            # what overlaps counts where it was received first
            total = told.tracked_ms + told.manual_ms - told.overlap_ms
            outbox.learn_week(contract.id, begin, total, told.limit_ms)
