"""What a server takes of time entered by hand: where the terms allow it, and only what is free."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.server.contracts import contract_by_id
from tracker.server.problems import Refusal, forbidden, malformed
from tracker.wire.problem import Problem

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tracker.wire.segment import SegmentBody


def by_hand(connection: Connection, body: SegmentBody, *, late: bool, taken: bool) -> None:
    """Refuse such time where it is not allowed, comes late, says too much, or is `taken` already."""
    if not contract_by_id(connection, body.contract).terms.policy.manual:
        raise forbidden("manual-not-allowed", "This contract takes no time entered by hand.")
    if body.source is not None or body.shots or any(minute.active_s for minute in body.minutes):
        raise malformed("Time entered by hand has neither counts nor shots.")
    if late:
        title = "The week is locked."
        raise Refusal(Problem("week-locked", title, 409, "It locked on Monday, 12:00 UTC."))
    if taken:
        title = "Some of that time is there already."
        raise Refusal(Problem("overlap", title, 409, "Time entered by hand may not overlap anything."))
