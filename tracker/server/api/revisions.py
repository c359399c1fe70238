"""Revisions: later changes to segments, put as segments are, and shown to both sides."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from tracker.evidence.signing import HEADER
from tracker.server.accounts import ContractId, SeenContract, SegmentId, word_of
from tracker.server.admission import Parcel
from tracker.server.api.body import answer, read_up_to
from tracker.server.api.describe import answers, json_body, list_of
from tracker.server.api.parcels import Signed, take
from tracker.server.parts import parts
from tracker.server.problems import not_found
from tracker.wire import API, SEGMENT_MAX
from tracker.wire.receipt import Receipt
from tracker.wire.request import RevisionView
from tracker.wire.revision import RevisionBody

router = APIRouter(prefix=API)


@router.put(
    "/contracts/{contract}/revisions/{revision}",
    responses=answers((200, Receipt), (201, Receipt), problems=(401, 403, 404, 409, 413)),
    openapi_extra=json_body(RevisionBody),
)
async def put_revision(
    request: Request, contract: ContractId, revision: SegmentId, signature: Signed = ""
) -> Response:
    """Keep a revision's signed bytes verbatim, and answer with its receipt when what it destroys is gone.

    It may come before its segment. In the receipt `segment` is the revision's own id.
    """
    data = await read_up_to(SEGMENT_MAX, request)
    here = parts(request)
    return await take(here, here.revisions.put, Parcel(word_of(request), contract, revision, data, signature))


@router.get(
    "/contracts/{contract}/revisions/{revision}", responses=answers((200, RevisionBody), problems=(401, 404))
)
def get_revision(request: Request, contract: SeenContract, revision: SegmentId) -> Response:
    """Return a revision's signed bytes as they were received, with the signature's header."""
    sealed = parts(request).store.sealed_revision(contract, revision)
    if sealed is None:
        raise not_found("No such revision")
    return Response(sealed.body, headers={HEADER: sealed.signature}, media_type="application/json")


@router.get(
    "/contracts/{contract}/revisions", responses=answers((200, list_of(RevisionView)), problems=(401, 404))
)
def list_revisions(
    request: Request, contract: SeenContract, segment: Annotated[str, Query(max_length=36)]
) -> Response:
    """Return the revisions of a segment in the order in which they were made."""
    return answer(parts(request).store.revisions(contract, segment))
