"""A week's evidence: signed bytes, receipts and keys, to be kept and checked without the server."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from tracker.server.accounts import SeenContract
from tracker.server.api.body import answer
from tracker.server.api.describe import answers
from tracker.server.days import week_named
from tracker.server.evidence import week_evidence
from tracker.server.parts import parts
from tracker.server.problems import malformed
from tracker.wire import API
from tracker.wire.evidence import WeekEvidence

router = APIRouter(prefix=API)


@router.get(
    "/contracts/{contract}/weeks/{week}/evidence",
    responses=answers((200, WeekEvidence), problems=(401, 404)),
)
def get_evidence(
    request: Request,
    contract: SeenContract,
    week: Annotated[str, Path(max_length=10, examples=["2026-W47"])],
    cursor: Annotated[str, Query(max_length=100, pattern="^([0-9]{1,18}[.][0-9a-f-]{36})?$")] = "",
) -> Response:
    """Return everything signed of a contract's UTC week, verbatim, with the keys to check it by, in pages.

    A segment belongs to the week in which its slot starts, and so do its revisions. All but segments is on
    the first page. Pictures are asked for one by one; `pictures` tells which of them there are.
    """
    try:
        begin = week_named(week)
    except ValueError as error:
        raise malformed(str(error)) from error
    return answer(week_evidence(parts(request), contract, begin, cursor))
