"""A contract's weeks as data: what they hold, and the statement of each."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from tracker.model.slot import instant
from tracker.model.week import WEEK, close_of, lock_of, week_name
from tracker.server.accounts import Reader, SeenContract
from tracker.server.api.body import answer
from tracker.server.api.describe import answers
from tracker.server.days import week_named
from tracker.server.parts import parts
from tracker.server.problems import malformed
from tracker.server.weeks import Week
from tracker.wire import API
from tracker.wire.statement import AdjustmentView, StatementView

router = APIRouter(prefix=API)

WeekName = Annotated[str, Path(max_length=10, examples=["2026-W47"])]


@router.get(
    "/contracts/{contract}/weeks/{week}/statement",
    responses=answers((200, StatementView), problems=(401, 404)),
)
def get_statement(request: Request, _person: Reader, contract: SeenContract, week: WeekName) -> Response:
    """Return what a contract's UTC week comes to: its figures so far, from its lock on those then frozen."""
    here = parts(request)
    return answer(statement_view(here.weeks.week(contract, start_of(week), here.now)))


def start_of(week: str) -> int:
    """Return the start of a week by its name; refuses what is none."""
    try:
        return week_named(week)
    except ValueError as error:
        raise malformed(str(error)) from error


def statement_view(week: Week) -> StatementView:
    """Return a week as the API answers it."""
    return StatementView(
        contract=week.contract.id,
        week=week_name(week.start),
        start=instant(week.start),
        end=instant(week.start + WEEK),
        phase=week.phase,
        locks_at=instant(lock_of(week.start)),
        closes_at=instant(close_of(week.start)),
        limit_ms=week.limit_ms,
        frozen_at=None if week.frozen is None else instant(week.frozen.frozen_at),
        figures=week.figures,
        now=None if week.frozen is None else week.now,
        adjustments=tuple(AdjustmentView(one, str(amount)) for one, amount in week.adjustments.items()),
    )
